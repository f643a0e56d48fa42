"""What the token notices by itself: one of its deadlines is due."""

from collections.abc import Mapping
from typing import Final

from firmware_model.actions import PAGES, commit_lands, fire
from firmware_model.power import ENDLESS, exhaust, flat, lose_power, rise
from firmware_model.profile import SECOND, HoldAction, PressWhileLit, Profile, StepChange, TokenType
from firmware_model.run import Run
from firmware_model.state import NEVER
from firmware_model.stimuli import BrownOut
from firmware_model.table import Mode, Trigger


def done(run: Run) -> None:
    """What the mode was waiting for is over."""
    run.done = NEVER
    if run.mode is _COMMITTING and not commit_lands(run, run.factor + 1):
        fire(run, Trigger.COMMIT_FAILED)
    else:
        fire(run, _DONE)


def held(run: Run) -> None:
    """The button has been held for the hold time."""
    run.held = NEVER
    menu = run.config.profile.hold_action is HoldAction.MENU
    fire(run, Trigger.HELD_FOR_MENU if menu else Trigger.HELD)


def sag(run: Run) -> None:
    """The supply is below what the firmware runs on, or the battery has given all."""
    if run.mode in ENDLESS:
        exhaust(run)
        return
    run.effects.append(BrownOut(run.now, run.config.profile.brown_out_mv))
    lose_power(run)
    rise(run)  # without the load


def settle(run: Run) -> None:
    """The debouncer believes the contact."""
    run.settle = NEVER
    run.button = run.closed
    if not run.button:
        run.held = NEVER
        fire(run, _RELEASE)
        return
    if flat(run):
        exhaust(run)
        return
    profile = run.config.profile
    if profile.hold_action is not _NO_HOLD:
        run.held = run.now + profile.hold_ns
    fire(run, _press_trigger(run, profile))


def _press_trigger(run: Run, profile: Profile) -> Trigger:
    if run.mode is _LIT:
        trigger = _WHILE_LIT[profile.press_while_lit]
        if trigger is not None:
            return trigger
    elif run.mode is _MENU:
        last = run.page == len(PAGES) - 1
        return Trigger.PRESS_LEAVES if last else Trigger.PRESS_TURNS
    if profile.token_type is _TIME:
        if profile.life_days and _expired(run):
            return Trigger.PRESS_EXPIRED
        return _PRESS_TIME
    return _PRESS_SPENT if run.counter >= run.config.last_counter else _PRESS_EVENT


def _expired(run: Run) -> bool:
    """Whether the token's own clock says that its life is over."""
    born = run.physics.rtc.born_ns
    return run.token_time() >= born + run.config.profile.life_days * _DAY_NS


def tick(run: Run) -> None:
    """Bars or time step change."""
    run.tick = NEVER
    profile = run.config.profile
    if run.time_factor() == run.factor:
        fire(run, Trigger.BARS)
        return
    trigger = _AT_STEP[profile.step_change]
    if trigger is Trigger.STEP_REFRESHES and profile.life_days and _expired(run):
        trigger = Trigger.STEP_DARKENS
    fire(run, trigger)


_DAY_NS: Final = 86_400 * SECOND
_WHILE_LIT: Final[Mapping[PressWhileLit, Trigger | None]] = {
    PressWhileLit.IGNORE: Trigger.PRESS_IGNORED,
    PressWhileLit.SAME_CODE: Trigger.PRESS_EXTENDS,
    PressWhileLit.CLEAR: Trigger.PRESS_CLEARS,
    PressWhileLit.NEW_CODE: None,
}
_AT_STEP: Final[Mapping[StepChange, Trigger]] = {
    StepChange.KEEP: Trigger.BARS,
    StepChange.REFRESH: Trigger.STEP_REFRESHES,
    StepChange.DARK: Trigger.STEP_DARKENS,
}
# What every press needs: a global costs a sixth of an enum's member.
_LIT: Final = Mode.LIT
_MENU: Final = Mode.MENU
_COMMITTING: Final = Mode.COMMITTING
_TIME: Final = TokenType.TIME
_NO_HOLD: Final = HoldAction.NONE
_DONE: Final = Trigger.DONE
_RELEASE: Final = Trigger.RELEASE
_PRESS_EVENT: Final = Trigger.PRESS_EVENT
_PRESS_TIME: Final = Trigger.PRESS_TIME
_PRESS_SPENT: Final = Trigger.PRESS_SPENT
