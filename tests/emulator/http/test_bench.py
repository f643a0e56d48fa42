"""The bench as a whole, and its clock."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from emulator.bench import Bench
from emulator.clock import RealClock
from emulator.http.app import make_app
from emulator.http.desk import Desk
from tests.emulator.http.conftest import START_NS

pytestmark = pytest.mark.anyio

CLOCK: Final = "/api/v1/clock"
SERIAL: Final = "GALH00004226"


@pytest.fixture
def real() -> FastAPI:
    """A bench on the host's clock."""
    return make_app(Desk(bench=Bench(RealClock())))


async def test_it_says_what_there_is(client: httpx.AsyncClient, desk: Desk) -> None:
    """So that a client need not try."""
    told = (await client.get("/api/v1/capabilities")).json()
    assert {"mode": "manual", "virtual": True} == told["clock"]
    assert [False] * 4 == [told[name] for name in ("recipes", "server", "snapshots", "state")]
    desk.state = True
    assert (await client.get("/api/v1/capabilities")).json()["state"]


async def test_it_says_how_it_stands(client: httpx.AsyncClient, desk: Desk) -> None:
    """Tokens, time, clock, and the journal's range."""
    assert {
        "tokens": 2,
        "now_ns": START_NS,
        "time": "2026-01-01T00:00:00Z",
        "clock": {"mode": "manual", "rate": 0.0, "virtual": True},
        "sequence": desk.bench.journal.visible,
        "oldest": 1,
        "run": desk.run,
    } == (await client.get("/api/v1/bench")).json()


@pytest.mark.parametrize(
    ("by", "ns"),
    [
        ({"seconds": 30}, 30_000_000_000),
        ({"seconds": 0.1}, 100_000_000),
        ({"seconds": 1e-9}, 1),
        ({"ns": 7}, 7),
        ({"ns": 0}, 0),
    ],
)
async def test_time_passes_exactly(client: httpx.AsyncClient, by: dict[str, Any], ns: int) -> None:
    """A tenth of a second is 100 ms to the nanosecond."""
    told = (await client.post(f"{CLOCK}/advance", json=by)).json()
    assert START_NS + ns == told["now_ns"]
    assert told == (await client.get(CLOCK)).json()


@pytest.mark.parametrize(
    ("by", "status"),
    [
        ({}, 422),
        ({"seconds": 1, "ns": 1}, 422),
        ({"seconds": -1}, 422),
        ({"ns": 1.5}, 422),
        ({"seconds": 9e9}, 409),
    ],
)
async def test_no_other_time_can_pass(
    client: httpx.AsyncClient, by: dict[str, Any], status: int
) -> None:
    """One of the two, not back, not past the end of bench time."""
    assert (await client.post(f"{CLOCK}/advance", json=by)).status_code == status
    assert (await client.get(CLOCK)).json()["now_ns"] == START_NS


async def test_it_goes_on_until_nothing_happens(client: httpx.AsyncClient, desk: Desk) -> None:
    """Until the LCD is dark, and says how far that was."""
    desk.bench.press(SERIAL)
    begun_ns = desk.bench.now_ns()
    told = (await client.post(f"{CLOCK}/advance-until-idle", json={})).json()
    assert told["now_ns"] - begun_ns == told["advanced_ns"]
    assert told["advanced_ns"] > 0
    assert not desk.bench.look(SERIAL).lcd.lit


@pytest.mark.parametrize(("rate", "mode"), [(60, "scaled"), (0.1, "scaled"), (0, "manual")])
async def test_the_rate_can_be_set(
    client: httpx.AsyncClient, desk: Desk, rate: float, mode: str
) -> None:
    """0 stops it; the journal says who did it."""
    told = (await client.put(CLOCK, json={"rate": rate})).json()
    assert (mode, rate) == (told["mode"], told["rate"])
    assert Fraction(str(rate)) == desk.bench.rate


@pytest.mark.parametrize("rate", [-1, 1e10, 1e-12, "60", None])
async def test_no_other_rate_can_be_set(client: httpx.AsyncClient, rate: object) -> None:
    """The message says what is allowed."""
    assert (await client.put(CLOCK, json={"rate": rate})).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", CLOCK, {"rate": 60}),
        ("POST", f"{CLOCK}/advance", {"seconds": 1}),
        ("POST", f"{CLOCK}/advance-until-idle", {}),
    ],
)
async def test_a_real_clock_refuses(
    real: FastAPI,
    client_of: Callable[..., httpx.AsyncClient],
    method: str,
    path: str,
    body: dict[str, Any],
) -> None:
    """409: another bench could."""
    answer = await client_of(real).request(method, path, json=body)
    assert (409, "urn:galh:clock") == (answer.status_code, answer.json()["type"])
