"""The host's clock is set while a bench is served: presses, waits and streams go on."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

import httpx
import pytest

from emulator.bench import Bench
from emulator.clock import RealClock
from emulator.http.desk import Desk
from emulator.http.server import HttpPort
from emulator.pacer import Pacer
from emulator.testing import HandHost, pace
from firmware_model import GALH, GALT, Secret, configure
from hosttools.testing import BACKSTOP_S

pytestmark = pytest.mark.anyio

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
HOUR_NS: Final = 3_600 * S
YEAR_NS: Final = 365 * 24 * HOUR_NS
SECRET: Final = Secret(b"12345678901234567890")
EVENT, TIME = "GALH00004226", "GALT00006238"
SETS: Final = pytest.mark.parametrize("by_ns", [-HOUR_NS, YEAR_NS])


class Served(NamedTuple):
    """A bench on a real clock, the host that it reads, and a client."""

    host: HandHost
    bench: Bench
    client: httpx.AsyncClient

    async def pass_time(self, by_ns: int) -> None:
        """Let host time pass; the bench is woken at each of its moments."""
        pace(self.bench, self.host, by_ns)
        await asyncio.sleep(0)

    async def press(self, serial: str) -> Any:  # noqa: ANN401  # JSON
        """Press, and let the press have its time."""
        asked = asyncio.create_task(
            self.client.post(
                f"/api/v1/tokens/{serial}/button", json={"action": "press-and-release"}
            )
        )
        while self.bench.next_event_ns() is None or not self.bench.look(serial).pressed:  # noqa: ASYNC110  # the request is on its way
            await asyncio.sleep(0)
        await self.pass_time(S)
        answer = await asked
        assert answer.status_code == 200
        return answer.json()

    async def display(self, serial: str) -> Any:  # noqa: ANN401  # JSON
        """Return what a token shows."""
        return (await self.client.get(f"/api/v1/tokens/{serial}/display")).json()


@pytest.fixture
def anyio_backend() -> str:
    """What the bench lives in."""
    return "asyncio"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Serve an event token and a time token."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    for serial, profile in ((EVENT, GALH), (TIME, GALT)):
        bench.open(configure(serial, profile, SECRET))
    pacer = Pacer(bench, asyncio.get_running_loop(), lambda error: pytest.fail(str(error)))
    port = await HttpPort.open(Desk(bench=bench), "127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:
        yield Served(host, bench, client)
    await port.close()
    pacer.close()


@SETS
async def test_presses_go_on(served: Served, by_ns: int) -> None:
    """An event token's next code follows; a time token shows that of the new time."""
    assert (await served.press(EVENT))["factor"] == 0
    await served.pass_time(60 * S)
    served.host.set_utc(served.host.utc_ns + by_ns)
    assert (await served.press(EVENT))["factor"] == 1
    step = served.host.utc_ns // (30 * S)
    assert step == (await served.press(TIME))["factor"]


@SETS
async def test_nothing_ages(served: Served, by_ns: int) -> None:
    """A code that is lit stays so for as long as it had; neither charge nor crystal moves."""
    await served.press(EVENT)
    before = await served.display(EVENT)
    used = served.bench.state(EVENT).used
    served.host.set_utc(served.host.utc_ns + by_ns)
    after = await served.display(EVENT)
    assert before["lit"]
    assert (before["text"], before["remaining_ns"]) == (after["text"], after["remaining_ns"])
    assert used == served.bench.state(EVENT).used
    assert by_ns == served.bench.now_ns() - START_NS - served.host.monotonic_ns
    await served.pass_time(after["remaining_ns"])
    assert not (await served.display(EVENT))["lit"]


@SETS
async def test_a_wait_goes_on(served: Served, by_ns: int) -> None:
    """It neither ends early nor late: bench time that passes counts, not what is set."""
    body = {"serial": EVENT, "until": "lit", "timeout_s": 100}
    for met in (False, True):
        until_ns = served.host.monotonic_ns + 100 * S
        wait = asyncio.create_task(served.client.post("/api/v1/wait", json=body))
        while served.bench.next_event_ns() is None:  # noqa: ASYNC110  # the request is on its way
            await asyncio.sleep(0)
        served.host.set_utc(served.host.utc_ns + by_ns)
        await served.client.get("/healthz")
        if met:
            await served.press(EVENT)
        else:
            await served.pass_time(until_ns - served.host.monotonic_ns - 1)
            await served.client.get("/healthz")
            assert not wait.done()
            await served.pass_time(1)
        assert met == (await wait).json()["met"]


@SETS
async def test_a_stream_goes_on_and_tells_it(served: Served, by_ns: int) -> None:
    """Each token's clock was set, says the journal, in order and without a gap."""
    told = []
    async with served.client.stream("GET", "/api/v1/events") as stream:
        lines = stream.aiter_lines()
        async for line in lines:
            if line == "event: hello":
                break
        served.host.set_utc(served.host.utc_ns + by_ns)
        await served.press(EVENT)
        async for line in lines:
            if line.startswith("data: ") and "sequence" in (data := json.loads(line[6:])):
                told.append(data)
            if told and told[-1]["kind"] == "lit":
                break
    assert [(EVENT, by_ns), (TIME, by_ns)] == [
        (one["serial"], one["by_ns"]) for one in told if one["kind"] == "shift_time"
    ]
    first = told[0]["sequence"]
    assert list(range(first, first + len(told))) == [one["sequence"] for one in told]
