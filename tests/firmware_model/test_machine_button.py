"""The button: debouncing, ties, presses while busy and lit, holds."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import GALH, GALT, Advance, Edge, Mode, Profile, SupplyDip, lcd, next_deadline
from firmware_model.profile import MILLISECOND, SECOND, HoldAction, PressWhileLit
from firmware_model.state import remaining_ns
from firmware_model.stimuli import (
    Accepted,
    Dark,
    Effect,
    Extended,
    Lit,
    NvmWrite,
    Refusal,
    Refused,
    Shown,
)

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken

DEBOUNCE_NS = 20 * MILLISECOND
LIT_NS = {"GALH": 78 * MILLISECOND, "GALT": 70 * MILLISECOND}
"""When the LCD lights after the contact closed. A time token writes nothing."""
BOTH = pytest.mark.parametrize("base", [GALH, GALT], ids=["event", "time"])


def kinds(effects: list[Effect]) -> list[type[Effect]]:
    """Return the effects' types, without the time bars."""
    return [type(effect) for effect in effects if type(effect).__name__ != "Bars"]


# Debouncing.


def test_press_is_believed_after_the_debounce_time(event_token: "MakeToken") -> None:
    """One nanosecond before the debounce time there is no press; at it there is."""
    token = event_token()
    token.do(Edge(0, closed=True))
    assert [] == token.run(DEBOUNCE_NS - 1)
    assert Mode.DEBOUNCING is token.state.mode
    assert [Accepted(DEBOUNCE_NS, 0)] == token.run(DEBOUNCE_NS)


def test_glitch_makes_no_press(event_token: "MakeToken") -> None:
    """A contact closed for less than the debounce time makes no press."""
    token = event_token()
    token.press(0, DEBOUNCE_NS - 1)
    assert [] == token.run(SECOND)
    assert Mode.ASLEEP is token.state.mode
    assert next_deadline(token.state) is None


def test_edge_at_the_debounce_time_comes_too_late(event_token: "MakeToken") -> None:
    """A contact that opens at the very instant it is believed has made a press."""
    token = event_token()
    assert [Accepted(DEBOUNCE_NS, 0)] == token.press(0, DEBOUNCE_NS)


BOUNCES = st.lists(st.integers(0, DEBOUNCE_NS - 1), max_size=12)


@given(BOUNCES, BOUNCES)
def test_bouncing_contacts_make_one_press(
    event_token: "MakeToken", closing: list[int], opening: list[int]
) -> None:
    """Any number of bounces at either end makes one press, timed from the last of them."""
    token = event_token()
    now_ns = 0
    for gap_ns in [*closing, *closing, 0]:  # an even number of bounces, then closed
        token.do(Edge(now_ns, closed=not token.state.closed))
        now_ns += gap_ns
    believed_ns = token.state.settle_ns
    now_ns += DEBOUNCE_NS
    for gap_ns in [*opening, *opening, 0]:
        token.do(Edge(now_ns, closed=not token.state.closed))
        now_ns += gap_ns
    token.run(now_ns + 20 * SECOND)
    assert [Accepted, NvmWrite, Lit] == kinds(token.effects)
    assert believed_ns == token.effects[0].at_ns
    assert 1 == token.state.counter


@given(st.lists(st.tuples(st.integers(0, DEBOUNCE_NS - 1), st.integers(0, 10**9)), max_size=12))
def test_glitches_make_no_press(event_token: "MakeToken", glitches: list[tuple[int, int]]) -> None:
    """Any number of contacts, each shorter than the debounce time, makes no press."""
    token = event_token()
    now_ns = 0
    for closed_ns, open_ns in glitches:
        token.press(now_ns, closed_ns)
        now_ns += closed_ns + open_ns
    token.run(now_ns + SECOND)
    assert [] == token.effects
    assert Mode.ASLEEP is token.state.mode


