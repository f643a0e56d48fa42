"""A token at one moment, as a flat, frozen, hashable value.

Flat and a tuple on purpose: five years of presses run through it, and a tuple is
the cheapest frozen value that Python can make.
"""

from typing import Final, NamedTuple

from firmware_model import cell
from firmware_model.climate import LAST_NS, temperature
from firmware_model.crystal import NEVER, clock_reading
from firmware_model.damage import worn
from firmware_model.nvm import Config
from firmware_model.physics import Physics
from firmware_model.profile import SECOND, HoldAction, TokenType, WeakBattery
from firmware_model.segments import Lcd, encode
from firmware_model.table import Mode

__all__ = [
    "LAST_NS",
    "NEVER",
    "State",
    "bars_at",
    "charge_used",
    "contrast",
    "image",
    "lcd",
    "next_counter",
    "next_deadline",
    "remaining_ns",
    "token_time",
    "voltage",
]

_PALE_PERCENT: Final = 40
"""Contrast of an LCD at the brown-out voltage. Our default."""


class State(NamedTuple):
    """One token at one moment. Times are ns; deadlines that are not set are NEVER.

    Attributes:
        config: the factory record and the profile. (NVM)
        slot_a, slot_b: bytes of the two counter slots. (NVM)
        older: offset in the image of the slot that the next commit writes.
        sequence: commits so far.
        counter: next counter to be used.
        now_ns: bench time of this state.
        mode: what the firmware is doing. (RAM, and all that follow)
        done_ns: when that is over.
        closed: whether the contact is closed.
        settle_ns: when the debouncer will believe the contact.
        button: the debounced button.
        held_ns: when the hold action begins.
        tick_ns: when bars or time step change.
        fail_ns: when the supply sags below what the firmware runs on, or has given all.
        factor: counter or time step of the press under way or of the code lit.
        page: which page of the menu is shown.
        text: what the LCD's digits show; empty when dark.
        lit_at_ns: since when the LCD draws current; meaningless when dark.
        low: whether the battery was found weak at the last press.
        used: charge drawn from the battery, nA·ns, but for what it loses asleep and
            for the LCD that is lit. (physics, and all that follow)
        safe: charge up to which no press strains the battery, whatever the
            temperature will be; follows from the rest.
        physics: what the token is made of.
    """

    config: Config
    slot_a: bytes
    slot_b: bytes
    older: int
    sequence: int
    counter: int
    now_ns: int
    mode: Mode
    done_ns: int
    closed: bool
    settle_ns: int
    button: bool
    held_ns: int
    tick_ns: int
    fail_ns: int
    factor: int
    page: int
    text: str
    lit_at_ns: int
    low: bool
    used: int
    safe: int
    physics: Physics

    def __repr__(self) -> str:
        return f"<State {self.config.serial} {self.mode.name} counter={self.counter}>"


def image(state: State) -> bytes:
    """Return the NVM image of a state, byte for byte. It holds the secret."""
    return state.config.factory_record + state.slot_a + state.slot_b


def token_time(state: State, at_ns: int | None = None) -> int:
    """Return what the token's own clock believes, ns since 1970, UTC.

    Args:
        state: the token; without power it means nothing.
        at_ns: bench time, not before the state's breakpoint; ``None``: now.
    """
    at = state.now_ns if at_ns is None else at_ns
    physics = state.physics
    return clock_reading(physics.rtc, physics.climate, at)


def charge_used(state: State, at_ns: int | None = None) -> int:
    """Return the charge drawn from the battery up to now, nA·ns.

    Args:
        state: the token.
        at_ns: bench time, not before the state's; ``None``: now.
    """
    at, battery = state.now_ns if at_ns is None else at_ns, state.physics.battery
    if not battery.present:
        return 0
    profile = state.config.profile
    used = state.used + profile.quiescent_na * (at - battery.at_ns)
    if state.text:
        used += profile.lcd_na * (at - state.lit_at_ns)
    return used


