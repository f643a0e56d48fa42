"""One armed fault of one token, as an act on the bench's agenda.

It watches the token's effects, and gets its turn when something is due: so faults fire
inside the bench's one loop, in the order of bench time, and the same way each time.
"""

import heapq
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from emulator.annotations import Fired, Note
from emulator.clock import format_utc
from emulator.device import Device
from emulator.faults.deeds import Later, deed_of, ending_of, line_fault, torn_after_ns
from emulator.faults.spec import Fault
from emulator.faults.whats import PortWhat, Reset, Tear
from emulator.faults.whens import EFFECTS, After, At, AtPress, Chance, EveryPress, On
from emulator.journal import Journal
from emulator.ports.line import Line
from emulator.results import Ticket
from emulator.streams import Stream
from firmware_model.errors import StimulusError
from firmware_model.profile import MILLISECOND, SECOND
from firmware_model.state import State
from firmware_model.stimuli import Accepted, Advance, Effect, Stimulus
from firmware_model.table import Mode

Deed = Callable[[int], Sequence[Stimulus]]
"""What is done at a bench time."""


class _Due(NamedTuple):
    """Something that will be done.

    Attributes:
        at_ns: when.
        order: of two at once, the lower one is first.
        deed: what.
        fixed: whether that moment stays when the bench's clock is set.
        ends: whether it ends what has begun.
    """

    at_ns: int
    order: int
    deed: Deed
    fixed: bool
    ends: bool


