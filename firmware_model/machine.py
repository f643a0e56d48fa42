"""The token as a pure machine: ``step(state, stimulus, key) -> (state, effects)``.

No clock, no I/O, no randomness: everything follows from the arguments. The
transition table is in ``table.py``; here are the functions behind its actions,
and the loop that runs from deadline to deadline.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from firmware_model import nvm
from firmware_model.actions import (
    COMPILED,
    PAGES,
    Run,
    blank,
    commit_lands,
    plan_exhaustion,
    tear,
)
from firmware_model.cell import voltage
from firmware_model.climate import Climate, check_climate, temperature
from firmware_model.crystal import Rtc, check_crystal, cut
from firmware_model.damage import BYTE, SLOT_BYTES, check_damage
from firmware_model.errors import StimulusError
from firmware_model.nvm import SLOT_A, SLOT_SIZE, Config
from firmware_model.oath import Key
from firmware_model.physics import (
    MAX_CHARGE,
    Battery,
    Physics,
    check_physics,
    check_time,
    new_physics,
    shifted,
)
from firmware_model.products import PROFILES
from firmware_model.profile import (
    SECOND,
    HoldAction,
    Loss,
    PressWhileLit,
    Profile,
    StepChange,
    TokenType,
)
from firmware_model.state import LAST_NS, NEVER, State
from firmware_model.stimuli import (
    Advance,
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    Booted,
    BrownOut,
    CaseOpened,
    ClockJump,
    Drain,
    Edge,
    Effect,
    Erased,
    Exhausted,
    Harm,
    NvmWrite,
    PowerLost,
    Retune,
    SetClock,
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
    physics: Physics | None = None,
    used: int = 0,
    profiles: Mapping[str, Profile] = PROFILES,
) -> tuple[State, tuple[Effect, ...]]:
    """Start a token from its NVM image, with empty RAM.

    Args:
        image: the NVM image, see :mod:`firmware_model.nvm`.
        at_ns: bench time, ns since 1970, UTC.
        physics: what it is made of; ``None``: as new, its clock right and without error.
            Without a battery it stays off.
        used: charge that its battery has given, see :attr:`State.used`.
        profiles: profiles by name.

    Raises:
        StimulusError: physics that no token has, or a time past :data:`LAST_NS`.
        ImageError: the image can't be read. Damaged counter slots are no error:
            the token repairs one and shows dashes for two.
    """
    config = nvm.read_config(image, profiles)
    check_time(at_ns)
    matter = physics or new_physics(config.profile, at_ns)
    check_physics(matter)
    _check_charge(used, MAX_CHARGE)
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
        closed=matter.damage.jammed,
        settle_ns=NEVER,
        button=matter.damage.jammed,
        held_ns=NEVER,
        tick_ns=NEVER,
        fail_ns=NEVER,
        factor=0,
        page=0,
        text="",
        lit_at_ns=at_ns,
        low=False,
        used=used,
        safe=0,
        physics=matter,
    )
    run = Run(asleep, None)
    run.weigh()
    if matter.battery.present:
        _rise(run)
    else:
        run.fire(Trigger.POWER_GONE)
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
        check_time(at_ns)
    _run_until(run, at_ns)
    if isinstance(stimulus, Edge):
        _edge(run, closed=stimulus.closed)
    elif not isinstance(stimulus, Advance):
        _DO[type(stimulus)](run, stimulus)
    return run.freeze(), tuple(run.effects)


def manufacture(config: Config, at_ns: int, *, physics: Physics | None = None) -> State:
    """Return a new token, asleep, as it leaves the factory.

    Args:
        config: see :func:`firmware_model.nvm.configure`.
        at_ns: bench time, ns since 1970, UTC.
        physics: what it is made of; ``None``: its clock right and without error.

    Raises:
        StimulusError: see :func:`power_on`.
    """
    profiles = {config.profile.name: config.profile}
    state, _ = power_on(nvm.new_image(config), at_ns, physics=physics, profiles=profiles)
    return state


def _check_charge(used: int, most: int = MAX_CHARGE // 2) -> None:
    # Half of what is counted, so that what is drawn after it is counted too.
    if not 0 <= used <= most:
        raise StimulusError(f"a charge of {used} nA·ns; allowed are 0 to {most}")


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
        if run.fail < due:
            due, act = run.fail, _sag
        if due > at_ns:
            break
        run.now = due
        act(run)
    run.now = at_ns


# The stimuli.


def _edge(run: Run, *, closed: bool) -> None:
    if closed == run.closed or (run.physics.damage.jammed and not closed):
        return
    run.closed = closed
    if run.mode is Mode.OFF:
        run.button = closed  # nobody looks
        return
    if run.closed == run.button:
        run.settle = NEVER
        if not run.closed:
            run.fire(_GLITCH)
    else:
        run.settle = run.now + run.config.profile.debounce_ns
        if run.closed:
            run.fire(_CONTACT)


def _supply_dip(run: Run, _: SupplyDip | None = None) -> None:
    if run.mode is Mode.OFF:
        return
    _lose_power(run)
    _rise(run)


def _rise(run: Run) -> None:
    """The supply is there: start, if the battery is good for it."""
    if _flat(run):
        _exhausted(run)
        _fade(run)
    else:
        _boot(run)


def _lose_power(run: Run) -> None:
    if run.mode is Mode.COMMITTING:
        tear(run)
    blank(run)
    run.effects.append(PowerLost(run.now))
    run.settle = run.held = NEVER
    run.low = False
    # A key that is down at power-on is the resting level: a stuck one makes no press.
    run.button = run.closed


def _power_off(run: Run) -> None:
    _lose_power(run)
    _fade(run)


def _fade(run: Run) -> None:
    """Without power: what the product loses then is lost, and nothing runs any more."""
    _suffer(run, run.config.profile.battery_gone)
    run.fire(Trigger.POWER_GONE)


def _suffer(run: Run, loss: Loss) -> None:
    """Lose the secret, or all; for good."""
    if loss is Loss.NOTHING or run.config.erased:
        return
    run.config = nvm.without_secret(run.config)
    # Life ends like a counter does: nothing lights. Without a counter there are dashes.
    dead = loss is Loss.LIFE
    slot = nvm.encode_slot(0, run.config.last_counter) if dead else bytes([0xFF] * SLOT_SIZE)
    run.slot_a = run.slot_b = slot
    run.effects.append(NvmWrite(run.now, 0, run.config.factory_record + slot + slot))
    run.effects.append(Erased(run.now))


def _set_counter(run: Run, stimulus: SetCounter) -> None:
    counter = stimulus.counter
    serial = run.config.serial
    if run.config.token_type is TokenType.TIME:
        raise StimulusError(f"{serial} is a time token: it has no counter to set")
    last = run.config.last_counter
    if not 0 <= counter < last:
        raise StimulusError(f"counter {counter}; allowed are 0 to {last - 1}")
    if run.config.erased:
        raise StimulusError(f"{serial} has lost its secret for good; make a new token")
    if run.mode is Mode.OFF:
        raise StimulusError(f"{serial} has no power; put a battery in first")
    if not commit_lands(run, counter):
        raise StimulusError(f"{serial} has worn cells: what is written is not what is read back")
    if COMPILED[run.mode][Trigger.PROGRAM] is None:
        raise StimulusError(
            f"{serial} is busy with a press; set the counter when it is lit or dark"
        )
    run.wanted = counter
    run.fire(Trigger.PROGRAM)


def _shift_time(run: Run, stimulus: ShiftTime) -> None:
    by = stimulus.by_ns
    for name in ("done", "settle", "held", "tick", "fail"):
        deadline = getattr(run, name)
        if deadline != NEVER:
            setattr(run, name, deadline + by)
    run.now += by
    run.read_at = NEVER
    run.lit_at += by
    run.physics = shifted(run.physics, by)
    check_time(run.now)
    check_physics(run.physics)
    _look_at_clock(run)


def _look_at_clock(run: Run) -> None:
    if run.mode is Mode.LIT and run.config.token_type is TokenType.TIME and run.text.isdigit():
        _tick(run)  # the step is another one now, perhaps: look at once


def _ambient(run: Run, stimulus: Ambient) -> None:
    check_climate(stimulus.climate)
    _matter(run, climate=stimulus.climate)


def _retune(run: Run, stimulus: Retune) -> None:
    check_crystal(stimulus.crystal)
    rtc = cut(run.physics.rtc, run.physics.climate, run.now)
    _matter(run, rtc=rtc._replace(crystal=stimulus.crystal))


def _set_clock(run: Run, stimulus: SetClock) -> None:
    config = run.config
    if config.token_type is TokenType.EVENT or not config.profile.time_settable:
        raise StimulusError(
            f"{config.serial} has no clock that can be set; a profile with time_settable has one"
        )
    if run.mode is Mode.OFF:
        raise StimulusError(f"{config.serial} has no power; put a battery in first")
    _clock_at(run, stimulus.clock_ns)


def _clock_jump(run: Run, stimulus: ClockJump) -> None:
    if run.config.token_type is TokenType.EVENT:
        raise StimulusError(f"{run.config.serial} is an event token: it has no clock")
    _clock_at(run, run.token_time() + stimulus.by_ns)


def _clock_at(run: Run, clock_ns: int) -> None:
    check_time(clock_ns)
    _matter(run, rtc=run.physics.rtc._replace(at_ns=run.now, clock_ns=clock_ns, carry=0))


def _matter(run: Run, **parts: Climate | Rtc) -> None:
    """Change what the token is made of; its clock goes on from where it is."""
    physics = run.physics
    rtc = cut(physics.rtc, physics.climate, run.now)
    run.physics = Physics(**{**physics._asdict(), "rtc": rtc, **parts})
    run.read_at = NEVER
    run.weigh()
    _look_at_clock(run)


def _battery_out(run: Run, _: BatteryOut) -> None:
    if not run.physics.battery.present:
        raise StimulusError(f"{run.config.serial} has no battery in it")
    if run.mode is not Mode.OFF:
        _power_off(run)
    run.physics = run.physics._replace(battery=run.physics.battery._replace(present=False))


def _battery_in(run: Run, stimulus: BatteryIn) -> None:
    _check_charge(stimulus.used)
    physics = run.physics
    if physics.battery.present:
        raise StimulusError(f"{run.config.serial} has a battery in it; pull that one first")
    run.used = stimulus.used
    run.physics = physics._replace(battery=Battery(run.now, physics.battery.capacity))
    _reset_clock(run)
    run.weigh()
    _rise(run)


def _reset_clock(run: Run) -> None:
    """Let the clock start again, as it does after it was without power."""
    clock_ns = run.config.profile.reset_clock_s * SECOND
    rtc = run.physics.rtc._replace(at_ns=run.now, clock_ns=clock_ns, carry=0)
    run.physics = run.physics._replace(rtc=rtc)
    run.read_at = NEVER


def _drain(run: Run, stimulus: Drain) -> None:
    _check_charge(stimulus.used)
    if not run.physics.battery.present:
        raise StimulusError(f"{run.config.serial} has no battery in it")
    # Counted anew from here: what it lost asleep before is in the charge given.
    run.used, run.lit_at = stimulus.used, run.now
    run.physics = run.physics._replace(battery=run.physics.battery._replace(at_ns=run.now))
    if run.mode in _ENDLESS:
        plan_exhaustion(run)
    elif run.mode is Mode.OFF and not _flat(run):
        _reset_clock(run)
        _boot(run)  # what was empty has charge again: the same as another battery


def _case_opened(run: Run, _: CaseOpened) -> None:
    loss = run.config.profile.case_opened
    if loss is Loss.NOTHING or run.config.erased:
        return
    powered = run.mode is not Mode.OFF
    if powered:
        _lose_power(run)
    _suffer(run, loss)
    if powered:
        _boot(run)


def _bit_rot(run: Run, stimulus: BitRot) -> None:
    offset, mask = stimulus.offset, stimulus.mask
    if offset not in SLOT_BYTES or not 0 < mask <= BYTE:
        raise StimulusError(
            f"rot of bits {mask:#x} in byte {offset:#x} of the NVM; allowed are bits 0x1 to 0xff"
            " of the counter slots, 0xc0 to 0xff"
        )
    slots = bytearray(run.slot_a + run.slot_b)
    slots[offset - SLOT_A] ^= mask
    run.slot_a, run.slot_b = bytes(slots[:SLOT_SIZE]), bytes(slots[SLOT_SIZE:])
    run.effects.append(NvmWrite(run.now, offset, bytes([slots[offset - SLOT_A]])))


def _harm(run: Run, stimulus: Harm) -> None:
    check_damage(stimulus.damage)
    jammed = stimulus.damage.jammed
    was_jammed = run.physics.damage.jammed
    run.physics = run.physics._replace(damage=stimulus.damage)
    if jammed != was_jammed:
        _edge(run, closed=jammed)


# What the token notices by itself.


def _done(run: Run) -> None:
    run.done = NEVER
    if run.mode is _COMMITTING and not commit_lands(run, run.factor + 1):
        run.fire(Trigger.COMMIT_FAILED)
    else:
        run.fire(_DONE)


def _held(run: Run) -> None:
    run.held = NEVER
    menu = run.config.profile.hold_action is HoldAction.MENU
    run.fire(Trigger.HELD_FOR_MENU if menu else Trigger.HELD)


def _sag(run: Run) -> None:
    """The supply is below what the firmware runs on, or the battery has given all."""
    if run.mode in _ENDLESS:
        _exhaust(run)
        return
    run.effects.append(BrownOut(run.now, run.config.profile.brown_out_mv))
    _lose_power(run)
    _rise(run)  # without the load


def _flat(run: Run) -> bool:
    """Whether the battery does not even keep a sleeping token alive."""
    used = run.charge()
    return used > run.safe and _open_mv(run) < run.config.profile.brown_out_mv


def _open_mv(run: Run) -> int:
    physics = run.physics
    return voltage(
        run.charge(),
        physics.battery.capacity,
        temperature(physics.climate, run.now),
        run.config.profile.quiescent_na,
    )


def _exhaust(run: Run) -> None:
    _exhausted(run)
    _power_off(run)


def _exhausted(run: Run) -> None:
    run.effects.append(Exhausted(run.now, _open_mv(run)))


def _settle(run: Run) -> None:
    run.settle = NEVER
    run.button = run.closed
    if not run.button:
        run.held = NEVER
        run.fire(_RELEASE)
        return
    if run.charge() > run.safe and _flat(run):
        _exhaust(run)
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


def _tick(run: Run) -> None:
    run.tick = NEVER
    profile = run.config.profile
    if run.time_factor() == run.factor:
        run.fire(Trigger.BARS)
        return
    trigger = _AT_STEP[profile.step_change]
    if trigger is Trigger.STEP_REFRESHES and profile.life_days and _expired(run):
        trigger = Trigger.STEP_DARKENS
    run.fire(trigger)


def _boot(run: Run) -> None:
    found = nvm.recover(run.slot_a, run.slot_b, run.config.last_counter)
    run.older, run.sequence = found.older, found.sequence
    run.counter = 0 if found.counter is None else min(found.counter, run.config.last_counter)
    spent = found.counter is not None and found.counter >= run.config.last_counter
    if found.counter is None or (run.config.erased and not spent):
        run.fire(Trigger.BOOT_BROKEN)
    elif found.repair and not commit_lands(run, run.counter):
        # The slot can't be mended: no code may light that isn't committed.
        run.fire(Trigger.BOOT_BROKEN)
    elif spent and (run.config.erased or run.config.token_type is TokenType.EVENT):
        run.fire(Trigger.BOOT_SPENT)
    else:
        run.fire(Trigger.BOOT_GOOD)
    run.effects.append(Booted(run.now, found.counter, found.repair))


_DAY_NS: Final = 86_400 * SECOND
_ENDLESS: Final = (Mode.ERROR, Mode.SCREEN)
"""What they show stays until the battery is empty, unless somebody does something."""

_DO: Final[Mapping[type[Stimulus], Callable[[Run, Any], None]]] = {
    SupplyDip: _supply_dip,
    SetCounter: _set_counter,
    ShiftTime: _shift_time,
    Ambient: _ambient,
    Retune: _retune,
    SetClock: _set_clock,
    ClockJump: _clock_jump,
    BatteryOut: _battery_out,
    BatteryIn: _battery_in,
    Drain: _drain,
    CaseOpened: _case_opened,
    BitRot: _bit_rot,
    Harm: _harm,
}
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
_CONTACT: Final = Trigger.CONTACT
_GLITCH: Final = Trigger.GLITCH
_DONE: Final = Trigger.DONE
_RELEASE: Final = Trigger.RELEASE
_PRESS_EVENT: Final = Trigger.PRESS_EVENT
_PRESS_TIME: Final = Trigger.PRESS_TIME
_PRESS_SPENT: Final = Trigger.PRESS_SPENT
