"""Registration: who the doctor is, and a credential issued over two channels.

A practice step in the place of a credential service provider's identity proofing. Of the
two codes one goes by letter to the mailbox and one to the phone; it takes both to activate
the credential (21 CFR 1311.105 (c)). Access to signing is another matter, and two other
people's: :mod:`hosttools.portal.epcs.access`.
"""

import enum
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from hosttools.errors import UsageError
from hosttools.portal import accounts, auditlog, limits
from hosttools.portal.accounts import Account, EpcsStatus, Role
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import challenges, guard, phone, rules, tables
from hosttools.portal.epcs.challenges import Answer, Purpose
from hosttools.portal.epcs.keeping import keeping
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.portal.spares import mailbox
from hosttools.refserver.record import NS_PER_S

LETTER_DIGITS: Final = 8
LETTER_LIVES_S: Final = 30 * 86_400
"""How long the code of the letter is valid, seconds; our default."""

MOST: Final = 5
WITHIN_S: Final = 3600
"""So many times in so many seconds may somebody claim to be a doctor; our default."""

_NOT_PROOFED: Final = (
    "Your identity could not be checked with what you entered. Enter your name as your"
    " registration has it, and your DEA number."
)
_NOT_ACCEPTED: Final = (
    "The codes were not accepted. Enter the one of the newest letter and the newest one of your"
    " phone; have another sent to your phone if it is older than five minutes."
)


class Stage(enum.Enum):
    """How far somebody is."""

    UNREGISTERED = "unregistered"
    PROOFED = "proofed"
    """Both codes were sent, and are waited for."""
    REGISTERED = "registered"


def stage(portal: Portal, session: Session) -> Stage:
    """Return how far a doctor is.

    Raises:
        Refusal: no doctor.
    """
    with portal.db.read() as at:
        account = guard.doctor(portal, session)
        if guard.is_registered(at, account.name):
            return Stage.REGISTERED
        return Stage.PROOFED if _is_proofed(at, account.name) else Stage.UNREGISTERED


def prove_identity(
    portal: Portal, session: Session, full_name: str, dea_number: str, channel: Channel
) -> None:
    """Begin: say who one is, and have the two codes sent.

    Args:
        portal: whose.
        session: the doctor's.
        full_name: as the account has it; case, spaces and titles after it do not matter.
        dea_number: the doctor's.
        channel: how the phone's code is sent.

    Raises:
        Refusal: no doctor, registered already, too many attempts, or not who was claimed:
            nobody is told which of both was wrong.
    """
    now_ns = portal.clock.now_ns()
    with keeping(portal) as at:
        account = _unregistered(portal, at, session)
        limits.take(portal, at, f"register:{account.name}", most=MOST, within_s=WITHIN_S)
        known = prescriber_of(at, account.name)
        named = _plain(full_name) == _plain(account.full_name)
        numbered = known is not None and known == rules.dea_number(dea_number)
        if not (named and numbered):
            said = f"the name fits: {named}; the DEA number fits: {numbered}"
            auditlog.append(
                portal, at, account.name, "registration refused", account.name, said=said
            )
            raise Refusal(Why.WRONG_FACTOR, _NOT_PROOFED, said)
        # First, as it may be refused: what is written before that is kept.
        phone.send_code(portal, at, account, Purpose.REGISTRATION_PHONE, channel)
        at.execute(delete(tables.registration).where(_of(account.name)))
        at.execute(insert(tables.registration).values(account=account.name, proofed_ns=now_ns))
        code = challenges.issue(
            portal,
            at,
            account.name,
            Purpose.REGISTRATION_LETTER,
            digits=LETTER_DIGITS,
            expires_ns=now_ns + LETTER_LIVES_S * NS_PER_S,
        )
        mailbox.letter(
            portal,
            at,
            account,
            "Your EPCS registration",
            f"Dear {account.full_name},\n\nyour activation code is {code}. Enter it together"
            " with the code that was sent to your phone.\n",
        )
        auditlog.append(portal, at, account.name, "registration proofed", account.name)


def send(portal: Portal, session: Session, channel: Channel) -> None:
    """Have another code sent to the phone; the letter's stays valid.

    Raises:
        Refusal: no doctor, registered already, identity not proven yet, or too many codes.
    """
    with portal.db.write() as at:
        account = _proofed(portal, at, session)
        phone.send_code(portal, at, account, Purpose.REGISTRATION_PHONE, channel)
        auditlog.append(
            portal, at, account.name, "registration sent", account.name, by=channel.value
        )


