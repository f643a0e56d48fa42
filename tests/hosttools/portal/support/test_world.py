"""The practice as it began, when a test wants it so."""

import pytest

from hosttools.portal import Portal, Refusal, Why, accounts, auditlog, open_portal, sessions
from hosttools.portal.accounts import Account, Role
from hosttools.portal.bugs import Bug
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.portal.support import world
from tests.hosttools.portal.support.conftest import SERIAL, WHY


def test_the_practice_starts_over(portal: Portal, operator: Session, added: str) -> None:
    """Tokens, sessions and the log are gone; the key, the clock and the bugs are as they were."""
    portal.bugs = frozenset({Bug.REPLAY})
    key, now_ns = portal.signer.fingerprint, portal.clock.now_ns()
    assert SERIAL == added
    world.start_over(portal, operator, WHY)

    assert SERIAL not in {record.serial for record in portal.tokens.list()}
    assert (key, now_ns) == (portal.signer.fingerprint, portal.clock.now_ns())
    assert frozenset({Bug.REPLAY}) == portal.bugs
    with pytest.raises(Refusal) as caught, portal.db.read() as at:
        sessions.current(at, operator)
    assert Why.NOT_LOGGED_IN is caught.value.code
    last = auditlog.entries(portal)[-1]
    assert ("support", "started over", WHY) == (last.actor, last.act, last.told()["reason"])
    assert auditlog.verify(portal).ok
    assert sessions.log_in(portal, "dr.adams", "practice-doctor")


@pytest.mark.parametrize("name", ["dr.adams", "clark", "davis"])
def test_nobody_else_starts_it_over(portal: Portal, name: str) -> None:
    """It is for whoever runs the portal."""
    session = sessions.log_in(portal, name, f"practice-{accounts.find(portal, name).role.value}")[1]
    with pytest.raises(Refusal) as caught:
        world.start_over(portal, session, WHY)

    assert Why.NOT_ALLOWED is caught.value.code


def test_what_is_no_practice_is_not_removed() -> None:
    """It is somebody's own."""
    with open_portal(fill=False, hashing=CHEAP) as own:
        boss = Account(name="boss", role=Role.SUPPORT, full_name="B. Boss")
        accounts.add(own, boss, "a long password")
        _, session = sessions.log_in(own, "boss", "a long password")
        with pytest.raises(Refusal) as caught:
            world.start_over(own, session, WHY)

        assert Why.CONFLICT is caught.value.code
        assert accounts.find(own, "boss")
