"""A process that logs in as fast as it can, until it is killed. Run by test_processes.

Arguments: database, serial, secret in hex. Prints each counter once it was accepted.
"""

import sys

from firmware_model.oath import Key, Secret, hotp
from hosttools.refserver import Store


def main() -> None:
    """Log in with code after code from where the database is."""
    path, serial, secret = sys.argv[1:]
    key = Key(Secret.from_hex(secret))
    with Store(path) as store:
        counter = store.get(serial).next_factor
        while True:
            verdict = store.verify(serial, hotp(key, counter), 0)
            if not verdict.accepted:
                sys.exit(verdict.operator)
            print(counter, flush=True)  # noqa: T201 - how it talks to the test
            counter += 1


if __name__ == "__main__":
    main()
