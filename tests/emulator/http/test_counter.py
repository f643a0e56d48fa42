"""The counter over HTTP: the next one, not the last one used; and setting it."""

import httpx
import pytest

from emulator.bench import Bench

pytestmark = pytest.mark.anyio

EVENT, TIME = (f"/api/v1/tokens/{serial}/counter" for serial in ("GALH00004226", "GALT00006238"))


async def test_next_counter(client: httpx.AsyncClient, bench: Bench) -> None:
    """An event token tells the counter of the next press, a time token its step."""
    bench.press("GALH00004226")
    told = (await client.get(EVENT)).json()
    assert {"next": 1, "step": None, "step_s": None, "token_time_ns": None} == told
    timed = (await client.get(TIME)).json()
    assert (None, timed["token_time_ns"] // (30 * 10**9)) == (timed["next"], timed["step"])


async def test_counter_is_set(client: httpx.AsyncClient, bench: Bench) -> None:
    """The counter goes where it is put, forward and back; the journal says by whom."""
    for counter in (40, 7):
        assert counter == (await client.put(EVENT, json={"next": counter})).json()["next"]
        assert counter == bench.look("GALH00004226").counter
    by = {record.by for record in bench.journal.since(2)}
    assert "http 127.0.0.1" in by


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (TIME, {"next": 1}, 409),
        (EVENT, {"next": 2**64 - 1}, 422),
        (EVENT, {"next": 2**64}, 422),
        (EVENT, {"next": -1}, 422),
        (EVENT, {"next": "1"}, 422),
        (EVENT, {}, 422),
        ("/api/v1/tokens/GALH00000001/counter", {"next": 1}, 404),
    ],
)
async def test_counter_that_cannot_be(
    client: httpx.AsyncClient, bench: Bench, path: str, body: object, status: int
) -> None:
    """What can't be set is refused, and nothing moves."""
    answer = await client.put(path, json=body)
    assert (status, 0) == (answer.status_code, bench.look("GALH00004226").counter)
