"""HTTP/1.1 parsers with a bound on a request's line and headers.

uvicorn bounds them with h11 only; httptools, which is faster, collects for as long as a
client goes on.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


def protocol(head_bytes: int) -> type[asyncio.Protocol]:
    """Return what parses requests: httptools if it is installed, else h11.

    Args:
        head_bytes: most bytes of a request's line and headers that are collected, beyond
            those that arrive in one piece.
    """
    try:
        # Optional: uvicorn does without.
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415
    except ImportError:
        return H11Protocol  # bounded by Config's h11_max_incomplete_event_size

    class Bounded(HttpToolsProtocol):
        """Cuts off a client whose head has no end."""

        def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401  # uvicorn's own
            super().__init__(*arguments, **settings)
            self._head_bytes = 0
            self._in_head = True
            self._began = False

        def data_received(self, data: bytes) -> None:
            """Parse, and count what belongs to a head that is not complete yet."""
            self._began = False
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
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """See its head end."""
            self._in_head = False
            super().on_headers_complete()

    return Bounded
