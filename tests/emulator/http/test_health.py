"""Liveness and figures."""

import httpx
import pytest

from emulator.http import health
from emulator.http.desk import Desk

pytestmark = pytest.mark.anyio

SERIAL = "GALH00004226"


async def figures(client: httpx.AsyncClient) -> dict[str, float]:
    """Return all figures by name and labels."""
    text = (await client.get("/metrics")).text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_it_lives(client: httpx.AsyncClient) -> None:
    """As long as nothing stopped the bench."""
    answer = await client.get("/healthz")
    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())


async def test_it_says_when_it_stopped(client: httpx.AsyncClient, desk: Desk) -> None:
    """503, and why."""
    desk.failure = "the disk is full"
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert "the disk is full" in answer.json()["detail"]


async def test_presses_are_counted(client: httpx.AsyncClient, desk: Desk) -> None:
    """Accepted and refused; never by token."""
    desk.bench.press(SERIAL)
    desk.bench.press(SERIAL)  # still lit
    told = await figures(client)
    assert (1.0, 1.0) == (
        told['galh_presses_total{result="accepted"}'],
        told['galh_presses_total{result="refused"}'],
    )
    assert not [name for name in told if SERIAL in name]


async def test_presses_are_counted_though_nobody_asks(
    client: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the journal forgets them."""
    monkeypatch.setattr(health, "CATCH_UP", 1)
    desk.bench.press(SERIAL)
    monkeypatch.setattr(desk.bench.journal, "since", lambda _: iter(()))
    assert (await figures(client))['galh_presses_total{result="accepted"}'] == 1


async def test_requests_are_counted_by_route(client: httpx.AsyncClient) -> None:
    """Whatever is asked, there are no more series than routes."""
    for path in ("/api/v1/tokens/A", "/api/v1/tokens/B", "/nowhere/1", "/nowhere/2"):
        await client.get(path)
    await client.request("BREW", "/nowhere/3")
    told = await figures(client)
    asked = {name: count for name, count in told.items() if name.startswith("galh_http_requests")}
    assert {
        'galh_http_requests_total{method="GET",route="/tokens/{serial}",status="404"}': 2,
        'galh_http_requests_total{method="GET",route="",status="404"}': 2,
        'galh_http_requests_total{method="other",route="",status="404"}': 1,
    } == asked


async def test_the_bench_is_told_too(client: httpx.AsyncClient, desk: Desk) -> None:
    """Tokens, time, journal, streams."""
    told = await figures(client)
    assert (2, desk.bench.now_ns() / 1e9, desk.bench.journal.visible, 0) == (
        told["galh_tokens"],
        told["galh_bench_time_seconds"],
        told["galh_journal_sequence"],
        told["galh_http_streams"],
    )
