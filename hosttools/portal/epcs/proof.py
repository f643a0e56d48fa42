"""The doctor shows to be the one: a code by text or call, or the phone's authenticator app.

It opens device management for ten minutes, in the session that it was done in and in no
other. Whoever can't pass it any more loses the EPCS account, as the procedure warns.
"""

from typing import Final

from sqlalchemy import Connection

from hosttools.portal import accounts, auditlog, sessions
from hosttools.portal.accounts import Account, EpcsStatus
from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import authenticator, challenges, guard, phone, registration
from hosttools.portal.epcs.challenges import Answer, Purpose
from hosttools.portal.epcs.keeping import keeping
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.refserver.record import NS_PER_S

OPEN_S: Final = 600
"""How long device management stays open, seconds."""
_FOREVER_S: Final = sessions.LONGEST_S

GIVING_UP: Final = (
    "If you can no longer pass this, your EPCS account ends: your tokens can't be used, and"
    " you have to register again."
)
"""What is shown before :func:`give_up`."""


def send(portal: Portal, session: Session, channel: Channel) -> None:
    """Send a one-time code to the doctor's phone; the one before is worth nothing from now on.

    Args:
        portal: whose.
        session: the doctor's.
        channel: a text, or a call.

    Raises:
        Refusal: no doctor, not registered, or too many were sent.
    """
    with portal.db.write() as at:
        account = guard.registered(portal, at, session)
        phone.send_code(portal, at, account, Purpose.PROOF, channel)
        auditlog.append(portal, at, account.name, "proof sent", account.name, by=channel.value)


def submit(portal: Portal, session: Session, code: str) -> Session:
    """Open device management by the code that was sent.

    Args:
        portal: whose.
        session: the doctor's.
        code: as it was typed; spaces do not matter.

    Returns:
        The session, in which tokens can be managed now.

    Raises:
        Refusal: as :func:`send`, or the code was not accepted: nobody is told why.
    """
    with keeping(portal) as at:
        account = guard.registered(portal, at, session)
        found = challenges.answer(portal, at, account.name, {Purpose.PROOF: code})[Purpose.PROOF]
        if found is not Answer.RIGHT:
            auditlog.append(
                portal, at, account.name, "proof refused", account.name, said=found.value
            )
            raise Refusal(Why.WRONG_FACTOR, phone.CODE_REFUSED, f"the code is {found.value}")
        return _opened(portal, at, session, account, "phone")


def submit_app(portal: Portal, session: Session, code: str) -> Session:
    """Open device management by a code of the authenticator app; see :func:`submit`."""
    with keeping(portal) as at:
        account = guard.registered(portal, at, session)
        authenticator.check(portal, at, account, code)
        return _opened(portal, at, session, account, "app")


def give_up(portal: Portal, session: Session) -> None:
    """Say that one can't pass any more: the EPCS account is lost.

    The doctor's tokens stay what they are at the server, and nothing can be done with them
    until the doctor has registered again and was granted access by two people.

    Raises:
        Refusal: no doctor, or there is no EPCS account to lose.
    """
    with portal.db.write() as at:
        account = guard.registered(portal, at, session)
        accounts.set_epcs(portal, account.name, EpcsStatus.LOST, actor=account.name)
        registration.forget(at, account.name)
        authenticator.forget(portal, at, account.name, portal.clock.now_ns())
        challenges.withdraw(at, account.name)
        sessions.disprove(at, account)
        auditlog.append(portal, at, account.name, "epcs lost", account.name)


def _opened(portal: Portal, at: Connection, session: Session, account: Account, by: str) -> Session:
    open_s = _FOREVER_S if Bug.PROOF_FOREVER in portal.bugs else OPEN_S
    until_ns = portal.clock.now_ns() + open_s * NS_PER_S
    auditlog.append(portal, at, account.name, "proof passed", account.name, by=by)
    return sessions.prove(portal, session, until_ns)
