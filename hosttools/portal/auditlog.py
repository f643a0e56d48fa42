"""What happened, entry by entry, so that nobody can change it unseen.

Each entry holds the digest of the one before and is signed; the head, which is signed too,
says how many there are. What is in the log has neither digits of codes nor secrets. Entries
are added, never changed; :mod:`hosttools.portal.logproof` finds out if one was.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from emulator.clock import format_utc
from hosttools.errors import StateError
from hosttools.portal.tables import log, log_head

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

Fact = str | int | bool | None

MAX_TEXT: Final = 200
NOTHING: Final = "0" * 64
"""The digest before the first entry."""
_FORBIDDEN: Final = frozenset({"code", "code1", "code2", "password", "pin", "secret", "seed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, as it is kept.

    Attributes:
        number: 1, 2, 3 …, without a gap.
        at_ns: portal time, ns since 1970, UTC.
        actor: who did it, an account's name; ``portal`` for what nobody did.
        act: what.
        subject: to what or whom: a serial number, an account, an order.
        facts: what else is known, in canonical JSON.
        previous: digest of the entry before.
        digest: SHA-256 of all above, in hex.
    """

    number: int
    at_ns: int
    actor: str
    act: str
    subject: str
    facts: str
    previous: str
    digest: str

    def told(self) -> dict[str, Fact]:
        """Return the facts as they were given.

        Raises:
            StateError: they were damaged.
        """
        try:
            found = json.loads(self.facts)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise StateError(f"entry {self.number} of the audit log is damaged; verify the log")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "number": self.number,
            "at": format_utc(self.at_ns),
            "actor": self.actor,
            "act": self.act,
            "subject": self.subject,
            "facts": self.told(),
            "digest": self.digest,
        }


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
        facts=json.dumps(plain, sort_keys=True, separators=(",", ":")),
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
    wanted = select(*_COLUMNS).where(log.c.number > after)
    if subject is not None:
        wanted = wanted.where(log.c.subject == subject)
    with portal.db.read() as at:
        rows = at.execute(wanted.order_by(log.c.number.desc()).limit(limit)).all()
    return tuple(entry_of(row) for row in reversed(rows))


def entry_of(row: Row[Any]) -> Entry:
    """Read a row, which may have more columns."""
    return Entry(**{column.name: row._mapping[column.name] for column in _COLUMNS})  # noqa: SLF001  # SQLAlchemy's public name for it


def digest_of(entry: Entry) -> str:
    """Return the digest of what an entry says, in hex: SHA-256 of a JSON array in ASCII."""
    parts = ("galh log 1", *dataclasses.astuple(entry)[:-1])  # all but the digest
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def entry_bytes(digest: str) -> bytes:
    """Return what the signature of an entry is of."""
    return f"galh log entry 1 {digest}".encode()


def head_bytes(number: int, digest: str) -> bytes:
    """Return what the signature of the head is of."""
    return f"galh log head 1 {number} {digest}".encode()


_COLUMNS: Final = tuple(column for column in log.c if column.name != "signature")


def _plain(text: str) -> str:
    """Return a text as the log keeps it: what others typed may be anything."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= MAX_TEXT else f"{shown[: MAX_TEXT - 1]}…"
