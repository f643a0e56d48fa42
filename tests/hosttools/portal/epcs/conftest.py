"""The practice's people, logged in."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosttools.portal import Portal, sessions
from hosttools.portal.practice import PEOPLE
from hosttools.portal.sessions import Session
from tests.hosttools.portal.epcs.people import BAKERS, SERIAL, Doctor

if TYPE_CHECKING:
    from tests.hosttools.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where an empty database is that many threads can work on."""
    if request.param == "sqlite":
        return str(tmp_path / "portal.db")
    running: Cluster = request.getfixturevalue("postgres")
    return running.fresh()


@pytest.fixture
def log_in(portal: Portal) -> Callable[[str], Session]:
    """Log somebody of the practice in."""
    passwords = {person.account.name: person.password for person in PEOPLE}
    return lambda name: sessions.log_in(portal, name, passwords[name])[1]


@pytest.fixture
def adams(portal: Portal, log_in: Callable[[str], Session]) -> Doctor:
    """Return a doctor with access, and a fob that was not added yet."""
    return Doctor(portal, log_in("dr.adams"), SERIAL)


@pytest.fixture
def baker(portal: Portal, log_in: Callable[[str], Session]) -> Doctor:
    """Return a doctor with access, and a fob that is in use."""
    return Doctor(portal, log_in("dr.baker"), BAKERS)


@pytest.fixture
def novak(portal: Portal, log_in: Callable[[str], Session]) -> Doctor:
    """Return a doctor who was never registered."""
    return Doctor(portal, log_in("dr.novak"), "GALH20140711")


@pytest.fixture
def clark(log_in: Callable[[str], Session]) -> Session:
    """Log staff in."""
    return log_in("clark")


@pytest.fixture
def davis(log_in: Callable[[str], Session]) -> Session:
    """Log the administrator in."""
    return log_in("davis")
