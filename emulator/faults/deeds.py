"""What a fault does to a token, as stimuli: from its state at that moment, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from emulator.errors import UsageError
from emulator.faults.whats import (
    Bounce,
    Chatter,
    ClockOffset,
    DeadSegment,
    Detune,
    DrainBattery,
    Jam,
    Mend,
    OpenCase,
    PortCut,
    PortDelay,
    PortDrop,
    PortGarble,
    PortWhat,
    PullBattery,
    Reset,
    Rot,
    StickBits,
    StuckSegment,
    Tear,
    Temperature,
    TemperatureCurve,
    WeakenBattery,
    What,
)
from emulator.ports.linefaults import (
    CutLine,
    DelayAnswers,
    Direction,
    DropBytes,
    GarbleBytes,
    LineFault,
)
from firmware_model.cell import droop_ns, voltage
from firmware_model.climate import Climate, steady, temperature
from firmware_model.contact import BOUNCES, WORN_DOME
from firmware_model.damage import UNHARMED, Damage, StuckBits, with_segment
from firmware_model.errors import StimulusError
from firmware_model.nvm import SLOT_SIZE, Config
from firmware_model.profile import TokenType
from firmware_model.state import State, charge_used
from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    CaseOpened,
    ClockJump,
    Drain,
    Harm,
    Retune,
    Stimulus,
    SupplyDip,
)

Later = tuple[int, Callable[[State], Stimulus]]
"""How much later something ends, and how, by the state of then."""


def deed_of(what: What, state: State) -> Stimulus | None:
    """Return what is done to a token now.

    Args:
        what: what goes wrong.
        state: the token at this moment.

    Returns:
        ``None`` for what is done to its port.

    Raises:
        StimulusError: it can't happen to this token now.
    """
    make = _DEEDS.get(type(what))
    return None if make is None else make(what, state)


def ending_of(what: What, state: State) -> Later | None:
    """Return when and how it ends.

    Args:
        what: what goes wrong.
        state: the token before it does.
    """
    if isinstance(what, PullBattery) and what.for_ns is not None:
        used = charge_used(state)
        return what.for_ns, lambda later: BatteryIn(later.now_ns, used)
    if isinstance(what, Jam) and what.for_ns is not None:
        return what.for_ns, lambda later: _harm(later, jammed=False)
    return None


def line_fault(what: PortWhat) -> LineFault:
    """Return what is done to a token's port."""
    match what:
        case PortDrop():
            return DropBytes(count=what.count, direction=_way(what.direction))
        case PortGarble():
            return GarbleBytes(count=what.count, mask=what.mask, direction=_way(what.direction))
        case PortDelay():
            return DelayAnswers(by_ns=what.by_ns, count=what.count)
        case PortCut():
            return CutLine(for_ns=what.for_ns)


