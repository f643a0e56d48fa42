"""What is done to the token: a function for each stimulus but time."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from firmware_model.actions import COMPILED, commit_lands, fire, plan_exhaustion
from firmware_model.climate import Climate, check_climate
from firmware_model.crystal import Rtc, check_crystal, cut
from firmware_model.damage import BYTE, SLOT_BYTES, check_damage
from firmware_model.errors import StimulusError
from firmware_model.notice import tick
from firmware_model.nvm import SLOT_A, SLOT_SIZE
from firmware_model.physics import MAX_CHARGE, Battery, Physics, check_physics, check_time, shifted
from firmware_model.power import ENDLESS, boot, flat, lose_power, power_off, rise, suffer
from firmware_model.profile import SECOND, Loss, TokenType
from firmware_model.run import Run
from firmware_model.state import NEVER
from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    CaseOpened,
    ClockJump,
    Drain,
    Harm,
    NvmWrite,
    Retune,
    SetClock,
    SetCounter,
    ShiftTime,
    Stimulus,
    SupplyDip,
)
from firmware_model.table import Mode, Trigger


def check_charge(used: int, most: int = MAX_CHARGE // 2) -> None:
    """Check a charge that somebody asks for.

    Raises:
        StimulusError: no cell has given that much.
    """
    # Half of what is counted, so that what is drawn after it is counted too.
    if not 0 <= used <= most:
        raise StimulusError(f"a charge of {used} nA·ns; allowed are 0 to {most}")


def edge(run: Run, *, closed: bool) -> None:
    """The contact closes or opens."""
    if closed == run.closed or (run.physics.damage.jammed and not closed):
        return
    run.closed = closed
    if run.mode is Mode.OFF:
        run.button = closed  # nobody looks
        return
    if run.closed == run.button:
        run.settle = NEVER
        if not run.closed:
            fire(run, _GLITCH)
    else:
        run.settle = run.now + run.config.profile.debounce_ns
        if run.closed:
            fire(run, _CONTACT)


def _supply_dip(run: Run, _: SupplyDip | None = None) -> None:
    if run.mode is Mode.OFF:
        return
    lose_power(run)
    rise(run)


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
    fire(run, Trigger.PROGRAM)


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
        tick(run)  # the step is another one now, perhaps: look at once


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
        power_off(run)
    run.physics = run.physics._replace(battery=run.physics.battery._replace(present=False))


def _battery_in(run: Run, stimulus: BatteryIn) -> None:
    check_charge(stimulus.used)
    physics = run.physics
    if physics.battery.present:
        raise StimulusError(f"{run.config.serial} has a battery in it; pull that one first")
    run.used = stimulus.used
    run.physics = physics._replace(battery=Battery(run.now, physics.battery.capacity))
    _reset_clock(run)
    run.weigh()
    rise(run)


def _reset_clock(run: Run) -> None:
    """Let the clock start again, as it does after it was without power."""
    clock_ns = run.config.profile.reset_clock_s * SECOND
    rtc = run.physics.rtc._replace(at_ns=run.now, clock_ns=clock_ns, carry=0)
    run.physics = run.physics._replace(rtc=rtc)
    run.read_at = NEVER


def _drain(run: Run, stimulus: Drain) -> None:
    check_charge(stimulus.used)
    if not run.physics.battery.present:
        raise StimulusError(f"{run.config.serial} has no battery in it")
    # Counted anew from here: what it lost asleep before is in the charge given.
    run.used, run.lit_at = stimulus.used, run.now
    run.physics = run.physics._replace(battery=run.physics.battery._replace(at_ns=run.now))
    if run.mode in ENDLESS:
        plan_exhaustion(run)
    elif run.mode is Mode.OFF and not flat(run):
        _reset_clock(run)
        boot(run)  # what was empty has charge again: the same as another battery


def _case_opened(run: Run, _: CaseOpened) -> None:
    loss = run.config.profile.case_opened
    if loss is Loss.NOTHING or run.config.erased:
        return
    powered = run.mode is not Mode.OFF
    if powered:
        lose_power(run)
    suffer(run, loss)
    if powered:
        boot(run)


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
        edge(run, closed=jammed)


DO: Final[Mapping[type[Stimulus], Callable[[Run, Any], None]]] = {
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
_CONTACT: Final = Trigger.CONTACT
_GLITCH: Final = Trigger.GLITCH
