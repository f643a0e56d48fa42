"""Tickets of a bench on a clock that runs, and the clients who wait for them."""

import asyncio
import json
from fractions import Fraction
from typing import Final

import pytest
from fastapi import FastAPI

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.http.tickets import settled
from emulator.results import Ticket
from emulator.testing import HandHost
from firmware_model import GALH, Secret, configure
from tests.emulator.http.asgi import LOCALHOST, Reader, scope_of, seated

pytestmark = pytest.mark.anyio

SERIAL: Final = "GALH00004226"
JSON: Final = (b"content-type", b"application/json")


@pytest.fixture
def waiting() -> tuple[Desk, FastAPI]:
    """A bench whose clock runs, on a host whose clock doesn't."""
    bench = Bench(VirtualClock(1_767_225_600_000_000_000, Fraction(1), HandHost()))
    bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
    desk = Desk(bench=bench)
    return desk, make_app(desk)


async def begun(desk: Desk, app: FastAPI, until: str = "lit") -> Reader:
    """Return a wait that has begun."""
    body = json.dumps({"serial": SERIAL, "until": until, "timeout_s": 60}).encode()
    reader = Reader(app, scope_of("/api/v1/wait", "POST", [*LOCALHOST, JSON]), body)
    await seated(desk.seats)
    return reader


async def test_a_result_that_is_there_is_returned_at_once() -> None:
    """Nothing is awaited."""
    ticket: Ticket[int] = Ticket()
    ticket.resolve(7)
    assert await settled(ticket) == 7


async def test_a_result_that_comes_is_waited_for() -> None:
    """Until the bench has it."""
    ticket: Ticket[int] = Ticket()
    asyncio.get_running_loop().call_soon(ticket.resolve, 7)
    assert await settled(ticket) == 7


async def test_a_client_that_leaves_gives_up(waiting: tuple[Desk, FastAPI]) -> None:
    """The bench waits for nothing any more, and the seat is free."""
    desk, app = waiting
    reader = await begun(desk, app)
    assert desk.bench.next_event_ns() is not None
    reader.leave()
    await reader.ended()
    assert (0, None) == (desk.seats.taken, desk.bench.next_event_ns())


async def test_an_application_that_closes_gives_up(waiting: tuple[Desk, FastAPI]) -> None:
    """Whoever waits is told so."""
    desk, app = waiting
    reader = await begun(desk, app)
    desk.seats.close()
    await reader.rest()
    assert (503, None) == (reader.answer.status, desk.bench.next_event_ns())


async def test_a_handler_that_is_cancelled_gives_up(waiting: tuple[Desk, FastAPI]) -> None:
    """As a server does that can't wait any longer."""
    desk, app = waiting
    reader = await begun(desk, app)
    reader._task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader.ended()
    assert (0, None) == (desk.seats.taken, desk.bench.next_event_ns())


async def test_two_may_wait_for_the_same(waiting: tuple[Desk, FastAPI]) -> None:
    """Each has an answer, though only one client pressed."""
    desk, app = waiting
    readers = [await begun(desk, app), await begun(desk, app)]
    desk.bench.down(SERIAL)
    host = desk.bench._engine.clock._host  # type: ignore[attr-defined]  # the fixture's own
    while not desk.bench.look(SERIAL).lcd.lit:
        host.pass_time(1_000_000)
        desk.bench.pump()
    assert [True, True] == [json.loads(await reader.rest())["met"] for reader in readers]