def torn_after_ns(what: Tear, config: Config) -> int:
    """Return how long after its begin a commit has written so many bytes.

    Raises:
        UsageError: this token's commits can't be torn there.
    """
    if config.token_type is TokenType.TIME:
        raise UsageError("a time token commits nothing that could be torn; use reset")
    commit_ns = config.profile.commit_ns
    if commit_ns < SLOT_SIZE:
        raise UsageError(
            f"commits that take {commit_ns} ns are too short to be torn at a byte; a profile with"
            f" commit_ns of {SLOT_SIZE} and more has longer ones"
        )
    return -(-what.byte * commit_ns // SLOT_SIZE)


def weak_charge(config: Config, capacity: int, milli_celsius: int) -> int | None:
    """Return the least charge drawn from a battery with which a press browns out.

    Args:
        config: the token's.
        capacity: of its battery, nA·ns.
        milli_celsius: how warm it is.

    Returns:
        nA·ns; ``None`` if the battery would be empty before.
    """
    profile = config.profile
    commit_ns = profile.commit_ns if config.token_type is TokenType.EVENT else 0
    asleep, awake = profile.quiescent_na, profile.quiescent_na + profile.active_na

    def sags(used: int) -> bool:
        open_mv = voltage(used, capacity, milli_celsius, asleep)
        loaded_mv = voltage(used, capacity, milli_celsius, awake)
        sag_ns = droop_ns(open_mv, loaded_mv, profile.brown_out_mv, profile.droop_ns)
        return sag_ns is not None and sag_ns < commit_ns + profile.compute_ns

    low, high = -1, 2 * capacity
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if sags(middle) else (middle, high)
    alive = voltage(high, capacity, milli_celsius, asleep) >= profile.brown_out_mv
    return high if alive else None


def _way(word: str) -> Direction:
    return Direction[word.upper()]


def _harm(state: State, **parts: Any) -> Harm:  # noqa: ANN401  # fields of Damage, each of its own type
    damage: Damage = state.physics.damage._replace(**parts)
    return Harm(state.now_ns, damage)


def _dip(_: Tear | Reset, state: State) -> Stimulus:
    return SupplyDip(state.now_ns)


def _pull(_: PullBattery, state: State) -> Stimulus:
    return BatteryOut(state.now_ns)


def _drain(what: DrainBattery, state: State) -> Stimulus:
    used = state.physics.battery.capacity * (100 - what.percent) // 100
    return Drain(state.now_ns, used)


def _weaken(_: WeakenBattery, state: State) -> Stimulus:
    physics, config = state.physics, state.config
    warmth = temperature(physics.climate, state.now_ns)
    used = weak_charge(config, physics.battery.capacity, warmth)
    if used is None:
        raise StimulusError(f"no press of {config.serial} browns out at {warmth / 1000:g} °C")
    return Drain(state.now_ns, used)


def _chatter(_: Chatter, state: State) -> Stimulus:
    return _harm(state, chatter=WORN_DOME)


def _bounce(what: Bounce, state: State) -> Stimulus:
    return _harm(state, bounce=BOUNCES[what.pattern])


def _jam(_: Jam, state: State) -> Stimulus:
    return _harm(state, jammed=True)


def _dead(what: DeadSegment, state: State) -> Stimulus:
    dead = state.physics.damage.dead
    return _harm(state, dead=with_segment(dead, what.digit, what.segment))


def _stuck(what: StuckSegment, state: State) -> Stimulus:
    stuck = state.physics.damage.stuck
    return _harm(state, stuck=with_segment(stuck, what.digit, what.segment))


def _warm(what: Temperature, state: State) -> Stimulus:
    return Ambient(state.now_ns, steady(what.milli_celsius, state.now_ns))


def _cycle(what: TemperatureCurve, state: State) -> Stimulus:
    return Ambient(state.now_ns, Climate(state.now_ns, what.points, what.period_ns))


def _jump(what: ClockOffset, state: State) -> Stimulus:
    return ClockJump(state.now_ns, what.by_ns)


def _detune(what: Detune, state: State) -> Stimulus:
    return Retune(state.now_ns, state.physics.rtc.crystal._replace(tolerance_ppb=what.ppb))


def _rot(what: Rot, state: State) -> Stimulus:
    return BitRot(state.now_ns, what.byte, what.mask)


def _stick(what: StickBits, state: State) -> Stimulus:
    cell = StuckBits(what.byte, what.mask, what.value)
    cells = dict.fromkeys((*state.physics.damage.cells, cell))  # the same again is nothing new
    return _harm(state, cells=tuple(cells))


def _open(_: OpenCase, state: State) -> Stimulus:
    return CaseOpened(state.now_ns)


def _mend(_: Mend, state: State) -> Stimulus:
    return Harm(state.now_ns, UNHARMED)


_DEEDS: Final[Mapping[type[Any], Callable[[Any, State], Stimulus]]] = {
    Tear: _dip,
    Reset: _dip,
    PullBattery: _pull,
    DrainBattery: _drain,
    WeakenBattery: _weaken,
    Chatter: _chatter,
    Bounce: _bounce,
    Jam: _jam,
    DeadSegment: _dead,
    StuckSegment: _stuck,
    Temperature: _warm,
    TemperatureCurve: _cycle,
    ClockOffset: _jump,
    Detune: _detune,
    Rot: _rot,
    StickBits: _stick,
    OpenCase: _open,
    Mend: _mend,
}
