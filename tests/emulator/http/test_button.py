"""The button over HTTP: acts and edges, answers with codes, and no press too many."""

import asyncio
from collections.abc import Callable
from typing import Final

import httpx
import pytest

from emulator.bench import Bench
from emulator.clock import RealClock
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.testing import HandHost, pace
from firmware_model import GALH, Secret, configure
from firmware_model.stimuli import Edge

pytestmark = pytest.mark.anyio

BUTTON: Final = "/api/v1/tokens/GALH00004226/button"
PRESS: Final[dict[str, object]] = {"action": "press-and-release"}
SECOND: Final = 10**9
START_NS: Final = 1_767_225_600_000_000_000


async def test_press_answers_with_its_code(client: httpx.AsyncClient, bench: Bench) -> None:
    """The answer is there when the code is lit, and has it (RFC 4226 appendix D)."""
    begun_ns = bench.now_ns()
    answer = await client.post(BUTTON, json=PRESS)
    told = answer.json()
    assert answer.status_code == 200
    assert ("755224", None, 0) == (told["code"], told["refused"], told["factor"])
    assert begun_ns < told["at_ns"] <= bench.now_ns()
    assert [("755224", 0)] == [(press["code"], press["factor"]) for press in told["presses"]]
    assert "755224" == told["display"]["text"]
    assert bench.journal.visible == told["sequence"] == told["display"]["sequence"]


async def test_press_while_lit_is_refused(client: httpx.AsyncClient) -> None:
    """A press that the token refuses is an answer with the reason, no error."""
    await client.post(BUTTON, json=PRESS)
    answer = await client.post(BUTTON, json=PRESS)
    assert (200, None, "lit") == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["refused"],
    )


async def test_several_presses(client: httpx.AsyncClient, bench: Bench) -> None:
    """Several presses give as many codes, each after the one before went dark."""
    told = (await client.post(BUTTON, json=PRESS | {"times": 3})).json()
    assert ["755224", "287082", "359152"] == [press["code"] for press in told["presses"]]
    assert ("359152", 2) == (told["code"], told["factor"])
    assert bench.look("GALH00004226").counter == 3


async def test_hold_time(client: httpx.AsyncClient, bench: Bench) -> None:
    """The button is held as long as is asked for, by bench time."""
    await client.post(BUTTON, json=PRESS | {"hold_ms": 2500})
    down, up = (r.event for r in bench.journal.since(0) if isinstance(r.event, Edge))
    assert up.at_ns - down.at_ns == 2_500_000_000


async def test_edges_answer_at_once(client: httpx.AsyncClient, bench: Bench) -> None:
    """Key down and key up move nothing but the contact, and no time."""
    begun_ns = bench.now_ns()
    down = (await client.post(BUTTON, json={"action": "press"})).json()
    assert (True, False) == (down["pressed"], down["display"]["lit"])
    assert set(down) == {"pressed", "display", "sequence"}
    bench.advance(SECOND)
    up = (await client.post(BUTTON, json={"action": "release"})).json()
    assert (False, "755224") == (up["pressed"], up["display"]["text"])
    assert bench.now_ns() == begun_ns + SECOND


async def test_records_say_who_pressed(client: httpx.AsyncClient, bench: Bench) -> None:
    """Both edges of a press carry the client and the idempotency key."""
    await client.post(BUTTON, json=PRESS, headers={"Idempotency-Key": "k1"})
    edges = [r for r in bench.journal.since(0) if isinstance(r.event, Edge)]
    assert [("http 127.0.0.1", "k1")] * 2 == [(r.by, r.key) for r in edges]


async def test_retry_does_not_press_again(client: httpx.AsyncClient, bench: Bench) -> None:
    """The same request with the same key answers again, and presses nothing."""
    headers = {"Idempotency-Key": "6f9d-1"}
    first = await client.post(BUTTON, json=PRESS, headers=headers)
    bench.advance(60 * SECOND)
    # What is left out counts as its default: this is the same request.
    again = await client.post(BUTTON, json=PRESS | {"times": 1}, headers=headers)
    assert first.json()["presses"] == again.json()["presses"]
    assert bench.look("GALH00004226").counter == 1


async def test_key_of_another_request(client: httpx.AsyncClient, bench: Bench) -> None:
    """Another request with a key that was used is 422, and presses nothing."""
    headers = {"Idempotency-Key": "6f9d-2"}
    await client.post(BUTTON, json=PRESS, headers=headers)
    answer = await client.post(BUTTON, json=PRESS | {"times": 2}, headers=headers)
    assert (422, "urn:galh:key-reused") == (answer.status_code, answer.json()["type"])
    assert bench.look("GALH00004226").counter == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "tab\t", "é".encode()])
async def test_bad_key(client: httpx.AsyncClient, bench: Bench, key: str | bytes) -> None:
    """A key is 1 to 255 visible ASCII characters."""
    raw = key if isinstance(key, bytes) else key.encode()
    answer = await client.post(BUTTON, json=PRESS, headers=[(b"Idempotency-Key", raw)])
    assert (422, 0) == (answer.status_code, bench.look("GALH00004226").counter)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "push"},
        {"action": None},
        PRESS | {"hold_ms": -1},
        PRESS | {"hold_ms": 0},
        PRESS | {"hold_ms": 3_600_001},
        PRESS | {"hold_ms": "100"},
        PRESS | {"times": 0},
        PRESS | {"times": 10_001},
        PRESS | {"times": True},
        PRESS | {"pause": 1},
        {"action": "press", "hold_ms": 100},
        [],
        "press",
    ],
)
async def test_request_that_cannot_be(
    client: httpx.AsyncClient, bench: Bench, body: object
) -> None:
    """What is not described is 422 with a problem, and nothing is pressed."""
    before = bench.journal.visible
    answer = await client.post(BUTTON, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert bench.journal.visible == before


async def test_unknown_token(client: httpx.AsyncClient) -> None:
    """The button of a token that is not there is 404."""
    answer = await client.post("/api/v1/tokens/GALH00000001/button", json=PRESS)
    assert answer.status_code == 404


async def test_press_on_a_running_clock(client_of: Callable[..., httpx.AsyncClient]) -> None:
    """On a clock that runs, the answer comes when the code is lit, and not before."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(configure("GALH00004226", GALH, Secret(b"12345678901234567890")))
    client = client_of(make_app(Desk(bench=bench)))
    press = asyncio.create_task(client.post(BUTTON, json=PRESS))
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert not press.done()
    pace(bench, host, SECOND)
    assert "755224" == (await press).json()["code"]


async def test_presses_that_take_too_long(client_of: Callable[..., httpx.AsyncClient]) -> None:
    """On a clock that runs, more presses than anybody waits for are refused with how long."""
    bench = Bench(RealClock(HandHost(START_NS)))
    bench.open(configure("GALH00004226", GALH, Secret(b"12345678901234567890")))
    client = client_of(make_app(Desk(bench=bench)))
    answer = await client.post(BUTTON, json=PRESS | {"times": 50})
    assert (409, 0) == (answer.status_code, bench.look("GALH00004226").counter)
