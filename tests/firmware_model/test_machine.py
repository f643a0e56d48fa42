"""Power-on, setting the counter, the clock and what can't happen."""

import dataclasses
from typing import TYPE_CHECKING

import pytest

from firmware_model import (
    GALH,
    Advance,
    Algorithm,
    Crystal,
    Edge,
    Key,
    Mode,
    Rtc,
    Secret,
    SetCounter,
    ShiftTime,
    SupplyDip,
    configure,
    image,
    lcd,
    manufacture,
    new_image,
    next_deadline,
    power_on,
    step,
    token_time,
)
from firmware_model.errors import ImageError, StimulusError
from firmware_model.nvm import SLOT_A, SLOT_B, encode_slot
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import SECOND, HoldAction, PressWhileLit
from firmware_model.state import LAST_NS, next_counter
from firmware_model.stimuli import Accepted, Booted, Dark, Lit, NvmWrite, Refusal, Refused, Shown

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken

LIT_NS = 78_000_000
"""When the LCD lights after the contact closed: debounce, commit and compute time."""
DARK_NS = LIT_NS + 30 * SECOND
SECRET = Secret(b"12345678901234567890")
SPENT = MAX_COUNTER - 1


def test_appendix_d_press_by_press(event_token: "MakeToken") -> None:
    """Ten presses give the ten codes of RFC 4226 appendix D."""
    token = event_token()
    for n in range(10):
        token.press(n * 31 * SECOND)
    codes = [effect.code for effect in token.effects if isinstance(effect, Lit)]
    expected = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
    assert expected.split() == codes


def test_one_press_effect_by_effect(event_token: "MakeToken") -> None:
    """A press is accepted, written, lit and dark, each at its time to the nanosecond."""
    token = event_token()
    token.press(0)
    token.run(DARK_NS)
    slot = encode_slot(1, 1)
    expected = [
        Accepted(20_000_000, 0),
        NvmWrite(28_000_000, SLOT_A, slot),
        Lit(LIT_NS, "755224", 0),
        Dark(DARK_NS),
    ]
    assert expected == token.effects
    assert slot == image(token.state)[SLOT_A:SLOT_B]


def test_new_token_boots(event_token: "MakeToken") -> None:
    """A new token is asleep at its first counter and has nothing to repair."""
    config = event_token().config
    state, effects = power_on(new_image(config), 5)
    assert (Booted(5, 0, repaired=False),) == effects
    assert (Mode.ASLEEP, 0, 5) == (state.mode, state.counter, state.now_ns)
    assert manufacture(config, 5) == state


def test_damaged_slot_is_repaired_at_power_on(event_token: "MakeToken") -> None:
    """One damaged slot: the other's counter plus one, written over the damage."""
    token = event_token()
    token.press(0)
    whole = image(token.state)
    for begin, counter in ((SLOT_A, 1), (SLOT_B, 2)):
        damaged = whole[:begin] + bytes(32) + whole[begin + 32 :]
        state, effects = power_on(damaged, 7)
        write, booted = effects
        assert isinstance(write, NvmWrite)
        assert (7, begin, encode_slot(state.sequence, counter)) == write
        assert Booted(7, counter, repaired=True) == booted
        assert counter == state.counter
        assert power_on(image(state), 8)[0].counter == counter


def test_both_slots_broken(event_token: "MakeToken") -> None:
    """Two broken slots: dashes, no counter, and every press refused."""
    token = event_token()
    broken = image(token.state)[:SLOT_A] + bytes(64)
    token.state, effects = power_on(broken, 0)
    assert (Shown(0, "------"), Booted(0, None, repaired=False)) == effects
    assert "------" == lcd(token.state).text
    assert next_counter(token.state) is None
    assert token.state.fail_ns == next_deadline(token.state)  # the battery's end
    assert [Refused(SECOND + 20_000_000, Refusal.ERROR)] == token.press(SECOND)
    assert "------" == lcd(token.state).text
    assert broken == image(token.state)


def test_broken_factory_record(event_token: "MakeToken") -> None:
    """A token whose factory record is damaged can't be powered on."""
    with pytest.raises(ImageError, match="CRC"):
        power_on(b"GALHNVM\0\0\1" + image(event_token().state)[10:][::-1], 0)


