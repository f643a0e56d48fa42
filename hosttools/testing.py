"""Test doubles and helpers for whoever tests with served tokens.

They ship with the library. What runs in here is the real ``galh serve``, in a
process of its own.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

BACKSTOP_S: Final = 120.0
"""How long to wait for what must happen; only a failure takes that long."""


class Serving:
    """A ``galh serve`` process, from its ready line until it is stopped.

    Args:
        arguments: what follows ``galh serve --json``.
        command: ``serve``, or another command of ``galh`` that serves.
        environment: of the process; ``None``: ours.
        under: a command that becomes it, such as ``("setpriv", …)``.

    Attributes:
        COMMAND: ``galh serve``, as a process of this very Python.
        process: the process.
        ready: what it said when it was ready.

    Raises:
        subprocess.CalledProcessError: it ended instead; standard error is in it.
    """

    COMMAND: Final = (sys.executable, "-m", "hosttools.cli", "serve")

    def __init__(
        self,
        *arguments: str | Path,
        command: str = "serve",
        environment: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> None:
        whole = [*under, *self.COMMAND[:-1], command, "--json", *map(str, arguments)]
        self.process = subprocess.Popen(  # noqa: S603  # our own command
            whole,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None  # noqa: S101  # asked for above
        line = self.process.stdout.readline()
        if not line:
            out, err = self.process.communicate(timeout=BACKSTOP_S)
            failed = subprocess.CalledProcessError(self.process.returncode, whole, out, err)
            failed.add_note(err)  # its text has none of that
            raise failed
        self.ready: dict[str, Any] = json.loads(line)

    @property
    def http(self) -> str:
        """Where its API and page are, if it was started with ``--http``."""
        url: str = self.ready["http"]
        return url

    def port(self, serial: str | None = None, kind: str = "pty") -> str:
        """Return a token's port; that of the first one if none is named.

        Args:
            serial: which token.
            kind: ``pty``, ``tcp`` or ``rfc2217``.
        """
        tokens = self.ready["tokens"]
        found: str = next(t[kind] for t in tokens if serial in {None, t["serial"]})
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal and wait for the end.

        Returns:
            Exit code, and what else it wrote to standard output and standard error.
        """
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=BACKSTOP_S)
        return self.process.returncode, out, err

    def kill(self) -> None:
        """Kill it with -9."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.kill()
