"""One code at the login: windows, replays, locks, throttling, drift."""

import dataclasses
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from hypothesis import given
from hypothesis import strategies as st

from hosttools.refserver import Kind, Policy, Record, Status, Verdict, verify

Code = Callable[[int], str]
At = Callable[[int], int]
SECOND = 1_000_000_000
WRONG = "000000"  # of no counter that these tests come near


@pytest.mark.parametrize("window", [0, 1, 3, 10])
def test_look_ahead_is_inclusive(event: Record, code: Code, window: int) -> None:
    """A window of W accepts the next counter and the W after it, and not one more."""
    policy = Policy(look_ahead=window)

    for skipped in range(window + 3):
        after, verdict = verify(event, policy, code(10 + skipped), 0)
        accepted = skipped <= window
        assert (accepted, skipped) == (verdict.accepted, verdict.distance)
        assert (11 + skipped if accepted else 10) == after.next_factor


@pytest.mark.parametrize(("back", "forward"), [(0, 0), (1, 1), (2, 0), (0, 3)])
def test_time_window_is_inclusive(
    timed: Record, code: Code, at: At, back: int, forward: int
) -> None:
    """A time token may be late by steps_back and early by steps_forward, and not more."""
    policy = Policy(steps_back=back, steps_forward=forward)

    for off in range(-back - 2, forward + 3):
        _, verdict = verify(timed, policy, code(1000 + off), at(1000))
        assert (-back <= off <= forward, off) == (verdict.accepted, verdict.distance)


@pytest.mark.parametrize("off", [-120, 120])
def test_time_out_of_sync_reaches_the_resync_edge(
    timed: Record, code: Code, at: At, off: int
) -> None:
    """A code at the edge of the resync steps is out of sync, one past it is just invalid."""
    beyond = off + (1 if off > 0 else -1)
    kinds = [verify(timed, Policy(), code(1000 + d), at(1000))[1].kind for d in (off, beyond)]

    assert kinds == [Kind.OUT_OF_SYNC, Kind.INVALID]


@pytest.mark.parametrize(
    ("skipped", "kind"),
    [(11, Kind.OUT_OF_SYNC), (1000, Kind.OUT_OF_SYNC), (1001, Kind.INVALID)],
)
def test_beyond_look_ahead(event: Record, code: Code, skipped: int, kind: Kind) -> None:
    """Inside the resync window a code is out of sync, beyond it invalid; both are failures."""
    after, verdict = verify(event, Policy(), code(10 + skipped), 0)

    assert (kind, True) == (verdict.kind, verdict.counted)
    assert dataclasses.replace(event, failures=1) == after


def test_accepting_forgets_failures(event: Record, code: Code) -> None:
    """An accepted code sets the count of failures back to 0, not that of forms."""
    record = dataclasses.replace(event, failures=9, resync_failures=4)

    after, _ = verify(record, Policy(), code(10), 0)

    assert (after.failures, after.resync_failures) == (0, 4)


@pytest.mark.parametrize("counter", range(10))
def test_old_code_is_a_replay(event: Record, code: Code, counter: int) -> None:
    """An old code is refused as a replay with its counter, and counts for nothing."""
    after, verdict = verify(event, Policy(), code(counter), 0)

    assert (event, Kind.REPLAYED, counter, False) == (
        after,
        verdict.kind,
        verdict.factor,
        verdict.counted,
    )


def test_look_back_is_bounded(event: Record, code: Code) -> None:
    """Beyond the look-back an old code is a wrong one."""
    policy = Policy(look_back=3)

    kinds = [verify(event, policy, code(n), 0)[1].kind for n in (7, 6)]

    assert kinds == [Kind.REPLAYED, Kind.INVALID]


def test_last_code_is_a_replay_even_if_it_comes_again(event: Record, code: Code) -> None:
    """The last code is refused though a counter in the window has the same digits."""
    assert code(2386) == code(2394)  # found by search; a chance of one in a million
    record, verdict = verify(dataclasses.replace(event, next_factor=2386), Policy(), code(2386), 0)
    assert verdict.accepted

    _, again = verify(record, Policy(), code(2386), 0)

    assert (again.kind, again.factor) == (Kind.REPLAYED, 2386)


def test_time_code_is_accepted_once(timed: Record, code: Code, at: At) -> None:
    """A step at or before the last accepted one is a replay, also inside the window."""
    record, first = verify(timed, Policy(), code(1000), at(1000))
    verdicts = [verify(record, Policy(), code(s), at(1000))[1] for s in (1000, 999, 1001)]

    assert first.accepted
    assert [v.kind for v in verdicts] == [Kind.REPLAYED, Kind.REPLAYED, Kind.ACCEPTED]


def test_last_time_code_is_a_replay_forever(timed: Record, code: Code, at: At) -> None:
    """A day later the last accepted code is still told as a replay."""
    record, _ = verify(timed, Policy(), code(1000), at(1000))

    assert verify(record, Policy(), code(1000), at(1000 + 2880))[1].kind == Kind.REPLAYED


def test_drift_follows_accepted_codes(timed: Record, code: Code, at: At) -> None:
    """A token that runs ever faster stays in step, its window moving with it."""
    record = timed
    for off in range(1, 6):
        record, verdict = verify(record, Policy(), code(1000 + 101 * off), at(1000 + 100 * off))
        assert (True, off) == (verdict.accepted, record.drift_steps)


def test_drift_stays_if_not_tracked(timed: Record, code: Code, at: At) -> None:
    """Without drift tracking the window stays where the server's clock is."""
    policy = Policy(track_drift=False)
    record, first = verify(timed, policy, code(1001), at(1000))
    _, second = verify(record, policy, code(1102), at(1100))

    assert (first.accepted, record.drift_steps, second.kind) == (True, 0, Kind.OUT_OF_SYNC)


