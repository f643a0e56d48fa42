"""The loop under a bench: from deadline to deadline, in order, in one pass.

Knows the clock, the tokens and what people are doing to them; the verbs are in
``bench.py``. Belongs to one thread. Whoever waits is told last, when everything has
come to rest and is kept: being told, they may ask for the next thing at once.
"""

import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from emulator.acts import Act
from emulator.agenda import Agenda
from emulator.annotations import Stopped
from emulator.clock import Clock, format_utc
from emulator.device import MEND, Device, Home
from emulator.errors import ConflictError, StateError, UsageError
from emulator.journal import NOBODY, Doer, Journal
from emulator.results import Ticket
from emulator.statedir import StateDir
from firmware_model.errors import StimulusError
from firmware_model.state import LAST_NS
from firmware_model.stimuli import Accepted, Advance, Effect, ShiftTime, Stimulus

MAX_TIME_NS: Final = LAST_NS - 30_000_000_000_000_000
"""Last bench time, nearly a year before the last one that a token lives in.

So that what has begun by then can still come to its end.
"""


class Engine:
    """Devices and acts on one clock.

    Args:
        clock: real or virtual.
        store: where time is kept, and tokens are; ``None``: nowhere.
        journal: where what happens is told.

    Attributes:
        clock: as given.
        journal: as given.
        now_ns: bench time up to which everything has happened.
        devices: the tokens by serial number.
        on_schedule: called when the next moment may have changed.

    Raises:
        ConflictError: the clock is virtual and stands before the store's checkpoint.
        UsageError: the clock stands at a time that no token lives in.
    """

    def __init__(self, clock: Clock, store: StateDir | None, journal: Journal) -> None:
        self.clock = clock
        self.journal = journal
        self.now_ns = clock.read().now_ns
        self.devices: dict[str, Device] = {}
        self.on_schedule: Callable[[], None] = lambda: None
        self._store = store
        self._agenda: Agenda[Device | Act] = Agenda()
        self._acts: dict[Device, list[Act]] = {}
        self._doers: dict[Act, Doer] = {}  # of the acts that somebody began
        self._finished: deque[Act] = deque()
        self._unsaved = False
        self._owing = False  # a checkpoint, since it could not be written
        self._unkept: dict[Device, None] = {}  # made of something else than is kept, in order
        self._set_by_ns = 0  # by how much the clock was set, as far as it isn't kept yet
        _check_start(self.now_ns)
        if store is not None:
            self._go_on_from(store)

    def _go_on_from(self, store: StateDir) -> None:
        """Let a stored bench go on at this clock's time."""
        then_ns = store.now_ns
        if then_ns is not None and then_ns > self.now_ns:
            if self.clock.virtual:
                raise ConflictError(
                    f"the clock would start at {format_utc(self.now_ns)}, before the checkpoint of"
                    f" {store.path} at {format_utc(then_ns)}; start later, or leave the time out"
                )
            # The host's clock was set back: that sets tokens' clocks and ages nothing.
            store.checkpoint(self.now_ns, set_by_ns=self.now_ns - then_ns)
        elif then_ns != self.now_ns:
            store.checkpoint(self.now_ns)

    def pump(self) -> None:
        """Catch up with the clock: let everything happen that is due, in one go.

        Time ends at :data:`MAX_TIME_NS`: whatever the clock says, it goes no further.
        """
        now_ns, set_by_ns = self.clock.read()
        moved = self._run_to(min(now_ns, MAX_TIME_NS))
        if set_by_ns:
            set_to_ns = max(min(self.now_ns + set_by_ns, MAX_TIME_NS), -MAX_TIME_NS)
            if set_to_ns != self.now_ns:
                self._set_clock(set_to_ns - self.now_ns)
        if moved or self._unsaved or self._unkept or self._finished:
            self.settle()

    def catch_up(self) -> None:
        """Let a token that came with a time of its own come to the bench's."""
        self._run_to(self.now_ns)
        self.settle()

    def next_event_ns(self) -> int | None:
        """Return the bench time of the next thing that happens by itself."""
        return self._agenda.next_ns()

    def close(self) -> None:
        """Catch up once more and keep the time."""
        self._unsaved = True
        self.pump()

    def place(self, device: Device) -> None:
        """Take a token in."""
        self.devices[device.serial] = device
        self._agenda.plan(device)

    def remove(self, device: Device) -> None:
        """Let a token go; what is being done to it ends."""
        del self.devices[device.serial]
        self._end_acts(device)
        device.next_ns = None
        if device.failure is None and device in self._unkept:
            self._keep()

    def _run_to(self, to_ns: int) -> bool:
        """Let everything happen up to a bench time; return whether anything did."""
        moved = False
        while (at_ns := self._agenda.next_ns()) is not None and at_ns <= to_ns:
            self._turn(at_ns)
            moved = True
        self.now_ns = max(self.now_ns, to_ns)
        return moved

    def _turn(self, at_ns: int) -> None:
        """Let the next one on the agenda have its turn."""
        actor = self._agenda.pop()
        self.now_ns = max(at_ns, self.now_ns)
        if isinstance(actor, Device):
            self._survives(actor, Advance(self.now_ns))
        else:
            self._go_on(actor)

    def leap(self, to_ns: int) -> None:
        """Go to a bench time at once; virtual clocks only."""
        self._run_to(to_ns)
        self.clock.jump(self.now_ns)
        self._unsaved = True

    def run_until_idle(self, until_ns: int) -> None:
        """Let everything happen that is due by itself up to a time; virtual clocks only."""
        while (at_ns := self._agenda.next_ns()) is not None and at_ns <= until_ns:
            self._turn(at_ns)
        self.clock.jump(self.now_ns)
        self._unsaved = True

    def see_through(self, act: Act) -> None:
        """Go to the end of the moment in which an act is done; virtual clocks only."""
        while (at_ns := self._agenda.next_ns()) is not None:
            if act.done and at_ns > self.now_ns:
                break
            self._turn(at_ns)
        self.clock.jump(self.now_ns)
        self._unsaved = True

    def settle(self) -> None:
        """Keep what has to be kept, then tell who waits.

        Last in every verb: whoever is told may call the next verb at once.
        """
        try:
            if self._store is not None and (
                self._unsaved or self._owing or self._ahead_of(self._store)
            ):
                self._owing = True  # one that fails is tried again with the next verb
                self._store.checkpoint(self.now_ns, set_by_ns=self._set_by_ns)
                self._set_by_ns, self._owing = 0, False
            self._keep()
            self.journal.publish()
        finally:
            # A bench that can't keep its time still owes the answers.
            self._unsaved = False
            while self._finished:
                self._finished.popleft().resolve()
            self.on_schedule()

    def _ahead_of(self, store: StateDir) -> bool:
        """Whether what is about to be told happened later than where a kill would resume."""
        told = self.journal.visible != self.journal.head
        return told and self.clock.mode == "scaled" and store.now_ns != self.now_ns

    def _keep(self) -> None:
        """Keep what tokens are made of, one that can't be kept at the next try."""
        while self._store is not None and self._unkept:
            device = next(iter(self._unkept))
            try:
                device.keep(self._store.set_by_ns + self._set_by_ns)
            except StateError as e:
                if not isinstance(e.__cause__, FileNotFoundError):
                    raise
                # Its files were taken away: trying again helps nobody, and stops the others.
                self._failed(device, device.stop(f"{e}; {MEND}"))
            del self._unkept[device]

    def act(self, device: Device, stimulus: Stimulus, home: Home | None = None) -> None:
        """Let one thing happen to a token, now, as a verb of its own.

        Args:
            device: the token.
            stimulus: what happens.
            home: see :meth:`Device.apply`.

        Raises:
            StateError: the token's flash failed.
            StimulusError: it can't happen to this token; nothing has.
        """
        self._try(device, stimulus, home)
        self.settle()
        if device.failure is not None:
            raise device.failure

    def _survives(self, device: Device, stimulus: Stimulus) -> None:
        """Apply what no verb asked for: a token that fails harms no other."""
        if device.failure is None:
            self._try(device, stimulus)

    def _try(self, device: Device, stimulus: Stimulus, home: Home | None = None) -> None:
        try:
            device.apply(stimulus, home)
        except StateError as e:
            self._failed(device, e)
            return
        if device.unkept:
            self._unkept[device] = None
        self._agenda.plan(device)

    def _failed(self, device: Device, error: StateError) -> None:
        self.journal.append(device.serial, Stopped(self.now_ns, str(error)))
        self._end_acts(device)

    def _end_acts(self, device: Device) -> None:
        for act in self._acts.get(device, ()):
            act.fail(self.now_ns)
        self._collect(device)

    def _set_clock(self, by_ns: int) -> None:
        with self.journal.acting(NOBODY):
            for device in self.devices.values():
                try:
                    self._survives(device, ShiftTime(self.now_ns, by_ns))
                except StimulusError as e:  # its own clock is at the end of time
                    self._failed(device, device.stop(f"its clock can't be set along: {e}"))
        self.now_ns += by_ns
        self._set_by_ns += by_ns
        self._unsaved = True
        for act in itertools.chain.from_iterable(self._acts.values()):
            act.shift(by_ns)
        self._agenda.tidy()

    # Acts: what people do that takes time.

    def perform(self, act: Act) -> None:
        """Begin something that takes time."""
        self._acts.setdefault(act.device, []).append(act)
        if self.journal.doer is not NOBODY:
            self._doers[act] = self.journal.doer
        if not act.done:
            self._go_on(act)
        self._collect(act.device)

    def give_up(self, device: Device, ticket: Ticket[Any]) -> None:
        """See that whoever asked for an act is gone."""
        self.pump()
        for act in self._acts.get(device, ()):
            if act.ticket is ticket:
                act.give_up(self.now_ns)
                self._agenda.plan(act)
        self._collect(device)
        self._run_to(self.now_ns)
        self.settle()

    def _go_on(self, act: Act) -> None:
        # By hand: it is done at every edge, and a context manager costs more than the rest.
        journal = self.journal
        before, journal.doer = journal.doer, self._doers.get(act, NOBODY)
        try:
            for stimulus in act.proceed(self.now_ns):
                self._survives(act.device, stimulus)
        finally:
            journal.doer = before
        self._agenda.plan(act)
        self._collect(act.device)

    def noticed(self, device: Device, effects: tuple[Effect, ...]) -> None:
        """See what a token did; devices call this."""
        if not self._unsaved:
            self._unsaved = any(isinstance(effect, Accepted) for effect in effects)
        acts = self._acts.get(device)
        if acts:
            for act in acts:
                act.notice(device.state, effects)
                self._agenda.plan(act)  # what it saw may be what it waited for
            self._collect(device)

    def _collect(self, device: Device) -> None:
        acts = self._acts.get(device, [])
        done = [act for act in acts if act.done]
        if not done:
            return
        self._finished.extend(done)
        for act in done:
            self._doers.pop(act, None)
        if len(done) == len(acts):
            del self._acts[device]
        else:
            self._acts[device] = [act for act in acts if not act.done]


def _check_start(now_ns: int) -> None:
    if abs(now_ns) > MAX_TIME_NS:
        raise UsageError(
            f"a clock at {format_utc(now_ns)}; a bench runs between the years 1824 and 2115"
        )
