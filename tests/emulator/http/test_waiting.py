"""``POST /wait``."""

import asyncio
import json
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from emulator.http.desk import Desk
from tests.emulator.http.asgi import LOCALHOST, Reader, scope_of, seated

pytestmark = pytest.mark.anyio

SERIAL: Final = "GALH00004226"
WAIT: Final = "/api/v1/wait"


async def waited(
    client: httpx.AsyncClient, until: str, **wanted: float | str | None
) -> dict[str, Any]:
    """Wait, and return the answer."""
    answer = await client.post(WAIT, json={"serial": SERIAL, "until": until} | wanted)
    assert answer.status_code == 200
    data: dict[str, Any] = answer.json()
    return data


async def test_it_goes_to_the_moment(client: httpx.AsyncClient, desk: Desk) -> None:
    """On a manual clock the bench runs until it is so."""
    desk.bench.press(SERIAL)
    answer = await waited(client, "dark")
    assert (True, "dark", False) == (
        answer["met"],
        answer["record"]["kind"],
        answer["display"]["lit"],
    )
    assert desk.bench.journal.visible == answer["sequence"]


async def test_what_is_so_already_has_no_record(client: httpx.AsyncClient) -> None:
    """A dark LCD is dark."""
    answer = await waited(client, "dark", timeout_s=0)
    assert (True, None) == (answer["met"], answer["record"])


async def test_what_nothing_ahead_brings_fails_and_moves_nothing(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """Nobody presses on a manual clock: no use to wait, and no error."""
    before_ns = desk.bench.now_ns()
    answer = await waited(client, "lit", timeout_s=3_600)
    assert (False, None, before_ns) == (answer["met"], answer["record"], desk.bench.now_ns())


async def test_who_comes_late_misses_nothing(client: httpx.AsyncClient, desk: Desk) -> None:
    """From a cursor on, what has been and gone counts."""
    cursor = desk.bench.journal.visible
    desk.bench.press(SERIAL)
    desk.bench.advance(60_000_000_000)
    answer = await waited(client, "lit", after=cursor)
    assert (True, 0) == (answer["met"], answer["record"]["factor"])
    again = await waited(client, "lit", after=answer["record"]["sequence"])
    assert not again["met"]


async def test_any_effect_can_be_waited_for(client: httpx.AsyncClient, desk: Desk) -> None:
    """By the name that the journal has for it."""
    desk.bench.down(SERIAL)
    assert (await waited(client, "nvm_write"))["record"]["kind"] == "nvm_write"


async def test_a_text_can_be_expected(client: httpx.AsyncClient, desk: Desk) -> None:
    """The code itself, or another one."""
    code = desk.bench.press(SERIAL).result.code
    assert (await waited(client, "lit", text=code, timeout_s=0))["met"]
    assert (await waited(client, "lit", text=code, after=0))["met"]
    assert not (await waited(client, "lit", text="000000", after=0))["met"]


async def test_patience_waits_for_somebody_else(client: httpx.AsyncClient, desk: Desk) -> None:
    """Host time passes; another client's press ends the wait."""
    loop = asyncio.get_running_loop()
    loop.call_later(0, lambda: loop.call_soon(desk.bench.press, SERIAL))
    answer = await waited(client, "lit", patience_s=60)
    assert (True, "lit") == (answer["met"], answer["record"]["kind"])
    assert desk.seats.taken == 0


async def test_patience_sees_what_no_token_does_by_itself(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """Somebody presses: that is an edge."""
    loop = asyncio.get_running_loop()
    loop.call_later(0, lambda: loop.call_soon(desk.bench.down, SERIAL))
    assert (await waited(client, "edge", patience_s=60))["record"]["closed"] is True


async def test_patience_has_an_end(client: httpx.AsyncClient) -> None:
    """When it is over, that is no error."""
    assert not (await waited(client, "lit", patience_s=0.001))["met"]


async def test_a_wait_ends_with_its_client_or_the_application(app: FastAPI, desk: Desk) -> None:
    """Nothing stays behind."""
    body = json.dumps({"serial": SERIAL, "until": "lit", "patience_s": 600}).encode()
    scope = scope_of(WAIT, "POST", [*LOCALHOST, (b"content-type", b"application/json")])
    for end in (Reader.leave, lambda _: desk.seats.close()):
        reader = Reader(app, dict(scope), body)
        await seated(desk.seats)
        end(reader)
        await reader.rest()
        assert (503, 0) == (reader.answer.status, desk.seats.taken)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"serial": "GALH99999999", "until": "lit"}, 404),
        ({"serial": SERIAL, "until": "nonsense"}, 422),
        ({"serial": SERIAL, "until": "lit", "timeout_s": -1}, 422),
        ({"serial": SERIAL, "until": "lit", "patience_s": 1e9}, 422),
        ({"serial": SERIAL, "until": "lit", "untill": 1}, 422),
        ({"serial": SERIAL, "until": "edge", "text": "123456", "patience_s": 1}, 422),
        ({}, 422),
    ],
)
async def test_what_cannot_be_waited_for_is_refused(
    client: httpx.AsyncClient, wanted: dict[str, Any], status: int
) -> None:
    """With a problem that says what is allowed."""
    assert (await client.post(WAIT, json=wanted)).status_code == status
