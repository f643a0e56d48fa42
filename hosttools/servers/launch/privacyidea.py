"""privacyIDEA on loopback, for a test: ``python -m`` this module.

It pins many packages, so it is in a virtual environment of its own: ``make servers`` makes
it, or ``python -m venv DIR && DIR/bin/pip install privacyidea`` with ``GALH_PRIVACYIDEA_PYTHON``
set to ``DIR/bin/python``. All its files are in a folder of ours. Debian's package faketime
gives it a clock that can be set.
"""

import contextlib
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hosttools.servers.clockfile import ClockFile, find_libfaketime
from hosttools.servers.launch.process import Process, asked_to_end
from hosttools.servers.privacyidea import PASSWORD_VARIABLE, PrivacyIdea
from hosttools.servers.seam import ServerError

PYTHON_VARIABLE: Final = "GALH_PRIVACYIDEA_PYTHON"

_READY: Final = re.compile(r"^serving on port (\d+)$")
_APP: Final = Path(__file__).with_name("privacyidea_app.py")

_CONFIGURATION: Final = """
SECRET_KEY = {secret_key!r}
PI_PEPPER = {pepper!r}
PI_ENCFILE = {folder!r} + "/enckey"
PI_UUID_FILE = {folder!r} + "/uuid.txt"
PI_LOGFILE = {folder!r} + "/privacyidea.log"
PI_LOGLEVEL = 40
SQLALCHEMY_DATABASE_URI = "sqlite:///" + {folder!r} + "/privacyidea.sqlite"
PI_AUDIT_MODULE = "privacyidea.lib.auditmodules.loggeraudit"
PI_AUDIT_NO_SIGN = True
PI_NO_RESPONSE_SIGN = True
# PINs, of which there are none, are hashed at every login; a strong hash takes 50 ms.
PI_HASH_ALGO_PARAMS = {{"argon2__rounds": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}}
"""


@dataclass(frozen=True, slots=True)
class LaunchedPrivacyIdea:
    """A privacyIDEA that serves.

    Attributes:
        url: where.
        folder: where all its files are.
        clock: its clock; ``None`` without libfaketime.
    """

    url: str
    folder: Path
    clock: ClockFile | None

    @property
    def password_file(self) -> Path:
        """The file with the password of its administrator ``admin``."""
        return self.folder / "password"

    def open(self) -> PrivacyIdea:
        """Return an adapter to it."""
        password = self.password_file.read_text(encoding="ascii")
        return PrivacyIdea(self.url, password=password, clock=self.clock)


def find_python() -> Path | None:
    """Return the Python of privacyIDEA's environment, or ``None``."""
    named = os.environ.get(PYTHON_VARIABLE)
    path = Path(named) if named else Path(sys.prefix, "servers", "privacyidea", "bin", "python")
    return path if os.access(path, os.X_OK) else None


@contextlib.contextmanager
def launched() -> Iterator[LaunchedPrivacyIdea]:
    """Start privacyIDEA, and stop it afterwards.

    Raises:
        ServerError: it is not installed, or does not start.
    """
    python = find_python()
    if python is None:
        raise ServerError(
            f"privacyIDEA is not installed; make servers, or name its Python in {PYTHON_VARIABLE}"
        )
    with tempfile.TemporaryDirectory(prefix="galh-") as place:
        folder = Path(place)
        (folder / "password").write_text(secrets.token_hex(16), encoding="ascii")
        configuration = _CONFIGURATION.format(
            folder=place, secret_key=secrets.token_hex(24), pepper=secrets.token_hex(12)
        )
        (folder / "pi.cfg").write_text(configuration, encoding="utf-8")
        clock = None if find_libfaketime() is None else ClockFile(folder / "clock")
        environment = dict(os.environ)
        if clock is not None:
            clock.start()
            environment = clock.environment(environment)
        # -P: the folder of the script has a privacyidea too, this one.
        command = [str(python), "-P", str(_APP), place]
        with Process(command, _READY, environment) as process:
            url = f"http://127.0.0.1:{process.ready[1]}"
            yield LaunchedPrivacyIdea(url, folder, clock)


def main() -> None:
    """Serve until told to stop; say how it is asked."""
    told = asked_to_end()
    with launched() as server:
        clock = "" if server.clock is None else f",clock={server.clock.path}"
        print(f"export {PASSWORD_VARIABLE}_FILE={server.password_file}")  # noqa: T201  # a command's output
        print(f"--server privacyidea:{server.url}{clock}", flush=True)  # noqa: T201  # likewise
        told.wait()


if __name__ == "__main__":
    main()
