"""A real PostgreSQL for the tests, of this process alone; it ends with it, however that ends.

Where it is not installed, what needs it is skipped, but fails in CI.
"""

import getpass
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import psycopg
import pytest

from tests.conftest import IN_CI

READY: Final = "database system is ready to accept connections"
OWNER: Final = "postgres"
"""Whom it runs as if we are root, as whom it refuses to run."""


class Cluster:
    """A server on a socket in a folder.

    Args:
        folder: the socket's.
        user: its superuser.
    """

    def __init__(self, folder: Path, user: str) -> None:
        self._folder, self._user = folder, user
        self._numbers = itertools.count(1)

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://{self._user}@/{name}?host={self._folder}"

    def fresh(self) -> str:
        """Return the URL of a new, empty database."""
        name = f"test_{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def run(self, name: str, statement: str) -> None:
        """Run a statement in a database, past all that is tested."""
        with psycopg.connect(self.url(name), autocommit=True) as db:
            db.execute(statement.encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Have a server run."""
    binaries = _binaries()
    user = OWNER if os.geteuid() == 0 else getpass.getuser()
    # A socket's path is short, and root's own folders are closed to the server.
    with tempfile.TemporaryDirectory(prefix="galh-pg-", dir="/tmp") as text:
        folder = Path(text)
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER, OWNER)
        as_user = _as_user(user)
        data = folder / "data"
        made = ["--no-sync", "--auth=trust", f"--username={user}", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [*as_user, binaries / "initdb", "-D", data, *made],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={folder}",
            "fsync=off",  # what a power cut leaves is not tested here
            "max_connections=200",
            "lc_messages=C",
        )
        command = [*as_user, "setpriv", "--pdeathsig", "QUIT", binaries / "postgres", "-D", data]
        for setting in settings:
            command += ["-c", setting]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
            assert process.stderr is not None
            # Whoever leaves a pipe full stops the process that writes it.
            drain = threading.Thread(target=process.stderr.read)
            try:
                _wait_until_ready(process.stderr)
                drain.start()
                yield Cluster(folder, user)
            finally:
                process.send_signal(signal.SIGQUIT)  # at once
                process.wait()
                if drain.ident is not None:
                    drain.join()


def _binaries() -> Path:
    beside = Path(found).resolve().parent if (found := shutil.which("postgres")) else None
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    for folder in (beside, *reversed(debian)):
        if folder is not None and (folder / "postgres").exists():
            return folder
    reason = "PostgreSQL is not installed (apt-get install postgresql)"
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


def _as_user(user: str) -> list[str | Path]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]


def _wait_until_ready(log: IO[str]) -> None:
    said: list[str] = []
    for line in log:
        said.append(line)
        if READY in line:
            break
    else:
        pytest.fail("PostgreSQL did not start:\n" + "".join(said))
