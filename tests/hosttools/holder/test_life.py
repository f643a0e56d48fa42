"""A life is planned: the same from the same seed, in order, one thing at a time."""

import dataclasses
import hashlib
import itertools
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.bench import MAX_HOLD_NS
from emulator.clock import parse_utc
from hosttools.errors import UsageError
from hosttools.holder import Act, Attempt, Habits, PressAct, SlipKind, Why, life, recovery
from hosttools.holder.acts import ACCIDENTS

S = 1_000_000_000
DAY = 86_400 * S
SERIAL = "GALH00000042"
MONDAY = parse_utc("2026-01-05T00:00:00Z")
ALONE: dict[str, Any] = {"pocket_bursts_per_day": 0, "child_bursts_per_year": 0}
CAREFUL: dict[str, Any] = {
    kind.value: 0 for kind in SlipKind if kind is not SlipKind.AGAIN_WHILE_LIT
} | {"again_while_lit": 0}
BUSY: dict[str, Any] = {
    "uses_per_day": 200,
    "pocket_bursts_per_day": 200,
    "child_bursts_per_year": 10_000,
    "pocket_hold_s": 20,
    "again_while_lit": 0.5,
    "submitted_twice": 0.5,
    "too_late": 0.2,
}


def lived(habits: Habits, days: int = 28, seed: int | str = 7, serial: str = SERIAL) -> list[Act]:
    """Return a whole life from a Monday on."""
    return list(life(habits, seed, serial, MONDAY, days))


def presses(acts: Iterable[Act], *why: Why) -> list[PressAct]:
    """Return the presses with such a reason."""
    return [a for a in acts if isinstance(a, PressAct) and a.why in why]


def attempts(acts: Iterable[Act]) -> list[Attempt]:
    """Return the attempts."""
    return [a for a in acts if isinstance(a, Attempt)]


def kinds(attempt: Attempt) -> set[SlipKind]:
    """Return the kinds of an attempt's slips."""
    return {slip.kind for slip in attempt.slips}


def digest(acts: Iterable[Act]) -> str:
    """Return a digest of everything in a life."""
    return hashlib.sha256("\n".join(map(repr, acts)).encode()).hexdigest()


# The seed.


def test_same_seed_same_life() -> None:
    """The same seed gives the same life, byte for byte."""
    assert repr(lived(Habits())).encode() == repr(lived(Habits())).encode()


def test_other_seed_other_life() -> None:
    """Another seed, and another token, gives another life."""
    lives = {
        digest(lived(Habits(), seed=seed, serial=serial))
        for seed, serial in ((7, SERIAL), (8, SERIAL), (7, "GALH00000043"))
    }
    assert 3 == len(lives)


def test_golden_life() -> None:
    """The default holder of seed 7 has this very year, on any machine and Python."""
    expected = "a38732502d54a26ec98e061c6567de8dd49a3df585e9070534e0c3c9f70c72c9"
    assert expected == digest(lived(Habits(), 365))


