"""An operator, a doctor, and the doctor's token with its codes."""

from collections.abc import Callable

import pytest

from firmware_model.oath import Key, hotp
from firmware_model.products import GALH
from hosttools.portal import Portal, sessions, support
from hosttools.portal.sessions import Session
from hosttools.seedfiles import SeedRecord, new_seed

SERIAL = "GALH00004711"
WHY = "ticket 17: the holder called"
Code = Callable[[int], str]


@pytest.fixture
def seed() -> SeedRecord:
    """Return a token's seed."""
    return new_seed(GALH, SERIAL, test_seed="support desk")


@pytest.fixture
def code(seed: SeedRecord) -> Code:
    """The token's code of a counter."""
    key = Key(seed.secret)
    return lambda counter: hotp(key, counter)


@pytest.fixture
def operator(portal: Portal) -> Session:
    """Return the session of the support desk."""
    return sessions.log_in(portal, "support", "practice-support")[1]


@pytest.fixture
def doctor(portal: Portal) -> Session:
    """Return the session of a doctor."""
    return sessions.log_in(portal, "dr.adams", "practice-doctor")[1]


@pytest.fixture
def added(portal: Portal, operator: Session, seed: SeedRecord, code: Code) -> str:
    """Return the serial number of a token that its holder has added; its next counter is 2."""
    support.enrol(portal, operator, [seed], "dr.adams", WHY)
    assert portal.tokens.sync(SERIAL, code(0), code(1), portal.clock.now_ns()).accepted
    return SERIAL
