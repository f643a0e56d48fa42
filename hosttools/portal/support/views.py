"""What an operator finds: tokens, people, orders, mail, and the log. Nothing is changed.

What is due by the portal's clock has come before: a spare that arrived is in the list.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from emulator.clock import format_utc
from emulator.serverview import ServerView
from hosttools.portal import accounts, auditlog
from hosttools.portal.accounts import Account
from hosttools.portal.auditlog import Entry
from hosttools.portal.epcs import authenticator
from hosttools.portal.sessions import Session
from hosttools.portal.spares import book, shipping
from hosttools.portal.spares.book import Order
from hosttools.portal.spares.post import MailKind
from hosttools.portal.spares.tables import mail as mail_table
from hosttools.portal.spares.tables import spare_order
from hosttools.portal.support import guard
from hosttools.portal.support.distance import Distance, distance_of
from hosttools.refserver import Act, Record
from hosttools.refserver.history import Happened, history_of
from hosttools.refserver.lifecycle import TABLE, aged
from hosttools.refserver.view import server_view

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

MOST: Final = 200
"""Rows in one answer."""
_LOOK_BACK: Final = 200
"""So many acts of a token are looked at to find its last code, in a list."""
_HISTORY: Final = 10_000
_ACTS: Final = frozenset(
    act.value for act in (Act.ASSIGN, Act.UNLOCK, Act.RESET, Act.REVOKE, Act.REPLACE, Act.EXPIRE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token in a list.

    Attributes:
        serial: its serial number.
        type: event or time.
        status: where it is in its life.
        holder: whose it is, an account; empty: nobody's.
        distance: how far it is off.
        failures: refused codes in a row.
        resync_failures: refused pairs in a row.
    """

    serial: str
    type: str
    status: str
    holder: str
    distance: Distance
    failures: int
    resync_failures: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "serial": self.serial,
            "type": self.type,
            "status": self.status,
            "holder": self.holder or None,
            "distance": self.distance.as_dict(),
            "failures": self.failures,
            "resync_failures": self.resync_failures,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """All that is known of a token but its secret.

    Attributes:
        row: what a list has of it.
        view: where the server is, and how far it looks: what a gauge shows.
        throttled_until_ns: no code is looked at before, ns since 1970, UTC; 0: none waits.
        expires_ns: not to be used after; ``None``: it has no end.
        replaced_by: what is in its place; empty: nothing.
        order_id: the order that it came by; ``None``: none.
        policy: name of the policy that it is treated by.
        possible: what its status allows an operator to do.
        history: what happened to it, oldest first.
    """

    row: TokenRow
    view: ServerView
    throttled_until_ns: int
    expires_ns: int | None
    replaced_by: str
    order_id: int | None
    policy: str
    possible: tuple[str, ...]
    history: tuple[Happened, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return self.row.as_dict() | {
            "view": self.view.to_mapping(),
            "throttled_until_ns": self.throttled_until_ns,
            "expires": None if self.expires_ns is None else format_utc(self.expires_ns),
            "replaced_by": self.replaced_by or None,
            "order": self.order_id,
            "policy": self.policy,
            "possible": list(self.possible),
            "history": [event.as_dict() for event in self.history],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A piece of somebody's mail from outside: an operator does not read it.

    Attributes:
        id: its number.
        at_ns: when it came, ns since 1970, UTC.
        kind: how.
        subject: what it is about.
        read: whether it was opened.
    """

    id: int
    at_ns: int
    kind: MailKind
    subject: str
    read: bool

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "id": self.id,
            "at": format_utc(self.at_ns),
            "kind": self.kind.value,
            "subject": self.subject,
            "read": self.read,
        }


def tokens(
    portal: "Portal", session: Session, find: str = "", after: str = "", limit: int = 50
) -> tuple[TokenRow, ...]:
    """Find tokens.

    Args:
        portal: whose.
        session: the operator's.
        find: a part of a serial number or of an account's name; empty: all.
        after: only serial numbers that come after this one.
        limit: at most so many, up to :data:`MOST`.

    Raises:
        Refusal: not the support desk.
    """
    guard.operator(session)
    shipping.advance(portal)
    serial, name = "".join(find.replace("-", "").split()).upper(), find.strip().lower()
    with portal.db.read():
        found = [
            record
            for record in portal.tokens.list(after if after.isprintable() else "")
            if not authenticator.is_app(record.serial)
            and (serial in record.serial or name in record.holder.lower())
        ]
        return tuple(_row(portal, record) for record in found[: min(limit, MOST)])


def token(portal: "Portal", session: Session, serial: str) -> TokenView:
    """Tell all of a token but its secret.

    Raises:
        Refusal: not the support desk, or no such token.
    """
    guard.operator(session)
    shipping.advance(portal)
    now_ns = portal.clock.now_ns()
    with portal.db.read() as at, guard.refusing():
        record = aged(portal.tokens.get(serial), now_ns)
        past = history_of(portal.tokens, serial, _HISTORY)
        ordered = book.select_orders(at, spare_order.c.serial == record.serial)
        return TokenView(
            row=_row(portal, record),
            view=server_view(record, portal.tokens.policy, now_ns, name="EPCS portal"),
            throttled_until_ns=record.throttled_until_ns if record.throttled(now_ns) else 0,
            expires_ns=record.expires_ns,
            replaced_by=record.replaced_by,
            order_id=ordered[0].id if ordered else None,
            policy=portal.policy_name,
            possible=tuple(t.value for t in TABLE[record.status] if t.value in _ACTS),
            history=past.events,
        )


def people(portal: "Portal", session: Session, find: str = "") -> tuple[Account, ...]:
    """Find accounts by a part of their name, full name, practice or e-mail.

    Raises:
        Refusal: not the support desk.
    """
    guard.operator(session)
    wanted = find.strip().lower()
    return tuple(
        account
        for account in accounts.list_all(portal)
        if any(
            wanted in text.lower()
            for text in (account.name, account.full_name, account.practice, account.email)
        )
    )[:MOST]


def orders(portal: "Portal", session: Session, account: str = "") -> tuple[Order, ...]:
    """Return orders, newest first.

    Args:
        portal: whose.
        session: the operator's.
        account: whose orders; empty: everybody's.

    Raises:
        Refusal: not the support desk, or no such account.
    """
    guard.operator(session)
    shipping.advance(portal)
    name = accounts.find(portal, account).name if account else ""
    whose = (spare_order.c.account == name,) if name else ()
    with portal.db.read() as at:
        return book.select_orders(at, *whose)[::-1][:MOST]


def mail(portal: "Portal", session: Session, account: str) -> tuple[Envelope, ...]:
    """Return somebody's mail from outside, newest first.

    Raises:
        Refusal: not the support desk, or no such account.
    """
    guard.operator(session)
    shipping.advance(portal)
    name = accounts.find(portal, account).name
    theirs = select(mail_table).where(mail_table.c.account == name)
    newest = theirs.order_by(mail_table.c.at_ns.desc(), mail_table.c.id.desc()).limit(MOST)
    with portal.db.read() as at:
        rows = at.execute(newest).all()
    return tuple(
        Envelope(
            id=row.id,
            at_ns=row.at_ns,
            kind=MailKind(row.kind),
            subject=row.subject,
            read=row.read_ns is not None,
        )
        for row in rows
    )


def log(
    portal: "Portal",
    session: Session,
    subject: str | None = None,
    limit: int = 100,
    after: int = 0,
) -> tuple[Entry, ...]:
    """Return the last entries of the log, oldest first; see :func:`auditlog.entries`.

    Raises:
        Refusal: not the support desk.
    """
    guard.operator(session)
    return auditlog.entries(portal, subject, min(limit, MOST), after)


def _row(portal: "Portal", record: Record) -> TokenRow:
    record = aged(record, portal.clock.now_ns())
    seen = portal.tokens.audit(record.serial, _LOOK_BACK)
    return TokenRow(
        serial=record.serial,
        type=record.token_type.value,
        status=record.status.value,
        holder=record.holder,
        distance=distance_of(seen, record.token_type, portal.tokens.policy),
        failures=record.failures,
        resync_failures=record.resync_failures,
    )
