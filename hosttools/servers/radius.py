"""A RADIUS server as the server under test: PAP, the code as the User-Password.

Target: ``radius:HOST:PORT,usersfile=FILE,clock=FILE``. Without the UsersFile of the
pam_oath behind it no tokens are enrolled, and a serial number is taken as the user's name;
the clock is that of ``launch/radius.py``. The shared secret is in the file that
``GALH_RADIUS_SECRET_FILE`` names, or in ``GALH_RADIUS_SECRET``. Needs the extra ``radius``.

Source: RFC 2865; the Message-Authenticator of RFC 3579 section 3.2 is always sent.
"""

import io
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hosttools.errors import UsageError
from hosttools.servers.clockfile import ClockFile
from hosttools.servers.oathfile import MAX_WINDOW, WINDOW, RosterServer, unsendable
from hosttools.servers.roster import Roster
from hosttools.servers.seam import Answer, Can, Outcome, Server, ServerError
from hosttools.servers.target import number_of, read_target, secret_of

SECRET_VARIABLE: Final = "GALH_RADIUS_SECRET"  # noqa: S105  # where it is, not what

TIMEOUT_S: Final = 5.0
TRIES: Final = 3
"""A request that is lost on its way is sent again; the server knows it by its identifier."""

_MAX_PASSWORD: Final = 128
"""RFC 2865 section 5.2, bytes."""

_MAX_NAME: Final = 253
_MAX_PORT: Final = 65_535

_DICTIONARY: Final = """
ATTRIBUTE User-Name 1 string
ATTRIBUTE User-Password 2 octets
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE State 24 octets
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Message-Authenticator 80 octets
"""

_OUTCOMES: Final[Mapping[int, Outcome]] = {
    2: Outcome.ACCEPTED,
    3: Outcome.REFUSED,
    11: Outcome.CHALLENGED,
}
"""Access-Accept, Access-Reject, Access-Challenge. Source: RFC 2865 section 4."""


class RadiusServer(RosterServer):
    """A RADIUS server. Several threads may ask it at once; each has a socket of its own.

    Args:
        host: name or address.
        port: UDP.
        secret: shared with it.
        usersfile: of the pam_oath behind it, if it is on this machine.
        window: of that pam_oath, to be told by ``view``.
        clock: the server's, if it was started with one.

    Raises:
        ServerError: pyrad is not installed, or the UsersFile can't be used.
    """

    def __init__(
        self,
        host: str,
        port: int,
        secret: str,
        *,
        usersfile: Path | None = None,
        window: int = WINDOW,
        clock: ClockFile | None = None,
    ) -> None:
        roster = None if usersfile is None else Roster(usersfile)
        super().__init__(f"RADIUS server {host}:{port}", roster, window)
        self._pyrad = _import_pyrad()
        self._place = host, port
        self._secret = secret.encode()
        self._clock = clock
        self._dictionary = self._pyrad.dictionary.Dictionary(io.StringIO(_DICTIONARY))
        self._threads = threading.local()
        self._clients: list[Any] = []
        if clock is not None:
            self.can |= {Can.CLOCK}

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code of a token's user."""
        name = self.user_of(serial).encode("utf-8", "surrogatepass")
        password = code.encode("utf-8", "surrogatepass")
        if len(password) > _MAX_PASSWORD or len(name) > _MAX_NAME:
            return Answer(
                Outcome.REFUSED,
                f"not submitted: RADIUS carries {_MAX_PASSWORD} bytes of a code,"
                f" {_MAX_NAME} of a name",
            )
        refusal = unsendable(code)  # PAP pads with NULs
        if refusal is not None:
            return refusal
        client = self._client()
        request = client.CreateAuthPacket(
            code=self._pyrad.packet.AccessRequest, NAS_Identifier="galh"
        )
        request["User-Name"] = name.decode("utf-8", "surrogatepass")
        request["User-Password"] = request.PwCrypt(password)
        try:
            reply = client.SendPacket(request)
        except self._pyrad.client.Timeout as e:
            raise ServerError(
                f"{self.name} gave no answer in {TRIES} times {TIMEOUT_S:g} s: is it there, does it"
                " know this client, and is the shared secret the same?"
            ) from e
        except OSError as e:
            raise ServerError(f"{self.name} can't be reached: {e}") from e
        outcome = _OUTCOMES.get(reply.code)
        if outcome is None:
            raise ServerError(f"{self.name} answered with a packet of code {reply.code}")
        return Answer(outcome, " ".join(map(str, reply.get("Reply-Message", []))))

    def close(self) -> None:
        """Close its sockets."""
        for client in self._clients:
            client._CloseSocket()  # noqa: SLF001  # pyrad has no other way

    def _client(self) -> Any:  # noqa: ANN401  # pyrad has no types
        client = getattr(self._threads, "client", None)
        if client is None:
            host, port = self._place
            client = self._pyrad.client.Client(
                server=host,
                authport=port,
                secret=self._secret,
                dict=self._dictionary,
                retries=TRIES,
                timeout=TIMEOUT_S,
            )
            self._threads.client = client
            self._clients.append(client)
        return client


def open_server(target: str) -> Server:
    """Open a RADIUS server.

    Args:
        target: ``HOST:PORT,usersfile=FILE,clock=FILE``.

    Raises:
        UsageError: a target that can't be, or no shared secret.
        ServerError: see :class:`RadiusServer`.
    """
    place, settings = read_target(target, ["usersfile", "window", "clock"])
    host, _, text = place.rpartition(":")
    if not host or not text.isascii() or not text.isdecimal() or not 0 < int(text) <= _MAX_PORT:
        raise UsageError(f"{place!r} is no RADIUS server; one looks like 127.0.0.1:1812")
    secret = secret_of(SECRET_VARIABLE)
    if secret is None:
        raise UsageError(f"no shared secret of {place}: name its file in {SECRET_VARIABLE}_FILE")
    return RadiusServer(
        host.strip("[]"),
        int(text),
        secret,
        usersfile=Path(settings["usersfile"]) if "usersfile" in settings else None,
        window=number_of(settings, "window", WINDOW, MAX_WINDOW),
        clock=ClockFile(Path(settings["clock"])) if "clock" in settings else None,
    )


def _import_pyrad() -> Any:  # noqa: ANN401  # a module has no type of its own
    try:
        import pyrad.client  # noqa: PLC0415  # of the extra radius
        import pyrad.dictionary  # noqa: PLC0415  # likewise
        import pyrad.packet  # noqa: PLC0415  # likewise
    except ImportError:
        raise ServerError("RADIUS needs pyrad; pip install 'galh-emulator[radius]'") from None
    return pyrad