def test_custom_profile_is_powered_on_with_its_profile() -> None:
    """A profile of one's own works from manufacture to power-on."""
    profile = dataclasses.replace(GALH, name="OWN", digits=8)
    config = configure("GALH00000042", profile, SECRET)
    state = manufacture(config, 0)
    assert state == power_on(image(state), 0, profiles={"OWN": profile})[0]
    with pytest.raises(ImageError, match="OWN"):
        power_on(image(state), 0)


# Setting the counter.


def test_set_counter_writes_both_slots(event_token: "MakeToken") -> None:
    """The counter that is set is in both slots, and the next code is that counter's."""
    token = event_token()
    effects = token.do(SetCounter(9, 9))
    expected = [NvmWrite(9, SLOT_A, encode_slot(1, 9)), NvmWrite(9, SLOT_B, encode_slot(2, 9))]
    assert expected == effects
    assert 9 == power_on(image(token.state), 0)[0].counter
    assert "520489" in [effect.code for effect in token.press(9) if isinstance(effect, Lit)]


def test_set_counter_back(event_token: "MakeToken") -> None:
    """The counter may be set back: both slots have it, and a power-on believes it."""
    token = event_token()
    token.do(SetCounter(0, 100), SetCounter(0, 3))
    assert 3 == power_on(image(token.state), 0)[0].counter


def test_set_back_cut_short_never_loses_the_higher_counter(event_token: "MakeToken") -> None:
    """After half a set-back and a torn commit the counter is still not below the higher one."""
    token = event_token()
    token.do(SetCounter(0, 100))
    whole = image(token.state)
    first, _ = token.do(SetCounter(0, 3))
    assert isinstance(first, NvmWrite)
    half = whole[: first.offset] + first.data + whole[first.offset + 32 :]
    token.state, _ = power_on(half, 0)
    assert 100 == token.state.counter
    token.do(Edge(0, closed=True), SupplyDip(24_000_000))
    assert 101 == token.state.counter


def test_set_counter_while_lit(event_token: "MakeToken") -> None:
    """While lit the counter can be set; the code stays as it is."""
    token = event_token()
    token.press(0)
    token.do(SetCounter(SECOND, 50))
    assert ("755224", 50) == (lcd(token.state).text, token.state.counter)
    assert [Dark(DARK_NS)] == token.run(DARK_NS)


def test_set_counter_while_the_counter_is_shown(event_token: "MakeToken") -> None:
    """A counter screen shows the counter that is set."""
    token = event_token(hold_action=HoldAction.SHOW_COUNTER)
    token.do(Edge(0, closed=True), Advance(3 * SECOND))
    assert "     1" == lcd(token.state).text
    assert Shown(4 * SECOND, "    1F") == token.do(SetCounter(4 * SECOND, 31))[-1]
    assert (Mode.SCREEN, "    1F") == (token.state.mode, lcd(token.state).text)


def test_set_counter_revives_a_broken_token(event_token: "MakeToken") -> None:
    """Setting the counter of a token in error makes both slots good and the LCD dark."""
    token = event_token()
    token.state, _ = power_on(image(token.state)[:SLOT_A] + bytes(64), 0)
    dark, *writes = token.do(SetCounter(5, 7))
    assert Dark(5) == dark
    assert [SLOT_A, SLOT_B] == [write.offset for write in writes if isinstance(write, NvmWrite)]
    assert (Mode.ASLEEP, 7) == (token.state.mode, token.state.counter)
    assert 7 == power_on(image(token.state), 6)[0].counter


@pytest.mark.parametrize("at_ns", [20_000_000, 27_999_999, 28_000_000, LIT_NS - 1])
def test_set_counter_while_busy(event_token: "MakeToken", at_ns: int) -> None:
    """From the accepted press until the code is lit the counter can't be set."""
    token = event_token()
    token.do(Edge(0, closed=True))
    before = token.state
    with pytest.raises(StimulusError, match="busy with a press"):
        token.do(SetCounter(at_ns, 5))
    assert before is token.state