def test_server_clock_set_back_accepts_nothing_old(timed: Record, code: Code, at: At) -> None:
    """A server clock that jumps back makes no used step valid again."""
    record, _ = verify(timed, Policy(track_drift=False), code(1000), at(1000))

    assert verify(record, Policy(), code(990), at(990))[1].kind == Kind.REPLAYED


def test_locks_at_the_limit(event: Record) -> None:
    """The tenth refused code in a row locks, the ninth does not."""
    record, statuses = event, []
    for _ in range(10):
        record, verdict = verify(record, Policy(), WRONG, 0)
        statuses.append(verdict.status)

    assert statuses == [Status.ACTIVE] * 9 + [Status.LOCKED]


def test_never_locks_with_limit_0(event: Record) -> None:
    """A limit of 0 counts and never locks."""
    record = dataclasses.replace(event, failures=10**6)

    after, _ = verify(record, Policy(lock_after=0), WRONG, 0)

    assert (after.status, after.failures) == (Status.ACTIVE, 10**6 + 1)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.LOCKED, Kind.LOCKED),
        (Status.REVOKED, Kind.REVOKED),
        (Status.ASSIGNED, Kind.NOT_ACTIVE),
    ],
)
def test_not_active_evaluates_nothing(
    event: Record, code: Code, status: Status, kind: Kind
) -> None:
    """Locked, revoked or not yet added: right, wrong, old and malformed read the same."""
    record = dataclasses.replace(event, status=status)
    outcomes = {verify(record, Policy(), c, 0) for c in (code(10), WRONG, code(9), code(40), "x")}

    assert len(outcomes) == 1
    after, verdict = outcomes.pop()
    assert (record, kind, None, False) == (after, verdict.kind, verdict.factor, verdict.counted)


def test_throttled_evaluates_nothing(event: Record, code: Code) -> None:
    """During the wait the right code changes nothing; afterwards it is accepted."""
    policy = Policy(throttle_s=5)
    record, _ = verify(event, policy, WRONG, 0)

    same, early = verify(record, policy, code(10), 5 * SECOND - 1)
    after, late = verify(record, policy, code(10), 5 * SECOND)

    assert (record, Kind.THROTTLED, 1) == (same, early.kind, early.wait_ns)
    assert (late.accepted, after.throttled_until_ns) == (True, 0)


def test_nothing_is_held_up_before_1970(event: Record, code: Code) -> None:
    """Without a wait no time is too early, that of a frozen clock neither."""
    _, verdict = verify(event, Policy(), code(10), -SECOND)

    assert verdict.accepted


def test_each_failure_waits_longer(event: Record) -> None:
    """The wait grows by throttle_s with each failure in a row."""
    policy, record, now = Policy(throttle_s=5), event, 0
    waits = []
    for _ in range(3):
        record, _ = verify(record, policy, WRONG, now)
        waits.append((record.throttled_until_ns - now) // SECOND)
        now = record.throttled_until_ns

    assert waits == [5, 10, 15]


@pytest.mark.parametrize(
    "text", ["", "12345", "0012345", " 12345", "+12345", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_malformed_changes_nothing(event: Record, text: str) -> None:
    """What can't be a code is refused before it is held against anything."""
    after, verdict = verify(event, Policy(), text, 0)

    assert (event, Kind.MALFORMED, False) == (after, verdict.kind, verdict.counted)


@given(text=st.text(st.characters()) | st.text("0123456789", min_size=5, max_size=7))
def test_any_text_gets_a_verdict(event: Record, text: str) -> None:
    """Whatever is typed, verify answers, moves no counter back and shows nothing typed."""
    record = dataclasses.replace(event, serial="ABCDEF")  # six digits in it would look like a code
    after, verdict = verify(record, Policy(resync_window=20), text, 0)

    assert isinstance(verdict, Verdict)
    assert after.next_factor >= record.next_factor
    shown = repr(verdict) + verdict.operator + verdict.user
    assert not (text.isdigit() and len(text) == 6 and text in shown)


def test_time_taken_does_not_tell_the_distance(
    event: Record, code: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many codes are computed for a near code as for a far one, accepted or refused."""
    computed = [0]
    generate = HOTP.generate

    def counting(self: HOTP, counter: int) -> bytes:
        computed[0] += 1
        return generate(self, counter)

    def cost(counter: int) -> int:
        computed[0] = 0
        verify(event, Policy(), code(counter), 0)
        return computed[0]

    monkeypatch.setattr(HOTP, "generate", counting)

    assert {cost(n) for n in (10, 15, 20)} == {1 + 11}
    assert {cost(n) for n in (3, 9, 21, 1010, 5000)} == {1 + 11 + 10 + 1001}


@given(now_ns=st.integers(-(2**70), 2**70))
def test_any_time_gets_a_verdict(timed: Record, now_ns: int) -> None:
    """Whatever time it is, verify answers."""
    assert isinstance(verify(timed, Policy(), WRONG, now_ns)[1], Verdict)


def test_last_counter_of_all(event: Record, code: Code) -> None:
    """Counter 2**64 - 1 is accepted once, and then nothing is left."""
    record = dataclasses.replace(event, next_factor=2**64 - 1)

    after, first = verify(record, Policy(), code(2**64 - 1), 0)
    end, second = verify(after, Policy(), code(0), 0)

    assert (
        first.accepted,
        after.next_factor,
        second.kind,
        end.next_factor,
    ) == (True, 2**64, Kind.INVALID, 2**64)
