"""Who may do what on the EPCS side: the one place that says no before anything is looked at.

An account is read anew inside the caller's transaction: what a session remembers of it may
be minutes old, and access that was taken away is gone at once.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from hosttools.portal import accounts, sessions
from hosttools.portal.accounts import Account, EpcsStatus, Role
from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import tables
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session

DOCTORS_ONLY: Final = (
    "Log in as the doctor whose token it is: tokens are added, synced and used under the"
    " doctor's own login only."
)
"""The procedure: syncing must be done under the doctor's login."""


def doctor(portal: Portal, session: Session) -> Account:
    """Return who is logged in, if it is a doctor.

    Raises:
        Refusal: it is not, or the session has ended.
    """
    with portal.db.read() as at:
        account = sessions.current(at, session)
    if Bug.STAFF_CAN_SYNC in portal.bugs and account.role is Role.STAFF:
        account = next(_signers(portal, account.practice), account)
    if account.role is not Role.DOCTOR:
        raise Refusal(
            Why.DOCTORS_ONLY,
            DOCTORS_ONLY,
            f"{account.name} is {account.role.value}; only a doctor may",
        )
    return account


def _signers(portal: Portal, practice: str) -> Iterator[Account]:
    for account in accounts.list_all(portal):
        if account.epcs is EpcsStatus.ACTIVE and account.practice == practice:
            yield account


def registered(portal: Portal, at: Connection, session: Session) -> Account:
    """Return the doctor, whose identity was proofed and whose credential was issued.

    Raises:
        Refusal: no doctor, or not registered: never yet, or the account was lost.
    """
    account = doctor(portal, session)
    if not is_registered(at, account.name):
        raise Refusal(
            Why.NOT_REGISTERED,
            "You have no EPCS account. Register first: your identity is checked, and codes"
            " reach you by letter and by phone.",
            f"{account.name} is not registered ({account.epcs.value})",
        )
    return account


def proven(portal: Portal, at: Connection, session: Session, now_ns: int) -> Account:
    """Return the doctor, who has just shown to be the one.

    Raises:
        Refusal: as :func:`registered`, or device management is not open in this session.
    """
    account = registered(portal, at, session)
    staff = Bug.STAFF_CAN_SYNC in portal.bugs and session.account.role is Role.STAFF
    if not staff and not sessions.is_proven(at, session, now_ns):
        raise Refusal(
            Why.NOT_PROVEN,
            "Authenticate first: by a call or a text to your phone, or by its authenticator"
            " app. Without it no token can be managed.",
            f"device management is not open in this session of {account.name}",
        )
    return account


def with_access(portal: Portal, at: Connection, session: Session) -> Account:
    """Return the doctor, whom two people let sign (21 CFR 1311.125).

    Raises:
        Refusal: as :func:`registered`, or without access.
    """
    account = registered(portal, at, session)
    if account.epcs is not EpcsStatus.ACTIVE:
        raise Refusal(
            Why.NO_EPCS,
            "You may not sign controlled substances yet: an administrator has to nominate you,"
            " and another doctor to approve it.",
            f"EPCS access of {account.name} is {account.epcs.value}",
        )
    return account


def is_registered(at: Connection, account: str) -> bool:
    """Whether a credential was issued to an account over two channels (21 CFR 1311.105)."""
    done = select(tables.registration.c.completed_ns).where(
        tables.registration.c.account == account
    )
    return at.execute(done).scalar_one_or_none() is not None
