"""What holds for any history: no code twice, counter never back, no deadline missed.

A history is a list of acts at growing times: edges, dips, clocks set, counters set
forward, and damage done to one slot from outside.
"""

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model import (
    GALH,
    GALT,
    Advance,
    Crystal,
    Edge,
    Profile,
    Rtc,
    SetCounter,
    ShiftTime,
    State,
    SupplyDip,
    image,
    next_deadline,
    power_on,
    step,
)
from firmware_model.climate import Climate
from firmware_model.codec import digest, from_json, to_json
from firmware_model.damage import Damage, StuckBits
from firmware_model.errors import StimulusError
from firmware_model.nvm import SLOT_SIZE, decode_slot
from firmware_model.oath import Key
from firmware_model.profile import (
    SECOND,
    HoldAction,
    Loss,
    PressWhileLit,
    StepChange,
    TokenType,
    WeakBattery,
)
from firmware_model.state import next_counter
from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    CaseOpened,
    ClockJump,
    Drain,
    Effect,
    Harm,
    Lit,
    NvmWrite,
    Retune,
    Stimulus,
)

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken

GAPS = st.one_of(
    st.sampled_from([0, 1, 20_000_000, 28_000_000, 78_000_000, 2 * SECOND, 30 * SECOND]).flatmap(
        lambda ns: st.integers(max(ns - 1, 0), ns + 1)
    ),
    st.integers(0, 10**8),
    st.integers(0, 100 * SECOND),
)
"""Times between acts, in ns: at what the machine waits for, just off it, or anywhere."""

MATTER = ["battery", "drain", "ambient", "retune", "jump", "rot", "harm", "case"]
"""What happens to the token's matter."""

Act = tuple[str, int, bytes]
ACTS: st.SearchStrategy[Act] = st.tuples(
    st.sampled_from(
        ["press"] * 8 + ["edge"] * 3 + ["dip", "wait", "shift", "set", "damage"] + MATTER
    ),
    GAPS,
    st.binary(min_size=4, max_size=4),
)
HISTORIES = st.lists(ACTS, max_size=30)
EACH = settings().max_examples // 4
"""Histories of each of the profiles, of which there are many."""

_HOLDS = (HoldAction.NONE, HoldAction.SHOW_COUNTER, HoldAction.MENU)
PROFILES: list[Profile] = [
    *(dataclasses.replace(GALH, press_while_lit=rule) for rule in PressWhileLit),
    dataclasses.replace(GALH, hold_action=HoldAction.SHOW_COUNTER, commit_ns=0, compute_ns=0),
    *(
        dataclasses.replace(GALT, step_change=change, hold_action=hold, press_while_lit=rule)
        for change, hold, rule in zip(
            StepChange, [*HoldAction][:3], [*PressWhileLit][1:], strict=True
        )
    ),
    dataclasses.replace(GALT, step_s=1, time_bars=30, step_change=StepChange.REFRESH),
    dataclasses.replace(GALH, weak_battery=WeakBattery.ERROR, battery_gone=Loss.SECRET),
    dataclasses.replace(GALH, hold_action=HoldAction.MENU, battery_gone=Loss.LIFE),
    dataclasses.replace(GALT, life_days=1, time_settable=True, case_opened=Loss.LIFE),
    dataclasses.replace(GALT, weak_battery=WeakBattery.ERROR, step_change=StepChange.REFRESH),
    dataclasses.replace(GALH, battery_uah=1, lcd_na=10**9, brown_out_mv=500),
]


