"""Access to signing: two people, and neither of them alone."""

from collections.abc import Callable
from functools import partial

import pytest

from hosttools.portal import Portal, Refusal, Why, accounts, auditlog, sessions
from hosttools.portal.accounts import EpcsStatus
from hosttools.portal.epcs import access, registration
from hosttools.portal.sessions import Session
from tests.hosttools.portal.epcs.people import BAKERS, Doctor


def refused(act: Callable[[], object]) -> Why:
    """Return why something is refused."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


@pytest.fixture
def candidate(portal: Portal, novak: Doctor) -> Doctor:
    """Return a doctor who is registered, and has no access."""
    with portal.db.write() as at:
        registration.complete(at, "dr.novak", portal.clock.now_ns())
    return novak


def test_two_people_let_a_doctor_in(
    portal: Portal, candidate: Doctor, davis: Session, baker: Doctor
) -> None:
    """An administrator nominates, another doctor approves, and both are on record."""
    nominated = access.nominate(portal, davis, "dr.novak")
    assert EpcsStatus.NOMINATED is nominated.account.epcs
    assert Why.NO_EPCS is refused(candidate.ready)

    approved = access.approve(portal, baker.session, "dr.novak", baker.factors())

    assert (EpcsStatus.ACTIVE, "davis", "dr.baker") == (
        approved.account.epcs,
        approved.nominated_by,
        approved.approved_by,
    )
    assert candidate.ready()
    entry = auditlog.entries(portal, "dr.novak")[-1]
    assert ("access approved", "dr.baker", BAKERS) == (
        entry.act,
        entry.actor,
        entry.told()["serial"],
    )


@pytest.mark.parametrize("status", [EpcsStatus.ACTIVE, EpcsStatus.NOMINATED])
def test_who_is_disabled_loses_access(
    portal: Portal, adams: Doctor, davis: Session, status: EpcsStatus
) -> None:
    """Enabled again, the doctor needs two people anew; who has lost it all stays lost."""
    accounts.set_epcs(portal, "dr.adams", status, actor="test")
    accounts.set_disabled(portal, "dr.adams", disabled=True, actor="test")
    accounts.set_disabled(portal, "dr.adams", disabled=False, actor="test")

    found = next(each for each in access.list_of(portal, davis) if each.account.name == "dr.adams")
    assert (EpcsStatus.NONE, "", "") == (
        found.account.epcs,
        found.nominated_by,
        found.approved_by,
    )
    _, session = sessions.log_in(portal, "dr.adams", "practice-doctor")
    assert Why.NO_EPCS is refused(Doctor(portal, session, adams.fob.serial).ready)


def test_who_lost_it_and_is_disabled_registers_still(portal: Portal) -> None:
    """Being disabled gives nothing back."""
    accounts.set_epcs(portal, "dr.adams", EpcsStatus.LOST, actor="test")

    lost = accounts.set_disabled(portal, "dr.adams", disabled=True, actor="test")
    assert EpcsStatus.LOST is lost.epcs


@pytest.mark.parametrize("name", ["dr.baker", "dr.novak", "clark", "support"])
def test_only_an_administrator_nominates(
    portal: Portal,
    candidate: Doctor,
    log_in: Callable[[str], Session],
    name: str,
) -> None:
    """No doctor does, least of all oneself."""
    session = log_in(name)

    assert Why.NOT_ALLOWED is refused(
        lambda: access.nominate(portal, session, candidate.session.account.name)
    )


@pytest.mark.parametrize("name", ["dr.novak", "dr.adams", "clark", "nobody", ""])
def test_who_can_not_be_nominated(portal: Portal, davis: Session, name: str) -> None:
    """Neither who is not registered, nor who has access, nor who is no doctor."""
    why = refused(lambda: access.nominate(portal, davis, name))

    assert (Why.CONFLICT if name.startswith("dr.") else Why.NOT_FOUND) is why


def test_who_has_an_account_is_not_told(portal: Portal, davis: Session) -> None:
    """Somebody who is no doctor here reads as somebody whom nobody knows."""
    said = set()
    for name in ("support", "nobody"):
        with pytest.raises(Refusal) as caught:
            access.nominate(portal, davis, name)
        said.add(caught.value.user)

    assert 1 == len(said)


def test_a_wrong_factor_approves_nothing(
    portal: Portal, candidate: Doctor, davis: Session, baker: Doctor
) -> None:
    """It takes both, as signing does."""
    access.nominate(portal, davis, candidate.session.account.name)
    for by in (baker.factors(secret="0000"), baker.factors(code="000000")):
        assert Why.WRONG_FACTOR is refused(
            partial(access.approve, portal, baker.session, "dr.novak", by)
        )

    assert EpcsStatus.NOMINATED is accounts.find(portal, "dr.novak").epcs


def test_nobody_approves_oneself(
    portal: Portal, candidate: Doctor, davis: Session, baker: Doctor
) -> None:
    """Nor does an administrator, nor a doctor without access or without a token."""
    access.nominate(portal, davis, "dr.novak")
    by = baker.factors()

    def approve(session: Session) -> Why:
        return refused(lambda: access.approve(portal, session, "dr.novak", by))

    assert Why.NO_EPCS is approve(candidate.session)
    assert Why.DOCTORS_ONLY is approve(davis)
    assert Why.NOT_ALLOWED is refused(lambda: access.approve(portal, baker.session, "dr.baker", by))


def test_an_approver_needs_a_token(
    portal: Portal, candidate: Doctor, davis: Session, adams: Doctor
) -> None:
    """Access alone is not enough."""
    access.nominate(portal, davis, candidate.session.account.name)

    assert Why.CONFLICT is refused(
        lambda: access.approve(portal, adams.session, "dr.novak", adams.factors())
    )


def test_only_the_nominated_are_approved(portal: Portal, candidate: Doctor, baker: Doctor) -> None:
    """One person is not two. The code stays good."""
    by = baker.factors()

    assert Why.CONFLICT is refused(
        lambda: access.approve(portal, baker.session, candidate.session.account.name, by)
    )
    assert 0 == portal.tokens.get(BAKERS).next_factor


@pytest.mark.parametrize("by_admin", [True, False])
def test_either_takes_access_away(
    portal: Portal, adams: Doctor, davis: Session, baker: Doctor, *, by_admin: bool
) -> None:
    """At once, and the way back is the whole way."""
    after = access.revoke(portal, davis if by_admin else baker.session, "dr.adams")

    assert (EpcsStatus.NONE, "") == (after.account.epcs, after.approved_by)
    assert Why.NO_EPCS is refused(adams.ready)
    assert Why.CONFLICT is refused(lambda: access.revoke(portal, davis, "dr.adams"))
    assert access.nominate(portal, davis, "dr.adams")


def test_a_nomination_can_be_taken_back(portal: Portal, candidate: Doctor, davis: Session) -> None:
    """It is no access yet, and can be taken away all the same."""
    access.nominate(portal, davis, candidate.session.account.name)

    assert EpcsStatus.NONE is access.revoke(portal, davis, "dr.novak").account.epcs


def test_who_can_not_revoke(portal: Portal, novak: Doctor, clark: Session) -> None:
    """Neither staff, nor a doctor without access."""
    assert Why.DOCTORS_ONLY is refused(lambda: access.revoke(portal, clark, "dr.adams"))
    assert Why.NOT_REGISTERED is refused(lambda: access.revoke(portal, novak.session, "dr.adams"))


def test_the_list(portal: Portal, davis: Session, clark: Session, adams: Doctor) -> None:
    """Administrators and doctors see how everybody stands."""
    found = access.list_of(portal, davis)

    assert [("dr.adams", True), ("dr.baker", True), ("dr.novak", False)] == [
        (each.account.name, each.registered) for each in found
    ]
    assert found == access.list_of(portal, adams.session)
    assert Why.NOT_ALLOWED is refused(lambda: access.list_of(portal, clark))
