"""Server-sent events."""

import contextlib
import json
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI

from emulator.annotations import Note
from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.http.events import BATCH
from emulator.http.limits import Limits
from emulator.journal import Journal
from emulator.journallog import JournalLog
from firmware_model import GALH, Secret, configure
from tests.emulator.http.asgi import LOCALHOST, Reader, ask, scope_of

pytestmark = pytest.mark.anyio

SERIAL: Final = "GALH00004226"
EVENTS: Final = "/api/v1/events"


def parsed(text: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a piece of a stream: name and data."""
    events = []
    for block in (text or "").split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if line[:1] not in {"", ":"}
        )
        if "data" in fields:
            data = json.loads(fields["data"])
            assert fields["event"] != "record" or int(fields["id"]) == data["sequence"]
            events.append((fields["event"], data))
    return events


def numbers(text: str | None) -> list[int]:
    """Return the sequence numbers of a piece's records."""
    return [data["sequence"] for name, data in parsed(text) if name == "record"]


def tell(bench: Bench, count: int, serial: str = SERIAL) -> None:
    """Have so many more things recorded."""
    for number in range(count):
        bench.annotate(serial, Note(bench.settled_ns, f"note {number}"))


async def test_it_greets_and_tells_what_happens_then(app: FastAPI, desk: Desk) -> None:
    """Without a cursor it begins now."""
    before = desk.bench.journal.visible
    async with Reader(app, scope_of(EVENTS)) as reader:
        [(name, hello)] = parsed(await reader.piece())
        assert ("hello", before, 1) == (name, hello["visible"], hello["oldest"])
        assert ("text/event-stream", "no-store") == (
            reader.answer.headers["content-type"].partition(";")[0],
            reader.answer.headers["cache-control"],
        )
        desk.bench.press(SERIAL)
        told = await reader.piece()
        assert [*range(before + 1, desk.bench.journal.visible + 1)] == numbers(told)
        assert "lit" in [data.get("kind") for _, data in parsed(told)]


async def test_no_code_is_told(app: FastAPI, desk: Desk) -> None:
    """An unused code is a credential: the stream has counters."""
    async with Reader(app, scope_of(EVENTS)) as reader:
        await reader.piece()
        code = desk.bench.press(SERIAL).result.code
        assert code is not None
        assert code not in str(await reader.piece())


@pytest.mark.parametrize("by_header", [True, False])
async def test_who_connects_again_misses_nothing(
    app: FastAPI, desk: Desk, *, by_header: bool
) -> None:
    """From Last-Event-ID on, or from ?after; the header wins."""
    tell(desk.bench, 10)
    header = ((b"last-event-id", b"7"),) if by_header else ()
    query = "after=2" if by_header else "after=7"
    async with Reader(app, scope_of(EVENTS, headers=[*LOCALHOST, *header], query=query)) as reader:
        assert [*range(8, desk.bench.journal.visible + 1)] == numbers(await reader.piece())


async def test_it_can_be_about_some_tokens_and_kinds(app: FastAPI, desk: Desk) -> None:
    """Both filters can be repeated; the bench's own records are left out then."""
    tell(desk.bench, 2, "GALT00006238")
    tell(desk.bench, 2, "")
    desk.bench.press(SERIAL)
    query = f"after=0&serial={SERIAL}&serial=GALT00006238&kind=note&kind=lit"
    async with Reader(app, scope_of(EVENTS, query=query)) as reader:
        found = [(d["serial"], d["kind"]) for _, d in parsed(await reader.piece())[1:]]
    assert [("GALT00006238", "note"), ("GALT00006238", "note"), (SERIAL, "lit")] == found


async def test_a_kind_that_is_none_is_refused(app: FastAPI) -> None:
    """Before the stream begins."""
    answer = await ask(app, scope_of(EVENTS, query="kind=nonsense"))
    assert answer.status == 422


@pytest.mark.parametrize("query", ["after=-1", "after=x", f"after={2**63}"])
async def test_a_cursor_that_is_none_is_refused(app: FastAPI, query: str) -> None:
    """A cursor is a sequence number."""
    assert (await ask(app, scope_of(EVENTS, query=query))).status == 422


def forgetful(limits: Limits | None = None, log: JournalLog | None = None) -> tuple[Bench, FastAPI]:
    """Return a bench that remembers 20 records, and its application."""
    journal = Journal(capacity=20, log=log)
    bench = Bench(VirtualClock(1_767_225_600_000_000_000), journal=journal)
    bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
    return bench, make_app(Desk(bench=bench, limits=limits or Limits()))


async def test_what_was_forgotten_is_told_as_a_gap() -> None:
    """Then come the records that are left."""
    bench, app = forgetful()
    tell(bench, 50)
    oldest = bench.journal.oldest
    async with Reader(app, scope_of(EVENTS, query="after=3")) as reader:
        told = await reader.piece()
    visible = bench.journal.visible
    assert ("gap", {"after": 3, "oldest": oldest, "visible": visible}) == parsed(told)[1]
    assert [*range(oldest, visible + 1)] == numbers(told)


async def test_a_cursor_of_an_earlier_bench_is_a_gap() -> None:
    """A bench that kept no journal counts from 1 again: all that it has is told."""
    bench, app = forgetful()
    tell(bench, 2)
    async with Reader(app, scope_of(EVENTS, query="after=5000")) as reader:
        told = await reader.piece()
    assert parsed(told)[1][0] == "gap"
    assert [1, 2, 3] == numbers(told)


async def test_a_slow_reader_costs_no_memory() -> None:
    """It is handed nothing before it has taken what came before; then it sees the gap."""
    bench, app = forgetful()
    async with Reader(app, scope_of(EVENTS)) as reader:
        hello = await reader.piece()
        tell(bench, 1)
        first = numbers(await reader.piece())
        tell(bench, 1)
        second = await reader._pieces.get()  # taken from the wire, not yet read
        sent = reader.sent
        tell(bench, 1_000)
        await ask(app, scope_of("/api/v1/bench"))
        assert sent == reader.sent
        reader._room.release()
        third = await reader.piece()
    assert parsed(hello)[0][0] == "hello"
    assert second is not None
    assert first[0] + 1 == numbers(second.decode())[0]
    assert parsed(third)[0][0] == "gap"
    assert bench.journal.visible == numbers(third)[-1]


async def test_what_is_kept_on_disk_is_told_from_there(tmp_path: Path) -> None:
    """A reader that is behind by more than memory has misses nothing."""
    with contextlib.closing(JournalLog(tmp_path / "journal")) as log:
        bench, app = forgetful(log=log)
        async with Reader(app, scope_of(EVENTS, query="after=0")) as reader:
            found = numbers(await reader.piece())
            tell(bench, 1_000)
            while found[-1] < bench.journal.visible:
                piece = parsed(await reader.piece())
                assert {"record"} == {name for name, _ in piece}
                found += [data["sequence"] for _, data in piece]
        assert [*range(1, bench.journal.visible + 1)] == found


async def test_a_long_past_comes_in_pieces(app: FastAPI, desk: Desk) -> None:
    """No piece has more than so many records; none is left out, none comes twice."""
    tell(desk.bench, 2 * BATCH)
    found: list[int] = []
    async with Reader(app, scope_of(EVENTS, query="after=0")) as reader:
        while not found or found[-1] < desk.bench.journal.visible:
            piece = numbers(await reader.piece())
            assert len(piece) <= BATCH
            found += piece
    assert [*range(1, desk.bench.journal.visible + 1)] == found


async def test_silence_is_broken_by_a_comment_with_the_cursor() -> None:
    """So that proxies keep the line, and a filter does not make a client look late."""
    bench, app = forgetful(Limits(heartbeat_s=0))
    tell(bench, 5)
    async with Reader(app, scope_of(EVENTS, query="after=0&kind=lit")) as reader:
        await reader.piece()
        assert f": still here\nid: {bench.journal.visible}\n\n" == await reader.piece()


async def test_it_ends_with_the_application(app: FastAPI, desk: Desk) -> None:
    """At once, and with an end that a client can tell from a cut."""
    reader = Reader(app, scope_of(EVENTS))
    await reader.piece()
    desk.seats.close()
    assert await reader.rest() == ""
    await reader.ended()
    assert (await ask(app, scope_of(EVENTS))).status == 503


async def test_a_client_that_left_keeps_no_seat(app: FastAPI, desk: Desk) -> None:
    """A thousand that come and go leave nothing behind."""
    readers = len(desk.bench.journal._readers)
    for _ in range(1_000):
        async with Reader(app, scope_of(EVENTS)) as reader:
            await reader.piece()
            assert desk.seats.taken == 1
    assert (0, readers) == (desk.seats.taken, len(desk.bench.journal._readers))


async def test_there_are_so_many_streams_and_no_more() -> None:
    """One more is told to come back later; the rest of the API goes on."""
    _, app = forgetful(Limits(streams=1))
    async with Reader(app, scope_of(EVENTS)) as reader:
        await reader.piece()
        refused = await ask(app, scope_of(EVENTS))
        assert (503, "1") == (refused.status, refused.headers["retry-after"])
        assert (await ask(app, scope_of("/api/v1/bench"))).status == 200
