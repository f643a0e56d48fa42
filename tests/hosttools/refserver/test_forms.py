"""Two codes in the add form and the resync form."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.refserver import Kind, Policy, Record, Status, Verdict, resync, sync, unlock, verify

Code = Callable[[int], str]
At = Callable[[int], int]
UNKNOWN = ("000000", "123454")  # of no counter that these tests come near


@pytest.fixture
def assigned(event: Record) -> Record:
    """An event token that waits to be added, its first counter 0."""
    return dataclasses.replace(event, status=Status.ASSIGNED, next_factor=0)


@pytest.fixture
def locked(event: Record) -> Record:
    """A locked event token."""
    return dataclasses.replace(event, status=Status.LOCKED, failures=10)


def test_add_makes_active(assigned: Record, code: Code) -> None:
    """Two codes in a row make an assigned token active, one past the second."""
    after, verdict = sync(assigned, Policy(), code(4), code(5), 0)

    assert (verdict.kind, verdict.factor, verdict.second_factor) == (Kind.ACTIVE, 4, 5)
    assert (after.status, after.next_factor) == (Status.ACTIVE, 6)


def test_add_twice_is_an_error(assigned: Record, code: Code) -> None:
    """The add form submitted again is told as such and changes nothing."""
    record, _ = sync(assigned, Policy(), code(0), code(1), 0)
    after, verdict = sync(record, Policy(), code(0), code(1), 0)

    assert (record, Kind.DOUBLE_SUBMIT, False) == (after, verdict.kind, verdict.counted)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.LOCKED])
def test_add_of_an_added_token_is_an_error(event: Record, code: Code, status: Status) -> None:
    """An added token can't be added by other codes either."""
    record = dataclasses.replace(event, status=status)
    after, verdict = sync(record, Policy(), code(10), code(11), 0)

    assert (record, Kind.ALREADY_ACTIVE) == (after, verdict.kind)


def test_resync_needs_an_added_token(assigned: Record, code: Code) -> None:
    """A token that was never added can't be resynced."""
    after, verdict = resync(assigned, Policy(), code(0), code(1), 0)

    assert (assigned, Kind.NOT_ACTIVE) == (after, verdict.kind)


@pytest.mark.parametrize("window", [0, 1, 12])
def test_resync_window_is_inclusive(event: Record, code: Code, window: int) -> None:
    """The first code may skip W presses; the second may lie past the edge."""
    policy = Policy(look_ahead=0, resync_window=window)

    for skipped in range(window + 3):
        after, verdict = resync(event, policy, code(10 + skipped), code(11 + skipped), 0)
        inside = skipped <= window
        assert (Kind.RESYNCED if inside else Kind.OUTSIDE_WINDOW) == verdict.kind
        assert (12 + skipped if inside else 10) == after.next_factor
        assert skipped == verdict.distance


def test_outside_tells_the_operator_how_far(event: Record, code: Code) -> None:
    """Beyond the window, a pair is found up to the operator's search limit."""
    policy = Policy(resync_window=50, operator_search=200)
    found = [resync(event, policy, code(n), code(n + 1), 0)[1] for n in (210, 211)]

    assert [v.kind for v in found] == [Kind.OUTSIDE_WINDOW] * 2
    assert [v.distance for v in found] == [200, None]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (13, 12, Kind.WRONG_ORDER),
        (15, 12, Kind.WRONG_ORDER),
        (12, 14, Kind.NOT_CONSECUTIVE),
        (9, 11, Kind.NOT_CONSECUTIVE),
        (12, 12, Kind.SAME_CODE),
        (9, 10, Kind.REPLAYED),
        (2000, 2001, Kind.OUTSIDE_WINDOW),
        (2001, 2000, Kind.WRONG_ORDER),
    ],
)
def test_bad_pairs_count(event: Record, code: Code, first: int, second: int, kind: Kind) -> None:
    """A bad pair is named with its counters, counts, and moves nothing."""
    after, verdict = resync(event, Policy(), code(first), code(second), 0)

    assert (kind, first, second) == (verdict.kind, verdict.factor, verdict.second_factor)
    assert (verdict.counted, after.resync_failures, after.next_factor) == (True, 1, 10)
    assert event.failures == after.failures


