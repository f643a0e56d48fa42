"""Test doubles for whoever tests the line protocol, or a port, without a real bench.

The bench in here obeys a script: ten known codes, a manual clock, and results that
come only when the test says so. It knows nothing of how a token works inside.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final, TypeVar

from emulator.annotations import Annotation
from emulator.errors import ClockError, UsageError
from emulator.faults.reader import read_fault
from emulator.faults.spec import Fault
from emulator.happening import Happening
from emulator.results import Condition, PressResult, Ticket, View
from emulator.scpi.commands import TABLE
from emulator.scpi.session import Session
from emulator.scpi.tree import Table
from emulator.scpi.verbs import BenchVerbs
from firmware_model.cell import charge_of, remaining_percent
from firmware_model.climate import ROOM, temperature
from firmware_model.crystal import Crystal
from firmware_model.damage import UNHARMED
from firmware_model.products import GALH
from firmware_model.profile import SECOND, Profile, TokenType
from firmware_model.segments import Lcd, encode
from firmware_model.stimuli import Ambient, BatteryIn, BatteryOut, Drain, Harm, Retune

T = TypeVar("T")

CODES: Final = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)
"""RFC 4226 appendix D."""

START_NS: Final = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z."""


class ScriptedBench:
    """One token that lights the codes of RFC 4226 appendix D in turn.

    It answers to several serial numbers if more are given; :attr:`calls` tells them apart.

    Attributes:
        profile_of: the product; a time token's codes are the same ten.
        mode: ``manual``, ``scaled`` or ``real``.
        later: whether presses and waits stay pending until :meth:`settle`.
        calls: the verbs that changed something, with their arguments.
        faults: those that are armed; none of them ever fires.
        traffic: whether lines are told.
        told: what was annotated, with its serial number.
        actors: who acts, and inside whose act, innermost last.
    """

    def __init__(
        self,
        profile: Profile = GALH,
        *,
        mode: str = "manual",
        later: bool = False,
        serials: Sequence[str] = (),
    ) -> None:
        self.profile_of = profile
        self._serials = tuple(serials) or (f"{profile.name}00004226",)
        self.mode = mode
        self.later = later
        self.calls: list[tuple[Any, ...]] = []
        self.faults: list[Fault] = []
        self._condition = Condition(
            25_000,
            3_000,
            100,
            battery_present=True,
            crystal=Crystal(),
            damage=UNHARMED,
            climate=ROOM,
        )
        self._now_ns = START_NS
        self._rate = Fraction(0 if mode == "manual" else 1)
        self._counter = 0
        self._code = ""
        self._dark_at_ns = START_NS
        self._pressed = False
        self._unsettled: deque[Callable[[], None]] = deque()
        self.traffic = True
        self.told: list[tuple[str, Annotation]] = []
        self.actors = [""]

    @contextlib.contextmanager
    def acting(self, by: str, key: str | None = None) -> Iterator[None]:  # noqa: ARG002 - protocol
        """Note who acts meanwhile."""
        self.actors.append(by)
        yield
        self.actors.pop()

    def annotate(self, serial: str, event: Annotation) -> None:
        """Keep it."""
        self.told.append((serial, event))

    @property
    def settled_ns(self) -> int:
        """Return bench time."""
        return self._now_ns

    def serials(self) -> Sequence[str]:
        """Return the serial numbers."""
        return self._serials

    def press(self, serial: str, hold_ns: int = 100_000_000) -> Ticket[PressResult]:
        """Light the next code, unless one is lit."""
        self.calls.append(("press", serial, hold_ns))
        return self._ticket(self._pressing)

    def give_up(self, serial: str, ticket: Ticket[Any]) -> None:  # noqa: ARG002  # protocol
        """Note it; what is pending stays so until :meth:`settle`."""
        self.calls.append(("give_up", serial))

    def down(self, serial: str) -> None:
        """Close the contact; nothing lights."""
        self.calls.append(("down", serial))
        self._pressed = True

    def up(self, serial: str) -> None:
        """Open the contact."""
        self.calls.append(("up", serial))
        self._pressed = False

    def look(self, serial: str) -> View:
        """Return what is lit now."""
        remaining_ns = max(0, self._dark_at_ns - self._now_ns)
        timed = self.profile_of.token_type is TokenType.TIME
        text = self._code if remaining_ns else " " * self.profile_of.digits
        bar_count = self.profile_of.time_bars
        return View(
            serial=serial,
            lcd=Lcd(encode(text), bar_count if remaining_ns else 0, bar_count),
            remaining_ns=remaining_ns,
            pressed=self._pressed,
            mode="lit" if remaining_ns else "asleep",
            counter=None if timed else self._counter,
            token_time_ns=self._now_ns if timed else None,
        )

    def wait(self, serial: str, *, lit: bool, timeout_ns: int) -> Ticket[bool]:
        """Jump to the dark moment; nothing ever lights by itself."""
        self.calls.append(("wait", serial, lit, timeout_ns))
        return self._ticket(lambda: self._waiting(lit=lit, timeout_ns=timeout_ns))

    def advance(self, by_ns: int) -> None:
        """Move the clock, unless it is a real one."""
        if self.mode == "real":
            raise ClockError("a real clock moves by itself")
        self.calls.append(("advance", by_ns))
        self._now_ns += by_ns

    def set_rate(self, rate: Fraction) -> None:
        """Note the rate, unless the clock is a real one."""
        if self.mode == "real":
            raise ClockError("a real clock has no rate")
        self.calls.append(("set_rate", rate))
        self._rate = rate

    @property
    def clock_mode(self) -> str:
        """As given."""
        return self.mode

    @property
    def rate(self) -> Fraction:
        """As set."""
        return self._rate

    def now_ns(self) -> int:
        """Return bench time."""
        return self._now_ns

    def set_counter(self, serial: str, counter: int) -> None:
        """Set the next counter; this one takes no 13."""
        if counter == 13:  # noqa: PLR2004 - a refusal that tests can ask for
            raise UsageError("counter 13: not on this bench")
        self.calls.append(("set_counter", serial, counter))
        self._counter = counter

    def reset(self, serial: str) -> None:
        """Darken the LCD."""
        self.calls.append(("reset", serial))
        self._dark_at_ns = self._now_ns

    def profile(self, serial: str) -> Profile:
        """Return the product."""
        if serial not in self._serials:
            raise UsageError(f"no token {serial!r} on this bench")
        return self.profile_of

    def token_type(self, serial: str) -> TokenType:  # noqa: ARG002 - the one token's
        """Return what moves the moving factor."""
        return self.profile_of.token_type

    def happen(self, serial: str, stimulus: Happening) -> None:
        """Note it, and keep what :meth:`condition` tells; only a battery can't do all."""
        if isinstance(stimulus, BatteryIn | BatteryOut) and (
            self._condition.battery_present == isinstance(stimulus, BatteryIn)
        ):
            there = "a" if self._condition.battery_present else "no"
            raise UsageError(f"there is {there} battery in it already")
        self.calls.append(("happen", serial, stimulus))
        self._condition = self._condition._replace(**self._changed_by(stimulus))

    def _changed_by(self, stimulus: Happening) -> dict[str, Any]:
        match stimulus:
            case Ambient():
                return {"climate": stimulus.climate}
            case Retune():
                return {"crystal": stimulus.crystal}
            case Harm():
                return {"damage": stimulus.damage}
            case BatteryOut():
                return {"battery_present": False, "battery_percent": 0, "millivolts": 0}
            case BatteryIn() | Drain():
                capacity = charge_of(self.profile_of.battery_uah)
                left = remaining_percent(stimulus.used, capacity)
                return {"battery_present": True, "battery_percent": left, "millivolts": 3_000}
        return {}

    def condition(self, serial: str) -> Condition:  # noqa: ARG002 - the one token's
        """Return what has been set; the voltage is always the same."""
        warmth = temperature(self._condition.climate, self._now_ns)
        return self._condition._replace(temperature_mc=warmth)

    def inject(self, serial: str, text: str) -> str:
        """Keep it."""
        fault = read_fault(text, f"injected {len(self.faults) + 1}")
        self.calls.append(("inject", serial, text))
        self.faults.append(fault)
        return fault.name

    def fault_list(self, serial: str) -> Sequence[str]:  # noqa: ARG002 - the one token's
        """Return what was injected."""
        return tuple(f"{fault.name}: {fault.what_key}" for fault in self.faults)

    def clear_faults(self, serial: str) -> None:
        """Forget faults and damage."""
        self.calls.append(("clear_faults", serial))
        self.faults.clear()
        self._condition = self._condition._replace(damage=UNHARMED)

    def settle(self) -> None:
        """Let the oldest pending press or wait have its result."""
        self._unsettled.popleft()()

    def _pressing(self) -> PressResult:
        if self._dark_at_ns > self._now_ns:
            return PressResult(None, "lit", None, self._now_ns)
        factor = self._counter
        self._counter += 1
        self._code = CODES[factor % len(CODES)]
        self._dark_at_ns = self._now_ns + self.profile_of.lit_ns
        return PressResult(self._code, None, factor, self._now_ns)

    def _waiting(self, *, lit: bool, timeout_ns: int) -> bool:
        is_lit = self._dark_at_ns > self._now_ns
        if is_lit and not lit and self._dark_at_ns - self._now_ns <= timeout_ns:
            self._now_ns = self._dark_at_ns
            return True
        return is_lit == lit

    def _ticket(self, act: Callable[[], T]) -> Ticket[T]:
        ticket: Ticket[T] = Ticket()
        if self.later:
            self._unsettled.append(lambda: ticket.resolve(act()))
        else:
            ticket.resolve(act())
        return ticket


class Line:
    """A session with both ends in hand.

    >>> Line(ScriptedBench()).ask(b"BUTT:PRES?;:TOK:COUN?")
    '"755224";1'
    """

    def __init__(
        self,
        bench: BenchVerbs,
        *,
        multiplexed: bool = False,
        client: str = "",
        connection: bool = False,
        table: Table = TABLE,
        on_http: Callable[[], None] | None = None,
    ) -> None:
        self._answered = bytearray()
        self.session = Session(
            bench,
            None if multiplexed else bench.serials()[0],
            self._answered.extend,
            client=client,
            connection=connection,
            table=table,
            on_http=on_http,
        )

    def say(self, data: bytes) -> bytes:
        """Feed bytes as they are; return what has been answered since the last call."""
        self.session.feed(data)
        answered = bytes(self._answered)
        self._answered.clear()
        return answered

    def ask(self, line: bytes) -> str:
        """Send one line; return its answer without the LF, empty for none."""
        return self.say(line + b"\n").decode("ascii").removesuffix("\n")

    def errors(self) -> list[str]:
        """Take all queued errors."""
        taken = []
        while (entry := self.ask(b"SYST:ERR?")) != '0,"No error"':
            taken.append(entry)
        return taken
