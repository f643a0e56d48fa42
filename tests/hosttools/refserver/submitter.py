"""A process that submits once, when its standard input ends. Run by test_processes.

Arguments: database, serial, one code or two for the add form.
"""

import sys

from hosttools.refserver import Store


def main() -> None:
    """Submit and print the kind of the verdict."""
    path, serial, *codes = sys.argv[1:]
    print("ready", flush=True)  # noqa: T201 - how it talks to the test
    sys.stdin.read()
    with Store(path) as store:
        if len(codes) == 1:
            verdict = store.verify(serial, codes[0], 0)
        else:
            verdict = store.sync(serial, codes[0], codes[1], 0)
    print(verdict.kind.value)  # noqa: T201 - how it talks to the test


if __name__ == "__main__":
    main()