def test_repeated_edge_means_nothing(event_token: "MakeToken") -> None:
    """Closing a closed contact doesn't start the debounce time again."""
    token = event_token()
    token.do(Edge(0, closed=True), Edge(5, closed=True))
    assert DEBOUNCE_NS == next_deadline(token.state)


def test_stuck_button_makes_one_press(event_token: "MakeToken") -> None:
    """A button that stays down makes one press, and none after the code is dark."""
    token = event_token()
    token.do(Edge(0, closed=True))
    token.run(86_400 * SECOND)
    assert [Accepted, NvmWrite, Lit, Dark] == kinds(token.effects)
    assert Mode.ASLEEP is token.state.mode
    assert next_deadline(token.state) is None


def test_release_must_be_believed_too(event_token: "MakeToken") -> None:
    """A contact that opens for less than the debounce time is no second press."""
    token = event_token()
    token.do(Edge(0, closed=True))
    token.run(40 * SECOND)
    token.do(Edge(40 * SECOND, closed=False), Edge(40 * SECOND + DEBOUNCE_NS - 1, closed=True))
    assert [] == token.run(80 * SECOND)
    token.do(Edge(80 * SECOND, closed=False), Edge(80 * SECOND + DEBOUNCE_NS, closed=True))
    assert Accepted(80 * SECOND + 2 * DEBOUNCE_NS, 1) in token.run(81 * SECOND)


def test_key_held_during_power_on_makes_no_press(event_token: "MakeToken") -> None:
    """A key that is down at power-on is at rest; the next press counts."""
    token = event_token()
    token.do(Edge(0, closed=True), SupplyDip(5))
    assert [] == token.run(60 * SECOND)
    assert [] == token.do(Edge(60 * SECOND, closed=False), Advance(61 * SECOND))
    assert Accepted(61 * SECOND + DEBOUNCE_NS, 0) in token.press(61 * SECOND)


# Lit time.


@BOTH
def test_dark_exactly_at_the_lit_time(make_token: "MakeToken", base: Profile) -> None:
    """One nanosecond before the lit time is over the code is there; at it, it is not."""
    token = make_token(base)
    token.press(0)
    dark_ns = LIT_NS[base.name] + 30 * SECOND
    token.run(dark_ns - 1)
    assert (True, 1) == (lcd(token.state).lit, remaining_ns(token.state))
    assert [Dark(dark_ns)] == token.run(dark_ns)
    assert (False, 0) == (lcd(token.state).lit, remaining_ns(token.state))


@BOTH
def test_lights_exactly_after_computing(make_token: "MakeToken", base: Profile) -> None:
    """One nanosecond before it is computed the code is not there; at it, it is."""
    token = make_token(base)
    token.do(Edge(0, closed=True), Advance(LIT_NS[base.name] - 1))
    assert not lcd(token.state).lit
    assert isinstance(token.run(LIT_NS[base.name])[-1], Lit)
    assert lcd(token.state).lit


# Presses while busy and while lit.


@BOTH
def test_press_while_busy(make_token: "MakeToken", base: Profile) -> None:
    """A press while the token computes is refused as busy, and changes nothing."""
    token = make_token(base, compute_ns=SECOND)
    token.press(0, 30 * MILLISECOND)
    effects = token.press(200 * MILLISECOND, 30 * MILLISECOND)
    assert [Refused(220 * MILLISECOND, Refusal.BUSY)] == effects
    assert [Lit] == kinds(token.run(10 * SECOND))


def test_press_during_the_write(event_token: "MakeToken") -> None:
    """A press while the counter is written is refused as busy too."""
    token = event_token(commit_ns=SECOND)
    token.press(0, 30 * MILLISECOND)
    effects = token.press(200 * MILLISECOND, 30 * MILLISECOND)
    assert [Refused(220 * MILLISECOND, Refusal.BUSY)] == effects
    assert [NvmWrite, Lit] == kinds(token.run(10 * SECOND))


