"""A child for the tests of ``hosttools.servers.worker``."""

import sys
import threading

from hosttools.servers.worker import RefusedError, serve


def _echo(heard: str) -> dict[str, str]:
    return {"heard": heard}


def _refuse() -> None:
    raise RefusedError("not today")


def _print_and_answer() -> bool:
    sys.stdout.write('{"id": 1, "answer": false}\n')
    sys.stdout.flush()
    return True


def _hang() -> None:
    threading.Event().wait(30)


if __name__ == "__main__":
    serve({"echo": _echo, "refuse": _refuse, "print_and_answer": _print_and_answer, "hang": _hang})
