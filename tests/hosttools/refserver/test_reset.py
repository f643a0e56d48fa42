"""A token that only an operator brings back, by two codes in a row."""

import dataclasses
from collections.abc import Callable

import pytest

from hosttools.refserver import Kind, Policy, Record, Status, reset, resync, verify
from hosttools.refserver.lifecycle import OUT_OF_USE

Code = Callable[[int], str]
At = Callable[[int], int]
POLICY = Policy(resync_window=50, resync_steps=50, operator_search=200)


def test_takes_what_a_resync_refuses(event: Record, code: Code) -> None:
    """The pair that was found outside of the window brings the token back."""
    refused, _ = resync(event, POLICY, code(210), code(211), 0)
    after, verdict = reset(refused, POLICY, code(210), code(211), 0)

    assert (Kind.RESET, True, 200) == (verdict.kind, verdict.accepted, verdict.distance)
    assert (Status.ACTIVE, 212, 0) == (after.status, after.next_factor, after.resync_failures)
    assert (
        "reset by an operator, active: counter 210, then counter 211 (server was at 10,"
        " 200 presses ahead)"
    ) == verdict.operator
    assert Kind.ACCEPTED is verify(after, POLICY, code(212), 0)[1].kind


@pytest.mark.parametrize(("first", "second"), [(211, 212), (12, 14), (8, 9), (13, 12)])
def test_a_refused_one_changes_nothing(event: Record, code: Code, first: int, second: int) -> None:
    """Too far, not in a row, used, or in the wrong order: nothing counts, nothing moves."""
    after, verdict = reset(event, POLICY, code(first), code(second), 0)

    assert (event, False, False) == (after, verdict.accepted, verdict.counted)


def test_says_how_far_it_looked(event: Record) -> None:
    """In place of the window of the resync form."""
    _, verdict = reset(event, POLICY, "000000", "123454", 0)

    assert (
        "outside of the re-activation window: not found, allowed are 200 presses (server is at 10)"
    ) == verdict.operator


def test_ends_what_an_unlock_ends(event: Record, code: Code) -> None:
    """A lock that no resync ends, a wait, and the limit of refused pairs."""
    policy = dataclasses.replace(POLICY, resync_unlocks=False, resync_limit=3)
    record = dataclasses.replace(
        event, status=Status.LOCKED, failures=10, resync_failures=3, throttled_until_ns=99
    )
    after, verdict = reset(record, policy, code(30), code(31), 0)

    assert Kind.RESET is verdict.kind
    assert (Status.ACTIVE, 0, 0, 0) == (
        after.status, after.failures, after.resync_failures, after.throttled_until_ns,
    )  # fmt: skip


def test_leaves_adding_to_the_holder(event: Record, code: Code) -> None:
    """One that was pressed too often before it was added is in reach again, not active."""
    record = dataclasses.replace(event, status=Status.ASSIGNED)
    after, verdict = reset(record, POLICY, code(150), code(151), 0)

    assert (Status.ASSIGNED, 152) == (after.status, after.next_factor)
    assert "reset by an operator, assigned" in verdict.operator


def test_the_same_twice_is_an_error(event: Record, code: Code) -> None:
    """The second changes nothing, and says so."""
    once, _ = reset(event, POLICY, code(30), code(31), 0)
    twice, verdict = reset(once, POLICY, code(30), code(31), 0)

    assert (once, Kind.DOUBLE_SUBMIT) == (twice, verdict.kind)
    assert "double submit of the reset form" in verdict.operator


@pytest.mark.parametrize("status", OUT_OF_USE)
def test_brings_nothing_back_that_is_out_of_use(event: Record, code: Code, status: Status) -> None:
    """What is nobody's, revoked, replaced or expired stays so."""
    record = dataclasses.replace(event, status=status)
    after, verdict = reset(record, POLICY, code(30), code(31), 0)

    assert (record, OUT_OF_USE[status]) == (after, verdict.kind)


@pytest.mark.parametrize("off", [-199, -51, 51, 200])
def test_a_time_token_gets_its_drift(timed: Record, code: Code, at: At, off: int) -> None:
    """However far its clock is off, either way; the next code is expected there."""
    after, verdict = reset(timed, POLICY, code(1000 + off), code(1001 + off), at(1001))

    assert (Kind.RESET, off) == (verdict.kind, after.drift_steps)
    assert Kind.ACCEPTED is verify(after, POLICY, code(1010 + off), at(1010))[1].kind