@pytest.mark.parametrize("counter", [-1, MAX_COUNTER, MAX_COUNTER + 1])
def test_impossible_counter(event_token: "MakeToken", counter: int) -> None:
    """A counter that has no code, or no room, can't be set."""
    with pytest.raises(StimulusError, match="allowed are 0 to"):
        event_token().do(SetCounter(0, counter))


def test_time_token_has_no_counter_to_set(time_token: "MakeToken") -> None:
    """A time token's counter can't be set."""
    with pytest.raises(StimulusError, match="time token"):
        time_token().do(SetCounter(0, 5))


# The end of the counter.


def test_roll_over_leads_to_dead(event_token: "MakeToken") -> None:
    """The last counter's code is shown; then the token is dead and never wraps."""
    token = event_token()
    token.do(SetCounter(0, SPENT))
    assert SPENT in [effect.factor for effect in token.press(0) if isinstance(effect, Lit)]
    token.run(DARK_NS)
    for n in (1, 2):
        at_ns = n * 40 * SECOND
        assert [Refused(at_ns + 20_000_000, Refusal.DEAD)] == token.press(at_ns)
    assert Mode.DEAD is token.state.mode
    assert "" == lcd(token.state).text


def test_dead_token_boots_dead(event_token: "MakeToken") -> None:
    """A used-up counter stays used up through a power-on."""
    token = event_token()
    token.do(SetCounter(0, SPENT))
    token.press(0)
    token.do(SupplyDip(SECOND))
    assert Booted(SECOND, MAX_COUNTER, repaired=False) == token.effects[-1]
    assert Mode.DEAD is token.state.mode
    assert [Refused(2 * SECOND + 20_000_000, Refusal.DEAD)] == token.press(2 * SECOND)


def test_spent_press_while_lit_goes_dark(event_token: "MakeToken") -> None:
    """Where a press while lit wants a new code and there is none, the LCD goes dark."""
    token = event_token(press_while_lit=PressWhileLit.NEW_CODE)
    token.do(SetCounter(0, SPENT))
    token.press(0)
    at_ns = SECOND + 20_000_000
    assert [Dark(at_ns), Refused(at_ns, Refusal.DEAD)] == token.press(SECOND)
    token.run(2 * SECOND)
    assert next_deadline(token.state) is None


def test_dead_token_is_revived_by_setting_the_counter(event_token: "MakeToken") -> None:
    """A dead token whose counter is set goes on from there."""
    token = event_token()
    token.do(SetCounter(0, SPENT))
    token.press(0)
    token.do(SupplyDip(SECOND), SetCounter(SECOND, 0))
    assert Lit(SECOND + LIT_NS, "755224", 0) in token.press(SECOND)


def test_time_token_is_never_spent(time_token: "MakeToken") -> None:
    """A time token whose slots say otherwise is not dead."""
    token = time_token()
    slot = encode_slot(0, MAX_COUNTER)
    state, _ = power_on(image(token.state)[:SLOT_A] + slot * 2, 0)
    assert Mode.ASLEEP is state.mode


def test_sequence_starts_again(event_token: "MakeToken") -> None:
    """A sequence number whose bytes are full starts again, and the counter goes on."""
    token = event_token(nvm_endurance=MAX_COUNTER)
    slots = encode_slot(MAX_COUNTER, 4) + encode_slot(MAX_COUNTER - 1, 3)
    token.state, _ = power_on(
        image(token.state)[:SLOT_A] + slots, 0, profiles={GALH.name: token.config.profile}
    )
    token.press(0)
    token.do(SupplyDip(SECOND))
    assert (5, Mode.ASLEEP) == (token.state.counter, token.state.mode)


# What can't happen.


def test_time_does_not_run_back(event_token: "MakeToken") -> None:
    """A stimulus before the state's time is refused."""
    token = event_token(at_ns=100)
    with pytest.raises(StimulusError, match="time doesn't run back"):
        token.run(99)
    assert [] == token.run(100)


