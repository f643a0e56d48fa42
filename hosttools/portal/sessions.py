"""Who is logged in: sessions, kept as hashes of what the browser holds.

A session ends when it was idle for too long, when it is too old, when its account logs out
everywhere, and when the portal's clock is before what it has seen.
"""

import dataclasses
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from hosttools.portal import accounts, auditlog, limits
from hosttools.portal.accounts import Account
from hosttools.portal.bugs import Bug
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.tables import account as account_table
from hosttools.portal.tables import session as session_table

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

_NS: Final = 1_000_000_000
TOKEN_BYTES: Final = 32
IDLE_S: Final = 30 * 60
LONGEST_S: Final = 12 * 3600
SEEN_S: Final = 60
"""How exactly a session's last use is kept: not every page view writes."""
LOGINS: Final = 10
"""Failures of one name,"""
CLIENT_LOGINS: Final = 100
"""and of one address, within"""
LOGIN_S: Final = 300
"""this time."""
_ENDED: Final = "Log in first. A session that is not used ends by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody logged in.

    Attributes:
        id_digest: SHA-256 of the token that the browser holds, in hex.
        account: who; as of when the session was found.
        csrf: what a form of this session must bring with it.
        opened_ns: portal time of the login, ns since 1970, UTC.
        proven_until_ns: device management is open until then; 0: it is not.
    """

    id_digest: str = field(repr=False)
    account: Account
    csrf: str = field(repr=False)
    opened_ns: int
    proven_until_ns: int

    def proven(self, now_ns: int) -> bool:
        """Return whether device management is open."""
        return now_ns < self.proven_until_ns


def log_in(
    portal: "Portal", name: str, password: str, *, client: str = "", former: str = ""
) -> tuple[str, Session]:
    """Open a session.

    Args:
        portal: where.
        name: as typed.
        password: as typed.
        client: where from, such as an address; logins are counted for each.
        former: the token that the browser had, if any: it is of no use any more.

    Returns:
        The token for the browser, which is kept nowhere, and the session.

    Raises:
        Refusal: WRONG_LOGIN, which never says what is wrong, or TOO_MANY.
    """
    wanted = accounts.name_of(name)
    keys = (_login_key(wanted), f"login from {client}")
    with portal.db.write() as at:
        limits.take(portal, at, keys[0], most=LOGINS, within_s=LOGIN_S)
        limits.take(portal, at, keys[1], most=CLIENT_LOGINS, within_s=LOGIN_S)
    right = accounts.check_login(portal, wanted, password)
    with portal.db.write() as at:
        account = accounts.usable(at, wanted) if right else None
        if account is not None:
            limits.clear(at, keys[0])
            limits.give_back(at, keys[1])
            token, session = _open(portal, at, account, former)
            auditlog.append(portal, at, session.account.name, "login", session.account.name)
            return token, session
        # What is no account's name may be a password, typed into the wrong field.
        subject = wanted if accounts.is_known(at, wanted) else ""
        auditlog.append(portal, at, "portal", "login refused", subject, client=client)
    reason = f"{subject}: disabled, or a wrong password" if subject else "no account of this name"
    user = "Name or password is not right."
    if Bug.USER_ENUMERATION in portal.bugs and not subject:
        user = "There is no account of this name."
    raise Refusal(Why.WRONG_LOGIN, user, reason)


def allow_again(at: Connection, account: Account) -> None:
    """Forget the log-ins of an account that failed."""
    limits.clear(at, _login_key(account.name))


def find(portal: "Portal", token: str | None) -> Session | None:
    """Return the session of a browser's token; ``None``: there is none, or it is over.

    It counts as use of the session.
    """
    if not token:
        return None
    now_ns = portal.clock.now_ns()
    with portal.db.read() as at:
        row = at.execute(
            select(session_table, account_table)
            .join(account_table, session_table.c.account == account_table.c.name)
            .where(session_table.c.digest == _digest(token))
        ).one_or_none()
    if row is None or row.disabled or not _lives(row.opened_ns, row.seen_ns, now_ns):
        return None
    if now_ns - row.seen_ns >= SEEN_S * _NS:
        with portal.db.write() as at:
            at.execute(
                update(session_table)
                .where(session_table.c.digest == row.digest)
                .values(seen_ns=now_ns)
            )
    return Session(
        id_digest=row.digest,
        account=accounts.account_of(row),
        csrf=_csrf(token),
        opened_ns=row.opened_ns,
        proven_until_ns=row.proven_until_ns,
    )


def current(at: Connection, session: Session) -> Account:
    """Return whose session it is, as they are at this moment.

    What :class:`Session` says may be of a while ago: an account that was disabled, or a
    session that was ended meanwhile, does nothing any more.

    Raises:
        Refusal: NOT_LOGGED_IN.
    """
    row = at.execute(
        select(account_table)
        .join(session_table, session_table.c.account == account_table.c.name)
        .where(session_table.c.digest == session.id_digest)
    ).one_or_none()
    if row is None or row.disabled:
        raise Refusal(Why.NOT_LOGGED_IN, _ENDED, f"a session of {session.account.name} has ended")
    return accounts.account_of(row)


def require(portal: "Portal", token: str | None) -> Session:
    """Return the session of a browser's token.

    Raises:
        Refusal: NOT_LOGGED_IN.
    """
    session = find(portal, token)
    if session is None:
        raise Refusal(Why.NOT_LOGGED_IN, _ENDED)
    return session


def log_out(portal: "Portal", session: Session) -> None:
    """End a session."""
    with portal.db.write() as at:
        at.execute(delete(session_table).where(session_table.c.digest == session.id_digest))
        auditlog.append(portal, at, session.account.name, "logout", session.account.name)


def log_out_everywhere(portal: "Portal", session: Session) -> None:
    """End all sessions of an account, this one too."""
    with portal.db.write() as at:
        accounts.end_sessions(at, session.account)
        auditlog.append(portal, at, session.account.name, "logout everywhere", session.account.name)


def change_password(portal: "Portal", session: Session, old: str, new: str) -> None:
    """Change one's own password; all other sessions of the account end.

    Raises:
        Refusal: WRONG_FACTOR, if the old one is wrong; TOO_MANY.
        UsageError: the new one can't be.
    """
    account = session.account
    key = f"password of {account.name}"
    with portal.db.write() as at:
        limits.take(portal, at, key, most=LOGINS, within_s=LOGIN_S)
    if not accounts.check_password(portal, account, old):
        with portal.db.write() as at:
            auditlog.append(portal, at, account.name, "password change refused", account.name)
        raise Refusal(Why.WRONG_FACTOR, "That is not your password.")
    accounts.set_password(portal, account.name, new, actor=account.name, keep=session.id_digest)
    with portal.db.write() as at:
        limits.clear(at, key)


def prove(portal: "Portal", session: Session, until_ns: int) -> Session:
    """Open device management for a session; whether that may be is for the caller to know.

    Args:
        portal: where.
        session: whose.
        until_ns: portal time.
    """
    with portal.db.write() as at:
        at.execute(
            update(session_table)
            .where(session_table.c.digest == session.id_digest)
            .values(proven_until_ns=until_ns)
        )
    return dataclasses.replace(session, proven_until_ns=until_ns)


def disprove(at: Connection, account: Account) -> None:
    """Close device management in all sessions of an account."""
    mine = session_table.c.account == account.name
    at.execute(update(session_table).where(mine).values(proven_until_ns=0))


def is_proven(at: Connection, session: Session, now_ns: int) -> bool:
    """Return whether device management is open for a session at this moment.

    What :class:`Session` says may be of a while ago.
    """
    until_ns = select(session_table.c.proven_until_ns).where(
        session_table.c.digest == session.id_digest
    )
    return now_ns < (at.execute(until_ns).scalar_one_or_none() or 0)


def _open(portal: "Portal", at: Connection, account: Account, former: str) -> tuple[str, Session]:
    now_ns = portal.clock.now_ns()
    over = or_(
        session_table.c.digest == _digest(former),
        session_table.c.seen_ns < now_ns - IDLE_S * _NS,
        session_table.c.opened_ns < now_ns - LONGEST_S * _NS,
    )
    at.execute(delete(session_table).where(over))
    token = portal.draws.token(TOKEN_BYTES)
    session = Session(
        id_digest=_digest(token),
        account=account,
        csrf=_csrf(token),
        opened_ns=now_ns,
        proven_until_ns=0,
    )
    at.execute(
        insert(session_table).values(
            digest=session.id_digest,
            account=account.name,
            opened_ns=now_ns,
            seen_ns=now_ns,
            proven_until_ns=0,
        )
    )
    return token, session


def _lives(opened_ns: int, seen_ns: int, now_ns: int) -> bool:
    # A host's clock is set back by moments now and then; by more, it is another time.
    idle_ns, age_ns = now_ns - seen_ns, now_ns - opened_ns
    return -SEEN_S * _NS <= idle_ns < IDLE_S * _NS and age_ns < LONGEST_S * _NS


def _login_key(name: str) -> str:
    # Any text may be typed as a name: its hash is as long as any other's.
    return f"login {_digest(name)}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _csrf(token: str) -> str:
    """Return what only who has the token can know, and what does not lead back to it."""
    return hmac.digest(token.encode("utf-8", "surrogatepass"), b"galh csrf 1", "sha256").hex()
