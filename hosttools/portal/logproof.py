"""Whether the audit log is what was written, and if not, which entry is wrong, and how.

Whoever has the database has the key that is in it, and could write another log. An
:class:`Anchor` that was taken out before and kept elsewhere finds that too.
"""

import dataclasses
import enum
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import Connection, select

from hosttools.errors import StateError, UsageError
from hosttools.portal.logentry import (
    NOTHING,
    Entry,
    digest_of,
    entry_bytes,
    entry_of,
    head_bytes,
)
from hosttools.portal.signer import fingerprint, verified
from hosttools.portal.tables import log, log_head

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

_FORMAT: Final = 1


class Wrong(enum.Enum):
    """What can be wrong with a log."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    FORGED = "forged"
    FORKED = "forked"
    HEAD = "head"
    ANCHOR = "anchor"
    SIGNED = "signed"
    """The log is whole; what was signed is not: see :mod:`hosttools.portal.inspection`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where a log was at some time, signed: to be kept where whoever has the log can't go.

    Attributes:
        number: how many entries there were.
        digest: of the last.
        public_key: the portal's, 32 bytes in hex.
        signature: of number and digest, 64 bytes in hex.
    """

    number: int
    digest: str
    public_key: str
    signature: str

    @property
    def key(self) -> str:
        """The key's fingerprint."""
        return fingerprint(bytes.fromhex(self.public_key))

    def as_text(self) -> str:
        """Return it as a file has it."""
        return json.dumps({"galh_anchor": _FORMAT, **dataclasses.asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a file.

        Raises:
            UsageError: it is no anchor, or not one that its own key signed.
        """
        try:
            found = json.loads(text)
            if not isinstance(found, dict) or found.pop("galh_anchor", None) != _FORMAT:
                raise ValueError  # noqa: TRY301  # one message for all that can be wrong
            anchor = cls(**found)
            sound = anchor.sound()
        except (ValueError, TypeError, RecursionError):
            sound = False
        if not sound:
            raise UsageError(
                "no anchor of an audit log, or one that was changed; galh portal audit anchor"
                " writes one"
            )
        return anchor

    def sound(self) -> bool:
        """Return whether it is signed by the key that it names.

        Raises:
            ValueError, TypeError: a field can't be.
        """
        key, signature = bytes.fromhex(self.public_key), bytes.fromhex(self.signature)
        whole = isinstance(self.number, int) and isinstance(self.digest, str)
        return whole and verified(key, signature, head_bytes(self.number, self.digest))


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is kept, and its signature. Of a log that was changed, it may be anything."""

    entry: Entry
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came of verifying a log.

    Attributes:
        entries: how many are as they were written, from the first on.
        wrong: what is wrong; ``None``: nothing.
        number: the first entry that is; ``None``: it is none of them.
        words: the same, for people.
    """

    entries: int
    wrong: Wrong | None = None
    number: int | None = None
    words: str

    @property
    def ok(self) -> bool:
        """Whether the log is what was written."""
        return self.wrong is None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "wrong": None if self.wrong is None else self.wrong.value,
            "number": self.number,
            "words": self.words,
        }


def anchor(portal: "Portal") -> Anchor:
    """Return where a log is now.

    Raises:
        StateError: its head is missing or was changed; verify it.
    """
    with portal.db.read() as at:
        head = at.execute(select(log_head)).first()
    if head is None:
        raise StateError("the audit log has no head; verify it")
    found = Anchor(
        number=head.number,
        digest=head.digest,
        public_key=portal.signer.public.hex(),
        signature=head.signature.hex(),
    )
    if not found.sound():
        raise StateError("the head of the audit log was changed; verify it")
    return found


def verify(portal: "Portal", against: Anchor | None = None) -> Findings:
    """Verify a log from its first entry to its head.

    Args:
        portal: whose log.
        against: where the log was before, if it is known; it must have come from there.
    """
    public = portal.signer.public
    with portal.db.read() as at:
        heads = [(row.number, row.digest, row.signature) for row in at.execute(select(log_head))]
        return verify_lines(_lines(at), heads, public, against)


def lines(portal: "Portal") -> tuple[Anchor, tuple[Line, ...]]:
    """Return where a log is now, and all of it: whoever has both can verify it elsewhere.

    Raises:
        StateError: as of :func:`anchor`.
    """
    with portal.db.read() as at:
        return anchor(portal), tuple(_lines(at))


def verify_lines(
    kept: Iterable[Line],
    heads: Sequence[tuple[int, str, bytes]],
    public: bytes,
    against: Anchor | None = None,
) -> Findings:
    """Verify a log, wherever it is kept.

    Args:
        kept: its entries, by number.
        heads: number, digest and signature of all heads that there are.
        public: the key that signed it.
        against: as of :func:`verify`.
    """
    if against is not None and bytes.fromhex(against.public_key) != public:
        return Findings(
            entries=0,
            wrong=Wrong.ANCHOR,
            words="the anchor is of another key: of another portal, or the log was written anew",
        )
    last, place, anchored = NOTHING, 0, against is None
    rest = iter(kept)
    for line in rest:
        found = _wrong(line, place + 1, last, public, rest)
        if found is not None:
            wrong, words = found
            return Findings(entries=place, wrong=wrong, number=place + 1, words=words)
        place, last = place + 1, line.entry.digest
        if against is not None and place == against.number:
            if last != against.digest:
                return Findings(
                    entries=0,
                    wrong=Wrong.ANCHOR,
                    number=place,
                    words=f"entry {place} is not the one that the anchor knows: the log was"
                    " written anew",
                )
            anchored = True
    findings = _at_head(heads, place, last, public)
    if findings.ok and not anchored and against is not None:
        return Findings(
            entries=place,
            wrong=Wrong.ANCHOR,
            number=place + 1,
            words=f"there are {place} entries, and the anchor knows of {against.number}: the end"
            " was removed, head and all",
        )
    return findings


def _lines(at: Connection) -> Iterator[Line]:
    for row in at.execute(select(log).order_by(log.c.number)):
        yield Line(entry_of(row), row.signature)


def _at_head(
    heads: Sequence[tuple[int, str, bytes]], place: int, last: str, public: bytes
) -> Findings:
    if len(heads) != 1:
        words = f"the log has {len(heads)} heads; it is one from the first entry on"
        return Findings(entries=place, wrong=Wrong.HEAD, words=words)
    [(number, digest, signature)] = heads
    if not _signed(public, signature, head_bytes(number, digest)):
        words = "the head, which says how many entries there are, is not the portal's"
        return Findings(entries=place, wrong=Wrong.HEAD, words=words)
    if number > place:
        words = f"{number} entries were written, and {place} are there: the end was removed"
        return Findings(entries=place, wrong=Wrong.REMOVED, number=place + 1, words=words)
    if number < place:
        words = f"{number} entries were written, and {place} are there"
        return Findings(entries=number, wrong=Wrong.INSERTED, number=number + 1, words=words)
    if digest != last:
        words = f"the head is of another entry {place}: of another copy of the log"
        return Findings(entries=place - 1, wrong=Wrong.FORKED, number=place, words=words)
    return Findings(entries=place, words=f"{place} entries, each as it was written")


def _wrong(
    line: Line, place: int, last: str, public: bytes, rest: Iterator[Line]
) -> tuple[Wrong, str] | None:
    """Return what is wrong with an entry, if anything.

    Args:
        line: as it is.
        place: which entry it is to be.
        last: digest of the one before.
        public: the portal's key.
        rest: those after it; consumed if something is wrong.
    """
    entry = line.entry
    if entry.number != place:
        if isinstance(entry.number, int) and entry.number > place:
            return Wrong.REMOVED, f"entry {place} is missing; the next is {entry.number}"
        return Wrong.INSERTED, f"there is an entry {entry.number!r}, which no log has"
    signed = _signed(public, line.signature, entry_bytes(entry.digest))
    if entry.digest != _digest(entry, place):
        return _elsewhere(entry, place, rest, signed=signed)
    if not signed:
        return Wrong.FORGED, f"entry {place} is not signed by the portal"
    if entry.previous != last:
        return Wrong.FORKED, f"entry {place} does not follow the one before it"
    return None


def _elsewhere(
    entry: Entry, place: int, rest: Iterator[Line], *, signed: bool
) -> tuple[Wrong, str]:
    """Return where an entry was before, if it was in the log at all; arguments as above."""
    following = next(rest, None)
    if following is not None and following.entry.digest == _digest(following.entry, place):
        return Wrong.INSERTED, f"entry {place} was inserted: the next one was entry {place}"
    if signed:
        after = place + 1 + sum(1 for _ in rest)
        for number in range(1, after + 2):
            if entry.digest == _digest(entry, number):
                return Wrong.MOVED, f"entry {place} holds what was entry {number}"
    return Wrong.CHANGED, f"entry {place} was changed after it was written"


def _digest(entry: Entry, number: int) -> str | None:
    """Return an entry's digest if it were at a place; ``None``: no entry is like that."""
    try:
        return digest_of(dataclasses.replace(entry, number=number))
    except TypeError:  # SQLite keeps anything in any column
        return None


def _signed(public: bytes, signature: object, data: bytes) -> bool:
    return isinstance(signature, bytes) and verified(public, signature, data)
