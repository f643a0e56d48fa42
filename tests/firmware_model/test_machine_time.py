"""The time token's clock: bars and step changes, exact to the nanosecond."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import Crystal, Edge, Mode, Rtc, ShiftTime, State, lcd, token_time
from firmware_model.oath import totp
from firmware_model.profile import SECOND, StepChange
from firmware_model.stimuli import Accepted, Bars, Dark, Lit

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken

LIT_NS = 70_000_000
"""When the LCD lights after the contact closed: debounce and compute time."""
STEP_NS = 30 * SECOND
RATES = [0, 1, -1, 11_600, -20_000, 10**8, -(10**8)]
"""Parts per billion: right, barely off, as fobs are, and the worst that is allowed."""


def first_time(state: State, clock_ns: int) -> int:
    """Search the first bench time at which the token's clock says ``clock_ns`` or more."""
    low, high = -(10**12), 10**12
    while low < high:
        middle = (low + high) // 2
        if token_time(state, middle) >= clock_ns:
            high = middle
        else:
            low = middle + 1
    return low


def bars_left(left_ns: int, count: int = 6) -> int:
    """Count the bars by trying them: bar n is lit while more than n parts are left."""
    return sum(left_ns * count > n * STEP_NS for n in range(count))


@given(
    ppb=st.sampled_from(RATES) | st.integers(-(10**8), 10**8),
    clock_ns=st.integers(0, 10**11),
    change=st.sampled_from(StepChange),
)
def test_bars_and_steps_against_brute_force(
    time_token: "MakeToken", ppb: int, clock_ns: int, change: StepChange
) -> None:
    """Every change of bars and step comes at the first nanosecond at which it is due."""
    token = time_token(rtc=Rtc(0, clock_ns, Crystal(ppb)), step_change=change)
    token.press(0)
    token.run(40 * SECOND)
    state = token.state
    dark_ns = LIT_NS + STEP_NS
    due = {
        first_time(state, (clock_ns // STEP_NS + step) * STEP_NS + part * STEP_NS // 6): step
        for step in range(-1, 4)
        for part in range(6)
    }
    accepted = next(effect for effect in token.effects if isinstance(effect, Accepted))
    assert token_time(state, accepted.at_ns) // STEP_NS == accepted.factor
    factor = accepted.factor
    expected: list[tuple[int, int | str]] = []
    for at_ns in sorted({LIT_NS, *(t for t in due if LIT_NS < t < dark_ns)}):
        now_ns = token_time(state, at_ns)
        left_ns = (factor + 1) * STEP_NS - now_ns
        if at_ns == LIT_NS:
            expected.append((at_ns, "Lit"))
        if left_ns > 0 or change is StepChange.KEEP:
            if at_ns > LIT_NS and left_ns > -1_000_000_000:
                expected.append((at_ns, bars_left(left_ns)))
            continue
        factor = now_ns // STEP_NS
        expected.append((at_ns, "Lit" if change is StepChange.REFRESH else "Dark"))
        if change is StepChange.DARK:
            break
    else:
        expected.append((dark_ns, "Dark"))
    actual = [
        (effect.at_ns, effect.bars if isinstance(effect, Bars) else type(effect).__name__)
        for effect in token.effects
        if not isinstance(effect, Accepted)
    ]
    assert expected == actual


@pytest.mark.parametrize("ppb", RATES)
def test_code_is_of_the_tokens_own_clock(time_token: "MakeToken", ppb: int) -> None:
    """The code is that of the token's clock at the moment the press is accepted."""
    token = time_token(rtc=Rtc(0, 10**9 * SECOND, Crystal(ppb)))
    token.run(10**6 * SECOND)
    lit = [effect for effect in token.press(10**6 * SECOND) if isinstance(effect, Lit)]
    unix_s = token_time(token.state, 10**6 * SECOND + 20_000_000) // SECOND
    assert [totp(token.key, unix_s)] == [effect.code for effect in lit]


def test_step_is_latched_when_the_press_is_accepted(time_token: "MakeToken") -> None:
    """A step that begins during the computation is not the one that lights."""
    token = time_token(rtc=Rtc(0, STEP_NS - 20_000_001))
    assert Accepted(20_000_000, 0) == token.press(0)[0]
    token = time_token(rtc=Rtc(0, STEP_NS - 20_000_000))
    assert Accepted(20_000_000, 1) == token.press(0)[0]


@pytest.mark.parametrize("ppb", RATES)
def test_keep(time_token: "MakeToken", ppb: int) -> None:
    """With ``keep`` the code stays when its step is over; its bars are gone."""
    token = time_token(rtc=Rtc(0, 20 * SECOND, Crystal(ppb)))
    token.press(0)
    code = lcd(token.state).text
    over_ns = first_time(token.state, STEP_NS)
    token.run(over_ns - 1)
    assert 1 == lcd(token.state).bars
    assert [Bars(over_ns, 0)] == token.run(over_ns)
    assert (code, 0) == (lcd(token.state).text, lcd(token.state).bars)
    assert [Dark(LIT_NS + STEP_NS)] == token.run(LIT_NS + STEP_NS)


@pytest.mark.parametrize("ppb", RATES)
@pytest.mark.parametrize("bars", [0, 6])
def test_refresh(time_token: "MakeToken", ppb: int, bars: int) -> None:
    """With ``refresh`` the next step's code lights at the boundary; the lit time goes on."""
    token = time_token(
        rtc=Rtc(0, 20 * SECOND, Crystal(ppb)), time_bars=bars, step_change=StepChange.REFRESH
    )
    token.press(0)
    over_ns = first_time(token.state, STEP_NS)
    token.run(over_ns - 1)
    assert [Lit(over_ns, totp(token.key, 30), 1)] == token.run(over_ns)
    assert bars == lcd(token.state).bars
    assert Dark(LIT_NS + STEP_NS) in token.run(LIT_NS + STEP_NS)


@pytest.mark.parametrize("ppb", RATES)
@pytest.mark.parametrize("bars", [0, 6])
def test_dark(time_token: "MakeToken", ppb: int, bars: int) -> None:
    """With ``dark`` the LCD goes dark at the boundary."""
    token = time_token(
        rtc=Rtc(0, 20 * SECOND, Crystal(ppb)), time_bars=bars, step_change=StepChange.DARK
    )
    token.press(0)
    over_ns = first_time(token.state, STEP_NS)
    token.run(over_ns - 1)
    assert lcd(token.state).lit
    assert [Dark(over_ns)] == token.run(over_ns)
    assert [] == token.run(100 * SECOND)


@pytest.mark.parametrize("bars", [0, 6])
def test_step_over_before_the_code_lights(time_token: "MakeToken", bars: int) -> None:
    """Where the step ends during the computation, the change comes as the code lights."""
    rtc = Rtc(0, STEP_NS - 30_000_000)
    refreshed = time_token(rtc=rtc, time_bars=bars, step_change=StepChange.REFRESH)
    expected = [
        Accepted(20_000_000, 0),
        Lit(LIT_NS, totp(refreshed.key, 0), 0),
        Lit(LIT_NS, totp(refreshed.key, 30), 1),
    ]
    assert expected == refreshed.press(0)
    darkened = time_token(rtc=rtc, time_bars=bars, step_change=StepChange.DARK)
    assert Dark(LIT_NS) == darkened.press(0)[-1]
    kept = time_token(rtc=rtc, time_bars=bars)
    assert expected[:2] == kept.press(0)
    assert 0 == lcd(kept.state).bars


def test_refresh_step_by_step(time_token: "MakeToken") -> None:
    """Short steps refresh again and again, until the lit time is over."""
    token = time_token(step_s=1, time_bars=0, step_change=StepChange.REFRESH)
    token.press(0)
    token.run(40 * SECOND)
    assert list(range(31)) == [e.factor for e in token.effects if isinstance(e, Lit)]
    assert Dark(LIT_NS + 30 * SECOND) == token.effects[-1]


def test_bars_do_not_wake_a_sleeping_token(time_token: "MakeToken") -> None:
    """A token that is dark has no bars and nothing due."""
    token = time_token()
    token.press(0)
    token.run(100 * SECOND)
    assert (0, 6) == (lcd(token.state).bars, lcd(token.state).bar_count)
    assert [] == token.run(10**9 * SECOND)


# The clock is set while a code is lit.


@pytest.mark.parametrize(
    ("change", "kinds", "mode"),
    [
        (StepChange.KEEP, [Bars], Mode.LIT),
        (StepChange.REFRESH, [Lit], Mode.LIT),
        (StepChange.DARK, [Dark], Mode.ASLEEP),
    ],
)
@pytest.mark.parametrize("by_ns", [STEP_NS, 10**15, -STEP_NS])
def test_shift_into_another_step(
    time_token: "MakeToken", change: StepChange, kinds: list[type], mode: Mode, by_ns: int
) -> None:
    """A clock set into another step is a step change, at once."""
    token = time_token(rtc=Rtc(0, 10**6 * SECOND), step_change=change)
    token.press(0)
    effects = token.do(ShiftTime(SECOND, by_ns))
    assert kinds == [type(effect) for effect in effects]
    assert {SECOND + by_ns} == {effect.at_ns for effect in effects}
    assert mode is token.state.mode


def test_shift_within_the_step(time_token: "MakeToken") -> None:
    """A clock set within its step shows the bars of the new time."""
    token = time_token()
    token.press(0)
    assert 6 == lcd(token.state).bars
    assert [Bars(21 * SECOND, 2)] == token.do(ShiftTime(SECOND, 20 * SECOND))
    assert Bars(25 * SECOND, 1) in token.run(25 * SECOND)


def test_shift_while_computing(time_token: "MakeToken") -> None:
    """The step is latched: a clock set during the computation doesn't change it."""
    token = time_token()
    token.do(Edge(0, closed=True), ShiftTime(30_000_000, 100 * SECOND))
    lit = next(effect for effect in token.run(101 * SECOND) if isinstance(effect, Lit))
    assert (100 * SECOND + LIT_NS, 0) == (lit.at_ns, lit.factor)