def test_another_process_plans_the_same() -> None:
    """A process with other hashes of strings plans the same life."""
    code = (
        "import hashlib; from hosttools.holder import Habits, life;"
        f"acts = life(Habits(), 7, {SERIAL!r}, {MONDAY}, 28);"
        "print(hashlib.sha256('\\n'.join(map(repr, acts)).encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert digest(lived(Habits())) == done.stdout.strip()


def test_pocket_leaves_the_signing_alone() -> None:
    """Another pocket moves no use, reading time or slip."""
    calm, rough = lived(Habits(pocket_bursts_per_day=0)), lived(Habits(pocket_bursts_per_day=9))
    assert attempts(calm) == attempts(rough)
    assert presses(calm, Why.SIGN) == presses(rough, Why.SIGN)
    assert presses(calm, Why.CHILD) == presses(rough, Why.CHILD)


def test_signing_leaves_the_pocket_alone() -> None:
    """Who signs less is pressed in the pocket at the same times, and perhaps at a few more."""
    less, more = (lived(Habits(uses_per_day=n, pocket_bursts_per_day=9)) for n in (0, 8))
    assert set(presses(more, Why.POCKET)) <= set(presses(less, Why.POCKET))


def test_a_slip_leaves_the_others_alone() -> None:
    """Somebody who transposes digits mistypes the same codes at the same times."""
    plain, hasty = (attempts(lived(Habits(mistyped=0.1, transposed=p))) for p in (0, 0.5))
    assert [a.at_ns for a in plain] == [a.at_ns for a in hasty]
    assert any(kinds(a) == {SlipKind.TRANSPOSED} for a in hasty)
    assert [a.slips for a in plain] == [
        tuple(s for s in a.slips if s.kind is not SlipKind.TRANSPOSED) for a in hasty
    ]


# Order.


@settings(max_examples=15)
@given(st.integers(), st.integers(-(2**60), 2**60), st.booleans())
def test_one_thing_at_a_time(seed: int, start_ns: int, busy: bool) -> None:  # noqa: FBT001  # drawn by hypothesis
    """Acts are strictly in time, and no press begins while the button is down."""
    acts = list(life(Habits(**BUSY if busy else {}), seed, SERIAL, start_ns, 2))
    for before, after in itertools.pairwise(acts):
        end_ns = before.end_ns if isinstance(before, PressAct) else before.at_ns
        assert end_ns < after.at_ns
    assert all(start_ns <= act.at_ns for act in acts)


def test_in_the_hand() -> None:
    """From the press to the submit, neither pocket nor child presses the token."""
    in_hand = False
    for act in lived(Habits(**BUSY), 3):
        if isinstance(act, Attempt):
            in_hand = False
        elif act.why in ACCIDENTS:
            assert not in_hand
        else:
            in_hand = True


def test_lazy() -> None:
    """A hundred years begin at once, and stop when told."""
    acts = life(Habits(), 7, SERIAL, MONDAY, 36_500)
    assert lived(Habits())[:50] == list(itertools.islice(acts, 50))


def test_longer_life_begins_the_same() -> None:
    """A longer life begins as a shorter one, up to what the end cut off."""
    short, long = lived(Habits(), 10), lived(Habits(), 20)
    assert short[:-3] == long[: len(short) - 3]


def test_nothing_begins_after_the_end() -> None:
    """No act begins after the days are over, but a use that has begun is finished."""
    acts = lived(Habits(**ALONE, **CAREFUL, uses_per_day=1000), 1)
    assert len(attempts(acts)) == len(presses(acts, Why.SIGN))


def test_no_days() -> None:
    """A life of no days is empty; one of less is refused at once."""
    assert [] == lived(Habits(), 0)
    with pytest.raises(UsageError, match="a life of -1 days; allowed are 0 and more"):
        life(Habits(), 7, SERIAL, MONDAY, -1)


# Habits.


def weeks(acts: Sequence[Act]) -> Counter[int]:
    """Count by day of the week, from Monday."""
    return Counter((a.at_ns - MONDAY) // DAY % 7 for a in acts)


def test_uses_per_day() -> None:
    """A year's uses are the habit's, by weight of the days, within 4 sigma."""
    acts = presses(lived(Habits(), 364), Why.SIGN)
    assert 52 * 5.3 * 8 == pytest.approx(len(acts), abs=4 * (52 * 5.3 * 8) ** 0.5)


def test_weekdays() -> None:
    """Days of weight 0 see no use."""
    habits = Habits(**ALONE, use_weekdays=(1, 0, 0, 0, 1, 0, 0))
    assert {0, 4} == set(weeks(presses(lived(habits), Why.SIGN)))


def test_hours_are_local() -> None:
    """Hours are those of the clock on the wall: 9 h at UTC+2 is 7 h UTC."""
    nine = tuple(float(hour == 9) for hour in range(24))
    habits = Habits(**ALONE, use_hours=nine, utc_offset_min=120)
    hours = {a.at_ns // (3600 * S) % 24 for a in presses(lived(habits), Why.SIGN)}
    assert {7} == hours


def test_no_uses() -> None:
    """Who never signs and lives alone without pockets does nothing."""
    assert [] == lived(Habits(**ALONE, uses_per_day=0))


def test_bursts_have_a_tail() -> None:
    """Most pocket bursts are of a few presses, and some of dozens."""
    gaps_s = 3600
    habits = Habits(uses_per_day=0, child_bursts_per_year=0, pocket_bursts_per_day=2)
    sizes, last_ns = [0], 0
    for act in lived(habits, 365):
        if act.at_ns - last_ns > gaps_s * S:
            sizes.append(0)
        sizes[-1] += 1
        last_ns = act.at_ns
    sizes.sort()
    assert 2 <= sizes[len(sizes) // 2] <= 5
    assert sizes[-1] > 40


def test_child() -> None:
    """A child plays for minutes."""
    habits = Habits(uses_per_day=0, pocket_bursts_per_day=0, child_bursts_per_year=365)
    acts = lived(habits)
    assert {Why.CHILD} == {a.why for a in acts if isinstance(a, PressAct)}
    assert len(acts) > 28 * 40


def test_holds() -> None:
    """Holds follow their median, and never outlast what a bench can do."""
    holds = sorted(a.hold_ns for a in presses(lived(Habits(), 100), Why.SIGN))
    assert 0.1 == pytest.approx(holds[len(holds) // 2] / S, rel=0.05)
    stuck = Habits(uses_per_day=0, pocket_bursts_per_day=1, pocket_hold_s=3600, pocket_hold_sigma=2)
    assert MAX_HOLD_NS == max(a.hold_ns for a in presses(lived(stuck, 100), Why.POCKET))


@pytest.mark.parametrize("kind", [k for k in SlipKind if k is not SlipKind.FIRST_TWICE])
def test_certain_slip(kind: SlipKind) -> None:
    """A slip of probability 1 happens each time, and no other one does."""
    habits = Habits(**ALONE, **CAREFUL | {kind.value: 1})
    assert {frozenset({kind})} == {frozenset(kinds(a)) for a in attempts(lived(habits, 5))}


def test_no_slips() -> None:
    """A careful holder presses once and submits once, each time."""
    acts = lived(Habits(**ALONE, **CAREFUL), 5)
    assert [PressAct, Attempt] * (len(acts) // 2) == [type(a) for a in acts]
    assert all(a.slips == () for a in attempts(acts))


def test_again_while_lit() -> None:
    """The second press belongs to the same use, and the reading begins after it."""
    acts = lived(Habits(**ALONE, **CAREFUL | {"again_while_lit": 1}), 2)
    first, again, done = acts[:3]
    assert isinstance(first, PressAct)
    assert isinstance(again, PressAct)
    assert isinstance(done, Attempt)
    assert (Why.SIGN, Why.AGAIN_WHILE_LIT) == (first.why, again.why)
    assert (first.use, again.at_ns) == (again.use, done.pressed_ns)


def test_too_late() -> None:
    """What is typed too late is typed after the lit time."""
    late = attempts(lived(Habits(**ALONE, **CAREFUL | {"too_late": 1}), 5))
    assert all(a.at_ns - a.pressed_ns > 30 * S for a in late)


def test_submitted_twice() -> None:
    """The second submit has the slips of the first."""
    acts = lived(Habits(**ALONE, **CAREFUL | {"submitted_twice": 1, "mistyped": 1}), 5)
    first, second = attempts(acts)[:2]
    assert dataclasses.replace(first, at_ns=second.at_ns) == second


# After a refusal.


def test_recovery() -> None:
    """After a refusal come fresh codes, then the resync form, each after the dark."""
    habits = Habits(**CAREFUL, retries=2)
    acts = list(recovery(habits, 7, SERIAL, 3, MONDAY))
    retry, resync = Why.RETRY, Why.RESYNC
    assert [retry, None, retry, None, resync, resync, None] == [
        a.why if isinstance(a, PressAct) else None for a in acts
    ]
    assert [False, False, True] == [a.pair for a in attempts(acts)]
    assert {3} == {a.use for a in acts}
    times = [MONDAY, *(a.at_ns for a in presses(acts, retry, resync))]
    assert all(b - a > 30 * S for a, b in itertools.pairwise(times))


def test_first_twice_in_the_form() -> None:
    """The first code may be typed twice in the form, and only there."""
    acts = recovery(Habits(**CAREFUL | {"first_twice": 1}), 7, SERIAL, 0, MONDAY)
    assert [set(), {SlipKind.FIRST_TWICE}] == [kinds(a) for a in attempts(acts)]


def test_recoveries_differ() -> None:
    """Each use has a recovery of its own, the same at each asking."""
    first, again, other = (list(recovery(Habits(), 7, SERIAL, use, MONDAY)) for use in (0, 0, 1))
    assert first == again
    assert [a.at_ns for a in first] != [a.at_ns for a in other]
