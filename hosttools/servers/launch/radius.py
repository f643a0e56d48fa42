"""FreeRADIUS with pam_oath behind it, on loopback, for a test: ``python -m`` this module.

Its configuration, its PAM service and its UsersFile are in a folder of ours. The service is
seen in a mount namespace of its own in place of /etc/pam.d, of which nothing is touched.
Debian's packages: freeradius, libpam-oath, and faketime for a clock that can be set.
"""

import contextlib
import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hosttools.servers.clockfile import ClockFile, find_libfaketime
from hosttools.servers.launch.process import Process, asked_to_end
from hosttools.servers.oathfile import WINDOW
from hosttools.servers.pam import oath_service
from hosttools.servers.radius import SECRET_VARIABLE, RadiusServer
from hosttools.servers.seam import ServerError

SERVICE: Final = "galh"
_TRIES: Final = 5
_READY: Final = re.compile("Ready to process requests")
_PLACES: Final = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
_DICTIONARY: Final = "$INCLUDE /usr/share/freeradius/dictionary\n"
_ENTER: Final = 'mount --bind "$1" /etc/pam.d && shift && exec "$@"'

_CONFIGURATION: Final = """
prefix = /usr
name = galh
libdir = /usr/lib/freeradius
run_dir = {folder}
logdir = {folder}
db_dir = {folder}
max_requests = 1000000 # a clock that stands still lets none of them go
hostname_lookups = no
log {{
  destination = stdout
}}
security {{
  reject_delay = 0
  max_attributes = 200
}}
thread pool {{
  start_servers = 4
  max_servers = 8
  min_spare_servers = 1
  max_spare_servers = 8
}}
client loopback {{
  ipaddr = 127.0.0.1
  secret = {secret}
}}
modules {{
  pam {{
    pam_auth = {service}
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {port}
  }}
  authorize {{
    update control {{
      Auth-Type := PAM
    }}
  }}
  authenticate {{
    Auth-Type PAM {{
      pam
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class FreeRadius:
    """A FreeRADIUS that serves.

    Attributes:
        port: UDP, on 127.0.0.1.
        folder: where all its files are.
        window: of its pam_oath.
        clock: its clock; ``None`` without libfaketime.
    """

    port: int
    folder: Path
    window: int
    clock: ClockFile | None

    @property
    def secret_file(self) -> Path:
        """The file with the shared secret."""
        return self.folder / "secret"

    @property
    def usersfile(self) -> Path:
        """The UsersFile of its pam_oath."""
        return self.folder / "users.oath"

    def open(self) -> RadiusServer:
        """Return an adapter to it."""
        return RadiusServer(
            "127.0.0.1",
            self.port,
            self.secret_file.read_text(encoding="ascii"),
            usersfile=self.usersfile,
            window=self.window,
            clock=self.clock,
        )


@contextlib.contextmanager
def launched(*, window: int = WINDOW, digits: int = 6) -> Iterator[FreeRadius]:
    """Start FreeRADIUS, and stop it afterwards.

    Args:
        window: of its pam_oath.
        digits: of the codes of all tokens: pam_oath wants to know.

    Raises:
        ServerError: it is not installed, or does not start.
    """
    program = shutil.which("freeradius", path=_PLACES)
    if program is None:
        raise ServerError("FreeRADIUS is not installed; apt install freeradius libpam-oath")
    with tempfile.TemporaryDirectory(prefix="galh-") as place:
        folder = Path(place)
        clock = None if find_libfaketime() is None else ClockFile(folder / "clock")
        environment = dict(os.environ)
        if clock is not None:
            clock.start()
            environment = clock.environment(environment)
        # Preloaded where FreeRADIUS begins: unshare and sh have no use for a clock.
        preload = environment.pop("LD_PRELOAD", "")
        command = ["unshare", "--map-root-user", "--mount", "sh", "-c", _ENTER, "sh"]
        command += [str(folder / "pam.d"), "env", f"LD_PRELOAD={preload}"]
        command += [program, "-f", "-l", "stdout", "-d", str(folder)]
        for tries_left in reversed(range(_TRIES)):
            radius = FreeRadius(_free_port(), folder, window, clock)
            _configure(radius, digits)
            try:
                process = Process(command, _READY, environment)
            except ServerError:
                if not tries_left:
                    raise
            else:
                break  # nobody else took the port meanwhile
        with process:
            yield radius


def _configure(radius: FreeRadius, digits: int) -> None:
    folder, secret = radius.folder, secrets.token_hex(16)
    service = folder / "pam.d" / SERVICE
    service.parent.mkdir(exist_ok=True)
    service.write_text(oath_service(radius.usersfile, radius.window, digits), encoding="utf-8")
    radius.usersfile.touch(0o600)
    radius.secret_file.touch(0o600)
    radius.secret_file.write_text(secret, encoding="ascii")
    text = _CONFIGURATION.format(folder=folder, port=radius.port, secret=secret, service=SERVICE)
    (folder / "radiusd.conf").write_text(text, encoding="utf-8")
    (folder / "dictionary").write_text(_DICTIONARY, encoding="ascii")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def main() -> None:
    """Serve until told to stop; say how it is asked."""
    told = asked_to_end()
    with launched() as radius:
        settings = f"usersfile={radius.usersfile}"
        if radius.clock is not None:
            settings += f",clock={radius.clock.path}"
        print(f"export {SECRET_VARIABLE}_FILE={radius.secret_file}")  # noqa: T201  # a command's output
        print(f"--server radius:127.0.0.1:{radius.port},{settings}", flush=True)  # noqa: T201  # likewise
        told.wait()


if __name__ == "__main__":
    main()