@pytest.mark.parametrize("at_ns", [LAST_NS + 1, 2**63 - 1, 2**63, 2**80])
def test_the_end_of_time(event_token: "MakeToken", at_ns: int) -> None:
    """A time past the last one is refused, and the last one is not."""
    token = event_token(quiescent_na=0)
    with pytest.raises(StimulusError, match="allowed are"):
        token.run(at_ns)
    with pytest.raises(StimulusError, match="allowed are"):
        token.do(ShiftTime(0, at_ns))
    with pytest.raises(StimulusError, match="allowed are"):
        manufacture(token.config, -at_ns)
    with pytest.raises(StimulusError, match="allowed are"):
        event_token(rtc=Rtc(0, at_ns))
    token.press(LAST_NS - SECOND)
    token.run(LAST_NS)
    assert "755224" == lcd(token.state).text


@pytest.mark.parametrize("ppb", [10**8 + 1, -(10**8) - 1, -(10**9)])
def test_impossible_crystal(event_token: "MakeToken", ppb: int) -> None:
    """A crystal that is off by more than a tenth is refused."""
    with pytest.raises(StimulusError, match="ppb"):
        event_token(rtc=Rtc(0, 0, Crystal(ppb)))


@pytest.mark.parametrize(
    "key", [Key(Secret(bytes(20))), Key(SECRET, Algorithm.SHA256)], ids=["secret", "algorithm"]
)
def test_key_of_another_token(event_token: "MakeToken", key: Key) -> None:
    """A code is never computed with a key that is not the token's."""
    state, _ = step(event_token().state, Edge(0, closed=True), key)
    with pytest.raises(StimulusError, match=f"not {key.key_id}"):
        step(state, Advance(SECOND), key)


# The clock is set.


def test_shift_ages_nothing(time_token: "MakeToken") -> None:
    """Setting the clock moves every time of the token along, and no lit time is lost."""
    token = time_token(rtc=Rtc(0, 0, Crystal(11_600)))
    token.press(0)
    before = token.state
    token.do(ShiftTime(SECOND, 10**15))
    assert token.state.now_ns == 10**15 + SECOND
    assert token.state.done_ns == before.done_ns + 10**15
    assert token_time(before, SECOND) + 10**15 == token_time(token.state)
    assert Dark(before.done_ns + 10**15) in token.run(10**15 + 40 * SECOND)


def test_shift_back(event_token: "MakeToken") -> None:
    """The clock may be set back, below 1970 too."""
    token = event_token()
    token.do(Edge(0, closed=True), ShiftTime(10_000_000, -SECOND))
    effects = token.run(0)
    assert Accepted(20_000_000 - SECOND, 0) == effects[0]


def test_shift_and_back_is_no_change(time_token: "MakeToken") -> None:
    """A clock that is set and set back leaves the state as it was."""
    token = time_token(rtc=Rtc(0, 3, Crystal(-5_000)))
    token.press(0)
    token.run(SECOND)
    before = token.state
    token.do(ShiftTime(SECOND, 10**17), ShiftTime(SECOND + 10**17, -(10**17)))
    assert before == token.state


def test_negative_times(time_token: "MakeToken") -> None:
    """A token lives before 1970 as well as after."""
    token = time_token(at_ns=-100 * SECOND, t0_s=-120)
    assert [0] == [
        effect.factor for effect in token.press(-100 * SECOND) if isinstance(effect, Lit)
    ]
    token.run(0)
    assert [4] == [effect.factor for effect in token.press(0) if isinstance(effect, Lit)]


def test_t0_in_the_future(time_token: "MakeToken") -> None:
    """Before T0 the token stays at step 0, with every bar, until that step is over."""
    token = time_token(t0_s=1_000)
    lit = token.press(0)[-1]
    assert isinstance(lit, Lit)
    assert 0 == lit.factor
    assert 6 == lcd(token.state).bars
    token.run(1_029 * SECOND)
    assert [0] == [e.factor for e in token.press(1_029 * SECOND) if isinstance(e, Lit)]
    token.run(1_060 * SECOND)
    assert [2] == [e.factor for e in token.press(1_060 * SECOND) if isinstance(e, Lit)]


def test_t0_beyond_all_time(time_token: "MakeToken") -> None:
    """With T0 past the last time of the model a lit code still goes dark."""
    token = time_token(t0_s=2**62, rtc=Rtc(0, 0, Crystal(-(10**8))))
    token.press(0)
    assert Dark(70_000_000 + 30 * SECOND) in token.run(40 * SECOND)