@BOTH
def test_press_while_lit_ignored(make_token: "MakeToken", base: Profile) -> None:
    """With ``ignore`` the code and its lit time stay as they are."""
    token = make_token(base)
    token.press(0)
    before = lcd(token.state)
    assert [Refused(SECOND + DEBOUNCE_NS, Refusal.LIT)] == token.press(SECOND)
    assert before == lcd(token.state)
    assert Dark(LIT_NS[base.name] + 30 * SECOND) in token.run(60 * SECOND)


@BOTH
def test_press_while_lit_same_code(make_token: "MakeToken", base: Profile) -> None:
    """With ``same_code`` the code stays and its lit time starts again."""
    token = make_token(base, press_while_lit=PressWhileLit.SAME_CODE)
    token.press(0)
    before = lcd(token.state)
    assert [Extended(SECOND + DEBOUNCE_NS, 0)] == token.press(SECOND)
    assert before == lcd(token.state)
    assert Dark(SECOND + DEBOUNCE_NS + 30 * SECOND) in token.run(60 * SECOND)


@BOTH
def test_press_while_lit_clears(make_token: "MakeToken", base: Profile) -> None:
    """With ``clear`` the LCD goes dark; the press after that gives a code."""
    token = make_token(base, press_while_lit=PressWhileLit.CLEAR)
    token.press(0)
    at_ns = SECOND + DEBOUNCE_NS
    assert [Dark(at_ns), Refused(at_ns, Refusal.CLEARED)] == token.press(SECOND)
    assert next_deadline(token.state) == at_ns + 100 * MILLISECOND
    assert Lit in kinds(token.press(2 * SECOND))


@BOTH
def test_press_while_lit_new_code(make_token: "MakeToken", base: Profile) -> None:
    """With ``new_code`` the LCD goes dark until the next code lights."""
    token = make_token(base, press_while_lit=PressWhileLit.NEW_CODE)
    token.press(0)
    dark, accepted, *_, lit = token.press(2 * SECOND)
    factor = 1 if base is GALH else 0
    assert Dark(2 * SECOND + DEBOUNCE_NS) == dark
    assert Accepted(2 * SECOND + DEBOUNCE_NS, factor) == accepted
    assert isinstance(lit, Lit)
    assert (2 * SECOND + LIT_NS[base.name], factor) == (lit.at_ns, lit.factor)
    assert Dark(lit.at_ns + 30 * SECOND) == token.run(100 * SECOND)[-1]


# Ties: what is due comes before what is done to the token.


def test_press_believed_as_the_code_goes_dark(event_token: "MakeToken") -> None:
    """A press believed at the instant of darkness finds the LCD dark, and gives a code."""
    token = event_token()
    token.press(0)
    dark_ns = LIT_NS["GALH"] + 30 * SECOND
    assert [Dark(dark_ns), Accepted(dark_ns, 1)] == token.press(dark_ns - DEBOUNCE_NS)[:2]


def test_press_believed_just_before_the_code_goes_dark(event_token: "MakeToken") -> None:
    """A nanosecond earlier it is a press while lit."""
    token = event_token()
    token.press(0)
    dark_ns = LIT_NS["GALH"] + 30 * SECOND
    refused, dark = token.press(dark_ns - DEBOUNCE_NS - 1)
    assert (Refused(dark_ns - 1, Refusal.LIT), Dark(dark_ns)) == (refused, dark)


def test_contact_at_rest_keeps_the_token_awake(event_token: "MakeToken") -> None:
    """A contact that is being debounced as the code goes dark becomes a press."""
    token = event_token()
    token.press(0)
    dark_ns = LIT_NS["GALH"] + 30 * SECOND
    token.do(Edge(dark_ns - 1, closed=True), Advance(dark_ns))
    assert Mode.DEBOUNCING is token.state.mode
    assert [Accepted(dark_ns - 1 + DEBOUNCE_NS, 1)] == token.run(dark_ns + DEBOUNCE_NS)