def activate(portal: Portal, session: Session, letter_code: str, phone_code: str) -> Account:
    """Finish by both codes. A lost account is one without access from now on.

    Both are looked at whatever the first one was, and nobody is told which was wrong.

    Raises:
        Refusal: no doctor, registered already, identity not proven yet, or a wrong code.
    """
    with keeping(portal) as at:
        account = _proofed(portal, at, session)
        found = challenges.answer(
            portal,
            at,
            account.name,
            {
                Purpose.REGISTRATION_LETTER: letter_code,
                Purpose.REGISTRATION_PHONE: phone_code,
            },
        )
        if set(found.values()) != {Answer.RIGHT}:
            said = "; ".join(f"{purpose.value}: {each.value}" for purpose, each in found.items())
            auditlog.append(
                portal, at, account.name, "registration refused", account.name, said=said
            )
            raise Refusal(Why.WRONG_FACTOR, _NOT_ACCEPTED, said)
        complete(at, account.name, portal.clock.now_ns())
        if account.epcs is EpcsStatus.LOST:
            accounts.set_epcs(portal, account.name, EpcsStatus.NONE, actor=account.name)
        auditlog.append(portal, at, account.name, "registration completed", account.name)
    return accounts.find(portal, account.name)


def complete(at: Connection, account: str, now_ns: int) -> None:
    """Keep that a credential was issued; for practice accounts, without the way there."""
    done = at.execute(update(tables.registration).where(_of(account)).values(completed_ns=now_ns))
    if not done.rowcount:
        row = {"account": account, "proofed_ns": now_ns, "completed_ns": now_ns}
        at.execute(insert(tables.registration).values(**row))


def forget(at: Connection, account: str) -> None:
    """Forget that a credential was ever issued; the log does not."""
    at.execute(delete(tables.registration).where(_of(account)))


def set_dea_number(portal: Portal, name: str, dea_number: str, *, actor: str) -> str:
    """Keep a doctor's DEA number, which identity proofing and prescriptions need.

    Args:
        portal: whose.
        name: the doctor's account.
        dea_number: as it is typed.
        actor: who does it, for the log.

    Returns:
        The number as it is kept.

    Raises:
        UsageError: none can look like that, or the account is no doctor's.
        Refusal: no such account.
    """
    number = rules.dea_number(dea_number)
    if number is None:
        raise UsageError(
            "no DEA number: one has two letters, six digits and a check digit, such as BA0000012"
        )
    with portal.db.write() as at:
        account = accounts.find(portal, name)
        if account.role is not Role.DOCTOR:
            raise UsageError(f"{account.name} is {account.role.value}; only a doctor has one")
        at.execute(delete(tables.prescriber).where(tables.prescriber.c.account == account.name))
        at.execute(insert(tables.prescriber).values(account=account.name, dea_number=number))
        auditlog.append(portal, at, actor, "dea number set", account.name)
    return number


def prescriber_of(at: Connection, account: str) -> str | None:
    """Return a doctor's DEA number; ``None``: there is none."""
    number = select(tables.prescriber.c.dea_number).where(tables.prescriber.c.account == account)
    return at.execute(number).scalar_one_or_none()


def _unregistered(portal: Portal, at: Connection, session: Session) -> Account:
    account = guard.doctor(portal, session)
    if guard.is_registered(at, account.name):
        raise Refusal(Why.CONFLICT, "You are registered already.")
    return account


def _proofed(portal: Portal, at: Connection, session: Session) -> Account:
    account = _unregistered(portal, at, session)
    if not _is_proofed(at, account.name):
        raise Refusal(Why.CONFLICT, "Say who you are first: enter your name and DEA number.")
    return account


def _plain(full_name: str) -> list[str]:
    """Return the words of a name without the titles after it."""
    return full_name.partition(",")[0].casefold().split()


def _is_proofed(at: Connection, account: str) -> bool:
    proofed = select(tables.registration.c.proofed_ns).where(_of(account))
    return at.execute(proofed).scalar_one_or_none() is not None


def _of(account: str) -> ColumnElement[bool]:
    return tables.registration.c.account == account
