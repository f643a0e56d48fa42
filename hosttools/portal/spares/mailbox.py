"""A practice's mail: what somebody with a mailbox reads, and how others write to it."""

import dataclasses
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, select, update

from hosttools.portal.spares import post, shipping
from hosttools.portal.spares.post import Mail, MailKind
from hosttools.portal.spares.tables import mail

if TYPE_CHECKING:
    from hosttools.portal.accounts import Account
    from hosttools.portal.desk import Portal
    from hosttools.portal.sessions import Session

PORTAL: Final = "EPCS Portal (practice)"
"""Who writes what the portal itself writes."""


def letter(portal: "Portal", at: Connection, account: "Account", subject: str, body: str) -> None:
    """Send somebody a letter on paper: the second channel of a registration, for instance.

    Args:
        portal: by whose clock it comes, at once.
        at: the change that it is a part of.
        account: whose mailbox it comes to.
        subject: what it is about.
        body: paragraphs, with an empty line between them. A code in it can be read by whoever
            opens the mailbox, as it can on paper; it must be good for once only.
    """
    post.put(
        at,
        account.name,
        MailKind.LETTER,
        at_ns=portal.clock.now_ns(),
        sender=PORTAL,
        subject=subject,
        body=body,
    )


def messages(portal: "Portal", session: "Session") -> tuple[Mail, ...]:
    """Return what came by mail, newest first, after whatever is due has come."""
    shipping.advance(portal)
    mine = select(mail).where(mail.c.account == session.account.name)
    with portal.db.read() as at:
        rows = at.execute(mine.order_by(mail.c.at_ns.desc(), mail.c.id.desc())).all()
    return tuple(post.mail_of(row) for row in rows)


def read(portal: "Portal", session: "Session", mail_id: int) -> Mail:
    """Open one piece of mail, which is read from now on.

    Raises:
        Refusal: there is none of this number, or it is somebody else's.
    """
    with portal.db.write() as at:
        known = post.load(at, mail_id, session.account.name)
        if known.read_ns is not None:
            return known
        opened = dataclasses.replace(known, read_ns=portal.clock.now_ns())
        this = update(mail).where(mail.c.id == known.id)
        at.execute(this.values(read_ns=opened.read_ns))
    return opened
