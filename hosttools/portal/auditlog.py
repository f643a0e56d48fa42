"""What happened, entry by entry, so that nobody can change it unseen.

Each entry holds the digest of the one before and is signed; the head, which is signed too,
says how many there are. What is in the log has neither digits of codes nor secrets. Entries
are added, never changed; :mod:`hosttools.portal.logproof` finds out if one was.
"""

import dataclasses
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, select, update

from hosttools.portal.logentry import (
    COLUMNS,
    NOTHING,
    Entry,
    Fact,
    canonical,
    digest_of,
    entry_bytes,
    entry_of,
    head_bytes,
)
from hosttools.portal.logproof import Anchor, Findings, anchor, verify
from hosttools.portal.tables import log, log_head

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

__all__ = ["Anchor", "Entry", "Findings", "anchor", "append", "entries", "verify"]

MAX_TEXT: Final = 200
_FORBIDDEN: Final = frozenset({"code", "code1", "code2", "password", "pin", "secret", "seed"})


def append(
    portal: "Portal", at: Connection, actor: str, act: str, subject: str = "", **facts: Fact
) -> Entry:
    """Add an entry, as a part of the change that it tells of.

    Args:
        portal: whose log.
        at: the change.
        actor: who does it: an account's name, or ``portal``.
        act: what is done.
        subject: to what or whom.
        facts: what else is known; never digits or secrets. Texts are cut after
            :data:`MAX_TEXT` characters, and what can't be shown is escaped.

    Raises:
        ValueError: a fact has the name of a secret.
    """
    if _FORBIDDEN & facts.keys():
        raise ValueError(f"no place for a secret: {', '.join(sorted(_FORBIDDEN & facts.keys()))}")
    head = at.execute(select(log_head.c.number, log_head.c.digest)).one_or_none()
    number, previous = (0, NOTHING) if head is None else head
    plain = {name: _plain(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    blank = Entry(
        number=number + 1,
        at_ns=portal.clock.now_ns(),
        actor=_plain(actor),
        act=_plain(act),
        subject=_plain(subject),
        facts=canonical(plain),
        previous=previous,
        digest="",
    )
    entry = dataclasses.replace(blank, digest=digest_of(blank))
    signature = portal.signer.sign(entry_bytes(entry.digest))
    at.execute(insert(log).values(**dataclasses.asdict(entry), signature=signature))
    fields = {
        "number": entry.number,
        "digest": entry.digest,
        "signature": portal.signer.sign(head_bytes(entry.number, entry.digest)),
    }
    at.execute(
        insert(log_head).values(id=1, **fields) if head is None else update(log_head).values(fields)
    )
    return entry


def entries(
    portal: "Portal", subject: str | None = None, limit: int = 100, after: int = 0
) -> tuple[Entry, ...]:
    """Return the last entries, oldest first.

    Args:
        portal: whose log.
        subject: only those about this.
        limit: at most so many.
        after: only those with a higher number.
    """
    wanted = select(*COLUMNS).where(log.c.number > after)
    if subject is not None:
        wanted = wanted.where(log.c.subject == _plain(subject))
    with portal.db.read() as at:
        rows = at.execute(wanted.order_by(log.c.number.desc()).limit(limit)).all()
    return tuple(entry_of(row) for row in reversed(rows))


def _plain(text: str) -> str:
    """Return a text as the log keeps it: what others typed may be anything."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= MAX_TEXT else f"{shown[: MAX_TEXT - 1]}…"