class FaultAct:
    """One fault of one token.

    Args:
        device: the token.
        fault: what goes wrong with it, and when.
        armed_ns: bench time now.
        seed: of what is left to chance.
        journal: where it tells that it fires, and why.
        line: the token's port; ``None``: it has none.

    Attributes:
        fault: as given.
    """

    def __init__(
        self,
        device: Device,
        fault: Fault,
        armed_ns: int,
        seed: int | str,
        journal: Journal,
        line: Line | None,
    ) -> None:
        self.device = device
        self.fault = fault
        self.ticket: Ticket[None] = Ticket()
        self.next_ns: int | None = None
        self.planned_ns: int | None = None
        self._journal = journal
        self._line = line
        self._left = fault.most  # how often it still fires; None: without end
        self._counted: type[Any] = Accepted  # the effects that it waits for
        self._seen = 0  # how many of them
        self._due: list[_Due] = []
        self._order = 0
        self._awaiting_commit: list[str] = []  # causes of tears
        self._hit_ns: int | None = None  # when it last met what it waits for
        self._fired_ns: int | None = None
        when = fault.when
        if isinstance(when, On):
            self._counted = EFFECTS[when.effect]
        elif isinstance(when, Chance):
            # A stream of its own for each token: more tokens leave the others as they were.
            self._stream = Stream(seed, f"faults/{when.stream or fault.name}").child(device.serial)
        elif isinstance(when, At):
            self._spend()
            self._plan(
                when.at_ns, partial(self._strike, f"at {format_utc(when.at_ns)}"), fixed=True
            )
        elif isinstance(when, After):
            self._spend()
            seconds = f"{when.after_ns / SECOND:g} s after it was armed"
            cause = seconds if when.after_ns else "at once"
            self._plan(armed_ns + when.after_ns, partial(self._strike, cause))

    @property
    def armed(self) -> bool:
        """Whether it can still fire."""
        waits = self._left != 0 or bool(self._awaiting_commit)
        return waits or any(not due.ends for due in self._due)

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done."""
        return not self.armed and not self._due

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Do what is due; of several at once, one at a turn."""
        if not self._due or self._due[0].at_ns > now_ns:
            return ()
        due = heapq.heappop(self._due)
        self._replan()
        return due.deed(now_ns)

    def notice(self, state: State, effects: Sequence[Effect]) -> None:  # noqa: ARG002  # protocol
        """See whether one of the effects is what it waits for."""
        for effect in effects:
            if isinstance(effect, Accepted):
                for waiting in self._awaiting_commit:
                    self._plan_tear(effect, waiting)
                self._awaiting_commit.clear()
            if self._left != 0 and (cause := self._cause(effect)) is not None:
                self._spend()
                self._trigger(effect, cause)

    def fail(self, now_ns: int) -> None:  # noqa: ARG002  # protocol
        """Nothing more happens to a token that stopped."""
        self._left = 0
        self._due.clear()
        self._awaiting_commit.clear()
        self._replan()

    def give_up(self, now_ns: int) -> None:  # noqa: ARG002  # protocol
        """Fire no more; what has begun still ends."""
        self._left = 0
        self._due = [due for due in self._due if due.ends]
        heapq.heapify(self._due)
        self._awaiting_commit.clear()
        self._replan()

    def shift(self, by_ns: int) -> None:
        """Move along with a clock that was set, but for what waits for a time of day."""
        self._due = [
            due if due.fixed else due._replace(at_ns=due.at_ns + by_ns) for due in self._due
        ]
        heapq.heapify(self._due)
        self._replan()

    def resolve(self) -> None:
        """Nobody waits, but the bench asks."""
        self.ticket.resolve(None)

    # When.

    def _cause(self, effect: Effect) -> str | None:
        """Return why it fires at an effect; ``None`` if it doesn't."""
        when, seen = self.fault.when, self._seen + 1
        if type(effect) is not self._counted:
            return None
        # What it does itself is no reason to do it again in the same instant.
        if isinstance(when, On) and effect.at_ns in {self._hit_ns, self._fired_ns}:
            return None
        self._seen = seen
        hit, cause = False, f"press {seen}"
        match when:
            case AtPress(press=press):
                hit = seen == press
            case EveryPress(every=every):
                hit = seen % every == 0
            case On(effect=name, count=count):
                hit, cause = seen % count == 0, f"{name} {seen}"
            case Chance(chance=chance, stream=stream):
                hit = self._stream.chance(chance)
                named = stream or self.fault.name
                cause = f"chance {float(chance):g}, draw {seen} of stream {named}"
        if not hit:
            return None
        self._hit_ns = effect.at_ns
        return cause

    def _spend(self) -> None:
        if self._left is not None:
            self._left -= 1

    def _trigger(self, effect: Effect, cause: str) -> None:
        what = self.fault.what
        if isinstance(what, Tear):
            if isinstance(effect, Accepted):
                self._plan_tear(effect, cause)
            else:
                self._await_commit(cause)
        else:
            self._plan_strike(effect.at_ns, cause)

    def _plan_strike(self, now_ns: int, cause: str) -> None:
        what = self.fault.what
        delay_ns = what.delay_ns if isinstance(what, Reset) else 0
        if delay_ns:
            cause = f"{delay_ns / MILLISECOND:g} ms after {cause}"
        self._plan(now_ns + delay_ns, partial(self._fire, cause))

    def _await_commit(self, cause: str) -> None:
        self._awaiting_commit.append(f"next commit, {cause}")

    def _plan_tear(self, press: Accepted, cause: str) -> None:
        # The write begins with the accepted press.
        assert isinstance(self.fault.what, Tear)  # noqa: S101  # who calls has looked
        after_ns = torn_after_ns(self.fault.what, self.device.state.config)
        self._plan(press.at_ns + after_ns, partial(self._tear, cause))

    # What.

    def _strike(self, cause: str, now_ns: int) -> Sequence[Stimulus]:
        """The time has come."""
        if isinstance(self.fault.what, Tear):
            self._await_commit(cause)
            return ()
        if isinstance(self.fault.what, Reset) and self.fault.what.delay_ns:
            self._plan_strike(now_ns, cause)
            return ()
        return self._fire(cause, now_ns)

    def _tear(self, cause: str, now_ns: int) -> Sequence[Stimulus]:
        # After the last byte the press computes already, if that was its turn first.
        if self.device.state.mode not in {Mode.COMMITTING, Mode.COMPUTING}:
            return self._miss(now_ns, f"{cause}: the supply had failed before that byte")
        return self._fire(cause, now_ns)

    def _fire(self, cause: str, now_ns: int) -> Sequence[Stimulus]:
        fault = self.fault
        state = self.device.foresee(Advance(now_ns))
        try:
            stimulus = deed_of(fault.what, state)
            if stimulus is not None:
                self.device.foresee(stimulus)
        except StimulusError as e:
            return self._miss(now_ns, f"{cause}: {e}")
        self._fired_ns = now_ns
        self._journal.append(self.device.serial, Fired(now_ns, fault.name, fault.what_key, cause))
        if isinstance(fault.what, PortWhat):
            assert self._line is not None  # noqa: S101  # refused when it was armed
            self._line.add(line_fault(fault.what))
        end = ending_of(fault.what, state)
        if end is not None:
            self._plan(now_ns + end[0], partial(self._end, end), ends=True)
        return () if stimulus is None else (stimulus,)

    def _end(self, end: Later, now_ns: int) -> Sequence[Stimulus]:
        stimulus = end[1](self.device.foresee(Advance(now_ns)))
        try:
            self.device.foresee(stimulus)
        except StimulusError:
            return ()  # somebody has put an end to it before
        self._tell(now_ns, f"fault {self.fault.name}: {self.fault.what_key} is over")
        return (stimulus,)

    def _miss(self, now_ns: int, why: str) -> Sequence[Stimulus]:
        self._tell(now_ns, f"fault {self.fault.name} could not fire, {why}")
        return ()

    def _tell(self, now_ns: int, text: str) -> None:
        self._journal.append(self.device.serial, Note(now_ns, text))

    def _plan(self, at_ns: int, deed: Deed, *, fixed: bool = False, ends: bool = False) -> None:
        self._order += 1
        heapq.heappush(self._due, _Due(at_ns, self._order, deed, fixed, ends))
        self._replan()

    def _replan(self) -> None:
        self.next_ns = self._due[0].at_ns if self._due else None
