"""Serves one connected stream socket: a connection is a client with a consumer of its own."""

import asyncio
import socket
from collections.abc import Callable

from emulator.ports.base import MakeConsumer
from emulator.ports.pump import Pump


class SocketPort:
    """One end of a socket, in the loop, until the other end closes.

    Belongs to the loop's thread, its making included. It owns the socket.

    Args:
        loop: the loop that serves it.
        sock: a connected stream socket.
        make_consumer: makes the consumer of this connection.
        url: what the client opened, for whoever asks.
        closed: is told once, with this port, when the connection is over.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        make_consumer: MakeConsumer,
        *,
        url: str,
        closed: Callable[["SocketPort"], None] | None = None,
    ) -> None:
        sock.settimeout(0)
        self._sock = sock
        self._url = url
        self._told = closed
        self._closed = False
        self._pump = Pump(
            loop,
            sock.fileno(),
            recv=sock.recv,
            send=sock.send,
            arrived=self._arrived,
            ended=self.close,
            make_consumer=make_consumer,
        )

    @property
    def url(self) -> str:
        """What the client opened."""
        return self._url

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait in this process for the client to read."""
        return self._pump.unsent

    def close(self) -> None:
        """Hang up; the client reads the end of the stream."""
        if self._closed:
            return
        self._closed = True
        self._pump.stop()
        self._sock.close()
        self._pump.consumer.hang_up()
        if self._told is not None:
            self._told(self)

    def _arrived(self, data: bytes) -> None:
        self._pump.consumer.feed(data)
