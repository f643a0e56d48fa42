"""The bench: tokens on one clock, and every verb that can be done to them.

Ports, HTTP and Python are thin layers over these verbs; none grows one of its own.
Time goes from deadline to deadline, in order, ties by who was there first. On a
virtual clock a press runs through to its result at once; on a real one its ticket
resolves when the time has come and somebody calls :meth:`Bench.pump`.

A bench belongs to one thread.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

from emulator.acts import DEFAULT_HOLD_NS, Act, Press, Wait
from emulator.clock import BILLION, Clock, format_utc
from emulator.device import Device, Home
from emulator.engine import MAX_TIME_NS, Engine
from emulator.errors import ConflictError, UsageError
from emulator.happening import FaultControl, Happening
from emulator.journal import Journal, Note
from emulator.results import Condition, PressResult, Ticket, View
from emulator.shelf import Shelf
from emulator.statedir import StateDir
from emulator.views import condition_of, stays, view_of
from firmware_model.damage import UNHARMED
from firmware_model.errors import StimulusError
from firmware_model.nvm import Config
from firmware_model.physics import Physics
from firmware_model.profile import Profile, TokenType
from firmware_model.state import next_counter, next_deadline
from firmware_model.stimuli import Advance, Edge, Harm, SetCounter, SupplyDip

MAX_HOLD_NS: Final = 3_600_000_000_000


class Bench:
    """Tokens on one clock.

    Args:
        clock: real or virtual; read once per verb.
        store: where tokens are kept; ``None``: nothing is kept.
        journal: where what happens is told; ``None``: one of its own.

    Attributes:
        journal: where what happens is told.
        faults: what arms faults; ``None``: nothing does.

    Raises:
        ConflictError: the clock is virtual and stands before the store's checkpoint.
        UsageError: the clock stands at a time that no token lives in.
    """

    def __init__(
        self, clock: Clock, *, store: StateDir | None = None, journal: Journal | None = None
    ) -> None:
        self.journal = journal if journal is not None else Journal()
        self.faults: FaultControl | None = None
        self._shelf = Shelf(store)
        self._engine = Engine(clock, store, self.journal)

    # Tokens.

    def open(self, config: Config, *, physics: Physics | None = None) -> None:
        """Put a token on the bench: from the store if it is kept there, else a new one.

        Args:
            config: what the seed says; a stored token goes on with its own counter
                and physics.
            physics: what a new token is made of, its times by this bench's clock;
                ``None``: as new, its clock right and without error.

        Raises:
            UsageError: no token is made of that.
            ConflictError: the seed contradicts what is kept, or the token is on the
                bench already.
            StateError: it can't be kept or read; nothing is left behind.
        """
        if config.serial in self._shelf:
            self.load(config.serial, expected=config)
            return
        self._refuse_double(config.serial)
        state, home = self._shelf.make(config, self._engine.now_ns, physics)
        self._engine.place(Device(state, home, self.journal, self._engine.noticed))

    def load(self, serial: str, *, expected: Config | None = None) -> None:
        """Put a token from the store on the bench, as it was left.

        RAM is fresh and the LCD dark; counter and physics go on. A battery that was out
        is still out.

        Args:
            serial: which token.
            expected: what it should be; ``None``: whatever it is.

        Raises:
            UsageError: no such token is kept.
            ConflictError: it is not what is expected, or on the bench already.
            StateError: it is damaged.
        """
        self._refuse_double(serial)
        state, effects, home = self._shelf.take(serial, self._engine.now_ns, expected)
        device = Device(state, home, self.journal, self._engine.noticed)
        device.adopt(effects)
        self._engine.place(device)

    def _refuse_double(self, serial: str) -> None:
        if serial in self._engine.devices:
            raise ConflictError(f"token {serial} is on the bench already")

    def serials(self) -> Sequence[str]:
        """Return the serial numbers of the tokens on the bench, in order of arrival."""
        return tuple(self._engine.devices)

    def profile(self, serial: str) -> Profile:
        """Return a token's profile.

        Raises:
            UsageError: no such token.
        """
        return self._device(serial).state.config.profile

    def config(self, serial: str) -> Config:
        """Return what the factory burnt into a token, its secret included.

        Raises:
            UsageError: no such token.
        """
        return self._device(serial).state.config

    def token_type(self, serial: str) -> TokenType:
        """Return whether presses or the clock move a token's factor.

        Raises:
            UsageError: no such token.
        """
        return self.profile(serial).token_type

    def _device(self, serial: str) -> Device:
        try:
            return self._engine.devices[serial]
        except KeyError:
            on_bench = ", ".join(list(self._engine.devices)[:8]) or "none"
            raise UsageError(f"no token {serial!r} on this bench; there are {on_bench}") from None

    # The button.

    def press(self, serial: str, hold_ns: int = DEFAULT_HOLD_NS) -> Ticket[PressResult]:
        """Press the button and let go, as one act.

        The ticket resolves once the code lit or the press was refused, and the
        button has come to rest.

        Args:
            serial: which token.
            hold_ns: how long the button is held, 1 ns to an hour.

        Raises:
            UsageError: no such token, a hold time out of range, or time is over.
            StateError: the token's flash failed.
        """
        if not 1 <= hold_ns <= MAX_HOLD_NS:
            raise UsageError(f"a hold of {hold_ns} ns; allowed are 1 ns to an hour")
        device = self._ready(serial)
        if self._engine.now_ns > MAX_TIME_NS:
            raise UsageError("a press after the last time, in 2115; start at an earlier one")
        press = Press(device, self._engine.now_ns, hold_ns)
        self._engine.perform(press)
        if self._engine.clock.virtual:
            self._engine.see_through(press)
        self._engine.settle()
        return press.ticket

    def down(self, serial: str) -> None:
        """Close the button's contact; nothing if it is closed.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        self._engine.act(device, Edge(self._engine.now_ns, closed=True))

    def up(self, serial: str) -> None:
        """Open the button's contact; nothing if it is open.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        self._engine.act(device, Edge(self._engine.now_ns, closed=False))

    def give_up(self, serial: str, ticket: Ticket[Any]) -> None:
        """Note that whoever asked for a press or a wait is gone.

        A wait ends at once; a press lets go, though not sooner than after 0.1 s. The
        ticket still resolves. One that has its result already is left alone.

        Raises:
            UsageError: no such token.
        """
        self._engine.give_up(self._device(serial), ticket)

    # Looking.

    def look(self, serial: str) -> View:
        """Look at a token.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        if device.view is not None:
            return device.view
        view = view_of(device.state, self._engine.now_ns)
        if stays(device.state):
            device.view = view
        return view

    def condition(self, serial: str) -> Condition:
        """Return what a token is made of now: temperature, supply, crystal, damage.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        return condition_of(self._ready(serial).state, self._engine.now_ns)

    def wait(self, serial: str, *, lit: bool, timeout_ns: int) -> Ticket[bool]:
        """Wait until the LCD is lit, or dark.

        The timeout counts bench time. On a manual clock the wait moves the clock to
        the moment; if nothing ahead makes it true in time, it fails at once and
        moves nothing.

        Returns:
            A ticket: ``True`` once it is so, ``False`` when the time is over.

        Raises:
            UsageError: no such token, or a negative timeout.
            StateError: the token's flash failed.
        """
        if timeout_ns < 0:
            raise UsageError(f"a timeout of {timeout_ns} ns; allowed is 0 and more")
        device = self._ready(serial)
        until_ns = min(self._engine.now_ns + timeout_ns, MAX_TIME_NS)
        wait = Wait(device, lit=lit, until_ns=until_ns)
        if self._engine.clock.mode == "manual":
            moment_ns = self._foresee(wait)
            if moment_ns is None:
                wait.fail(self._engine.now_ns)
            else:
                self._engine.leap(moment_ns)
        if device.failure is not None:
            self._engine.settle()
            raise device.failure
        self._engine.perform(wait)
        self._engine.settle()
        return wait.ticket

    def _foresee(self, wait: Wait) -> int | None:
        """Find the moment that a wait waits for, if the token comes to it by itself."""
        state, device = wait.device.state, wait.device
        moment = self._engine.now_ns
        while not wait.fulfilled_by(state):
            deadline = next_deadline(state)
            if deadline is None or deadline > wait.until_ns:
                return None
            moment = deadline
            state = device.foresee(Advance(deadline), state)
        return moment

    # The clock.

    def now_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        self.pump()
        return self._engine.now_ns

    @property
    def settled_ns(self) -> int:
        """Bench time up to which everything has happened; the clock is not read."""
        return self._engine.now_ns

    @property
    def clock_mode(self) -> str:
        """``real``, ``scaled`` or ``manual``."""
        return self._engine.clock.mode

    @property
    def rate(self) -> Fraction:
        """Bench seconds in one host second."""
        return self._engine.clock.rate

    def advance(self, by_ns: int) -> None:
        """Let bench time pass at once, and everything that happens in it.

        Raises:
            ClockError: the clock is real.
            UsageError: a negative time, or one past the year 2115.
        """
        if by_ns < 0:
            raise UsageError(f"an advance of {by_ns / BILLION:g} s; time doesn't run back")
        self.pump()
        self._engine.clock.jump(self._engine.now_ns)  # no jump at all, but a real clock refuses
        if self._engine.now_ns + by_ns > MAX_TIME_NS:
            raise UsageError(
                f"an advance of {by_ns / BILLION:g} s from {format_utc(self._engine.now_ns)}"
                f" leads past the end of bench time, {format_utc(MAX_TIME_NS)}"
            )
        self._engine.leap(self._engine.now_ns + by_ns)
        self._engine.settle()

    def set_rate(self, rate: Fraction) -> None:
        """Run at another rate from now on; 0: only when told.

        Raises:
            ClockError: the clock is real.
            UsageError: a rate out of range.
        """
        self.pump()
        self._engine.clock.set_rate(rate)
        self._engine.settle()

    # Service.

    def set_counter(self, serial: str, counter: int) -> None:
        """Set the next counter of an event token, as a programming tool would.

        Setting it back starts a new lineage: the stored image that says which
        counters were used is left as it is.

        Raises:
            UsageError: no such token, a time token, a busy one, or out of range.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        stimulus = SetCounter(self._engine.now_ns, counter)
        try:
            ahead = device.foresee(stimulus)
        except StimulusError as e:
            raise UsageError(str(e)) from None
        present = next_counter(device.state)
        home: Home | None = None
        if present is None or counter < present:
            home = self._shelf.fork(ahead)
            self.journal.append(serial, Note(self._engine.now_ns, "a new lineage begins"))
        self._engine.act(device, stimulus, home)

    def reset(self, serial: str) -> None:
        """Reset a token as at power-on: RAM is lost, the memory is kept.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        self.happen(serial, SupplyDip(self._engine.now_ns))

    # What happens to the matter of a token.

    def happen(self, serial: str, stimulus: Happening) -> None:
        """Let one physical thing happen to a token, now.

        Args:
            serial: which token.
            stimulus: what happens; its ``at_ns`` does not count.

        Raises:
            UsageError: no such token, it can't happen to this one, or it is no
                :data:`emulator.happening.Happening`. Nothing has happened then.
            StateError: the token's flash failed.
        """
        if not isinstance(stimulus, Happening):
            raise UsageError(
                f"a {type(stimulus).__name__} is nothing physical; the button, the counter and"
                " the clock have verbs of their own"
            )
        device = self._ready(serial)
        try:
            self._engine.act(device, stimulus._replace(at_ns=self._engine.now_ns))
        except StimulusError as e:
            raise UsageError(str(e)) from None

    def attend(self, serial: str, begin: Callable[[Device], Act]) -> None:
        """Begin an act that sees all that its token does, and may do something to it.

        Args:
            serial: which token.
            begin: makes the act for it.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        self._engine.perform(begin(self._ready(serial)))
        self._engine.settle()

    def inject(self, serial: str, text: str) -> str:
        """Arm one fault of a token and return its name, see :class:`FaultControl`.

        Raises:
            UsageError: no such token or fault, or no fault engine.
        """
        return self._fault_control(serial).inject(serial, text)

    def fault_list(self, serial: str) -> Sequence[str]:
        """Return the faults of a token that are armed, each in a line.

        Raises:
            UsageError: no such token, or no fault engine.
        """
        return self._fault_control(serial).fault_list(serial)

    def clear_faults(self, serial: str) -> None:
        """Disarm all faults of a token, if there are any, and mend its damage.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        if self.faults is not None:
            self.faults.clear_faults(serial)
        if device.state.physics.damage != UNHARMED:
            self.happen(serial, Harm(self._engine.now_ns, UNHARMED))

    def _fault_control(self, serial: str) -> FaultControl:
        self._device(serial)
        if self.faults is None:
            raise UsageError("no fault engine on this bench")
        return self.faults

    # The loop, for who paces it.

    def pump(self) -> None:
        """Catch up with the clock: let everything happen that is due, in one go."""
        self._engine.pump()

    def next_event_ns(self) -> int | None:
        """Return the bench time of the next thing that happens by itself."""
        return self._engine.next_event_ns()

    def on_schedule(self, callback: Callable[[], None]) -> None:
        """Have a callback whenever the next moment may have changed."""
        self._engine.on_schedule = callback

    def close(self) -> None:
        """Keep the bench's time. The store stays open: it belongs to who opened it."""
        self._engine.close()

    def _ready(self, serial: str) -> Device:
        device = self._device(serial)
        self.pump()
        if device.failure is not None:
            raise device.failure
        return device
