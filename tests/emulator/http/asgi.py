"""An ASGI client of our own, for what httpx can't do: odd requests, and streams."""

import asyncio
from collections.abc import Sequence
from typing import Self

from starlette.types import ASGIApp, Message, Scope

from emulator.http.limits import Seats

Headers = Sequence[tuple[bytes, bytes]]

LOCALHOST: Headers = ((b"host", b"localhost"),)


def scope_of(
    path: str,
    method: str = "GET",
    headers: Headers = LOCALHOST,
    *,
    query: str = "",
    client: str = "127.0.0.1",
) -> Scope:
    """Return the scope of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers),
        "client": (client, 50_000),
        "server": ("127.0.0.1", 80),
    }


class Answer:
    """What came back."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""


async def ask(app: ASGIApp, scope: Scope, bodies: Sequence[bytes] = (b"",)) -> Answer:
    """Send a request, its body in pieces, and return the answer."""
    answer, pieces = Answer(), list(bodies)

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        _take(answer, message)

    await app(scope, receive, send)
    return answer


def _take(answer: Answer, message: Message) -> None:
    if message["type"] == "http.response.start":
        answer.status = message["status"]
        answer.headers = {k.decode().lower(): v.decode("latin-1") for k, v in message["headers"]}
    else:
        answer.body += message.get("body", b"")


async def seated(seats: Seats, count: int = 1) -> None:
    """Return once so many streams and waits are under way."""
    while seats.taken < count:  # noqa: ASYNC110  # seats tell nobody who comes
        await asyncio.sleep(0)


class Reader:
    """A client that reads a stream piece by piece, as slowly as the test wants.

    Args:
        app: the application.
        scope: the request.
        body: of the request.
    """

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes = b"") -> None:
        self.answer = Answer()
        self.sent = 0  # messages that the application has handed over so far
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(0)
        self._left = asyncio.Event()
        self._body: bytes | None = body
        self._task = asyncio.ensure_future(self._run(app, scope))

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._send)
        finally:
            self._pieces.put_nowait(None)

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent += 1
        if message["type"] == "http.response.body":
            self._pieces.put_nowait(message.get("body", b""))
            await self._room.acquire()  # as uvicorn does while the client's window is full
        else:
            _take(self.answer, message)

    async def piece(self) -> str | None:
        """Return the next piece, and let the application go on; ``None``: it ended."""
        piece = await self._pieces.get()
        self._room.release()
        return None if piece is None else piece.decode()

    async def rest(self) -> str:
        """Return everything until the end."""
        text = ""
        while (piece := await self.piece()) is not None:
            text += piece
        return text

    def leave(self) -> None:
        """Go away."""
        self._left.set()
        self._room.release()

    async def ended(self) -> None:
        """Return once the application is done with the request."""
        await self._task

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()
        await self.ended()
