"""A practice to walk through."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.hosttools.portal.walk.looking import ALL, SOME, Looker
from tests.hosttools.portal.walk.people import ADAMS, Practice, Server, Visitor


@pytest.fixture(scope="session")
def looker(request: pytest.FixtureRequest) -> Looker:
    """Return what looks at every page once: on a phone, and in every way with ``--full``."""
    return Looker(ALL if request.config.getoption("--full") else SOME)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a portal with its fobs; one for all tests, as it takes seconds to start."""
    with Server(tmp_path_factory.mktemp("walk") / "portal.db") as server:
        yield server


@pytest.fixture
def practice(browser: Browser, server: Server, looker: Looker) -> Iterator[Practice]:
    """Return a new practice; what a browser complains of fails the test."""
    server.begin_anew()
    with Practice(browser, server, looker) as practice:
        yield practice
    assert [] == practice.complaints


@pytest.fixture
def doctor(practice: Practice) -> Visitor:
    """Return dr.adams, logged in."""
    return practice.somebody("dr.adams")


@pytest.fixture
def signer(doctor: Visitor) -> Visitor:
    """Return dr.adams, who has added a fob."""
    fob = doctor.fob(ADAMS)
    doctor.authenticate()
    doctor.add(ADAMS, fob.pair())
    doctor.reads("Token Status: Active")
    fob.page.close()
    return doctor
