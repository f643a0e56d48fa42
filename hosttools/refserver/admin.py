"""What an operator does to a record, as pure functions."""

import dataclasses

from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Act, Kind, Verdict


def unlock(record: Record) -> tuple[Record, Verdict]:
    """Forget all refusals of a token; a locked one becomes active. Revoked stays revoked.

    Neither counter nor drift moves.
    """
    if record.status is Status.REVOKED:
        return record, _verdict(Act.UNLOCK, Kind.REVOKED, record)
    after = dataclasses.replace(
        record,
        status=Status.ACTIVE if record.status is Status.LOCKED else record.status,
        failures=0,
        resync_failures=0,
        throttled_until_ns=0,
        form_mark="",
    )
    return after, _verdict(Act.UNLOCK, Kind.UNLOCKED, after)


def revoke(record: Record) -> tuple[Record, Verdict]:
    """Take a token out of use for good. Revoking it again changes nothing."""
    after = dataclasses.replace(record, status=Status.REVOKED)
    return after, _verdict(Act.REVOKE, Kind.REVOKED, after)


def _verdict(act: Act, kind: Kind, record: Record) -> Verdict:
    return Verdict(
        act=act,
        kind=kind,
        serial=record.serial,
        token_type=record.token_type,
        status=record.status,
        expected=record.next_factor,
    )