def test_press_believed_as_the_code_lights(event_token: "MakeToken") -> None:
    """A press believed at the instant the code lights is a press while lit."""
    token = event_token(compute_ns=SECOND)
    token.press(0, 30 * MILLISECOND)
    lit_ns = SECOND + 28 * MILLISECOND
    lit, refused = token.press(lit_ns - DEBOUNCE_NS)
    assert (lit_ns, Refused(lit_ns, Refusal.LIT)) == (lit.at_ns, refused)


def test_instant_write_and_computation(event_token: "MakeToken") -> None:
    """A token that takes no time to write and compute lights as the press is believed."""
    token = event_token(commit_ns=0, compute_ns=0)
    effects = token.press(0)
    assert [Accepted, NvmWrite, Lit] == kinds(effects)
    assert {DEBOUNCE_NS} == {effect.at_ns for effect in effects}


# Holds.


@BOTH
@pytest.mark.parametrize(
    ("action", "text"), [(HoldAction.SHOW_COUNTER, None), (HoldAction.LCD_TEST, "888888")]
)
def test_hold(make_token: "MakeToken", base: Profile, action: HoldAction, text: str | None) -> None:
    """A hold shows the screen from the hold time until the release is believed."""
    token = make_token(base, hold_action=action)
    token.do(Edge(0, closed=True), Advance(2 * SECOND + DEBOUNCE_NS - 1))
    assert Mode.LIT is token.state.mode
    expected = text or ("     1" if base is GALH else "     0")
    assert [Shown(2 * SECOND + DEBOUNCE_NS, expected)] == token.run(2 * SECOND + DEBOUNCE_NS)
    assert [] == token.run(100 * SECOND)
    assert (expected, 0) == (lcd(token.state).text, remaining_ns(token.state))
    effects = token.do(Edge(100 * SECOND, closed=False), Advance(101 * SECOND))
    assert [Dark(100 * SECOND + DEBOUNCE_NS)] == effects
    assert next_deadline(token.state) is None


def test_short_press_is_no_hold(event_token: "MakeToken") -> None:
    """A button whose release is believed as the hold time ends was not held."""
    token = event_token(hold_action=HoldAction.LCD_TEST)
    token.press(0, 2 * SECOND)
    token.run(60 * SECOND)
    assert Shown not in kinds(token.effects)


def test_hold_just_long_enough(event_token: "MakeToken") -> None:
    """A nanosecond longer it was, and the screen is seen for that nanosecond."""
    token = event_token(hold_action=HoldAction.LCD_TEST)
    token.press(0, 2 * SECOND + 1)
    shown, dark = [e for e in token.run(60 * SECOND) if isinstance(e, (Shown, Dark))]
    assert (2 * SECOND + DEBOUNCE_NS, Shown) == (shown.at_ns, type(shown))
    assert Dark(shown.at_ns + 1) == dark


def test_hold_of_a_refused_press(event_token: "MakeToken") -> None:
    """A press while lit that is held shows the screen in place of the code."""
    token = event_token(hold_action=HoldAction.SHOW_COUNTER)
    token.press(0)
    token.press(5 * SECOND, 3 * SECOND)
    assert Shown(7 * SECOND + DEBOUNCE_NS, "     1") in token.effects
    assert [Dark(8 * SECOND + DEBOUNCE_NS)] == token.run(60 * SECOND)


def test_hold_without_an_action(event_token: "MakeToken") -> None:
    """Without a hold action a hold is a press."""
    token = event_token()
    token.press(0, 10 * SECOND)
    token.run(60 * SECOND)
    assert [Accepted, NvmWrite, Lit, Dark] == kinds(token.effects)


def test_hold_after_the_code_is_dark(event_token: "MakeToken") -> None:
    """A hold that outlasts the lit time shows nothing."""
    token = event_token(hold_action=HoldAction.LCD_TEST, lit_ns=SECOND)
    token.do(Edge(0, closed=True))
    token.run(60 * SECOND)
    assert [Accepted, NvmWrite, Lit, Dark] == kinds(token.effects)
