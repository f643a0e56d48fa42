"""What an operator does to the portal and its people."""

import pytest

from hosttools.portal import Portal, Refusal, Why, accounts, auditlog, limits, sessions, support
from hosttools.portal.accounts import EpcsStatus
from hosttools.portal.epcs import devices, guard, phone, proof
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.sessions import Session
from hosttools.portal.spares import mailbox, post
from hosttools.portal.spares.post import MailKind
from hosttools.refserver import Policy
from hosttools.refserver.policies import POLICIES
from tests.hosttools.portal.support.conftest import WHY


@pytest.mark.parametrize("name", POLICIES)
def test_switches_the_policy_live(portal: Portal, operator: Session, name: str) -> None:
    """The next code is judged by it, and the log says why."""
    assert name == support.set_policy(portal, operator, name, WHY)

    assert POLICIES[name].policy == portal.tokens.policy
    assert WHY == auditlog.entries(portal, name)[-1].told()["reason"]


def test_a_policy_of_one_s_own(portal: Portal, operator: Session) -> None:
    """Has no name."""
    assert "custom" == support.set_policy(portal, operator, Policy(look_ahead=4), WHY)
    assert 4 == portal.tokens.policy.look_ahead


def test_there_is_no_such_policy(portal: Portal, operator: Session) -> None:
    """Nothing changes."""
    with pytest.raises(Refusal, match="no policy 'lax'") as refused:
        support.set_policy(portal, operator, "lax", WHY)
    assert (Why.BAD_INPUT, "default") == (refused.value.code, portal.policy_name)


def test_gives_a_lost_account_back(portal: Portal, operator: Session, doctor: Session) -> None:
    """The doctor is registered again; two people have to let them sign again."""
    proof.give_up(portal, doctor)
    assert EpcsStatus.LOST is accounts.find(portal, "dr.adams").epcs

    restored = support.restore_epcs(portal, operator, "dr.adams", WHY)
    assert EpcsStatus.NONE is restored.epcs
    with portal.db.read() as at:
        assert guard.is_registered(at, "dr.adams")


def test_gives_back_only_what_is_lost(portal: Portal, operator: Session) -> None:
    """An account that is in use stays as it is."""
    with pytest.raises(Refusal, match="not lost") as refused:
        support.restore_epcs(portal, operator, "dr.adams", WHY)
    assert Why.CONFLICT is refused.value.code


def test_sends_a_letter_again(portal: Portal, operator: Session, doctor: Session) -> None:
    """Unread, to whom it went; sent a third time, its subject grows no more."""
    with portal.db.write() as at:
        mailbox.letter(portal, at, doctor.account, "Welcome", "Dear doctor")
    (first,) = mailbox.messages(portal, doctor)
    mailbox.read(portal, doctor, first.id)
    support.resend(portal, operator, first.id, WHY)
    support.resend(portal, operator, mailbox.messages(portal, doctor)[0].id, WHY)

    assert ["Sent again: Welcome", "Sent again: Welcome", "Welcome"] == [
        mail.subject for mail in mailbox.messages(portal, doctor)
    ]
    assert [None, "Dear doctor"] == [
        mailbox.messages(portal, doctor)[0].read_ns, mailbox.messages(portal, doctor)[0].body,
    ]  # fmt: skip


def test_sends_no_parcel_again(portal: Portal, operator: Session, doctor: Session) -> None:
    """There is only one of it."""
    with portal.db.write() as at:
        post.put(
            at, doctor.account.name, MailKind.PARCEL, at_ns=0, sender="x", subject="y", body="z"
        )
    (parcel,) = mailbox.messages(portal, doctor)
    for number, why in ((parcel.id, Why.CONFLICT), (2**70, Why.NOT_FOUND)):
        with pytest.raises(Refusal) as refused:
            support.resend(portal, operator, number, WHY)
        assert why is refused.value.code


def test_lets_somebody_try_again(portal: Portal, operator: Session, doctor: Session) -> None:
    """Texts can be sent again, to this doctor and to no other of a name that ends alike."""
    for _ in range(phone.MOST_SENT):
        proof.send(portal, doctor, Channel.SMS)
    with portal.db.write() as at:
        limits.take(portal, at, "phone:other-dr.adams", most=1, within_s=60)
    with pytest.raises(Refusal, match="Too many"):
        proof.send(portal, doctor, Channel.SMS)

    support.allow_again(portal, operator, "dr.adams", WHY)
    proof.send(portal, doctor, Channel.SMS)
    assert WHY == auditlog.entries(portal, "dr.adams")[-2].told()["reason"]
    with pytest.raises(Refusal, match="Too many"), portal.db.write() as at:
        limits.take(portal, at, "phone:other-dr.adams", most=1, within_s=60)


def test_support_lets_log_in_again(portal: Portal, operator: Session) -> None:
    """Failed log-ins are attempts like others."""
    for _ in range(sessions.LOGINS):
        with pytest.raises(Refusal):
            sessions.log_in(portal, "dr.adams", "wrong")
    with pytest.raises(Refusal, match="Too many"):
        sessions.log_in(portal, "dr.adams", "practice-doctor")

    support.allow_again(portal, operator, "dr.adams", WHY)
    assert sessions.log_in(portal, "dr.adams", "practice-doctor")


def test_only_support_lets_try_again(portal: Portal, doctor: Session) -> None:
    """Nobody lifts limits for oneself."""
    with pytest.raises(Refusal) as refused:
        support.allow_again(portal, doctor, "dr.adams", WHY)
    assert Why.NOT_ALLOWED is refused.value.code


def test_hired_doctor_may_sign(portal: Portal, operator: Session) -> None:
    """Another practice doctor logs in as the others do, and is registered with access."""
    hired = support.hire(portal, operator, "dr.olsen", WHY)
    _, session = sessions.log_in(portal, "dr.olsen", "practice-doctor")

    assert EpcsStatus.ACTIVE is hired.epcs is session.account.epcs
    assert () == devices.list_of(portal, session)
    assert "doctor hired" in [entry.act for entry in auditlog.entries(portal)]


@pytest.mark.parametrize(
    ("name", "why"), [("dr.adams", Why.CONFLICT), ("Dr Olsen", Why.BAD_INPUT), ("", Why.BAD_INPUT)]
)
def test_nobody_is_hired_twice_or_without_a_name(
    portal: Portal, operator: Session, name: str, why: Why
) -> None:
    """A name that is taken or can't be one makes no account."""
    before = accounts.list_all(portal)
    with pytest.raises(Refusal) as refused:
        support.hire(portal, operator, name, WHY)

    assert why is refused.value.code
    assert before == accounts.list_all(portal)


def test_hires_for_practice_only(portal: Portal, operator: Session) -> None:
    """A portal with people of its own gets nobody whose password is known to all."""
    portal.practice = False
    with pytest.raises(Refusal, match="practice accounts only"):
        support.hire(portal, operator, "dr.olsen", WHY)
