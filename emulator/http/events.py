"""The journal as server-sent events.

A stream has a cursor into the journal and nothing else: it takes some records, writes them,
and only then takes the next. So a reader that is slow costs no memory; it finds out
if it was so slow that the journal forgot what it had still to be told.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulator import journalform
from emulator.errors import EmulatorError
from emulator.http.desk import AtDesk, Desk
from emulator.http.journal import Kinds, Serials, chooser
from emulator.http.schemas.base import MAX_SEQUENCE
from emulator.http.tickets import gone
from emulator.journal import Record

BATCH: Final = 500
"""Records in one write: what a slow reader's connection may hold in memory."""

RETRY_MS: Final = 1_000
"""How soon a browser connects again; our default."""

router = APIRouter(tags=["journal"])

_EXAMPLE: Final = """\
retry: 1000
event: hello
data: {"visible": 7, "oldest": 1, "now_ns": 1767225600000000000, "run": "5f0c2d41a7b3e896"}

id: 8
event: record
data: {"sequence": 8, "serial": "GALH00004226", "kind": "lit", "at_ns": 1767225600045000000, \
"factor": 0}

: still here
id: 8

"""


class EventStream(Response):
    """Records from a cursor on, until the client leaves or the application closes.

    Args:
        desk: whose journal is told.
        cursor: the last record that the client knows.
        serials: only records of these tokens; ``None``: all.
        chosen: only records for which it is true; ``None``: all.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        desk: Desk,
        cursor: int,
        serials: frozenset[str] | None,
        chosen: Callable[[Record], bool] | None,
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})  # nginx would hold it back
        del self.headers["content-length"]
        self._desk = desk
        self._journal = desk.bench.journal
        self._cursor = cursor
        self._serials = serials
        self._chosen = chosen
        self._opening = _event(
            "hello",
            {
                "visible": self._journal.visible,
                "oldest": self._journal.oldest,
                "now_ns": desk.bench.now_ns(),
                "run": desk.run,
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        woken = asyncio.Event()
        with self._desk.seats.take(woken.set):
            leaving = asyncio.create_task(gone(Request(scope, receive)))
            leaving.add_done_callback(lambda _: woken.set())
            unsubscribe = self._journal.subscribe(woken.set)
            try:
                await send(
                    {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                )
                await self._run(send, woken, leaving)
            finally:
                unsubscribe()
                leaving.cancel()

    async def _run(self, send: Send, woken: asyncio.Event, leaving: asyncio.Task[None]) -> None:
        text = f"retry: {RETRY_MS}\n{self._opening}"
        while not (self._desk.seats.closed or leaving.done()):
            woken.clear()
            more, going_on = self._take()
            text += more
            if text:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                text = ""
            if not going_on:
                break
            if self._cursor < self._journal.visible:
                await asyncio.sleep(0)  # others have their turn while this one catches up
                continue
            try:
                async with asyncio.timeout(self._desk.limits.heartbeat_s):
                    await woken.wait()
            except TimeoutError:
                # With the number that it has come to, though what came was not for it.
                text = f": still here\nid: {self._cursor}\n\n"
        if not leaving.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _take(self) -> tuple[str, bool]:
        """Return what comes next, and whether anything can come after it."""
        visible, oldest = self._journal.visible, self._journal.oldest
        text = ""
        if not oldest - 1 <= self._cursor <= visible:
            # Forgotten, or numbered by a bench that did not keep its journal.
            text = _event("gap", {"after": self._cursor, "oldest": oldest, "visible": visible})
            self._cursor = min(oldest - 1, visible)
        try:
            records = self._journal.read(
                self._cursor, BATCH, serials=self._serials, chosen=self._chosen
            )
        except EmulatorError as e:
            return text + _event("problem", {"detail": str(e)}), False
        self._cursor = records[-1].sequence if len(records) == BATCH else visible
        return text + "".join(map(_told, records)), True


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _told(record: Record) -> str:
    return f"id: {record.sequence}\n" + _event("record", journalform.to_mapping(record))


@router.get(
    "/events",
    summary="All that happens, as it happens",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events, without end.",
            "content": {"text/event-stream": {"example": _EXAMPLE}},
        }
    },
)
async def events(
    desk: AtDesk,
    serial: Serials = None,
    kind: Kinds = None,
    after: Annotated[
        int | None,
        Query(
            ge=0,
            le=MAX_SEQUENCE,
            description="Begin after this sequence number; default: with what happens from now on.",
            examples=[7],
        ),
    ] = None,
    last_event_id: Annotated[
        int | None,
        Header(
            ge=0,
            le=MAX_SEQUENCE,
            description="The same, from a browser that connects again; it wins over `after`.",
        ),
    ] = None,
) -> Response:
    """Stream the journal as server-sent events.

    `hello` comes first: `visible` is the newest sequence number, `oldest` the oldest that can
    still be read, `run` changes when the bench was started anew. Then a `record` for each
    record of the journal, its sequence number as the event's `id`. `gap`: records after the
    client's cursor are no longer there, or it counts as an earlier bench did; read the
    tokens anew. `problem`: the journal can't be read; the stream ends. A comment comes every
    15 seconds if nothing else does.
    """
    cursor = after if last_event_id is None else last_event_id
    return EventStream(
        desk,
        desk.bench.journal.visible if cursor is None else cursor,
        frozenset(serial) if serial else None,
        chooser(kind),
    )
