"""What happened to a token, for people: each act once, what repeats itself in one line.

Made of the audit, which has neither digits nor secrets.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.clock import format_utc
from hosttools.errors import UnknownTokenError
from hosttools.refserver.record import Record, serial_of
from hosttools.refserver.schema import AuditEntry
from hosttools.refserver.store import Store


@dataclass(frozen=True, slots=True)
class Happened:
    """One act, or several alike in a row that left the status as it was.

    Attributes:
        at_ns: server time of the first, ns since 1970, UTC.
        until_ns: of the last.
        times: how many.
        actor: who did it; empty: the holder, whose name the server does not know.
        act: what was asked.
        kind: what became of it.
        before: the status before; ``None``: the server did not know the token, or an older
            release did not keep it.
        status: the status afterwards.
        said: what an operator reads of the last.
    """

    at_ns: int
    until_ns: int
    times: int
    actor: str
    act: str
    kind: str
    before: str | None
    status: str
    said: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "at": format_utc(self.at_ns),
            "until": format_utc(self.until_ns),
            "times": self.times,
            "actor": self.actor,
            "act": self.act,
            "kind": self.kind,
            "from": self.before,
            "to": self.status,
            "said": self.said,
        }


@dataclass(frozen=True, slots=True)
class History:
    """A token's past.

    Attributes:
        serial: its serial number.
        record: what the server knows of it now; ``None``: it was removed.
        events: what happened, oldest first.
    """

    serial: str
    record: Record | None
    events: tuple[Happened, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        record = self.record
        ends = None if record is None or record.expires_ns is None else record.expires_ns
        return {
            "serial": self.serial,
            "status": None if record is None else record.status.value,
            "holder": None if record is None else record.holder or None,
            "expires": None if ends is None else format_utc(ends),
            "replaced_by": None if record is None else record.replaced_by or None,
            "events": [event.as_dict() for event in self.events],
        }


def history_of(store: Store, serial: str, limit: int) -> History:
    """Return what a store knows of a token's past.

    Args:
        store: the server's tokens.
        serial: which token; one that was removed still has a past.
        limit: the last so many acts are looked at.

    Raises:
        UnknownTokenError: it never was on this server.
        RecordError, UsageError, StateError, BusyError: as of a store.
    """
    entries = store.audit(serial, limit)
    try:
        record = store.get(serial)
    except UnknownTokenError:
        if not entries:
            raise
        record = None
    return History(serial_of(serial), record, summarise(entries))


def summarise(entries: Iterable[AuditEntry]) -> tuple[Happened, ...]:
    """Return a token's audit with what repeats itself in one.

    Args:
        entries: of one token, oldest first.
    """
    found: list[Happened] = []
    for entry in entries:
        one = Happened(
            at_ns=entry.at_ns,
            until_ns=entry.at_ns,
            times=1,
            actor=entry.actor,
            act=entry.act,
            kind=entry.kind,
            before=entry.before,
            status=entry.status,
            said=entry.said or entry.kind.replace("_", " "),
        )
        if found and _alike(found[-1], one):
            one = dataclasses.replace(one, at_ns=found[-1].at_ns, times=found[-1].times + 1)
            found.pop()
        found.append(one)
    return tuple(found)


def _alike(one: Happened, other: Happened) -> bool:
    def key(event: Happened) -> tuple[object, ...]:
        return event.actor, event.act, event.kind, event.before, event.status

    return key(one) == key(other) and one.before == one.status
