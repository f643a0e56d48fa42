"""A portal in memory, on a clock that stands, with passwords that cost nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.clock import parse_utc
from hosttools.portal import Portal, open_portal
from hosttools.portal.draws import SeededDraws
from hosttools.portal.passwords import CHEAP
from hosttools.refserver.http.clock import ServerClock

START_NS = parse_utc("2026-01-05T08:00:00Z")


@pytest.fixture
def clock() -> ServerClock:
    """Return the portal's clock, which goes where it is told."""
    return ServerClock(START_NS)


@pytest.fixture
def portal(clock: ServerClock) -> Iterator[Portal]:
    """Return a portal with the practice accounts."""
    with open_portal(clock=clock, draws=SeededDraws(1), hashing=CHEAP) as portal:
        yield portal


@pytest.fixture(params=["file", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a new database is, of each kind in turn that processes can share."""
    if request.param == "file":
        return str(tmp_path / "portal.db")
    fresh: str = request.getfixturevalue("postgres").fresh()
    return fresh
