"""Arms faults on a bench: checks that they can come true, and sets an act on each.

arm(bench, read_faults(Path("faults.toml")))
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from emulator.bench import Bench
from emulator.clock import format_utc
from emulator.device import Device
from emulator.errors import UsageError
from emulator.faults.act import FaultAct
from emulator.faults.deeds import torn_after_ns, weak_charge
from emulator.faults.reader import read_fault
from emulator.faults.spec import Fault, FaultPlan
from emulator.faults.whats import (
    ClockOffset,
    DeadSegment,
    Detune,
    PortWhat,
    StuckSegment,
    Tear,
    WeakenBattery,
    What,
)
from emulator.faults.whens import At, On
from emulator.ports.line import Line
from firmware_model.cell import charge_of
from firmware_model.climate import MIN_MC
from firmware_model.nvm import Config
from firmware_model.profile import PressWhileLit, TokenType

NO_LINES: Final[Mapping[str, Line]] = MappingProxyType({})


def check(plan: FaultPlan, configs: Iterable[Config], now_ns: int | None = None) -> None:
    """Check that faults can come true.

    Args:
        plan: the faults.
        configs: the tokens that they are meant for.
        now_ns: bench time, which no fault may wait for any more; ``None``: any may.

    Raises:
        UsageError: one can't, with its name and what is allowed.
    """
    by_serial = {config.serial: config for config in configs}
    for fault in plan.faults:
        try:
            if isinstance(fault.when, At) and now_ns is not None and fault.when.at_ns < now_ns:
                raise UsageError(  # noqa: TRY301  # told with the fault's name, like the rest
                    f"at = {format_utc(fault.when.at_ns)} is over; it is {format_utc(now_ns)} on"
                    " the bench"
                )
            for serial in _targets(fault, by_serial):
                _check_token(fault, by_serial[serial])
        except UsageError as e:
            raise UsageError(f"{plan.source}: fault {fault.name!r}: {e}") from None


def _targets(fault: Fault, serials: Iterable[str]) -> tuple[str, ...]:
    there = tuple(serials)
    if fault.serial is None:
        return there
    if fault.serial not in there:
        raise UsageError(f"no token {fault.serial}; there are {', '.join(there[:8]) or 'none'}")
    return (fault.serial,)


def _check_token(fault: Fault, config: Config) -> None:
    problem = _problem(fault.what, config)
    if problem:
        raise UsageError(f"{fault.what_key}, token {config.serial}: {problem}")
    if isinstance(fault.when, On) and (never := _silence(fault.when.effect, config)):
        raise UsageError(f"on = {fault.when.effect!r}, token {config.serial}: {never}")


def _silence(effect: str, config: Config) -> str:
    """Return why an effect can't come from this token; empty if it can."""
    profile = config.profile
    event = config.token_type is TokenType.EVENT
    if effect == "bars" and not profile.time_bars:
        return "it has no time bars"
    if effect == "extended" and profile.press_while_lit is not PressWhileLit.SAME_CODE:
        return f"a press while lit is {profile.press_while_lit.value} with its profile"
    if effect == "commit_failed" and not event:
        return "a time token writes nothing"
    return ""


def _problem(what: What, config: Config) -> str:
    """Return why something can't go wrong with this token; empty if it can."""
    match what:
        case DeadSegment(digit=digit) | StuckSegment(digit=digit) if digit >= config.digits:
            return f"it has no digit {digit}; allowed are 0 to {config.digits - 1}"
        case ClockOffset() | Detune() if config.token_type is TokenType.EVENT:
            return "an event token has no clock; name a time token by its serial"
        case Tear():
            try:
                torn_after_ns(what, config)
            except UsageError as e:
                return str(e)
        case WeakenBattery():
            capacity = charge_of(config.profile.battery_uah)
            if weak_charge(config, capacity, MIN_MC) is None:
                return "its presses draw too little to brown out, at any temperature"
    return ""


class FaultEngine:
    """The faults of a bench.

    Args:
        bench: the bench; its :attr:`Bench.faults` becomes this.
        plan: what is armed at once, on each token that is there.
        lines: ports by serial number, for faults of a port.

    Raises:
        UsageError: a fault can't come true; none is armed then.
    """

    def __init__(self, bench: Bench, plan: FaultPlan, lines: Mapping[str, Line] = NO_LINES) -> None:
        self._bench = bench
        self._lines = lines
        self._seed = plan.seed
        self._acts: dict[str, list[FaultAct]] = {}
        self._injected = 0
        self._check(plan, bench.serials())
        bench.faults = self
        for fault in plan.faults:
            for serial in _targets(fault, bench.serials()):
                self._attend(serial, fault)

    @property
    def seed(self) -> int | str:
        """Seed of all that is left to chance."""
        return self._seed

    def inject(self, serial: str, text: str) -> str:
        """Arm one fault of a token and return its name.

        Args:
            serial: which token.
            text: the fault, see :func:`emulator.faults.reader.read_fault`.

        Raises:
            UsageError: no such token or fault, or it can't come true.
            StateError: the token's flash failed.
        """
        fault = read_fault(text, f"injected {self._injected + 1}")
        if fault.serial not in {None, serial}:
            raise UsageError(f"a fault of {fault.serial}, injected into {serial}; leave serial out")
        if fault.name in {act.fault.name for act in self._armed(serial)}:
            raise UsageError(
                f"a fault of {serial} is called {fault.name!r} already; clear it first"
            )
        self._check(FaultPlan((fault,), source="fault"), (serial,))
        self._injected += 1
        self._attend(serial, fault)
        return fault.name

    def fault_list(self, serial: str) -> tuple[str, ...]:
        """Return a token's faults that can still fire, each in a line: name and what."""
        return tuple(f"{act.fault.name}: {act.fault.what_key}" for act in self._armed(serial))

    def clear_faults(self, serial: str) -> None:
        """Disarm all faults of a token; what has begun still ends, its port's at once.

        Raises:
            UsageError: no such token.
        """
        for act in self._acts.pop(serial, ()):
            self._bench.give_up(serial, act.ticket)
        if serial in self._lines:
            self._lines[serial].clear()

    def _check(self, plan: FaultPlan, serials: Iterable[str]) -> None:
        configs = {serial: self._bench.config(serial) for serial in serials}
        check(plan, configs.values(), self._bench.now_ns())
        for fault in plan.faults:
            if isinstance(fault.what, PortWhat):
                for serial in _targets(fault, configs):
                    if serial not in self._lines:
                        raise UsageError(
                            f"{plan.source}: fault {fault.name!r}: {fault.what_key}: token"
                            f" {serial} has no port here; galh serve gives it one"
                        )

    def _attend(self, serial: str, fault: Fault) -> None:
        def begin(device: Device) -> FaultAct:
            bench, line = self._bench, self._lines.get(serial)
            act = FaultAct(device, fault, bench.settled_ns, self._seed, bench.journal, line)
            self._acts[serial] = [*self._armed(serial), act]
            return act

        with self._bench.acting(f"fault {fault.name}"):
            self._bench.attend(serial, begin)

    def _armed(self, serial: str) -> list[FaultAct]:
        return [act for act in self._acts.get(serial, ()) if act.armed]


def arm(bench: Bench, plan: FaultPlan, lines: Mapping[str, Line] = NO_LINES) -> FaultEngine:
    """Arm faults on a bench, on each token that is on it.

    Args:
        bench: the bench.
        plan: see :func:`emulator.faults.read_faults`.
        lines: ports by serial number, for faults of a port.

    Raises:
        UsageError: a fault can't come true; none is armed then.
    """
    return FaultEngine(bench, plan, lines)
