"""One entry of the audit log: what it says, and what of it is signed.

The encoding is one for all time: an entry that was signed is to be verified by every later
release.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row

from emulator.clock import format_utc
from hosttools.errors import StateError
from hosttools.portal.tables import log

Fact = str | int | bool | None

NOTHING: Final = "0" * 64
"""The digest before the first entry."""


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


def entry_of(row: Row[Any]) -> Entry:
    """Read a row, which may have more columns."""
    return Entry(**{column.name: row._mapping[column.name] for column in COLUMNS})  # noqa: SLF001  # SQLAlchemy's public name for it


def canonical(facts: Mapping[str, Fact]) -> str:
    """Return facts as an entry has them: one text for the same facts."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))


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


COLUMNS: Final = tuple(column for column in log.c if column.name != "signature")
"""Those of the table that an entry has."""
