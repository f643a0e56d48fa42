"""What can be seen of a token, and measured on it, as plain values: functions of its state."""

from typing import Final

from emulator.results import Condition, View
from firmware_model.cell import remaining_percent
from firmware_model.climate import temperature
from firmware_model.profile import TokenType
from firmware_model.state import (
    State,
    charge_used,
    lcd,
    next_counter,
    remaining_ns,
    token_time,
    voltage,
)
from firmware_model.table import Mode

# Looked up at every look: an enum's own name is Python code and costs as much as the rest.
_MODE_NAMES: Final = tuple(mode.name.lower() for mode in Mode)


def view_of(state: State, now_ns: int) -> View:
    """Return one look at a token.

    Args:
        state: the token.
        now_ns: bench time, before its next deadline.
    """
    left_ns = remaining_ns(state)
    timed = state.config.token_type is TokenType.TIME and state.mode is not Mode.OFF
    return View(
        state.config.serial,
        lcd(state, now_ns),
        left_ns - (now_ns - state.now_ns) if left_ns else 0,
        state.closed,
        _MODE_NAMES[state.mode],
        next_counter(state),
        token_time(state, now_ns) if timed else None,
    )


def stays(state: State) -> bool:
    """Whether each look at this state is like the one before, however late."""
    if remaining_ns(state) or state.config.token_type is TokenType.TIME:
        return False
    # What is on the LCD pales with the battery, and with the temperature.
    return not state.text or not (state.low or len(state.physics.climate.knots) > 1)


def condition_of(state: State, now_ns: int) -> Condition:
    """Return what a token is made of.

    Args:
        state: the token.
        now_ns: bench time, before its next deadline.
    """
    rtc, climate, battery, damage = state.physics
    left = remaining_percent(charge_used(state, now_ns), battery.capacity)
    return Condition(
        temperature(climate, now_ns),
        voltage(state, now_ns),
        left if battery.present else 0,
        battery.present,
        rtc.crystal,
        damage,
        climate,
    )