def test_half_known_pair(event: Record, code: Code) -> None:
    """Of one known and one unknown code, the operator is told the known one."""
    verdicts = [
        resync(event, Policy(), *pair, 0)[1]
        for pair in ((code(12), UNKNOWN[0]), (UNKNOWN[0], code(12)))
    ]

    assert [v.kind for v in verdicts] == [Kind.NOT_CONSECUTIVE] * 2
    assert [(v.factor, v.second_factor) for v in verdicts] == [(12, None), (None, 12)]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (7, 8, Kind.REPLAYED),
        (8, 7, Kind.WRONG_ORDER),
        (9, 5, Kind.WRONG_ORDER),
        (5, 9, Kind.NOT_CONSECUTIVE),
        (9, 9, Kind.SAME_CODE),
    ],
)
def test_used_pair_does_not_count(
    event: Record, code: Code, first: int, second: int, kind: Kind
) -> None:
    """Two used codes, in whatever order, are refused and told, and no failure."""
    after, verdict = resync(event, Policy(), code(first), code(second), 0)

    assert (event, kind, first, False) == (after, verdict.kind, verdict.factor, verdict.counted)


def test_resync_twice_is_an_error(event: Record, code: Code) -> None:
    """The resync form submitted again changes nothing, also after a login in between."""
    record, _ = resync(event, Policy(), code(40), code(41), 0)
    record, _ = verify(record, Policy(), code(42), 0)
    after, verdict = resync(record, Policy(), code(40), code(41), 0)

    assert (record, Kind.DOUBLE_SUBMIT, False) == (after, verdict.kind, verdict.counted)


def test_refused_form_twice_counts_once(event: Record) -> None:
    """A refused form submitted again counts no second time."""
    record, first = resync(event, Policy(), *UNKNOWN, 0)
    after, second = resync(record, Policy(), *UNKNOWN, 0)

    assert (first.kind, record.resync_failures) == (Kind.OUTSIDE_WINDOW, 1)
    assert (record, Kind.DOUBLE_SUBMIT) == (after, second.kind)


def test_valid_pair_unlocks(locked: Record, code: Code) -> None:
    """A valid pair makes a locked token active and forgets its failures."""
    after, verdict = resync(locked, Policy(), code(30), code(31), 0)

    assert (verdict.kind, after.status, after.failures) == (Kind.RESYNCED, Status.ACTIVE, 0)


def test_policy_may_keep_it_locked(locked: Record, code: Code) -> None:
    """Where a resync doesn't unlock, a locked token evaluates no pair either."""
    policy = Policy(resync_unlocks=False)
    outcomes = {
        resync(locked, policy, *pair, 0) for pair in ((code(30), code(31)), UNKNOWN, ("", ""))
    }

    assert [(locked, Kind.LOCKED)] == [(after, v.kind) for after, v in outcomes]


@pytest.mark.parametrize("submit", [sync, resync])
def test_revoked_stays_revoked(
    event: Record,
    code: Code,
    submit: Callable[[Record, Policy, str, str, int], tuple[Record, Verdict]],
) -> None:
    """No form brings a revoked token back."""
    record = dataclasses.replace(event, status=Status.REVOKED)

    after, verdict = submit(record, Policy(), code(10), code(11), 0)

    assert (record, Kind.REVOKED) == (after, verdict.kind)


