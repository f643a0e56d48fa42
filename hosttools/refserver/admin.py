"""What an operator does to a record, as pure functions.

Each returns the record to keep from now on, and the verdict. What the table of
:mod:`hosttools.refserver.lifecycle` does not have is refused by the verdict, and the record
stays as it is. Whether a token's time is over is for the caller to look at first
(:func:`hosttools.refserver.lifecycle.aged`).
"""

import dataclasses
from typing import Final

from hosttools.errors import ConflictError
from hosttools.refserver.lifecycle import OUT_OF_USE, TABLE, TERMINAL, Trigger, note_of
from hosttools.refserver.record import Record, Status, name_of, serial_of
from hosttools.refserver.verdict import Act, Kind, Verdict

_ACTS: Final = frozenset(act.value for act in Act)


def enrol(record: Record) -> tuple[Record, Verdict]:
    """Take in a token that is in somebody's hands; it may be active on another server already."""
    return record, _verdict(Act.ENROL, Kind.ENROLLED, record)


def order(record: Record) -> tuple[Record, Verdict]:
    """Take in a token that is being made: it is nobody's, whatever the record says."""
    to = TABLE[None][Trigger.ORDER]
    after = dataclasses.replace(record, status=to, holder="")
    return after, _verdict(Act.ORDER, Kind.ORDERED, after)


def ship(record: Record) -> tuple[Record, Verdict]:
    """Send an ordered token on its way."""
    return _move(Act.SHIP, Kind.SHIPPED, record)


def assign(record: Record, holder: str) -> tuple[Record, Verdict]:
    """Give a shipped token to its holder; one that nobody has added yet, to another one.

    Raises:
        RecordError: no user can be called that.
    """
    name = name_of(holder, "a holder")
    after = dataclasses.replace(record, holder=name)
    return _move(Act.ASSIGN, Kind.ASSIGNED, record, after, note=name)


def unlock(record: Record) -> tuple[Record, Verdict]:
    """Forget all refusals of a token; a locked one becomes active.

    Neither counter nor drift moves.
    """
    after = dataclasses.replace(
        record, failures=0, resync_failures=0, throttled_until_ns=0, form_mark=""
    )
    return _move(Act.UNLOCK, Kind.UNLOCKED, record, after)


def revoke(record: Record) -> tuple[Record, Verdict]:
    """Take a token out of use for good. Revoking it again changes nothing."""
    if record.status is Status.REVOKED:
        return record, _verdict(Act.REVOKE, Kind.REVOKED, record)
    return _move(Act.REVOKE, Kind.REVOKED, record)


def replace(record: Record, by: str) -> tuple[Record, Verdict]:
    """Put another token in the place of one, which is out of use for good.

    The other gets nothing by it: it has its own life, and is assigned by itself. Doing it
    again with the same one changes nothing.

    Args:
        record: the old one.
        by: serial number of the new one.

    Raises:
        RecordError: no serial number, or its own (:class:`ConflictError`).
    """
    new = serial_of(by)
    if new == record.serial:
        raise ConflictError(f"token {new} can't be replaced by itself; name the new one")
    if record.status is Status.REPLACED:
        if record.replaced_by == new:
            return record, _verdict(Act.REPLACE, Kind.REPLACED, record)
        return record, _verdict(Act.REPLACE, Kind.NOT_ALLOWED, record, note="nothing")
    return _move(Act.REPLACE, Kind.REPLACED, record, dataclasses.replace(record, replaced_by=new))


def expire(record: Record, now_ns: int) -> tuple[Record, Verdict]:
    """End the time of a token now, for good. Doing it again changes nothing.

    Args:
        record: the token's.
        now_ns: server time, ns since 1970, UTC.
    """
    if record.status is Status.EXPIRED:
        return record, _verdict(Act.EXPIRE, Kind.EXPIRED, record)
    return _move(Act.EXPIRE, Kind.EXPIRED, record, dataclasses.replace(record, expires_ns=now_ns))


def _move(
    act: Act, kind: Kind, record: Record, changed: Record | None = None, *, note: str = ""
) -> tuple[Record, Verdict]:
    """Return ``changed`` with the status that the table has for an act, or the refusal."""
    to = TABLE[record.status].get(Trigger(act.value))
    if to is None:
        return record, _refusal(act, record)
    after = dataclasses.replace(changed or record, status=to)
    return after, _verdict(act, kind, after, note=note)


def _refusal(act: Act, record: Record) -> Verdict:
    if record.status in TERMINAL:
        return _verdict(act, OUT_OF_USE[record.status], record)
    possible = [trigger.value for trigger in TABLE[record.status] if trigger.value in _ACTS]
    return _verdict(act, Kind.NOT_ALLOWED, record, note=", ".join(possible))


def _verdict(act: Act, kind: Kind, record: Record, *, note: str = "") -> Verdict:
    return Verdict(
        act=act,
        kind=kind,
        serial=record.serial,
        token_type=record.token_type,
        status=record.status,
        expected=record.next_factor,
        note=note or note_of(record),
    )
