"""``galh portal --fobs`` and ``galh demo --open``: fobs and portal on one clock."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hosttools.benchclient import BenchClient
from hosttools.testing import Serving

Galh = Callable[..., tuple[int, str, str]]

ADAMS = "GALH00000042"
START = "manual:2026-01-05T08:00:00Z"


@pytest.fixture
def served() -> Iterator[Serving]:
    """Return a portal with a bench, on a manual clock."""
    arguments = ("--http", "127.0.0.1:0", "--fobs", "127.0.0.1:0", "--clock", START)
    with Serving(*arguments, command="portal") as serving:
        yield serving


def test_window_has_both_pages(served: Serving) -> None:
    """The window frames the page of the fobs and the portal; nobody else may frame either."""
    fobs, portal = served.ready["fobs"], served.http
    window = httpx.get(served.ready["window"])

    assert f'<iframe src="{fobs}"' in window.text
    assert "frame-ancestors 'none'" in window.headers["content-security-policy"]
    for url in (fobs, f"{portal}/login"):
        policy = httpx.get(url).headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors 'self' {portal}")


def test_portal_moves_the_gauge(served: Serving) -> None:
    """A fob lies there as the portal knows it, and its gauge follows what the portal does."""
    token = f"{served.ready['fobs']}/api/v1/tokens/{ADAMS}"
    before = httpx.get(token).json()["server"]
    login = {"name": "support", "password": "practice-support"}
    api = f"{served.http}/api/v1"
    bearer = httpx.post(f"{api}/session", json=login).json()["token"]
    answer = httpx.put(
        f"{api}/support/policy",
        json={"policy": "rfc-strict", "reason": "practice"},
        headers={"Authorization": f"Bearer {bearer}"},
    )
    after = httpx.get(token).json()["server"]

    assert answer.is_success, answer.text
    assert (10, 3) == (before["look_ahead"], after["look_ahead"])


def test_clock_is_the_benchs(served: Serving) -> None:
    """What the page of the fobs moves is the portal's time."""
    with BenchClient(served.ready["fobs"]) as bench:
        bench.advance(86_400)

    assert "2026-01-06 08:00:00 UTC" in httpx.get(f"{served.http}/login").text


def test_time_goes_on_where_it_was(tmp_path: Path) -> None:
    """A portal that is served again is never before what was done in it."""
    where = ("--db", tmp_path / "portal.db", "--http", "127.0.0.1:0", "--fobs", "127.0.0.1:0")
    with Serving(*where, "--clock", START, command="portal") as serving:
        serving.stop(signal.SIGTERM)
    with Serving(*where, "--clock", "manual:2025-01-01T00:00:00Z", command="portal") as serving:
        assert "2026-01-05 08:00:00 UTC" in httpx.get(f"{serving.http}/login").text


def test_demo_opens_the_window() -> None:
    """``galh demo --open`` serves both; it ends as any server does."""
    no_browser = {"BROWSER": "true", "PATH": "/usr/bin"}
    with Serving("--open", command="demo", environment=no_browser) as serving:
        assert 200 == httpx.get(serving.ready["window"]).status_code
        assert 0 == serving.stop(signal.SIGINT)[0]


def test_demo_opens_one_thing(galh: Galh) -> None:
    """The story or the practice."""
    code, _, err = galh("demo", "--open", "--live")

    assert (2, True) == (code, "one or the other" in err)
