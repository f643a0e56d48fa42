"""What a port asks of whoever takes its bytes.

This seam is all that the ports know of the rest of the program. Everything
here belongs to the thread of one event loop.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias


class Consumer(Protocol):
    """Takes a client's bytes; answers through the ``Write`` it was made with."""

    @property
    def backlog(self) -> int:
        """Bytes of complete lines that wait to be dealt with, and of answers held back.

        A line without its end does not count: it may stay like that for ever,
        and a port reads no further while this is high.
        """
        ...

    def feed(self, data: bytes) -> None:
        """Take bytes that arrived, in order; may answer before it returns."""
        ...

    def hang_up(self) -> None:
        """The last client is gone: drop a half-typed line, release what it held.

        Complete lines that wait are still dealt with, but nothing fed until now
        is answered from now on: the next client of a pty gets the same consumer.
        """
        ...


Write: TypeAlias = Callable[[bytes], None]
"""Sends an answer. Never blocks; drops it if nobody is there to read it."""

MakeConsumer: TypeAlias = Callable[[Write], Consumer]
"""Makes the consumer of one port, or of one connection."""


class Client(NamedTuple):
    """Who is at the other end of one connection.

    Attributes:
        name: the kind of port and the client's address, such as ``tcp 127.0.0.1:40512``.
        close: ends the connection, from inside :meth:`Consumer.feed` too.
    """

    name: str
    close: Callable[[], None]


Welcome: TypeAlias = Callable[[Client], MakeConsumer]
"""Says who makes the consumer of a connection that was accepted."""
