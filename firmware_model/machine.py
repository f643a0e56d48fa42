"""The token as a pure machine: ``step(state, stimulus, key) -> (state, effects)``.

No clock, no I/O, no randomness: everything follows from the arguments. The
transition table is in ``table.py``; here are the functions behind its actions,
and the loop that runs from deadline to deadline.
"""

from collections.abc import Mapping
from typing import Final

from firmware_model import nvm
from firmware_model.actions import COMPILED, Run, blank, tear
from firmware_model.errors import StimulusError
from firmware_model.nvm import Config
from firmware_model.oath import MAX_COUNTER, Key
from firmware_model.profile import (
    PROFILES,
    HoldAction,
    PressWhileLit,
    Profile,
    StepChange,
    TokenType,
)
from firmware_model.state import LAST_NS, MAX_PPB, NEVER, Crystal, State
from firmware_model.stimuli import (
    Booted,
    Edge,
    Effect,
    PowerLost,
    SetCounter,
    ShiftTime,
    Stimulus,
    SupplyDip,
)
from firmware_model.table import Mode, Trigger


def power_on(
    image: bytes,
    at_ns: int,
    *,
    crystal: Crystal | None = None,
    profiles: Mapping[str, Profile] = PROFILES,
) -> tuple[State, tuple[Effect, ...]]:
    """Start a token from its NVM image, with empty RAM.

    Args:
        image: the NVM image, see :mod:`firmware_model.nvm`.
        at_ns: bench time, ns since 1970, UTC.
        crystal: where its clock stands; ``None``: right, and without error.
        profiles: profiles by name.

    Raises:
        StimulusError: a crystal that no token has, or a time past :data:`LAST_NS`.
        ImageError: the image can't be read. Damaged counter slots are no error:
            the token repairs one and shows dashes for two.
    """
    config = nvm.read_config(image, profiles)
    quartz = crystal or Crystal(at_ns, at_ns)
    for time_ns in (at_ns, quartz.at_ns, quartz.clock_ns):
        _check_time(time_ns)
    if abs(quartz.ppb) > MAX_PPB:
        raise StimulusError(f"a crystal of {quartz.ppb} ppb; allowed are ±{MAX_PPB}")
    asleep = State(
        config,
        image[nvm.SLOT_A : nvm.SLOT_B],
        image[nvm.SLOT_B :],
        nvm.SLOT_A,
        0,
        0,
        at_ns,
        Mode.ASLEEP,
        NEVER,
        closed=False,
        settle_ns=NEVER,
        button=False,
        held_ns=NEVER,
        tick_ns=NEVER,
        factor=0,
        text="",
        clock_at_ns=quartz.at_ns,
        clock_ns=quartz.clock_ns,
        clock_ppb=quartz.ppb,
    )
    run = Run(asleep, None)
    _boot(run)
    return run.freeze(), tuple(run.effects)


def step(state: State, stimulus: Stimulus, key: Key) -> tuple[State, tuple[Effect, ...]]:
    """Let one thing happen to a token.

    Everything that the token does by itself up to the stimulus' time happens
    first, in order, each effect with its own exact time.

    Args:
        state: the token.
        stimulus: not before ``state.now_ns``.
        key: prepared from the token's secret and algorithm.

    Raises:
        StimulusError: time would run back or past :data:`LAST_NS`, the key is another
            token's, or this can't happen to this token.
    """
    run = Run(state, key)
    at_ns = stimulus.at_ns
    if at_ns < run.now:
        raise StimulusError(
            f"a stimulus at {at_ns} ns; the token is at {run.now} ns already and time"
            " doesn't run back"
        )
    if at_ns > LAST_NS:
        _check_time(at_ns)
    _run_until(run, at_ns)
    if isinstance(stimulus, Edge):
        _edge(run, closed=stimulus.closed)
    elif isinstance(stimulus, SupplyDip):
        _supply_dip(run)
    elif isinstance(stimulus, SetCounter):
        _set_counter(run, stimulus.counter)
    elif isinstance(stimulus, ShiftTime):
        _shift_time(run, stimulus.by_ns)
    return run.freeze(), tuple(run.effects)


def manufacture(config: Config, at_ns: int, *, crystal: Crystal | None = None) -> State:
    """Return a new token, asleep, as it leaves the factory.

    Args:
        config: see :func:`firmware_model.nvm.configure`.
        at_ns: bench time, ns since 1970, UTC.
        crystal: where its clock stands; ``None``: right, and without error.

    Raises:
        StimulusError: see :func:`power_on`.
    """
    profiles = {config.profile.name: config.profile}
    state, _ = power_on(nvm.new_image(config), at_ns, crystal=crystal, profiles=profiles)
    return state