def test_forms_have_their_own_limit(event: Record, code: Code) -> None:
    """After ten refused pairs no pair is looked at; logins go on; an operator helps."""
    record = event
    for n in range(10):
        record, verdict = resync(record, Policy(), "000000", f"00000{n}", 0)
        assert verdict.counted

    same, blocked = resync(record, Policy(), code(30), code(31), 0)
    _, login = verify(record, Policy(), code(10), 0)
    _, helped = resync(unlock(record)[0], Policy(), code(30), code(31), 0)

    assert (record, Kind.RESYNC_BLOCKED) == (same, blocked.kind)
    assert (login.accepted, helped.accepted) == (True, True)


def test_refused_adding_is_limited_too(assigned: Record, code: Code) -> None:
    """Somebody who guesses in the add form is stopped by the same limit."""
    record = dataclasses.replace(assigned, resync_failures=10)

    assert sync(record, Policy(), code(0), code(1), 0)[1].kind == Kind.RESYNC_BLOCKED


@pytest.mark.parametrize("gap", range(6))
def test_time_pair_gap(timed: Record, code: Code, at: At, gap: int) -> None:
    """The second code of a time token may be 1 to pair_gap steps after the first."""
    after, verdict = resync(timed, Policy(pair_gap=3), code(1000), code(1000 + gap), at(1000 + gap))

    expected = {0: Kind.SAME_CODE, 4: Kind.NOT_CONSECUTIVE, 5: Kind.NOT_CONSECUTIVE}
    assert expected.get(gap, Kind.RESYNCED) == verdict.kind
    assert (1001 + gap if verdict.accepted else 0) == after.next_factor


@pytest.mark.parametrize("off", [-121, -120, -1, 0, 1, 120, 121])
@pytest.mark.parametrize("track", [True, False])
def test_time_window_and_drift(timed: Record, code: Code, at: At, off: int, *, track: bool) -> None:
    """A pair within the resync steps is taken, and its second code sets the drift."""
    policy = Policy(track_drift=track)
    after, verdict = resync(timed, policy, code(1000 + off), code(1001 + off), at(1000))

    inside = abs(off) <= 120
    assert (Kind.RESYNCED if inside else Kind.OUTSIDE_WINDOW) == verdict.kind
    assert (off + 1 if inside else 0) == after.drift_steps
    assert off == verdict.distance


def test_adding_a_time_token_far_off(timed: Record, code: Code, at: At) -> None:
    """A time token from old stock is added with its drift, and logs in by it."""
    record = dataclasses.replace(timed, status=Status.ASSIGNED)
    record, added = sync(record, Policy(), code(1040), code(1041), at(1001))
    record, login = verify(record, Policy(), code(1140), at(1100))

    assert (added.kind, record.drift_steps) == (Kind.ACTIVE, 40)
    assert (login.accepted, login.distance) == (True, 0)


def test_time_pair_from_a_used_step(timed: Record, code: Code, at: At) -> None:
    """A pair whose first step was used already is refused."""
    record, _ = verify(timed, Policy(), code(1000), at(1000))
    _, verdict = resync(record, Policy(), code(1000), code(1001), at(1001))

    assert (verdict.kind, verdict.factor, verdict.counted) == (Kind.REPLAYED, 1000, True)


@pytest.mark.parametrize("position", [0, 1])
def test_malformed_says_which_code(event: Record, code: Code, position: int) -> None:
    """A form with a malformed code is refused, names it by place, and counts for nothing."""
    pair = [code(10), code(11)]
    pair[position] = "12345\uff16"
    after, verdict = resync(event, Policy(), pair[0], pair[1], 0)

    assert (event, Kind.MALFORMED) == (after, verdict.kind)
    assert f"code {position + 1}: not only the digits 0 to 9" == verdict.note


@given(texts=st.tuples(*[st.text(st.characters()) | st.text("0123456789", max_size=7)] * 2))
def test_any_text_gets_a_verdict(event: Record, texts: tuple[str, str]) -> None:
    """Whatever is typed into a form, it answers and moves no counter back."""
    after, verdict = resync(event, Policy(resync_window=20, operator_search=0), *texts, 0)

    assert isinstance(verdict, Verdict)
    assert after.next_factor >= event.next_factor
