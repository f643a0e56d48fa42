"""A process that works on a portal's database as others do. Run by test_processes.

Arguments: database, serial, code, entries. Says it is ready, waits for the end of its standard
input, then submits the code, tells the log of it in the same change, adds so many entries
more, and prints what became of the code.
"""

import os
import sys

from hosttools.portal import auditlog, open_portal
from hosttools.portal.passwords import CHEAP


def main() -> None:
    """Work."""
    url, serial, code, count = sys.argv[1:]
    me = f"process {os.getpid()}"
    with open_portal(url, hashing=CHEAP) as portal:
        print("ready", flush=True)  # noqa: T201  # how it talks to the test
        sys.stdin.read()
        with portal.db.write() as at:
            verdict = portal.tokens.verify(serial, code, 0)
            auditlog.append(portal, at, me, "verify", serial, kind=verdict.kind.value)
        for number in range(int(count)):
            with portal.db.write() as at:
                auditlog.append(portal, at, me, "write", nth=number)
    print(verdict.kind.value)  # noqa: T201  # likewise


if __name__ == "__main__":
    main()
