"""Codes judged with the bugs that are on: the reference server's judge, and what is done to it.

Each bug is a change to what goes into a judgement or to what comes out of it. With no bug on,
all of it is the reference server's own.
"""

import dataclasses
from collections.abc import Callable
from typing import Final

from firmware_model.oath import Key, hotp
from firmware_model.profile import TokenType
from hosttools import refserver
from hosttools.portal.bugs import Bug
from hosttools.refserver import Kind, Policy, Record, Status, Verdict, windows
from hosttools.refserver.codes import Codes
from hosttools.refserver.judge import Judge, TwoCodes

Bugs = frozenset[Bug]
_GAP: Final = 5
"""Presses between the codes of a pair, at most, that `resync-gap` takes."""


def judge_with(bugs: Callable[[], Bugs]) -> Judge:
    """Return a judge with bugs.

    Args:
        bugs: which; asked at each judgement.
    """

    def verify(record: Record, policy: Policy, code: str, now_ns: int) -> tuple[Record, Verdict]:
        return _verify(bugs(), record, policy, code, now_ns)

    def pair(right: TwoCodes) -> TwoCodes:
        def judged(
            record: Record, policy: Policy, code1: str, code2: str, now_ns: int
        ) -> tuple[Record, Verdict]:
            return _pair(right, bugs(), record, policy, (code1, code2), now_ns)

        return judged

    return Judge(verify=verify, sync=pair(refserver.sync), resync=pair(refserver.resync))


# One code.


def _verify(
    on: Bugs, record: Record, policy: Policy, code: str, now_ns: int
) -> tuple[Record, Verdict]:
    if Bug.READS_NUMBERS in on:
        code = _as_number(code, record.digits)
    if Bug.LOCK_LEAK in on and record.status is Status.LOCKED:
        return _behind_the_lock(record, policy, code, now_ns)
    seen = record
    if Bug.DEACTIVATED_WORKS in on and record.status is Status.REVOKED:
        seen = dataclasses.replace(record, status=Status.ACTIVE)
    after, verdict = refserver.verify(seen, _narrower(on, policy), code, now_ns)
    if _good_again(on, record, verdict):
        verdict = dataclasses.replace(verdict, kind=Kind.ACCEPTED)
    elif verdict.counted:
        after, verdict = _failed(on, after, verdict)
    elif verdict.accepted:
        after = _took(on, record, after)
    if seen is not record:
        after = dataclasses.replace(after, status=record.status)
    return after, verdict


def _as_number(code: str, digits: int) -> str:
    try:
        return f"{int(code[:100]):0{digits}d}"
    except ValueError:
        return code


def _behind_the_lock(
    record: Record, policy: Policy, code: str, now_ns: int
) -> tuple[Record, Verdict]:
    """Look at the code first, and at the lock if it is right."""
    unlocked = dataclasses.replace(record, status=Status.ACTIVE)
    _, verdict = refserver.verify(unlocked, policy, code, now_ns)
    if verdict.accepted:
        return refserver.verify(record, policy, code, now_ns)
    return record, dataclasses.replace(verdict, status=record.status, counted=False)


def _narrower(on: Bugs, policy: Policy) -> Policy:
    if Bug.DRIFT_FORGOTTEN in on:
        policy = dataclasses.replace(policy, track_drift=False)
    if Bug.WINDOW_OFF_BY_ONE in on:
        policy = dataclasses.replace(
            policy,
            look_ahead=max(policy.look_ahead - 1, 0),
            steps_forward=max(policy.steps_forward - 1, 0),
        )
    return policy


def _good_again(on: Bugs, record: Record, verdict: Verdict) -> bool:
    if verdict.kind is not Kind.REPLAYED or verdict.factor is None:
        return False
    last = verdict.factor == record.next_factor - 1
    return (Bug.REPLAY if last else Bug.OLD_CODES_GOOD) in on


def _failed(on: Bugs, after: Record, verdict: Verdict) -> tuple[Record, Verdict]:
    if Bug.SERVER_RUNS_AHEAD in on and after.token_type is TokenType.EVENT:
        after = dataclasses.replace(after, next_factor=after.next_factor + 1)
    if Bug.NO_LOCK in on and after.status is Status.LOCKED:
        after = dataclasses.replace(after, status=Status.ACTIVE)
        verdict = dataclasses.replace(verdict, status=Status.ACTIVE)
    return after, verdict


def _took(on: Bugs, before: Record, after: Record) -> Record:
    failures = before.failures if Bug.FAILURES_ADD_UP in on else after.failures
    return dataclasses.replace(after, failures=failures)


# Two codes.


def _pair(
    right: TwoCodes,
    on: Bugs,
    record: Record,
    policy: Policy,
    codes: tuple[str, str],
    now_ns: int,
) -> tuple[Record, Verdict]:
    if Bug.DOUBLE_SUBMIT in on:
        record = dataclasses.replace(record, form_mark="")
    if right is refserver.sync:
        return right(record, policy, *codes, now_ns)
    if Bug.RESYNC_WRONG_WINDOW in on:
        policy = dataclasses.replace(
            policy,
            resync_window=policy.look_ahead,
            resync_steps=max(policy.steps_back, policy.steps_forward),
        )
    after, verdict = right(record, policy, *codes, now_ns)
    meant = None if verdict.accepted else _taken_for(on, record, policy, codes, now_ns)
    if meant is not None:
        after, verdict = right(record, policy, *meant, now_ns)
    return (_resynced(on, record, after), verdict) if verdict.accepted else (after, verdict)


def _taken_for(
    on: Bugs, record: Record, policy: Policy, codes: tuple[str, str], now_ns: int
) -> tuple[str, str] | None:
    """Return the pair in a row that two codes are taken for by a bug; ``None``: by none."""
    gap = _GAP if Bug.RESYNC_GAP in on else 0
    same = Bug.RESYNC_SAME_CODE in on
    window = windows.for_pair(record, policy, now_ns).accepted
    span = range(window.start, window.stop + gap)
    firsts, seconds = Codes(record).search((span,), *codes)
    key = Key(record.secret, record.algorithm)
    for first in firsts:
        for second in seconds:
            if (same and first == second) or 1 < second - first <= gap:
                low = max(second - 1, window.start)
                return hotp(key, low, record.digits), hotp(key, low + 1, record.digits)
    return None


def _resynced(on: Bugs, before: Record, after: Record) -> Record:
    off = (Bug.CODE_AFTER_RESYNC_REFUSED in on) - (Bug.RESYNC_CODE_GOOD in on)
    locked = Bug.RESYNC_KEEPS_LOCK in on and before.status is Status.LOCKED
    return dataclasses.replace(
        after,
        next_factor=after.next_factor + off,
        status=Status.LOCKED if locked else after.status,
    )
