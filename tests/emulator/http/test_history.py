"""Time travel over HTTP: past states, copies, and what would have been."""

import httpx
import pytest

from emulator.bench import Bench
from firmware_model.stimuli import Edge

pytestmark = pytest.mark.anyio

TOKEN = "GALH00004226"
EVENT = f"/api/v1/tokens/{TOKEN}"
MINUTE = 60 * 10**9


def two_presses(bench: Bench) -> list[int]:
    """Press twice, a minute apart; return the sequence numbers of the downs."""
    for _ in range(2):
        bench.press(TOKEN)
        bench.advance(MINUTE)
    edges = (r for r in bench.journal.since(0) if isinstance(r.event, Edge) and r.event.closed)
    return [record.sequence for record in edges]


async def test_state_now(client: httpx.AsyncClient, bench: Bench) -> None:
    """Without a sequence number the state is that of now."""
    bench.press(TOKEN)
    told = (await client.get(f"{EVENT}/state")).json()
    assert (bench.journal.visible, bench.now_ns()) == (told["sequence"], told["at_ns"])
    assert ("755224", 1, "lit") == (
        told["display"]["text"],
        told["counter"]["next"],
        told["mode"],
    )
    assert bench.digest(TOKEN) == told["digest"]


async def test_state_then(client: httpx.AsyncClient, bench: Bench) -> None:
    """At a sequence number the state is that of then."""
    _, second = two_presses(bench)
    told = (await client.get(f"{EVENT}/state", params={"at": second})).json()
    assert (second, 1, False) == (
        told["sequence"],
        told["counter"]["next"],
        told["display"]["lit"],
    )


@pytest.mark.parametrize(("at", "status"), [("99999", 404), ("-1", 422), ("x", 422)])
async def test_no_such_record(client: httpx.AsyncClient, at: str, status: int) -> None:
    """A record that there isn't is 404, what is no number 422."""
    answer = await client.get(f"{EVENT}/state", params={"at": at})
    assert answer.status_code == status


async def test_fork(client: httpx.AsyncClient, bench: Bench) -> None:
    """A copy as of a record goes on beside the original, with the same codes to come."""
    _, second = two_presses(bench)
    answer = await client.post(f"{EVENT}/fork", json={"at": second - 1})
    assert (201, f"{EVENT}F1") == (answer.status_code, answer.headers["location"])
    assert (f"{TOKEN}F1", 1) == (answer.json()["serial"], answer.json()["counter"]["next"])
    assert "287082" == bench.press(f"{TOKEN}F1").result.code
    assert 2 == bench.look(TOKEN).counter


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "COPY 1"}, 201),
        ({"name": "GALT00006238"}, 409),
        ({"at": 99999}, 409),
        ({"name": "Ä"}, 422),
        ({"name": "X" * 25}, 422),
        ({"from": 1}, 422),
    ],
)
async def test_names_of_copies(
    client: httpx.AsyncClient, bench: Bench, body: object, status: int
) -> None:
    """A copy is called what it is asked to be, if that is a serial number and free."""
    answer = await client.post(f"{EVENT}/fork", json=body)
    assert status == answer.status_code
    assert (3 if status == 201 else 2) == len(bench.serials())


async def test_press_left_out(client: httpx.AsyncClient, bench: Bench) -> None:
    """Without its first press the token would stand one counter lower; nothing changes."""
    first, _ = two_presses(bench)
    before = bench.digest(TOKEN)
    told = (await client.post(f"{EVENT}/what-if", json={"drop": first})).json()
    assert (2, 1) == (told["actual"]["next_counter"], told["other"]["next_counter"])
    assert ([0, 1], [0]) == (
        [lit["factor"] for lit in told["actual"]["lit"]],
        [lit["factor"] for lit in told["other"]["lit"]],
    )
    assert before == told["actual"]["digest"] == bench.digest(TOKEN)
    assert told["diverge_ns"] is not None


async def test_press_moved_and_added(client: httpx.AsyncClient, bench: Bench) -> None:
    """A press that comes while the LCD is lit is refused; one more gives one code more."""
    _, second = two_presses(bench)
    body = {"move": {"sequence": second, "by_ns": -MINUTE // 2 - 10 * 10**9}}
    moved = (await client.post(f"{EVENT}/what-if", json=body)).json()["other"]
    assert (1, ["lit"]) == (moved["next_counter"], [r["reason"] for r in moved["refused"]])
    body = {"insert": {"at_ns": bench.now_ns() - MINUTE // 6, "hold_ms": 100}}
    added = (await client.post(f"{EVENT}/what-if", json=body)).json()["other"]
    assert (3, [0, 1, 2]) == (added["next_counter"], [lit["factor"] for lit in added["lit"]])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"drop": 99999}, 409),
        ({"insert": {"at_ns": 0}}, 409),
        ({"insert": {"at_ns": 9 * 10**18}}, 409),
        ({}, 422),
        ({"drop": 1, "insert": {"at_ns": 0}}, 422),
        ({"drop": "1"}, 422),
    ],
)
async def test_no_such_change(client: httpx.AsyncClient, body: object, status: int) -> None:
    """A change is one of three, of a press that there is."""
    assert status == (await client.post(f"{EVENT}/what-if", json=body)).status_code
