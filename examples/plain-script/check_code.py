"""Open the door if the code of an event token is right.

    python check_code.py door.json < code
    python check_code.py door.json --port /dev/ttyUSB0

``door.json`` holds the secret in hex and the next counter, such as
``{"secret": "3132…", "counter": 0}``. Exit code: 0 open, 1 shut.
"""

import argparse
import hashlib
import hmac
import json
import sys
from pathlib import Path

WINDOW = 5
"""Skipped presses that are forgiven."""


def hotp(secret, counter):
    """Return the code of a counter, six digits: RFC 4226, section 5.3."""
    digest = hmac.digest(secret, counter.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**6:06}"


def press(port):
    """Press the token at a serial port and return its code, or why there is none."""
    import serial  # noqa: PLC0415  # who types codes in needs no pyserial

    with serial.Serial(port, timeout=5) as line:
        line.write(b"BUTT:PRES?\n")
        return line.readline().decode("ascii").strip().strip('"')


def opens(door, code):
    """Check a code; if it is right, remember that it is spent."""
    known = json.loads(door.read_text())
    secret, counter = bytes.fromhex(known["secret"]), known["counter"]
    for expected in range(counter, counter + WINDOW + 1):
        if hmac.compare_digest(hotp(secret, expected).encode(), code.encode()):
            door.write_text(json.dumps({**known, "counter": expected + 1}))
            return True
    return False


def main():
    """Read the code, check it, tell."""
    parser = argparse.ArgumentParser(description="Open the door if the code is right.")
    parser.add_argument("door", type=Path, help="file with secret and counter")
    parser.add_argument("--port", help="serial port of the token; default: read a code")
    given = parser.parse_args()
    code = press(given.port) if given.port else sys.stdin.readline().strip()
    opened = opens(given.door, code)
    print("open" if opened else "shut")
    return 0 if opened else 1


if __name__ == "__main__":
    sys.exit(main())
