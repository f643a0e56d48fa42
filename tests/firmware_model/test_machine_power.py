"""The supply fails: in every mode, and at every byte of a commit."""

from typing import TYPE_CHECKING

import pytest

from firmware_model import Edge, Mode, SetCounter, SupplyDip, image, lcd, next_deadline, power_on
from firmware_model.nvm import SLOT_A, SLOT_B, SLOT_SIZE, decode_slot
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import SECOND, HoldAction
from firmware_model.stimuli import (
    Accepted,
    BatteryOut,
    Booted,
    Dark,
    Effect,
    Lit,
    NvmWrite,
    PowerLost,
    Shown,
)

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken, Token

DEBOUNCE_NS, COMMIT_NS, LIT_NS = 20_000_000, 8_000_000, 78_000_000
DIP_AT = {
    Mode.ASLEEP: 100 * SECOND,
    Mode.DEBOUNCING: 10_000_000,
    Mode.COMMITTING: DEBOUNCE_NS,
    Mode.COMPUTING: DEBOUNCE_NS + COMMIT_NS,
    Mode.LIT: LIT_NS,
    Mode.SCREEN: 3 * SECOND,
    Mode.MENU: 3 * SECOND,
}
"""When a held button has brought the token into each mode."""


def brought_to(mode: Mode, token: "Token") -> "Token":
    """Bring a new event token with a hold action into a mode."""
    if mode is Mode.ERROR:
        token.state, _ = power_on(
            image(token.state)[:SLOT_A] + bytes(64),
            0,
            profiles={token.config.profile.name: token.config.profile},
        )
        return token
    if mode is Mode.DEAD:
        token.do(SetCounter(0, MAX_COUNTER - 1))
        token.press(0)
        token.run(100 * SECOND)
        token.press(100 * SECOND)
        return token
    if mode is Mode.OFF:
        token.do(BatteryOut(0))
        return token
    token.do(Edge(0, closed=True))
    if mode is Mode.ASLEEP:
        token.do(Edge(SECOND, closed=False))
    token.run(DIP_AT[mode])
    return token


@pytest.mark.parametrize("mode", Mode)
def test_dip_in_every_mode(event_token: "MakeToken", mode: Mode) -> None:
    """RAM is lost, the LCD is dark before the power is, and the memory decides what comes."""
    action = HoldAction.MENU if mode is Mode.MENU else HoldAction.SHOW_COUNTER
    token = brought_to(mode, event_token(hold_action=action))
    assert mode is token.state.mode
    if mode is Mode.OFF:
        assert [] == token.do(SupplyDip(token.state.now_ns))
        return
    was_lit, now_ns = lcd(token.state).lit, token.state.now_ns
    effects = token.do(SupplyDip(now_ns))
    expected: list[Effect] = [Dark(now_ns)] if was_lit else []
    counter = 0 if mode in {Mode.DEBOUNCING, Mode.COMMITTING} else 1
    if mode is Mode.ERROR:
        expected += [
            PowerLost(now_ns),
            Shown(now_ns, "------"),
            Booted(now_ns, None, repaired=False),
        ]
    elif mode is Mode.DEAD:
        expected += [PowerLost(now_ns), Booted(now_ns, MAX_COUNTER, repaired=False)]
    else:
        expected += [PowerLost(now_ns), Booted(now_ns, counter, repaired=False)]
    assert expected == effects
    stays = (Mode.ERROR, Mode.DEAD)
    assert (mode if mode in stays else Mode.ASLEEP) is token.state.mode
    assert (token.state.fail_ns if mode is Mode.ERROR else None) == next_deadline(token.state)


@pytest.mark.parametrize("written", range(SLOT_SIZE))
def test_dip_at_every_byte_of_the_commit(event_token: "MakeToken", written: int) -> None:
    """A torn commit leaves its bytes so far; no code repeats and the next press works."""
    token = event_token()
    for n in range(300):  # past 255, so that more than one byte of the counter changes
        token.press(n * 40 * SECOND)
    begin_ns = 20_000 * SECOND
    counter, older = token.state.counter, token.state.older
    before = image(token.state)
    token.do(Edge(begin_ns, closed=True))
    dip_ns = begin_ns + DEBOUNCE_NS + -(-written * COMMIT_NS // SLOT_SIZE)
    effects = token.do(SupplyDip(dip_ns))
    torn = [effect for effect in effects if isinstance(effect, NvmWrite)][: 1 if written else 0]
    assert [written] * bool(written) == [len(effect.data) for effect in torn]
    assert [older] * bool(written) == [effect.offset for effect in torn]
    old_slot = before[older : older + SLOT_SIZE]
    left = (torn[0].data if torn else b"") + old_slot[written:]
    damaged = decode_slot(left) is None
    assert Booted(dip_ns, counter + damaged, repaired=damaged) == effects[-1]
    assert decode_slot(token.state.slot_a) is not None
    assert decode_slot(token.state.slot_b) is not None
    other = SLOT_A + SLOT_B - older
    assert before[other : other + SLOT_SIZE] == image(token.state)[other : other + SLOT_SIZE]
    token.do(Edge(dip_ns + SECOND, closed=False))
    token.press(dip_ns + 2 * SECOND)
    factors = [effect.factor for effect in token.effects if isinstance(effect, Lit)]
    assert factors == sorted(set(factors))
    assert counter + damaged == factors[-1]


def test_one_nanosecond_before_the_write_is_whole(event_token: "MakeToken") -> None:
    """A write is torn until its last nanosecond, and whole at it."""
    token = event_token()
    token.do(Edge(0, closed=True), SupplyDip(DEBOUNCE_NS + COMMIT_NS - 1))
    torn = next(effect for effect in token.effects if isinstance(effect, NvmWrite))
    assert SLOT_SIZE - 1 == len(torn.data)
    token = event_token()
    token.do(Edge(0, closed=True), SupplyDip(DEBOUNCE_NS + COMMIT_NS))
    whole = next(effect for effect in token.effects if isinstance(effect, NvmWrite))
    assert (0, 1) == (token.effects.index(Accepted(DEBOUNCE_NS, 0)), token.state.counter)
    assert (1, 1) == decode_slot(whole.data)


def test_code_of_an_interrupted_computation_is_skipped(event_token: "MakeToken") -> None:
    """A code whose counter was written and that never lit is skipped, not repeated."""
    token = event_token()
    token.do(Edge(0, closed=True), SupplyDip(LIT_NS - 1), Edge(SECOND, closed=False))
    token.press(2 * SECOND)
    assert [1] == [effect.factor for effect in token.effects if isinstance(effect, Lit)]


def test_time_token_boots_on_its_own_clock(time_token: "MakeToken") -> None:
    """A dip leaves the clock of a time token alone."""
    token = time_token()
    token.do(SupplyDip(95 * SECOND))
    assert 3 == next(e.factor for e in token.press(95 * SECOND) if isinstance(e, Lit))


def test_dips_in_a_row(event_token: "MakeToken") -> None:
    """Power that fails again and again loses nothing."""
    token = event_token()
    token.press(0)
    token.do(*(SupplyDip(SECOND) for _ in range(10)))
    assert 1 == token.state.counter
