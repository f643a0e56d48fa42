"""A program that checks codes, made for tests: ``add``, ``check`` and ``delete`` of a name.

Keeps a file for each name where it runs. Reads the key, in hex, and the counter, or the code
from standard input. Ends with 0 (done, accepted), 1 (refused) or 2 (locked).
"""

import hmac
import json
import sys
from pathlib import Path

LOCK_AFTER = 3


def main() -> int:
    """Do what the arguments say."""
    verb, name = (word for word in sys.argv[1:] if word != "--")
    file = Path(f"{name}.json")
    line = sys.stdin.readline().removesuffix("\n")
    if verb == "add":
        key, counter = line.split()
        return save(file, {"key": key, "next": int(counter), "failures": 0})
    if verb == "delete":
        file.unlink()
        return 0
    token = json.loads(file.read_text(encoding="utf-8"))
    if token["failures"] >= LOCK_AFTER:
        return 2
    for counter in range(token["next"], token["next"] + 11):
        mac = hmac.digest(bytes.fromhex(token["key"]), counter.to_bytes(8, "big"), "sha1")
        number = int.from_bytes(mac[mac[-1] & 15 :][:4], "big") & 0x7FFFFFFF
        if line == f"{number % 10**6:06}":
            return save(file, {**token, "next": counter + 1, "failures": 0})
    save(file, {**token, "failures": token["failures"] + 1})
    sys.stderr.write(f"wrong code {line!a}\n")
    return 1


def save(file: Path, token: dict[str, object]) -> int:
    """Keep a token."""
    file.write_text(json.dumps(token), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
