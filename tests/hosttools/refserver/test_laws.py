"""What must hold for any sequence of submissions: no code twice, no counter back."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import Key, Secret, hotp
from hosttools.refserver import Kind, Policy, Record, Status, resync, sync, unlock, verify

KEY = Key(Secret(b"12345678901234567890"))
POLICY = Policy(
    look_ahead=3, resync_window=20, operator_search=30, look_back=5, lock_after=4, resync_limit=3,
    resync_steps=20,
)  # fmt: skip
SECOND = 1_000_000_000

# What is done, which code, how far the second one lies from it, how time moves.
SUBMISSIONS = st.lists(
    st.tuples(
        st.sampled_from(("verify", "verify", "verify", "resync", "sync", "unlock")),
        st.integers(-6, 26),
        st.sampled_from((1, 1, 1, -1, 0, 2)),
        st.integers(-100, 200),
    ),
    max_size=60,
)


def _code(factor: int) -> str:
    return hotp(KEY, max(factor, 0), 8)  # 8 digits: none twice below 5,000


def test_codes_of_these_tests_are_unique() -> None:
    """The codes that the laws are tested with differ from each other."""
    assert len({_code(n) for n in range(5000)}) == 5000


@settings(deadline=None)
@given(submissions=SUBMISSIONS)
@pytest.mark.parametrize("kind", ["event", "timed"])
def test_no_code_twice_and_no_counter_back(
    event: Record, timed: Record, kind: str, submissions: list[tuple[str, int, int, int]]
) -> None:
    """Whatever is submitted, accepted factors rise, and no accepted code is accepted again."""
    start = event if kind == "event" else timed
    record = dataclasses.replace(start, digits=8, status=Status.ASSIGNED, next_factor=0)
    now_ns, used = 1000 * 30 * SECOND, list[int]()
    for act, offset, gap, passed_s in submissions:
        now_ns += passed_s * SECOND
        first = max(record.expected_factor(now_ns) + offset, 0)
        before = record
        if act == "verify":
            record, verdict = verify(record, POLICY, _code(first), now_ns)
        elif act == "unlock":
            record, verdict = unlock(record)
        else:
            submit = sync if act == "sync" else resync
            record, verdict = submit(record, POLICY, _code(first), _code(first + gap), now_ns)

        assert record.next_factor >= before.next_factor
        if verdict.accepted and act != "unlock":
            factors = [first] if act == "verify" else [first, first + gap]
            assert min(factors) > max(used, default=-1)
            assert factors[-1] + 1 == record.next_factor
            used += factors
        else:
            assert before.next_factor == record.next_factor
            assert before.drift_steps == record.drift_steps

    for factor in used:
        _, again = verify(
            dataclasses.replace(record, status=Status.ACTIVE, throttled_until_ns=0),
            POLICY,
            _code(factor),
            now_ns,
        )
        assert again.kind in {Kind.REPLAYED, Kind.INVALID, Kind.OUT_OF_SYNC}
        assert not again.accepted


@given(submissions=SUBMISSIONS)
def test_locked_changes_only_by_pair_or_operator(
    event: Record, submissions: list[tuple[str, int, int, int]]
) -> None:
    """However many codes are sent, a locked token is as it was."""
    record = dataclasses.replace(event, digits=8, status=Status.LOCKED)
    for _, offset, _, _ in submissions:
        after, _ = verify(record, POLICY, _code(10 + offset), 0)
        assert record == after
