"""What an operator does to the portal and its people, each with a reason in the log."""

from typing import TYPE_CHECKING, Final

from hosttools.errors import ConflictError, PolicyError, UsageError
from hosttools.portal import accounts, auditlog, limits, practice, sessions
from hosttools.portal.accounts import Account, EpcsStatus
from hosttools.portal.epcs import registration
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.portal.spares import post
from hosttools.portal.spares.post import MailKind
from hosttools.portal.support import guard
from hosttools.refserver import Policy

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

_SENT_AGAIN: Final = "Sent again: "


def set_policy(portal: "Portal", session: Session, policy: Policy | str, reason: str) -> str:
    """Treat tokens by another policy from now on, in every process.

    Args:
        portal: where.
        session: the operator's.
        policy: the settings, or the name of known ones.
        reason: why, for the log.

    Returns:
        The policy's name.

    Raises:
        Refusal: not the support desk, no reason, or no such policy.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    try:
        with portal.db.write() as at:
            portal.set_policy(policy, actor=who)
            name = portal.policy_name
            auditlog.append(portal, at, who, "policy reason", name, reason=why)
    except PolicyError as e:
        raise Refusal(Why.BAD_INPUT, str(e), field="policy") from None
    return name


def restore_epcs(portal: "Portal", session: Session, account: str, reason: str) -> Account:
    """Give a doctor the EPCS account back that was lost, once it is clear who they are.

    Spares them to register again, and no more: two people have to let them sign again.

    Args:
        portal: where.
        session: the operator's.
        account: the doctor's.
        reason: how it was found out who they are, for the log.

    Raises:
        Refusal: not the support desk, no reason, no such account, or it is not lost.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    with portal.db.write() as at:
        doctor = accounts.find(portal, account)
        if doctor.epcs is not EpcsStatus.LOST:
            raise Refusal(
                Why.CONFLICT,
                f"The EPCS account of {doctor.name} is not lost: it is {doctor.epcs.value}.",
            )
        registration.complete(at, doctor.name, portal.clock.now_ns())
        auditlog.append(portal, at, who, "epcs restored", doctor.name, reason=why)
        return accounts.set_epcs(portal, doctor.name, EpcsStatus.NONE, actor=who)


def hire(portal: "Portal", session: Session, name: str, reason: str) -> Account:
    """Make another practice doctor, see :func:`hosttools.portal.practice.hire`.

    Raises:
        Refusal: not the support desk, no reason, no practice portal, or a name that can't be.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    try:
        with portal.db.write() as at:
            account = practice.hire(portal, name, actor=who)
            auditlog.append(portal, at, who, "doctor hired", account.name, reason=why)
    except ConflictError as e:
        raise Refusal(Why.CONFLICT, str(e), field="account") from None
    except UsageError as e:
        raise Refusal(Why.BAD_INPUT, str(e), field="account") from None
    return account


def allow_again(portal: "Portal", session: Session, account: str, reason: str) -> None:
    """Forget how often somebody has tried: they need not wait any longer.

    Raises:
        Refusal: not the support desk, no reason, or no such account.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    with portal.db.write() as at:
        known = accounts.find(portal, account)
        limits.clear_of(at, known.name)
        sessions.allow_again(at, known)
        auditlog.append(portal, at, who, "attempts forgotten", known.name, reason=why)


def resend(portal: "Portal", session: Session, mail_id: int, reason: str) -> None:
    """Send an e-mail or a letter again, unread, to whom it went; a parcel there is only one of.

    Raises:
        Refusal: not the support desk, no reason, no such mail, or a parcel.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    with portal.db.write() as at:
        known = post.load(at, mail_id)
        if known.kind is MailKind.PARCEL:
            raise Refusal(Why.CONFLICT, "A parcel can't be sent again; order another spare.")
        post.put(
            at,
            known.account,
            known.kind,
            at_ns=portal.clock.now_ns(),
            sender=known.sender,
            subject=_SENT_AGAIN + known.subject.removeprefix(_SENT_AGAIN),
            body=known.body,
            order_id=known.order_id,
            receipt=known.receipt,
        )
        auditlog.append(
            portal, at, who, "mail sent again", known.account, mail=known.id, reason=why
        )