def _check_time(time_ns: int) -> None:
    if not -LAST_NS <= time_ns <= LAST_NS:
        raise StimulusError(f"a time of {time_ns} ns; allowed are ±{LAST_NS} ns from 1970")


def _run_until(run: Run, at_ns: int) -> None:
    while True:
        # The order decides ties. Compared by hand: min() costs twice as much.
        due, act = run.done, _done
        if run.settle < due:
            due, act = run.settle, _settle
        if run.tick < due:
            due, act = run.tick, _tick
        if run.held < due:
            due, act = run.held, _held
        if due > at_ns:
            break
        run.now = due
        act(run)
    run.now = at_ns


# The stimuli.


def _edge(run: Run, *, closed: bool) -> None:
    if closed == run.closed:
        return
    run.closed = closed
    if run.closed == run.button:
        run.settle = NEVER
        if not run.closed:
            run.fire(_GLITCH)
    else:
        run.settle = run.now + run.config.profile.debounce_ns
        if run.closed:
            run.fire(_CONTACT)


def _supply_dip(run: Run) -> None:
    if run.mode is Mode.COMMITTING:
        tear(run)
    blank(run)
    run.effects.append(PowerLost(run.now))
    run.done = run.settle = run.held = run.tick = NEVER
    # A key that is down at power-on is the resting level: a stuck one makes no press.
    run.button = run.closed
    _boot(run)


def _set_counter(run: Run, counter: int) -> None:
    serial = run.config.serial
    if run.config.token_type is TokenType.TIME:
        raise StimulusError(f"{serial} is a time token: it has no counter to set")
    if not 0 <= counter < MAX_COUNTER:
        raise StimulusError(f"counter {counter}; allowed are 0 to 2**64 - 2")
    if COMPILED[run.mode][Trigger.PROGRAM] is None:
        raise StimulusError(
            f"{serial} is busy with a press; set the counter when it is lit or dark"
        )
    run.wanted = counter
    run.fire(Trigger.PROGRAM)


def _shift_time(run: Run, by: int) -> None:
    for name in ("done", "settle", "held", "tick"):
        deadline = getattr(run, name)
        if deadline != NEVER:
            setattr(run, name, deadline + by)
    run.now += by
    run.clock_at += by
    run.clock_ns += by
    for time_ns in (run.now, run.clock_at, run.clock_ns):
        _check_time(time_ns)
    if run.mode is Mode.LIT and run.config.token_type is TokenType.TIME:
        _tick(run)  # the step is another one now, perhaps: look at once


# What the token notices by itself.


def _done(run: Run) -> None:
    run.done = NEVER
    run.fire(_DONE)


def _held(run: Run) -> None:
    run.held = NEVER
    run.fire(Trigger.HELD)


def _settle(run: Run) -> None:
    run.settle = NEVER
    run.button = run.closed
    if not run.button:
        run.held = NEVER
        run.fire(_RELEASE)
        return
    profile = run.config.profile
    if profile.hold_action is not _NO_HOLD:
        run.held = run.now + profile.hold_ns
    run.fire(_press_trigger(run, profile))


def _press_trigger(run: Run, profile: Profile) -> Trigger:
    if run.mode is _LIT:
        trigger = _WHILE_LIT[profile.press_while_lit]
        if trigger is not None:
            return trigger
    if profile.token_type is _TIME:
        return _PRESS_TIME
    return _PRESS_SPENT if run.counter == MAX_COUNTER else _PRESS_EVENT


def _tick(run: Run) -> None:
    run.tick = NEVER
    if run.time_factor() == run.factor:
        run.fire(Trigger.BARS)
    else:
        run.fire(_AT_STEP[run.config.profile.step_change])


def _boot(run: Run) -> None:
    found = nvm.recover(run.slot_a, run.slot_b)
    run.older, run.sequence = found.older, found.sequence
    if found.counter is None:
        run.counter = 0
        run.fire(Trigger.BOOT_BROKEN)
    else:
        run.counter = found.counter
        spent = run.counter == MAX_COUNTER and run.config.token_type is TokenType.EVENT
        run.fire(Trigger.BOOT_SPENT if spent else Trigger.BOOT_GOOD)
    run.effects.append(Booted(run.now, found.counter, found.repair))


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
_TIME: Final = TokenType.TIME
_NO_HOLD: Final = HoldAction.NONE
_CONTACT: Final = Trigger.CONTACT
_GLITCH: Final = Trigger.GLITCH
_DONE: Final = Trigger.DONE
_RELEASE: Final = Trigger.RELEASE
_PRESS_EVENT: Final = Trigger.PRESS_EVENT
_PRESS_TIME: Final = Trigger.PRESS_TIME
_PRESS_SPENT: Final = Trigger.PRESS_SPENT
