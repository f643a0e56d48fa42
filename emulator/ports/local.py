"""Tokens of this process by name: ``galh://SERIAL``, without a pty or a network.

A registry of what this process serves. Clients come from any thread; each
connection is a socketpair whose other end the bench's loop serves, so that
whatever waits on descriptors (select, asyncio, gevent, PyVISA) works.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Final

from emulator.errors import BusyError, PortError
from emulator.ports.base import MakeConsumer
from emulator.ports.stream import SocketPort
from firmware_model.errors import IdentifierError
from firmware_model.identifier import normalise

SCHEME: Final = "galh"
"""The URL's scheme."""

_lock = threading.Lock()
_published: dict[str, Callable[[], socket.socket]] = {}


def publish(serial: str, connect: Callable[[], socket.socket]) -> None:
    """Offer a token to this process.

    Args:
        serial: its serial number.
        connect: returns a connected socket whose other end is served; called
            from any thread.

    Raises:
        BusyError: the serial number is published already.
    """
    name = normalise(serial)
    with _lock:
        if name in _published:
            raise BusyError(
                f"galh://{name} is served by another bench of this process;"
                " close that one first, or give the token another serial number"
            )
        _published[name] = connect


def withdraw(serial: str) -> None:
    """Offer it no more; one that is not published is none already."""
    with _lock:
        _published.pop(normalise(serial), None)


def published() -> tuple[str, ...]:
    """Serial numbers that this process offers, sorted."""
    with _lock:
        return tuple(sorted(_published))


def connect(url: str) -> socket.socket:
    """Connect to the token that a URL names.

    Args:
        url: ``galh://SERIAL``; the serial as people type it.

    Raises:
        PortError: not such a URL, or no such token in this process.
    """
    scheme, separator, rest = url.partition("://")
    if scheme.lower() != SCHEME or not separator:
        raise PortError(f"{url!r} is no galh:// URL; one looks like galh://GALH00000042")
    try:
        serial = normalise(rest.rstrip("/"))
    except IdentifierError as error:
        raise PortError(f"{url!r}: {error}; a URL looks like galh://GALH00000042") from error
    with _lock:
        make = _published.get(serial)
    if make is None:
        here = ", ".join(published()) or "none"
        raise PortError(
            f"this process has no token {serial} (it has: {here}); galh:// reaches tokens"
            " of the same process only: for one of another process open the port that"
            " its `galh serve` prints (a path like /dev/pts/5, or the --link)"
        )
    return make()


class LocalPort:
    """One token at ``galh://SERIAL``; every connection has a consumer of its own.

    Belongs to the loop's thread; clients connect from any.

    Raises:
        BusyError: the serial number is published already.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, serial: str, make_consumer: MakeConsumer
    ) -> None:
        self._loop = loop
        self._serial = normalise(serial)
        self._make_consumer = make_consumer
        self._connections: set[SocketPort] = set()
        self._closed = False
        publish(self._serial, self._connect)

    @property
    def url(self) -> str:
        """What a client gives to ``serial.serial_for_url``."""
        return f"{SCHEME}://{self._serial}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def close(self) -> None:
        """Withdraw it, and hang up on whoever is connected."""
        if self._closed:
            return
        self._closed = True
        withdraw(self._serial)
        self.hang_up()

    def hang_up(self) -> None:
        """Hang up on whoever is connected; the next client may come at once."""
        for connection in tuple(self._connections):
            connection.close()

    def _connect(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        try:
            self._loop.call_soon_threadsafe(self._serve, ours)
        except RuntimeError as error:
            ours.close()
            theirs.close()
            raise PortError(
                f"the bench of {self.url} has ended; open the port while it runs"
            ) from error
        return theirs

    def _serve(self, ours: socket.socket) -> None:
        if self._closed:
            ours.close()
            return
        self._connections.add(
            SocketPort(
                self._loop,
                ours,
                self._make_consumer,
                url=self.url,
                closed=self._connections.discard,
            )
        )
