"""HTTP/1.1 parsers with a bound on what one connection may have waiting, and for how long.

uvicorn bounds a request's line and headers with h11 only; httptools, which is faster,
collects for as long as a client goes on. It also reads on after every answer, whatever waits
already: a client that sends requests faster than they are answered filled gigabytes. And it
waits for ever for the rest of a request, so that a few thousand of them keep all others out.
"""

import asyncio
from collections.abc import Callable, Sized
from typing import Any, Final, cast

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_HELD: Final = 16 * 1024
"""Bytes that wait for the end of a turn at most."""

TOO_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n"
TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class Patient(FlowControl):
    """Reads no further while requests wait for their turn.

    Args:
        transport: the connection.
        waiting: the requests.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read on, if nothing waits; else it is asked again once the next one is answered."""
        if not self._waiting:
            super().resume_reading()


class Together:
    """A connection that sends in one packet what is written in one turn of the loop.

    uvicorn writes the head of an answer and its body one after the other: two packets, and
    a client that wakes up twice.

    Args:
        transport: the connection.
        loop: its loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = bytearray()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it soon; at once if much is waiting, so that the client's pace is felt."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held += data
        if len(self._held) > MOST_HELD:
            self._send()

    def close(self) -> None:
        """Send what is left, and end the connection."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._held:
            held, self._held = self._held, bytearray()
            self._transport.write(held)


class Deadline:
    """Calls somebody if what is awaited takes too long.

    Args:
        loop: whose time counts.
        seconds: how long it may take.
        missed: called then.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, missed: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._seconds = seconds
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Let time run; if it does so already, there is no more of it."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._ring)

    def clear(self) -> None:
        """It is there."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._missed()


def protocol(head_bytes: int, request_s: float) -> type[asyncio.Protocol]:  # noqa: C901  # it has a class inside, whose base is optional
    """Return what parses requests: httptools if it is installed, else h11.

    Args:
        head_bytes: most bytes of a request's line and headers that are collected, beyond
            those that arrive in one piece.
        request_s: host seconds in which a request has to arrive, its body included; h11
            knows no such bound.
    """
    try:
        # Optional: uvicorn does without.
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415
    except ImportError:
        return H11Protocol  # bounded by Config's h11_max_incomplete_event_size

    class Bounded(HttpToolsProtocol):
        """Cuts off a client whose request has no end, and reads what can be answered."""

        def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401  # uvicorn's own
            super().__init__(*arguments, **settings)
            self._head_bytes = 0
            self._in_head = True
            self._began = False
            self._deadline = Deadline(self.loop, request_s, self._cut_off)

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own signature
            """See a client come."""
            super().connection_made(transport)
            self.transport = cast("asyncio.Transport", Together(transport, self.loop))
            self.flow = Patient(transport, self.pipeline)
            self._deadline.set()

        def connection_lost(self, exc: Exception | None) -> None:
            """See it go."""
            self._deadline.clear()
            # uvicorn forgets it after a reset, and keeps the connection for as long.
            self._unset_keepalive_if_required()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            """Parse, and count what belongs to a head that is not complete yet."""
            self._began = False
            if self.cycle is None or self.cycle.response_complete:
                self._deadline.set()  # here too: empty lines before a request are no request
            super().data_received(data)
            if not self._in_head:
                return
            # Where in a piece a head begins is not told; one piece has a bound anyway.
            self._head_bytes += 0 if self._began else len(data)
            if self._head_bytes > head_bytes and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

        def on_message_begin(self) -> None:
            """See a request begin."""
            self._head_bytes, self._in_head, self._began = 0, True, True
            self._deadline.set()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """See its head end."""
            self._in_head = False
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            """See it whole."""
            self._deadline.clear()
            super().on_message_complete()

        def _cut_off(self) -> None:
            if self.flow.read_paused:
                self._deadline.set()  # it is we who don't read
            elif not self.transport.is_closing():
                if self._in_head:
                    self.transport.write(TOO_LATE)
                self.transport.close()

    return Bounded
