"""Two codes against one record: the add form, the resync form and a reset, as pure functions.

The forms are the procedure of the support article: code 1, wait until dark, press
again, code 2, submit once. A second submission of the same form is an error and
changes nothing, whatever became of the first. A reset is for a token that is further
off than a form takes: its holder reads the two codes to an operator.
"""

import dataclasses
from dataclasses import dataclass
from typing import Final

from firmware_model.profile import TokenType
from hosttools.refserver import windows
from hosttools.refserver.codes import Codes, complaint
from hosttools.refserver.lifecycle import OUT_OF_USE, TABLE, Trigger, aged, note_of
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Act, Kind, Verdict
from hosttools.refserver.verify import moved


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a pair turned out to be. A refusal counts unless every code of it is a used one."""

    kind: Kind
    first: int | None = None
    second: int | None = None
    counts: bool = True
    note: str = ""


def sync(
    record: Record, policy: Policy, code1: str, code2: str, now_ns: int
) -> tuple[Record, Verdict]:
    """Add a token with two consecutive codes: an assigned one becomes active.

    Args:
        record: what the server knows of the token.
        policy: how it treats its tokens.
        code1: the first code as it was typed; anything at all.
        code2: the code of the next press.
        now_ns: server time, ns since 1970, UTC.

    Returns:
        The record to keep from now on, and the verdict.
    """
    return _submit(Act.SYNC, record, policy, (code1, code2), now_ns)


def resync(
    record: Record, policy: Policy, code1: str, code2: str, now_ns: int
) -> tuple[Record, Verdict]:
    """Bring an active token back in step with two consecutive codes.

    Unlocks a locked one if the policy says so. Arguments and result are as
    of :func:`sync`.
    """
    return _submit(Act.RESYNC, record, policy, (code1, code2), now_ns)


def reset(
    record: Record, policy: Policy, code1: str, code2: str, now_ns: int
) -> tuple[Record, Verdict]:
    """Find a token again that is too far off to be resynced, as an operator.

    The pair may lie as far off as the policy's ``operator_search``. It ends what an unlock
    ends, but adds no token: one that is assigned stays so, for its holder to add. A refused
    pair changes nothing; an operator is nobody who guesses. The server never goes back by it.
    Arguments and result are as of :func:`sync`.
    """
    wide = dataclasses.replace(
        policy,
        resync_window=max(policy.resync_window, policy.operator_search),
        resync_steps=max(policy.resync_steps, policy.operator_search),
    )
    return _submit(Act.RESET, record, wide, (code1, code2), now_ns)


_DONE: Final = {
    Act.SYNC: Kind.ACTIVE,
    Act.RESYNC: Kind.RESYNCED,
    Act.RESET: Kind.RESET,
}


def _submit(
    act: Act, record: Record, policy: Policy, typed: tuple[str, str], now_ns: int
) -> tuple[Record, Verdict]:
    record = aged(record, now_ns)

    def say(finding: _Finding, after: Record = record) -> tuple[Record, Verdict]:
        return after, _verdict(act, record, policy, now_ns, finding=finding, after=after)

    wrong = _complaint(typed, record.digits)
    mark = "" if wrong else record.mark(act.value, *typed)
    blocked = _blocked(act, record, policy, again=bool(mark) and mark == record.form_mark)
    if blocked is not None:
        return say(_Finding(blocked, note=note_of(record)))
    if wrong:
        return say(_Finding(Kind.MALFORMED, note=wrong))

    reach = windows.for_pair(record, policy, now_ns)
    codes = Codes(record)
    pair = _accepted(codes, reach, typed)
    if pair is not None:
        # The second code is the one just read: it tells the drift.
        after = dataclasses.replace(
            moved(record, policy, pair[1], 0),
            drift_steps=record.drift_steps + _drift(record, reach, pair[1]),
            status=TABLE[record.status][Trigger.RESET if act is Act.RESET else Trigger.PAIR],
            resync_failures=0,
            form_mark=mark,
        )
        return say(_Finding(_DONE[act], *pair), after)

    finding = _explain(codes, reach, typed)
    if act is Act.RESET or not finding.counts:
        return say(finding)
    refused = dataclasses.replace(
        record, resync_failures=record.resync_failures + 1, form_mark=mark
    )
    return say(finding, refused)


def _complaint(typed: tuple[str, str], digits: int) -> str:
    for number, code in enumerate(typed, 1):
        wrong = complaint(code, digits)
        if wrong:
            return f"code {number}: {wrong}"
    return ""


def _blocked(act: Act, record: Record, policy: Policy, *, again: bool) -> Kind | None:
    adds, helped, status = act is Act.SYNC, act is Act.RESET, record.status
    spent = policy.resync_limit and record.resync_failures >= policy.resync_limit
    reasons = (  # the first that holds is given
        (OUT_OF_USE.get(status), status in OUT_OF_USE),
        (Kind.NOT_ACTIVE, act is Act.RESYNC and status is Status.ASSIGNED),
        (Kind.DOUBLE_SUBMIT, again),
        (Kind.ALREADY_ACTIVE, adds and status is not Status.ASSIGNED),
        (Kind.RESYNC_BLOCKED, spent and not helped),
        (
            Kind.LOCKED,
            status is Status.LOCKED and not (policy.resync_unlocks or helped),
        ),
    )
    return next((kind for kind, holds in reasons if holds), None)


def _accepted(
    codes: Codes, reach: windows.Windows, typed: tuple[str, str]
) -> tuple[int, int] | None:
    span = range(reach.accepted.start, reach.accepted.stop + reach.gap)
    first, second = codes.search((span,), *typed)
    pairs = reach.pairs([f for f in first if f in reach.accepted], second)
    return pairs[0] if pairs else None


def _drift(record: Record, reach: windows.Windows, factor: int) -> int:
    return factor - reach.expected if record.token_type is TokenType.TIME else 0


def _explain(codes: Codes, reach: windows.Windows, typed: tuple[str, str]) -> _Finding:
    # A pair in a row is strong evidence wherever it lies. One code alone hits
    # some counter of a thousand by chance once in a thousand times: it counts
    # as evidence inside the window only.
    first, second = codes.search((reach.behind, reach.ahead), *typed)
    near1, near2 = (
        reach.nearest([f for f in hits if f in reach.behind or f in reach.accepted])
        for hits in (first, second)
    )
    rising, falling = reach.pairs(first, second), reach.pairs(second, first)
    if typed[0] == typed[1]:
        kind, a, b = Kind.SAME_CODE, near1, near1
    elif rising:
        a, b = rising[0]
        kind = Kind.REPLAYED if a in reach.behind else Kind.OUTSIDE_WINDOW
    elif falling:
        b, a = falling[0]
        kind = Kind.WRONG_ORDER
    else:
        kind, a, b = _unpaired(near1, near2), near1, near2
    return _Finding(kind, a, b, counts=a not in reach.behind or b not in reach.behind)


def _unpaired(first: int | None, second: int | None) -> Kind:
    if first is None and second is None:
        return Kind.OUTSIDE_WINDOW
    if first is not None and second is not None and second < first:
        return Kind.WRONG_ORDER
    return Kind.NOT_CONSECUTIVE


def _verdict(
    act: Act, record: Record, policy: Policy, now_ns: int, *, finding: _Finding, after: Record
) -> Verdict:
    event = record.token_type is TokenType.EVENT
    return Verdict(
        act=act,
        kind=finding.kind,
        serial=record.serial,
        token_type=record.token_type,
        status=after.status,
        expected=record.expected_factor(now_ns),
        factor=finding.first,
        second_factor=finding.second,
        counted=after.resync_failures > record.resync_failures,
        failures=after.resync_failures,
        limit=policy.resync_limit,
        window=policy.resync_window if event else policy.resync_steps,
        note=finding.note,
    )