def stimuli_of(act: Act, state: State) -> list[Stimulus]:  # noqa: PLR0911  # one for each act
    """Translate an act into stimuli; damage is none."""
    name, gap_ns, (number, *_) = act
    at_ns = state.now_ns + gap_ns
    match name:
        case "press":
            return [Edge(at_ns, closed=True), Edge(at_ns + 100_000_000, closed=False)]
        case "edge":
            return [Edge(at_ns, closed=not state.closed)]
        case "dip":
            return [SupplyDip(at_ns)]
        case "wait":
            return [Advance(at_ns)]
        case "shift":
            return [ShiftTime(at_ns, (number - 128) * SECOND // 8)]
        case "set" if settable(state):
            return [SetCounter(state.now_ns, state.counter + number)]
    return matter(act, state)


def settable(state: State) -> bool:
    """Whether a tool can set the counter now."""
    return (
        state.config.token_type is TokenType.EVENT
        and not state.config.erased
        and not state.physics.damage.cells
        and state.mode.name in {"ASLEEP", "DEBOUNCING", "LIT", "SCREEN", "MENU", "ERROR"}
    )


def matter(act: Act, state: State) -> list[Stimulus]:  # noqa: PLR0911  # one for each kind
    """Translate an act on the token's matter; where it can't be, it is none."""
    name, gap_ns, (number, other, *_) = act
    at_ns, physics = state.now_ns + gap_ns, state.physics
    match name:
        case "battery" if physics.battery.present:
            return [BatteryOut(at_ns)]
        case "battery":
            return [BatteryIn(at_ns, physics.battery.capacity * number // 255)]
        case "drain" if physics.battery.present:
            # Mostly where the voltage falls off: from 80 % used to empty and beyond.
            permille = 800 + number if other < 192 else number
            return [Drain(at_ns, physics.battery.capacity * permille // 1000)]
        case "ambient":
            knots = ((0, (number - 128) * 400), (gap_ns + 1, (other - 128) * 400))
            return [Ambient(at_ns, Climate(at_ns, knots, number % 2 * (gap_ns + 2)))]
        case "retune":
            return [Retune(at_ns, Crystal((number - 128) * 10_000, -34, 25_000, other * 10))]
        case "jump" if state.config.token_type is TokenType.TIME:
            return [ClockJump(at_ns, (number - 128) * SECOND)]
        case "rot":
            return [BitRot(at_ns, 0xC0 + number % 64, other or 1)]
        case "harm":
            damage = Damage(dead=(number & 0x7F,), stuck=(0, other & 0x7F), jammed=number % 2 == 1)
            if other < 10:  # seldom, since such a token lights no more
                damage = damage._replace(cells=(StuckBits(0xC0 + number % 64, 1 + other, 0),))
            return [Harm(at_ns, damage)]
        case "case":
            return [CaseOpened(at_ns)]
    return []


def damaged(state: State, noise: bytes) -> State:
    """Flip bits in one slot, as if from outside."""
    which, position, flips, _ = noise
    slots = [bytearray(state.slot_a), bytearray(state.slot_b)]
    slots[which % 2][position % SLOT_SIZE] ^= flips or 0xFF
    return state._replace(slot_a=bytes(slots[0]), slot_b=bytes(slots[1]))


@given(HISTORIES)
def test_no_code_twice_and_no_counter_back(event_token: "MakeToken", history: list[Act]) -> None:
    """Whatever happens to an event token, every counter lights once and in rising order."""
    token = event_token()
    highest = -1
    for act in history:
        if act[0] == "damage":
            token.state = damaged(token.state, act[2])
        elif act[0] == "set" and token.state.mode.name in ("ASLEEP", "ERROR"):
            wanted = max(highest, token.state.counter) + act[2][0]
            with contextlib.suppress(StimulusError):  # erased, or worn
                token.do(SetCounter(token.state.now_ns, wanted))
        elif act[0] != "shift":
            token.do(*stimuli_of(act, token.state))
        counter = next_counter(token.state)
        if counter is not None:
            assert counter >= highest
            highest = counter
    factors = [effect.factor for effect in token.effects if isinstance(effect, Lit)]
    assert factors == sorted(set(factors))


@given(HISTORIES)
def test_committed_before_lit(event_token: "MakeToken", history: list[Act]) -> None:
    """The LCD never lights a code before a write that makes its counter a past one."""
    token = event_token()
    for act in history:
        token.do(*stimuli_of(act, token.state))
    committed = 0
    for effect in token.effects:
        if isinstance(effect, NvmWrite):
            whole = decode_slot(effect.data[-SLOT_SIZE:])
            committed = max(committed, whole[1] if whole else 0)
        elif isinstance(effect, Lit):
            assert committed >= effect.factor + 1


@given(HISTORIES)
def test_memory_is_whole_outside_a_commit(event_token: "MakeToken", history: list[Act]) -> None:
    """A power-on at any moment finds a counter that no lit code has reached."""
    token = event_token()
    for act in history:
        if act[0] in {"rot", "harm"}:
            continue  # breaks the memory outside a commit
        token.do(*stimuli_of(act, token.state))
        found, _ = power_on(image(token.state), token.state.now_ns)
        lit = [effect.factor for effect in token.effects if isinstance(effect, Lit)]
        assert found.counter > max(lit, default=-1)


# Time.


def one_by_one(state: State, stimulus: Stimulus, key: Key) -> tuple[State, list[Effect]]:
    """Go from deadline to deadline, as a driver does, and then to the stimulus."""
    effects: list[Effect] = []
    while (deadline := next_deadline(state)) is not None and deadline <= stimulus.at_ns:
        quiet, none = step(state, Advance(deadline - 1), key)
        assert () == none  # nothing happens between deadlines
        state, some = step(quiet, Advance(deadline), key)
        effects += some
    state, some = step(state, stimulus, key)
    return state, [*effects, *some]


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=EACH)
@given(
    history=HISTORIES,
    ppb=st.sampled_from([0, 11_600, -(10**8), 10**8]),
    splits=st.lists(st.fractions(0, 1), max_size=3),
)
def test_long_steps_and_short_ones_agree(
    make_token: "MakeToken", profile: Profile, history: list[Act], ppb: int, splits: list[float]
) -> None:
    """One long step, one from deadline to deadline, and any other split end up the same."""
    rtc = Rtc(-5, 1_000_000_000_000, Crystal(ppb))
    token = make_token(profile, rtc=rtc)
    key, long, short, split = token.key, token.state, token.state, token.state
    for act in history:
        for stimulus in stimuli_of(act, long):
            begin_ns = long.now_ns
            long, effects = step(long, stimulus, key)
            short, same = one_by_one(short, stimulus, key)
            also: list[Effect] = []
            for part in sorted(splits):
                at_ns = begin_ns + int((stimulus.at_ns - begin_ns) * part)
                split, some = step(split, Advance(at_ns), key)
                also += some
            split, some = step(split, stimulus, key)
            assert [*effects] == same == [*also, *some]
            assert long == short == split
    assert digest(long) == digest(short) == digest(split)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=EACH)
@given(HISTORIES)
def test_every_state_is_a_possible_one(
    make_token: "MakeToken", profile: Profile, history: list[Act]
) -> None:
    """What is due has been done, nothing is left over, and the state can be stored."""
    token = make_token(profile)
    known = {profile.name: profile}
    for act in history:
        token.do(*stimuli_of(act, token.state))
        deadline = next_deadline(token.state)
        assert deadline is None or deadline > token.state.now_ns
        assert token.state == from_json(to_json(token.state), token.config.secret, known)


@given(HISTORIES)
def test_replay(event_token: "MakeToken", history: list[Act]) -> None:
    """The same stimuli give the same effects and the same digest."""
    one, other = event_token(), event_token()
    for act in history:
        stimuli = stimuli_of(act, one.state)
        one.do(*stimuli)
        other.do(*stimuli)
    assert one.effects == other.effects
    assert digest(one.state) == digest(other.state)


def test_five_years_of_ten_presses_a_day(event_token: "MakeToken") -> None:
    """18,250 presses count to 18,250, in one go or from deadline to deadline."""
    token = event_token()
    key, long, short = token.key, token.state, token.state
    lit = 0
    for n in range(5 * 365 * 10):
        at_ns = n * 8_640 * SECOND
        for stimulus in (Edge(at_ns, closed=True), Edge(at_ns + 100_000_000, closed=False)):
            long, effects = step(long, stimulus, key)
            lit += sum(isinstance(effect, Lit) for effect in effects)
            while (deadline := next_deadline(short)) is not None and deadline <= stimulus.at_ns:
                short, _ = step(short, Advance(deadline), key)
            short, _ = step(short, stimulus, key)
    assert 18_250 == lit == long.counter == long.sequence
    assert digest(long) == digest(short)
