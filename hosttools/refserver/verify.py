"""One code against one record: the login path of the server, as a pure function.

A code is refused or accepted after its whole window was computed; only a
refusal then looks further, over ranges whose size the policy fixes. So the
time an answer takes says whether it was accepted, which the answer says too,
and nothing of how far off the code was.
"""

import dataclasses
from collections.abc import Mapping
from typing import Final

from firmware_model.profile import TokenType
from hosttools.refserver import windows
from hosttools.refserver.codes import Codes, complaint
from hosttools.refserver.lifecycle import OUT_OF_USE, TABLE, Trigger, aged, note_of
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Act, Kind, Verdict


def verify(record: Record, policy: Policy, code: str, now_ns: int) -> tuple[Record, Verdict]:
    """Hold one code against a token.

    Args:
        record: what the server knows of the token.
        policy: how it treats its tokens.
        code: as it was typed; anything at all.
        now_ns: server time, ns since 1970, UTC.

    Returns:
        The record to keep from now on, and the verdict. Anything but an active token,
        throttled and malformed evaluate nothing and change nothing, save that a token
        whose time is over is expired from now on.
    """
    record = aged(record, now_ns)
    blocked = _blocked(record, now_ns)
    if blocked is not None:
        return record, _verdict(record, policy, blocked, now_ns, note=note_of(record))
    wrong = complaint(code, record.digits)
    if wrong:
        return record, _verdict(record, policy, Kind.MALFORMED, now_ns, note=wrong)

    reach = windows.for_code(record, policy, now_ns)
    codes = Codes(record)
    # Two counters may share their digits. The last accepted code is a replay
    # even if it is, by that chance, the code of a counter in the window too.
    (last,) = codes.search((range(record.next_factor - 1, record.next_factor),), code)
    (hits,) = codes.search((reach.accepted,), code)
    factor = reach.nearest(hits)
    if factor is not None and not last:
        after = moved(record, policy, factor, factor - reach.expected)
        return after, _verdict(record, policy, Kind.ACCEPTED, now_ns, after=after, factor=factor)
    return _refuse(record, policy, code, now_ns, codes=codes, reach=reach)


def moved(record: Record, policy: Policy, factor: int, off: int) -> Record:
    """Return the record after ``factor`` was accepted, ``off`` steps from where it was expected."""
    drifts = policy.track_drift and record.token_type is TokenType.TIME
    return dataclasses.replace(
        record,
        next_factor=factor + 1,
        drift_steps=record.drift_steps + off if drifts else record.drift_steps,
        failures=0,
        throttled_until_ns=0,
    )


_UNUSABLE: Final[Mapping[Status, Kind]] = {
    **OUT_OF_USE,
    Status.ASSIGNED: Kind.NOT_ACTIVE,
    Status.LOCKED: Kind.LOCKED,
}
"""What a code is refused as in every status but active."""


def _blocked(record: Record, now_ns: int) -> Kind | None:
    if record.status is not Status.ACTIVE:
        return _UNUSABLE[record.status]
    if now_ns < record.throttled_until_ns:
        return Kind.THROTTLED
    return None


def _refuse(
    record: Record, policy: Policy, code: str, now_ns: int, *, codes: Codes, reach: windows.Windows
) -> tuple[Record, Verdict]:
    # Both are searched whatever the first one finds, for the time it takes.
    (behind,) = codes.search((reach.behind,), code)
    (ahead,) = codes.search((reach.ahead,), code)
    if behind:
        replayed = _verdict(record, policy, Kind.REPLAYED, now_ns, factor=max(behind))
        return record, replayed
    failures = record.failures + 1
    locks = policy.lock_after and failures >= policy.lock_after
    after = dataclasses.replace(
        record,
        status=TABLE[record.status][Trigger.FAILURES] if locks else record.status,
        failures=failures,
        throttled_until_ns=now_ns + policy.throttle_ns(failures) if policy.throttle_s else 0,
    )
    kind = Kind.OUT_OF_SYNC if ahead else Kind.INVALID
    factor = reach.nearest(ahead)
    return after, _verdict(record, policy, kind, now_ns, after=after, factor=factor)


def _verdict(
    record: Record,
    policy: Policy,
    kind: Kind,
    now_ns: int,
    *,
    after: Record | None = None,
    factor: int | None = None,
    note: str = "",
) -> Verdict:
    after = after or record
    event = record.token_type is TokenType.EVENT
    return Verdict(
        act=Act.VERIFY,
        kind=kind,
        serial=record.serial,
        token_type=record.token_type,
        status=after.status,
        expected=record.expected_factor(now_ns),
        factor=factor,
        counted=after.failures > record.failures,
        failures=after.failures,
        limit=policy.lock_after,
        window=policy.resync_window if event else policy.resync_steps,
        wait_ns=record.throttled_until_ns - now_ns if kind is Kind.THROTTLED else 0,
        note=note,
    )
