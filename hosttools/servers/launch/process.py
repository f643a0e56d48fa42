"""A server's process: started, waited for until it serves, and stopped."""

import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, Self

from hosttools.servers.seam import ServerError, clean

PATIENCE_S: Final = 60.0
"""How long a server may take until it serves; our default."""

_GOODBYE_S: Final = 5.0
_LAST_LINES: Final = 5


class Process:
    """A process that serves from a line on that says so.

    Args:
        command: what to run; nothing secret is on it.
        ready: what the line looks like.
        environment: the process's.
        patience_s: host seconds until it is given up.

    Attributes:
        ready: what was found in the line.

    Raises:
        ServerError: it can't be started, ends, or takes too long.
    """

    def __init__(
        self,
        command: Sequence[str],
        ready: re.Pattern[str],
        environment: Mapping[str, str],
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._found: list[re.Match[str]] = []
        self._said = threading.Event()
        self._pattern = ready
        try:
            self._child = subprocess.Popen(  # noqa: S603  # what the launchers run
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                text=True,
                errors="replace",
            )
        except OSError as e:
            raise ServerError(f"{command[0]} can't be started: {e.strerror}") from e
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._said.wait(patience_s)
        if not self._found:
            self.stop()
            raise ServerError(f"{command[0]} did not begin to serve: {self.last_words()}")
        [self.ready] = self._found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, and see to it that it does."""
        self._child.terminate()
        try:
            self._child.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(_GOODBYE_S)
        if self._child.stdout is not None:
            self._child.stdout.close()

    def last_words(self) -> str:
        """Return the last lines that it wrote, codes blotted out."""
        return clean(" / ".join(self._lines)) or "it said nothing"

    def _read(self) -> None:
        for line in self._child.stdout or ():
            self._lines.append(line.rstrip())
            if not self._found and (found := self._pattern.search(line)) is not None:
                self._found.append(found)
                self._said.set()
        self._said.set()


def asked_to_end() -> threading.Event:
    """Return what is set once this process is asked to end, by SIGINT or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    return told