def voltage(state: State, at_ns: int | None = None) -> int:
    """Return the supply at the terminals under the load of the present mode, mV.

    Args:
        state: the token.
        at_ns: bench time, not before the state's; ``None``: now.
    """
    at, physics = state.now_ns if at_ns is None else at_ns, state.physics
    if not physics.battery.present:
        return 0
    return cell.voltage(
        charge_used(state, at),
        physics.battery.capacity,
        temperature(physics.climate, at),
        load(state.config, state.mode, lit=bool(state.text)),
    )


def load(config: Config, mode: Mode, *, lit: bool) -> int:
    """Return the current that a token draws, nA."""
    profile = config.profile
    if mode is Mode.OFF:
        return 0
    active = profile.active_na if mode in {Mode.COMMITTING, Mode.COMPUTING} else 0
    return profile.quiescent_na + active + (profile.lcd_na if lit else 0)


def contrast(state: State, at_ns: int | None = None) -> int:
    """Return the LCD's contrast, percent: less in the cold and with a weak battery."""
    at, profile = state.now_ns if at_ns is None else at_ns, state.config.profile
    warmth = temperature(state.physics.climate, at)
    percent = 100
    if warmth < profile.lcd_full_mc:
        span = profile.lcd_full_mc - profile.lcd_blank_mc
        percent = max(warmth - profile.lcd_blank_mc, 0) * 100 // span
    if state.low:
        span = max(profile.low_battery_mv - profile.brown_out_mv, 1)
        above = min(max(voltage(state, at) - profile.brown_out_mv, 0), span)
        percent = percent * (_PALE_PERCENT * span + (100 - _PALE_PERCENT) * above) // (100 * span)
    return percent


def bars_at(config: Config, factor: int, token_time_ns: int) -> tuple[int, int]:
    """Return the bars for the time left in a step, and when the next change comes.

    Args:
        config: the token's settings; one without bars counts as one with one bar.
        factor: the step of the code shown.
        token_time_ns: what the token's own clock says.

    Returns:
        Bars lit (0 once the step is over), and the time of the token's clock at
        which their number changes.
    """
    step_ns, count = config.step_ns, config.profile.time_bars or 1
    end_ns = config.t0_s * SECOND + (factor + 1) * step_ns
    left_ns = min(max(end_ns - token_time_ns, 0), step_ns)
    bars = -(-left_ns * count // step_ns)
    return bars, end_ns - (bars - 1) * step_ns // count


def lcd(state: State, at_ns: int | None = None) -> Lcd:
    """Return what the LCD shows, to an eye before it: worn segments and pale ones included.

    Args:
        state: the token.
        at_ns: bench time, not before the state's and before the next deadline;
            ``None``: now.
    """
    config, profile = state.config, state.config.profile
    signs = profile.weak_battery is WeakBattery.SIGN
    if not state.text:
        return Lcd((0,) * config.digits, 0, profile.time_bars, battery_sign=signs)
    bars = 0
    if profile.time_bars and state.mode is Mode.LIT and state.text.isdigit():
        bars = bars_at(config, state.factor, token_time(state, at_ns))[0]
    tested = state.mode is Mode.SCREEN and profile.hold_action is HoldAction.LCD_TEST
    return Lcd(
        worn(encode(state.text.rjust(config.digits)), state.physics.damage),
        profile.time_bars if tested else bars,
        profile.time_bars,
        signs and (state.low or tested),
        signs,
        contrast(state, at_ns),
    )


def remaining_ns(state: State) -> int:
    """Return the bench time until the LCD goes dark by itself; 0 if dark or not by itself."""
    return state.done_ns - state.now_ns if state.mode in {Mode.LIT, Mode.MENU} else 0


def next_counter(state: State) -> int | None:
    """Return the next counter to be used.

    ``None``: a time token, a broken memory, or no power.
    """
    if state.config.token_type is TokenType.TIME or state.mode in _NO_COUNTER:
        return None
    return state.counter


def next_deadline(state: State) -> int | None:
    """Return the bench time at which the token next does something by itself.

    A driver may jump there in one step; ``None``: it sleeps until somebody presses.
    """
    deadline = min(state.done_ns, state.settle_ns, state.held_ns, state.tick_ns, state.fail_ns)
    return None if deadline == NEVER else deadline


_NO_COUNTER: Final = frozenset({Mode.ERROR, Mode.OFF})
