"""Battery, wear, menus and the end of life: what matter does to the firmware."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from firmware_model import Advance, Edge, Mode, image, lcd, power_on, token_time
from firmware_model.climate import steady
from firmware_model.codec import from_json, to_json
from firmware_model.contact import BOUNCES, WORN_DOME, press_edges
from firmware_model.damage import UNHARMED, Damage, StuckBits, with_segment
from firmware_model.errors import StimulusError
from firmware_model.nvm import SLOT_A, SLOT_SIZE, decode_slot, encode_slot
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import (
    MILLISECOND,
    SECOND,
    HoldAction,
    Loss,
    StepChange,
    WeakBattery,
)
from firmware_model.state import (
    State,
    charge_used,
    contrast,
    next_counter,
    next_deadline,
    voltage,
)
from firmware_model.stimuli import (
    Accepted,
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    BrownOut,
    CaseOpened,
    ClockJump,
    CommitFailed,
    Drain,
    Erased,
    Exhausted,
    Harm,
    Lit,
    NvmWrite,
    PowerLost,
    Refusal,
    Refused,
    SetClock,
    SetCounter,
    SupplyDip,
)

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken, Token

DEBOUNCE_NS, COMMIT_NS, COMPUTE_NS = 20 * MILLISECOND, 8 * MILLISECOND, 50 * MILLISECOND
DAY_NS = 86_400 * SECOND


def kinds(effects: Sequence[object]) -> list[type]:
    """Return the kinds of effects."""
    return [type(effect) for effect in effects]


def lit(token: "Token") -> list[int]:
    """Return the counters that have lit, in order."""
    return [effect.factor for effect in token.effects if isinstance(effect, Lit)]


def drained(token: "Token", permille: int, at_ns: int = 0) -> "Token":
    """Use up that much of a token's battery."""
    token.do(Drain(at_ns, token.state.physics.battery.capacity * permille // 1000))
    return token


# The battery.


def test_a_press_costs_charge(event_token: "MakeToken") -> None:
    """A press costs what CPU and LCD draw, and sleeping costs the rest."""
    token = event_token()
    profile = token.config.profile
    token.press(0)
    token.run(100 * SECOND)
    active = profile.active_na * (COMMIT_NS + COMPUTE_NS)
    asleep = profile.quiescent_na * 100 * SECOND
    assert active + profile.lcd_na * profile.lit_ns + asleep == charge_used(token.state)


def test_ten_years_asleep(event_token: "MakeToken") -> None:
    """A token that nobody presses still works after ten years."""
    token = event_token()
    token.press(3653 * DAY_NS)
    assert [0] == lit(token)
    assert 2_900 < voltage(token.state, token.state.now_ns)


def test_low_battery_sign(event_token: "MakeToken") -> None:
    """A weak battery lights its sign beside the code; a fresh one doesn't."""
    token = event_token()
    token.press(0)
    assert not lcd(token.state).battery
    weak = drained(event_token(), 930)
    weak.press(0)
    assert (True, True) == (lcd(weak.state).battery, lcd(weak.state).battery_sign)
    assert [0] == lit(weak)
    assert contrast(weak.state) <= 100


def test_err_instead_of_a_code(event_token: "MakeToken") -> None:
    """A product that shows Err spends the counter all the same."""
    token = drained(event_token(weak_battery=WeakBattery.ERROR), 930)
    token.press(0)
    assert "Err" == lcd(token.state).text.strip()
    assert ([], 1) == (lit(token), next_counter(token.state))
    token.run(40 * SECOND)
    assert not lcd(token.state).lit


def test_brown_out_while_computing(event_token: "MakeToken") -> None:
    """A battery on its last legs fails under load: a counter is spent and no code lights."""
    token = drained(event_token(), 960)
    token.press(0)
    assert kinds(token.effects)[:4] == [Accepted, NvmWrite, BrownOut, PowerLost]
    assert ([], 1, Mode.ASLEEP) == (lit(token), next_counter(token.state), token.state.mode)
    token.press(10 * SECOND)
    assert ([], 2) == (lit(token), next_counter(token.state))


def test_brown_out_in_the_cold_only(event_token: "MakeToken") -> None:
    """A half-used battery fails in a cold car and works again in a warm room."""
    token = drained(event_token(), 880)
    token.do(Ambient(0, steady(-20_000)))
    token.press(0)
    assert BrownOut in kinds(token.effects)
    token.do(Ambient(100 * SECOND, steady(22_000)))
    token.press(100 * SECOND)
    assert [1] == lit(token)


def test_empty_battery(event_token: "MakeToken") -> None:
    """An empty battery lights nothing, and a new one goes on with the counter."""
    token = event_token()
    token.press(0)
    drained(token, 1_010, 100 * SECOND)
    token.press(100 * SECOND)
    assert Exhausted in kinds(token.effects)
    assert (Mode.OFF, None) == (token.state.mode, next_counter(token.state))
    assert [] == token.press(200 * SECOND)
    with pytest.raises(StimulusError, match="no power"):
        token.do(SetCounter(300 * SECOND, 5))
    token.do(BatteryOut(300 * SECOND), BatteryIn(300 * SECOND))
    token.press(301 * SECOND)
    assert [0, 1] == lit(token)


def test_dashes_end_with_the_battery(event_token: "MakeToken") -> None:
    """The error display lasts until the battery is empty."""
    token = event_token()
    token.do(BitRot(0, SLOT_A, 1), BitRot(0, SLOT_A + SLOT_SIZE, 1), SupplyDip(0))
    assert "------" == lcd(token.state).text
    end_ns = token.state.fail_ns
    assert 1 < end_ns // (365 * DAY_NS) < 10
    token.run(end_ns)
    assert (Mode.OFF, "") == (token.state.mode, lcd(token.state).text)


def test_battery_pulled_keeps_the_counter_and_loses_the_time(time_token: "MakeToken") -> None:
    """A clock starts from its reset value when the battery is back."""
    token = time_token(at_ns=10**9 * SECOND, reset_clock_s=77)
    token.do(BatteryOut(10**9 * SECOND + 5), BatteryIn(10**9 * SECOND + 9))
    token.run(10**9 * SECOND + 10)
    assert 77 * SECOND + 1 == token_time(token.state)


@pytest.mark.parametrize(("loss", "mode"), [(Loss.SECRET, Mode.ERROR), (Loss.LIFE, Mode.DEAD)])
@pytest.mark.parametrize("cause", ["battery", "case"])
@pytest.mark.parametrize("kind", ["event", "time"])
def test_lost_for_good(
    event_token: "MakeToken",
    time_token: "MakeToken",
    loss: Loss,
    mode: Mode,
    cause: str,
    kind: str,
) -> None:
    """What erases or kills a token does so for good, and its image has no secret any more."""
    make = event_token if kind == "event" else time_token
    token = make(battery_gone=loss, case_opened=loss)
    secret = token.config.secret.reveal()
    assert secret in image(token.state)
    if cause == "battery":
        token.do(BatteryOut(0), BatteryIn(5))
    else:
        token.do(CaseOpened(0))
    assert Erased in kinds(token.effects)
    assert secret not in image(token.state)
    assert mode is token.state.mode
    again, _ = power_on(
        image(token.state), 10, profiles={token.config.profile.name: token.config.profile}
    )
    assert (mode, True) == (again.mode, again.config.erased)
    token.press(SECOND)
    assert [] == lit(token)
    reason = Refusal.ERROR if mode is Mode.ERROR else Refusal.DEAD
    assert [reason] == [e.reason for e in token.effects if isinstance(e, Refused)]
    if kind == "event":
        with pytest.raises(StimulusError, match="for good"):
            token.do(SetCounter(token.state.now_ns, 5))


def test_a_case_that_minds_nothing(event_token: "MakeToken") -> None:
    """Opening the case of a product that doesn't mind changes nothing."""
    token = event_token()
    assert [] == token.do(CaseOpened(0))


def test_impossible_with_batteries(event_token: "MakeToken") -> None:
    """No battery can be pulled or drained that is not in, or put in twice."""
    token = event_token()
    with pytest.raises(StimulusError, match="pull that one first"):
        token.do(BatteryIn(0))
    token.do(BatteryOut(0))
    for stimulus in (BatteryOut(0), Drain(0, 1)):
        with pytest.raises(StimulusError, match="no battery"):
            token.do(stimulus)
    with pytest.raises(StimulusError, match="charge"):
        token.do(BatteryIn(0, -1))


def test_drained_to_nothing(event_token: "MakeToken") -> None:
    """A battery as good as new, years on, has given nothing; the state can be stored."""
    token = event_token()
    token.press(0)
    drained(token, 0, 365 * DAY_NS)
    assert 0 == charge_used(token.state)
    assert token.state == stored(token)
    lit_long = drained(event_token(), 500)
    lit_long.press(0)
    drained(lit_long, 100, 20 * SECOND)
    assert lit_long.state.physics.battery.capacity // 10 == charge_used(lit_long.state)


def test_drained_while_it_shows_dashes(event_token: "MakeToken") -> None:
    """Dashes end when the battery has given all, however it came to that."""
    token = event_token()
    token.do(BitRot(0, SLOT_A, 1), BitRot(0, SLOT_A + SLOT_SIZE, 1), SupplyDip(0))
    drained(token, 1_000, SECOND)
    token.run(2 * SECOND)
    assert (Mode.OFF, False) == (token.state.mode, lcd(token.state).lit)


def test_screen_of_a_jammed_key_ends_with_the_battery(event_token: "MakeToken") -> None:
    """What a stuck key keeps on the LCD is lit until the battery is empty."""
    token = event_token(hold_action=HoldAction.SHOW_COUNTER)
    token.do(Harm(0, Damage(jammed=True)))
    token.run(10 * SECOND)
    assert Mode.SCREEN is token.state.mode
    token.run(10 * 365 * DAY_NS)
    assert (Mode.OFF, False) == (token.state.mode, lcd(token.state).lit)
    assert Exhausted in kinds(token.effects)


def test_a_counter_set_ends_the_dashes_for_good(event_token: "MakeToken") -> None:
    """A token revived by a tool has no supply failure ahead that its dashes would have had."""
    token = event_token()
    token.do(BitRot(0, SLOT_A, 1), BitRot(0, SLOT_A + SLOT_SIZE, 1), SupplyDip(0))
    token.do(SetCounter(SECOND, 7))
    assert (Mode.ASLEEP, None) == (token.state.mode, next_deadline(token.state))
    assert token.state == stored(token)


def test_an_instant_without_supply_ends_an_empty_battery(event_token: "MakeToken") -> None:
    """A battery that can't start the firmware is empty, with one loss of power."""
    token = drained(event_token(), 1_010)
    token.do(SupplyDip(SECOND))
    assert [PowerLost, Exhausted] == kinds(token.effects)
    assert Mode.OFF is token.state.mode


def test_a_battery_found_empty_at_power_on(event_token: "MakeToken") -> None:
    """What a product loses with its battery is lost when power-on finds it empty, too."""
    token = drained(event_token(battery_gone=Loss.SECRET), 1_010)
    profiles = {token.config.profile.name: token.config.profile}
    state, effects = power_on(
        image(token.state),
        SECOND,
        physics=token.state.physics,
        used=token.state.used,
        profiles=profiles,
    )
    assert (Mode.OFF, True) == (state.mode, state.config.erased)
    assert [Exhausted, NvmWrite, Erased] == kinds(effects)


def stored(token: "Token") -> State:
    """Return a token's state, written and read back."""
    profiles = {token.config.profile.name: token.config.profile}
    return from_json(to_json(token.state), token.config.secret, profiles)


# Every point of a press.


@pytest.mark.parametrize("byte", range(SLOT_SIZE))
def test_brown_out_at_every_byte(event_token: "MakeToken", byte: int) -> None:
    """A battery that sags while any byte is written tears the slot there; nothing repeats."""
    token = press_that_sags(event_token, COMMIT_NS * byte // SLOT_SIZE + 1)
    written = [effect for effect in token.effects if isinstance(effect, NvmWrite)]
    assert (
        byte == len(written[0].data) if byte else not written or SLOT_SIZE == len(written[0].data)
    )
    goes_on(token)


@pytest.mark.parametrize("after_ns", range(COMMIT_NS + 1, COMMIT_NS + COMPUTE_NS, 1_000_003))
def test_brown_out_while_it_computes(event_token: "MakeToken", after_ns: int) -> None:
    """A battery that sags after the write costs a counter; nothing repeats."""
    token = press_that_sags(event_token, after_ns)
    assert 1 == next_counter(token.state)
    goes_on(token)


def press_that_sags(make: "MakeToken", after_ns: int) -> "Token":
    """Press a token whose supply is below the brown-out so long after the accepted press."""
    probe = drained(make(droop_ns=SECOND, compute_ns=SECOND), 985)
    probe.press(0)
    probe.run(2 * SECOND)
    sag_ns = next(e.at_ns for e in probe.effects if isinstance(e, BrownOut)) - DEBOUNCE_NS
    token = drained(make(droop_ns=max(after_ns * SECOND // sag_ns, 1)), 985)
    token.press(0)
    assert BrownOut in kinds(token.effects)
    assert [] == lit(token)
    return token


def goes_on(token: "Token") -> None:
    """Give a token a fresh battery and press it: its counters rise, each lights once."""
    at_ns = token.state.now_ns
    token.do(BatteryOut(at_ns), BatteryIn(at_ns))
    before = next_counter(token.state)
    assert before in {0, 1}
    for n in range(1, 4):
        token.press(at_ns + n * 40 * SECOND)
    assert [before, before + 1, before + 2] == lit(token)
    committed = -1
    for effect in token.effects:
        if isinstance(effect, NvmWrite) and (whole := decode_slot(effect.data[-SLOT_SIZE:])):
            committed = max(committed, whole[1])
        elif isinstance(effect, Lit):
            assert effect.factor < committed


@pytest.mark.parametrize(
    "at_ns", [*range(0, 130 * MILLISECOND, 250_000), *range(SECOND, 40 * SECOND, SECOND)]
)
@pytest.mark.parametrize("pulled", [False, True])
def test_power_fails_at_every_phase(event_token: "MakeToken", at_ns: int, *, pulled: bool) -> None:
    """Power that fails at any moment of a press, for an instant or longer, repeats no code."""
    token = event_token()
    token.press(0)
    token.effects.clear()
    base = 100 * SECOND
    edges = [Edge(base, closed=True), Edge(base + 100 * MILLISECOND, closed=False)]
    cut = base + at_ns
    power = [BatteryOut(cut), BatteryIn(cut)] if pulled else [SupplyDip(cut)]
    token.do(*sorted([*edges, *power], key=lambda stimulus: stimulus.at_ns))
    for n in range(1, 4):
        token.press(base + n * 40 * SECOND)
    counters = lit(token)
    assert counters == sorted(set(counters))
    assert 1 <= counters[0] <= 2
    assert 3 <= len(counters)


# Memory.


def test_wear(event_token: "MakeToken") -> None:
    """Cells stick after their endurance: dashes, and no code without its commit."""
    token = event_token(nvm_endurance=3)
    for n in range(9):
        token.press(n * 40 * SECOND)
    assert [0, 1, 2, 3, 4, 5] == lit(token)
    assert CommitFailed in kinds(token.effects)
    assert (Mode.ERROR, "------") == (token.state.mode, lcd(token.state).text)
    token.do(SupplyDip(token.state.now_ns))
    assert Mode.ERROR is token.state.mode  # the slot can't be mended


@pytest.mark.parametrize("offset", range(SLOT_A, SLOT_A + 2 * SLOT_SIZE))
def test_stuck_bits_anywhere(event_token: "MakeToken", offset: int) -> None:
    """A cell that sticks, wherever it is, shows no code that isn't committed."""
    token = event_token()
    token.do(Harm(0, Damage(cells=(StuckBits(offset, 0x01, 0x01),))))
    for n in range(6):
        token.press(n * 40 * SECOND)
        token.do(SupplyDip(token.state.now_ns))
    counters = lit(token)
    assert counters == sorted(set(counters))
    with pytest.raises(StimulusError, match="allowed are"):
        token.do(Harm(token.state.now_ns, Damage(cells=(StuckBits(5, 1, 1),))))


@pytest.mark.parametrize("offset", range(SLOT_A, SLOT_A + 2 * SLOT_SIZE))
def test_bit_rot_anywhere(event_token: "MakeToken", offset: int) -> None:
    """A flipped bit in either slot never brings a counter back."""
    token = event_token()
    for n in range(3):
        token.press(n * 40 * SECOND)
    now = token.state.now_ns
    token.do(BitRot(now, offset, 0x10), SupplyDip(now + 1))
    token.press(now + 40 * SECOND)
    assert [0, 1, 2] == lit(token)[:3]
    assert lit(token)[3] in {3, 4}


@pytest.mark.parametrize("bits", [4, 16, 64])
def test_roll_over(event_token: "MakeToken", bits: int) -> None:
    """A used-up counter of any width ends the token: it never wraps."""
    token = event_token(counter_bits=bits)
    last = 2**bits - 1
    token.do(SetCounter(0, last - 1))
    token.press(0)
    token.press(40 * SECOND)
    assert [last - 1] == lit(token)
    assert [Refusal.DEAD] == [e.reason for e in token.effects if isinstance(e, Refused)]
    with pytest.raises(StimulusError, match=f"0 to {last - 1}"):
        token.do(SetCounter(token.state.now_ns, last))


# Life.


def test_codes_of_a_life(event_token: "MakeToken") -> None:
    """A token with so many codes gives so many, from its first counter on."""
    token = event_token(max_codes=3, first_counter=10)
    for n in range(5):
        token.press(n * 40 * SECOND)
    assert [10, 11, 12] == lit(token)
    assert Mode.DEAD is token.state.mode


def test_life_of_a_time_token(time_token: "MakeToken") -> None:
    """A time token gives no more codes when its clock says that its days are over."""
    token = time_token(life_days=2, at_ns=10**9 * SECOND)
    born = 10**9 * SECOND
    token.press(born + DAY_NS)
    token.press(born + 2 * DAY_NS)
    assert 1 == len(lit(token))
    assert [Refusal.EXPIRED] == [e.reason for e in token.effects if isinstance(e, Refused)]


def test_no_refresh_past_the_end_of_a_life(time_token: "MakeToken") -> None:
    """A code that lights before the end of a token's life is not refreshed after it."""
    born = 10**9 * SECOND // (30 * SECOND) * 30 * SECOND
    token = time_token(life_days=1, step_change=StepChange.REFRESH, at_ns=born)
    token.press(born + DAY_NS - 10 * SECOND)
    token.run(born + DAY_NS)
    assert (1, Mode.ASLEEP) == (len(lit(token)), token.state.mode)


def test_err_is_no_code(time_token: "MakeToken") -> None:
    """Err has no bars, and becomes no code when something is done to the clock."""
    token = drained(time_token(weak_battery=WeakBattery.ERROR, step_change=StepChange.REFRESH), 930)
    token.press(0)
    token.do(ClockJump(SECOND, 60 * SECOND))
    assert ("Err", 0) == (lcd(token.state).text.strip(), lcd(token.state).bars)
    assert [] == lit(token)


def test_a_stored_counter_past_its_last(event_token: "MakeToken") -> None:
    """A slot that holds more than the profile counts to makes a token that is used up."""
    token = event_token(counter_bits=4)
    slot = encode_slot(9, 200)
    profiles = {token.config.profile.name: token.config.profile}
    token.state, _ = power_on(image(token.state)[:SLOT_A] + slot + slot, 0, profiles=profiles)
    assert (Mode.DEAD, 15) == (token.state.mode, next_counter(token.state))
    token.do(BatteryOut(SECOND))
    assert token.state == stored(token)


# Clock.


def test_clock_is_set_where_the_profile_allows(time_token: "MakeToken") -> None:
    """A tool sets a clock that can be set, and no other."""
    token = time_token(time_settable=True)
    token.do(SetClock(5, 10**9 * SECOND))
    assert 10**9 * SECOND == token_time(token.state)
    with pytest.raises(StimulusError, match="time_settable"):
        time_token().do(SetClock(5, 7))


def test_clock_jump(time_token: "MakeToken", event_token: "MakeToken") -> None:
    """A clock that jumps is off by as much; an event token has none."""
    token = time_token()
    token.do(Advance(1000), ClockJump(1000, -700))
    assert 300 == token_time(token.state)
    with pytest.raises(StimulusError, match="no clock"):
        event_token().do(ClockJump(0, 1))


# The button.


@pytest.mark.parametrize("name", ["none", "typical", "long"])
def test_bounces_make_one_press(event_token: "MakeToken", name: str) -> None:
    """Contacts that bounce as most do make one press."""
    token = event_token()
    edges = press_edges(0, 100 * MILLISECOND, Damage(bounce=BOUNCES[name]))
    token.do(*edges)
    token.run(SECOND)
    assert ([0], 1) == (lit(token), sum(isinstance(e, Accepted) for e in token.effects))


def test_worn_dome_makes_two_presses(event_token: "MakeToken") -> None:
    """A dome that lets go for longer than the debouncer waits presses twice."""
    token = event_token()
    token.do(*press_edges(0, 300 * MILLISECOND, Damage(chatter=WORN_DOME)))
    token.run(SECOND)
    presses = [e for e in token.effects if isinstance(e, Accepted | Refused)]
    assert 2 == len(presses)


def test_jammed_key(event_token: "MakeToken") -> None:
    """A key that jams is a press that never ends; letting go does nothing until it is free."""
    token = event_token()
    token.do(Harm(0, Damage(jammed=True)))
    token.run(SECOND)
    assert [0] == lit(token)
    token.do(Edge(2 * SECOND, closed=False))
    assert token.state.closed
    token.do(Harm(50 * SECOND, UNHARMED))
    token.press(60 * SECOND)
    assert [0, 1] == lit(token)


def test_menu(event_token: "MakeToken") -> None:
    """A long hold opens the menu; presses leaf through counter, battery and serial."""
    token = event_token(hold_action=HoldAction.MENU, hold_ns=6 * SECOND)
    token.press(0, 7 * SECOND)
    assert Mode.MENU is token.state.mode
    shown = [lcd(token.state).text.strip()]
    for n in (8, 9):
        token.press(n * SECOND)
        shown.append(lcd(token.state).text.strip())
    assert ["1", "b   99", "004226"] == shown
    token.press(10 * SECOND)
    assert (Mode.ASLEEP, "") == (token.state.mode, lcd(token.state).text)
    assert ([0], 1) == (lit(token), next_counter(token.state))


def test_menu_of_a_time_token(time_token: "MakeToken") -> None:
    """The first page of a time token is its time; the menu goes dark by itself."""
    token = time_token(
        hold_action=HoldAction.MENU, hold_ns=6 * SECOND, at_ns=(13 * 60 + 7) * 60 * SECOND
    )
    begin = token.state.now_ns
    token.press(begin, 7 * SECOND)
    assert "13-07" == lcd(token.state).text.strip()
    token.run(begin + 60 * SECOND)
    assert not lcd(token.state).lit


# The LCD.


@pytest.mark.parametrize(("segment", "looks"), [("b", "6"), ("e", "9"), ("g", "0")])
def test_an_eight_that_lost_a_segment(event_token: "MakeToken", segment: str, looks: str) -> None:
    """An 8 without b is a 6, without e a 9, without g a 0."""
    token = event_token(hold_action=HoldAction.LCD_TEST)
    token.do(Harm(0, Damage(dead=with_segment((), 2, segment))), Edge(0, closed=True))
    token.run(3 * SECOND)
    assert f"88{looks}888" == lcd(token.state).text


def test_stuck_segments_light_only_with_a_picture(event_token: "MakeToken") -> None:
    """A shorted segment is driven only while the LCD is."""
    token = event_token()
    token.do(Harm(0, Damage(stuck=(0x7F,))))
    assert not lcd(token.state).lit
    token.press(0)
    assert 0x7F == lcd(token.state).digits[0]


@pytest.mark.parametrize(
    ("milli_celsius", "percent"), [(25_000, 100), (0, 100), (-15_000, 50), (-30_000, 0)]
)
def test_contrast_in_the_cold(event_token: "MakeToken", milli_celsius: int, percent: int) -> None:
    """An LCD pales in the cold."""
    token = event_token()
    token.do(Ambient(0, steady(milli_celsius)))
    token.press(0)
    assert percent == lcd(token.state).contrast


def test_counters_do_not_pass_their_last(event_token: "MakeToken") -> None:
    """The widest counter ends where RFC 4226's eight bytes do."""
    assert MAX_COUNTER == event_token().config.last_counter


def test_lcd_test_lights_everything(time_token: "MakeToken") -> None:
    """The LCD test lights every segment, every bar and the battery sign."""
    token = time_token(hold_action=HoldAction.LCD_TEST)
    token.do(Edge(0, closed=True))
    token.run(3 * SECOND)
    shown = lcd(token.state)
    assert ((0x7F,) * 6, 6, True) == (shown.digits, shown.bars, shown.battery)


def test_charge_brings_an_empty_token_back(event_token: "MakeToken") -> None:
    """A token that was empty and has charge again starts, and goes on with its counter."""
    token = drained(event_token(), 1_040)
    token.press(0)
    assert Mode.OFF is token.state.mode
    drained(token, 0, 10 * SECOND)
    token.press(20 * SECOND)
    assert [0] == lit(token)
