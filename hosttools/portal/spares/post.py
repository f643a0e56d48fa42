"""Mail as it is kept: who gets what, when, from whom. Plain text, and never a secret."""

import enum
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from emulator.clock import format_utc
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.spares.book import Order
from hosttools.portal.spares.tables import is_id, mail

SHOP: Final = "Token Orders (practice)"
"""Who sends what has to do with orders."""


class MailKind(enum.Enum):
    """How it came."""

    EMAIL = "e-mail"
    LETTER = "letter"
    PARCEL = "parcel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One piece of mail.

    Attributes:
        id: its number.
        account: whose it is.
        at_ns: when it came, ns since 1970, UTC.
        kind: how.
        sender: from whom.
        subject: what it is about.
        body: paragraphs, with an empty line between them.
        order_id: the order that it tells of; ``None``: of none.
        receipt: whether the order's receipt belongs to it.
        read_ns: when it was read; ``None``: not yet.
    """

    id: int
    account: str
    at_ns: int
    kind: MailKind
    sender: str
    subject: str
    body: str
    order_id: int | None
    receipt: bool
    read_ns: int | None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body, paragraph by paragraph."""
        return tuple(self.body.split("\n\n"))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "id": self.id,
            "at": format_utc(self.at_ns),
            "kind": self.kind.value,
            "sender": self.sender,
            "subject": self.subject,
            "body": self.body,
            "order": self.order_id,
            "receipt": self.receipt,
            "read": self.read_ns is not None,
        }


def put(
    at: Connection,
    account: str,
    kind: MailKind,
    *,
    at_ns: int,
    sender: str,
    subject: str,
    body: str,
    order_id: int | None = None,
    receipt: bool = False,
) -> None:
    """Put a piece of mail into somebody's mailbox, as a part of a change.

    Args:
        at: the change.
        account: whose mailbox.
        kind: how it comes.
        at_ns: when it came, ns since 1970, UTC: not now, if time was jumped over.
        sender: from whom.
        subject: what it is about.
        body: paragraphs, with an empty line between them.
        order_id: the order that it tells of.
        receipt: whether the order's receipt belongs to it.
    """
    at.execute(
        insert(mail).values(
            account=account,
            at_ns=at_ns,
            kind=kind.value,
            sender=sender,
            subject=subject,
            body=body,
            order_id=order_id,
            receipt=receipt,
        )
    )


def about(
    at: Connection,
    order: Order,
    kind: MailKind,
    *,
    at_ns: int,
    subject: str,
    body: str,
    receipt: bool = False,
) -> None:
    """Write to whoever ordered, from the shop; arguments as of :func:`put`."""
    put(
        at,
        order.account,
        kind,
        at_ns=at_ns,
        sender=SHOP,
        subject=subject,
        body=body,
        order_id=order.id,
        receipt=receipt,
    )


def load(at: Connection, mail_id: int, account: str | None = None) -> Mail:
    """Return a piece of mail.

    Args:
        at: the change, or the reading.
        mail_id: its number.
        account: whose it has to be; ``None``: anybody's.

    Raises:
        Refusal: there is none, or it is somebody else's; nobody is told which.
    """
    wanted = select(mail).where(mail.c.id == mail_id)
    if account is not None:
        wanted = wanted.where(mail.c.account == account)
    row = at.execute(wanted).one_or_none() if is_id(mail_id) else None
    if row is None:
        raise Refusal(Why.NOT_FOUND, f"There is no mail {mail_id} here.")
    return mail_of(row)


def mail_of(row: Row[Any]) -> Mail:
    """Read a row of the table."""
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    return Mail(**values | {"kind": MailKind(values["kind"])})
