"""A port on the network: each connection is a client with a consumer of its own.

Whoever can connect can press the button, as there is no log-in: so it listens on
loopback, unless told that the danger is known. Connections are bounded in number,
and one whose machine vanished ends by itself, see ``_KEEP_ALIVE``.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
from typing import Final

from emulator.errors import PortError, UsageError
from emulator.ports.base import Client, Welcome
from emulator.ports.stream import SocketPort

_log = logging.getLogger(__name__)

DEFAULT_LIMIT: Final = 64
"""Connections that one port has at a time; our default."""

LOOPBACK: Final = "127.0.0.1"
_MAX_PORT: Final = 65_535

_BACKLOG: Final = 1024
"""Clients that the kernel lets wait; one more tries again after a second, and has no idea why."""

_AT_ONCE: Final = 64
"""Connections accepted in a row, so that a crowd at one port leaves the others their turn."""

_GRACE_S: Final = 0.02
"""How long those who have left already may take to be noticed, before one is turned away."""

_RETRY_S: Final = 0.25
"""When to accept again, after the process ran out of descriptors."""

_KEEP_ALIVE: Final = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    # After 30 s of silence ask three times, 10 s apart: a client whose machine is gone has
    # left after a minute (our default; the system's are two hours), and its button is up.
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 30),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 10),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 60_000),
    (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
)

_ADVICE: Final = {
    errno.EADDRINUSE: "another program listens there; choose another port, or 0 for a free one",
    errno.EACCES: "ports below 1024 are root's; choose one from 1024 on, or 0 for a free one",
    errno.EADDRNOTAVAIL: "this machine has no such address; use 127.0.0.1 or [::1]",
    errno.EMFILE: "out of descriptors (ulimit -n): serve fewer tokens, or one multiplexed port",
}


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``; of ``PORT`` alone the host is loopback.

    Raises:
        UsageError: it is neither.

    >>> parse_address("127.0.0.1:5025"), parse_address("[::1]:0"), parse_address("5025")
    (('127.0.0.1', 5025), ('::1', 0), ('127.0.0.1', 5025))
    """
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    ambiguous = ":" in bare and bare == host
    if not (port.isascii() and port.isdigit()) or len(port) > len(str(_MAX_PORT)) or ambiguous:
        raise UsageError(
            f"{text!r} is no address to listen on; one looks like 127.0.0.1:5025, [::1]:5025,"
            " or 127.0.0.1:0 for any free port"
        )
    return bare or LOOPBACK, int(port)


def format_address(host: str, port: int) -> str:
    """Return ``HOST:PORT``, an IPv6 host in brackets.

    >>> format_address("::1", 5025)
    '[::1]:5025'
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class TcpServer:
    """Listens at one address, and serves who connects.

    Belongs to the loop's thread, its making included.

    Args:
        loop: the loop that serves it.
        welcome: is asked once for each connection.
        host: address or name to listen on.
        port: 1 to 65535, or 0 for any free one.
        unsafe: whether a host other than loopback is meant.
        limit: connections at a time; one more is closed at once.

    Attributes:
        kind: what this port is called in clients' names.
        scheme: of the URL that pyserial takes.

    Raises:
        UsageError: no such port, or not loopback and not ``unsafe``.
        PortError: it can't listen there.
    """

    __slots__ = (
        "_connections",
        "_crowded",
        "_limit",
        "_listening",
        "_loop",
        "_sock",
        "_warned",
        "_welcome",
    )

    kind = "tcp"
    scheme = "socket"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        welcome: Welcome,
        host: str = LOOPBACK,
        port: int = 0,
        *,
        unsafe: bool = False,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        if not 0 <= port <= _MAX_PORT:
            raise UsageError(f"port {port}; allowed are 1 to {_MAX_PORT}, or 0 for a free one")
        if limit < 1:
            raise UsageError(f"a limit of {limit} connections; at least 1 is needed")
        self._loop = loop
        self._welcome = welcome
        self._limit = limit
        self._connections: set[SocketPort] = set()
        self._warned = False
        self._crowded = False  # full, and those who have left are gone
        self._listening = False
        self._sock: socket.socket | None = _listen(host, port, unsafe=unsafe)
        self._resume()

    @property
    def address(self) -> str:
        """Where it listens, such as ``127.0.0.1:5025``; empty once it is closed."""
        if self._sock is None:
            return ""
        host, port, *_ = self._sock.getsockname()
        return format_address(host, port)

    @property
    def url(self) -> str:
        """What a client gives to ``serial.serial_for_url``."""
        return f"{self.scheme}://{self.address}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def close(self) -> None:
        """Listen no more, and hang up on whoever is connected."""
        if self._sock is None:
            return
        self._pause()
        self._sock.close()
        self._sock = None
        self.hang_up()

    def hang_up(self) -> None:
        """Hang up on whoever is connected; the next client may come at once."""
        for connection in tuple(self._connections):
            connection.close()

    def _pause(self) -> None:
        if self._listening and self._sock is not None:
            self._listening = False
            self._loop.remove_reader(self._sock.fileno())

    def _resume(self) -> None:
        if not self._listening and self._sock is not None:
            self._listening = True
            self._loop.add_reader(self._sock.fileno(), self._knock)

    def _rest(self, seconds: float) -> None:
        """Accept nobody for a while."""
        self._pause()
        self._loop.call_later(seconds, self._resume)

    def _knock(self) -> None:
        """Accept who waits at the door."""
        for _ in range(_AT_ONCE):
            if self._sock is None:
                return
            full = len(self._connections) >= self._limit
            if full and not self._crowded:
                self._crowded = True
                self._rest(_GRACE_S)
                return
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._warn(f"can't accept a client now: {error.strerror} (ulimit -n)")
                self._rest(_RETRY_S)
                return
            self._crowded = full
            if full:
                self._warn(f"all {self._limit} places are taken; further clients are turned away")
                sock.close()
            else:
                self._serve(sock, format_address(*address[:2]))

    def _serve(self, sock: socket.socket, address: str) -> None:
        def close() -> None:
            port.close()

        client = Client(f"{self.kind} {address}", close)
        try:
            port = SocketPort(
                self._loop,
                sock,
                self._welcome(client),
                url=self.url,
                closed=self._connections.discard,
            )
        except BaseException:
            sock.close()
            raise
        self._connections.add(port)

    def _warn(self, what: str) -> None:
        if not self._warned:
            self._warned = True
            _log.warning("%s: %s", self.url, what)


def _listen(host: str, port: int, *, unsafe: bool) -> socket.socket:
    shown = format_address(host, port)
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PortError(f"can't listen on {shown}: {error}; use 127.0.0.1 or [::1]") from error
    # A name such as localhost is both; what most clients try first is IPv4.
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    bound = str(address[0])
    if not unsafe and not ipaddress.ip_address(bound.partition("%")[0]).is_loopback:
        raise UsageError(
            f"{shown} can be reached from other machines, and this port has no log-in: whoever"
            " connects presses the button and reads codes. Listen on 127.0.0.1 and go there"
            f" through SSH (ssh -L {port or 5025}:127.0.0.1:{port or 5025} THIS_MACHINE), or say"
            " that it is meant: unsafe"
        )
    try:
        sock = socket.create_server((bound, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "use another address")
        raise PortError(f"can't listen on {shown}: {error.strerror}; {advice}") from error
    sock.settimeout(0)
    for level, name, value in _KEEP_ALIVE:
        # Linux hands these down to the connections; systems lack one or the other.
        if hasattr(socket, name):
            sock.setsockopt(level, getattr(socket, name), value)
    return sock
