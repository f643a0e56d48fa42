"""Signals change when the model does, and never tell a code."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import GALH, GALT, Key, Mode, Secret, configure, manufacture
from firmware_model.contact import BOUNCES
from firmware_model.damage import UNHARMED, Damage
from firmware_model.machine import step
from firmware_model.profile import MILLISECOND, SECOND, Profile
from firmware_model.state import State
from firmware_model.stimuli import (
    Advance,
    BatteryOut,
    BitRot,
    Drain,
    Edge,
    ShiftTime,
    Stimulus,
    SupplyDip,
)
from hosttools.errors import UsageError
from hosttools.trace.signals import SIGNALS, TAIL_NS, Sample, presses, signals

SECRET = Secret(b"12345678901234567890")
AT = 100 * MILLISECOND
ACCEPTED = AT + GALH.debounce_ns
COMMITTED = ACCEPTED + GALH.commit_ns
LIT = COMMITTED + GALH.compute_ns
DARK = LIT + GALH.lit_ns


def token(profile: Profile = GALH, percent: int = 100) -> tuple[State, Key]:
    """Return a new token at time 0, and its key."""
    config = configure("GALH00004226" if profile is GALH else "GALT00006238", profile, SECRET)
    key = Key(SECRET, config.algorithm)
    state = manufacture(config, 0)
    used = state.physics.battery.capacity * (100 - percent) // 100
    return step(state, Drain(0, used), key)[0], key


def run(
    stimuli: Sequence[Stimulus], profile: Profile = GALH, percent: int = 100
) -> dict[int, Sample]:
    """Return the samples of a token by their time."""
    state, key = token(profile, percent)
    return {sample.at_ns: sample for sample in signals(state, stimuli, key)}


def press(at_ns: int = AT, damage: Damage = UNHARMED) -> list[Edge]:
    """Return the edges of a press of 0.1 s."""
    return presses([(at_ns, 100 * MILLISECOND)], damage)


def test_every_change_has_its_nanosecond() -> None:
    """Press, debounce, write, light and dark are where the profile puts them."""
    found = run(press())

    assert found[AT].contact
    assert not found[AT].button
    assert found[ACCEPTED].button
    assert (Mode.COMMITTING, True, 0) == found[ACCEPTED][3:6]
    assert (Mode.COMPUTING, False, 1) == found[COMMITTED][3:6]
    assert ("code", 0) == (found[LIT].screen, found[LIT].factor)
    assert ("dark", None) == (found[DARK].screen, found[DARK].factor)
    assert max(found) == DARK + TAIL_NS


def test_bounce_shows_on_the_contact_only() -> None:
    """However often the contact bounces, the debounced line rises once."""
    found = list(run(press(damage=Damage(bounce=BOUNCES["long"]))).values())

    def rises(values: list[bool]) -> int:
        return sum(b > a for a, b in pairwise(values))

    assert 7 == rises([s.contact for s in found])
    assert 1 == rises([s.button for s in found])


def test_supply_sinks_in_a_line_and_is_back_at_once() -> None:
    """Half-way through the fall it is half-way down; the lit LCD is no load to speak of."""
    found = run(press())
    open_mv, half_mv, low_mv = (
        found[ACCEPTED + part * GALH.droop_ns // 2].millivolts for part in range(3)
    )

    assert low_mv < half_mv < open_mv
    assert abs((open_mv + low_mv) / 2 - half_mv) <= 1
    assert open_mv - found[LIT].millivolts <= 1


def test_current_follows_the_mode() -> None:
    """Asleep, at work and lit, it is the profile's."""
    found = run(press())

    assert GALH.quiescent_na == found[0].nanoamps
    assert GALH.quiescent_na + GALH.active_na == found[ACCEPTED].nanoamps
    assert GALH.quiescent_na + GALH.lcd_na == found[LIT].nanoamps


def test_brown_out_is_seen() -> None:
    """The last sample before a brown-out is at the voltage that the firmware needs."""
    found = list(run(press(), percent=1).values())
    (last,) = [
        before
        for before, after in pairwise(found)
        if before.mode is Mode.COMMITTING and after.mode is Mode.ASLEEP
    ]

    assert 0 <= last.millivolts - GALH.brown_out_mv <= 1
    assert not any(sample.lit for sample in found)


def test_torn_write_counts() -> None:
    """A write that the supply tears went into the NVM, as did the one that mends it."""
    found = run([*press()[:1], SupplyDip(ACCEPTED + GALH.commit_ns // 2)])

    assert 2 <= found[ACCEPTED + GALH.commit_ns // 2].nvm_writes


def test_without_battery() -> None:
    """A token whose battery is pulled has neither voltage nor current."""
    found = run([BatteryOut(SECOND)])

    assert (Mode.OFF, 0, 0) == (
        found[SECOND].mode,
        found[SECOND].millivolts,
        found[SECOND].nanoamps,
    )


def test_dashes_are_shown_and_not_waited_for() -> None:
    """What is no code is shown as it is; dashes for years don't make a trace of years."""
    rot = [BitRot(SECOND, offset, 1) for offset in (0xC0, 0xE0)]
    found = run([*rot, SupplyDip(SECOND)])

    assert "------" == found[SECOND].screen
    assert SECOND + TAIL_NS == max(found)


def test_no_code_in_any_signal() -> None:
    """The digits of a lit code are in no sample."""
    found = run(press())

    assert not any("755224" in repr(sample) for sample in found.values())
    assert not any("755224" in str(s.value(found[LIT])) for s in SIGNALS)


def test_time_token_writes_nothing() -> None:
    """A time token computes at once; its factor is the step."""
    found = run(press(61 * SECOND), profile=GALT)

    assert not any(sample.nvm_write for sample in found.values())
    assert {None, 2} == {sample.factor for sample in found.values()}


def test_until() -> None:
    """A trace ends when it is told to; what comes later is refused."""
    state, key = token()

    assert SECOND == list(signals(state, press(), key, until_ns=SECOND))[-1].at_ns
    with pytest.raises(UsageError, match="after the end"):
        list(signals(state, press(), key, until_ns=AT))


def test_one_time_axis() -> None:
    """The bench's clock can't be set during a trace."""
    state, key = token()
    with pytest.raises(UsageError, match="clock"):
        list(signals(state, [ShiftTime(SECOND, -SECOND)], key))


def test_overlapping_presses() -> None:
    """A finger lets go before it presses again."""
    with pytest.raises(UsageError, match="let go"):
        presses([(0, SECOND), (SECOND, SECOND)], UNHARMED)


@given(st.lists(st.integers(1, 40 * SECOND), max_size=8), st.integers(0, 100))
def test_laws(gaps: list[int], percent: int) -> None:
    """Whatever edges come: times rise, neighbours differ, and the end is the model's end."""
    edges, at_ns = [], 0
    for number, gap in enumerate(gaps):
        at_ns += gap
        edges.append(Edge(at_ns, closed=number % 2 == 0))
    state, key = token(percent=percent)
    found = list(signals(state, edges, key))

    assert sorted({s.at_ns for s in found}) == [s.at_ns for s in found]
    inner = found[:-1]
    assert all(a[1:] != b[1:] for a, b in pairwise(inner))
    assert all(0 <= sample.millivolts <= 3_200 for sample in found)
    for edge in edges:
        state, _ = step(state, edge, key)
    state, _ = step(state, Advance(found[-1].at_ns), key)
    assert (state.mode, state.closed, state.button) == (
        found[-1].mode,
        found[-1].contact,
        found[-1].button,
    )
