"""The loop under a bench: from deadline to deadline, in order, in one pass.

Knows the clock, the tokens and what people are doing to them; the verbs are in
``bench.py``. Belongs to one thread. Whoever waits is told last, when everything has
come to rest and is kept: being told, they may ask for the next thing at once.
"""

import contextlib
from collections import deque
from collections.abc import Callable

from emulator.acts import Act
from emulator.agenda import Agenda
from emulator.clock import Clock
from emulator.device import Device
from emulator.errors import ConflictError, StateError
from emulator.flash import Flash
from emulator.journal import Journal, Note
from emulator.statedir import StateDir
from firmware_model.stimuli import Accepted, Advance, Effect, ShiftTime, Stimulus


class Engine:
    """Devices and acts on one clock.

    Args:
        clock: real or virtual.
        store: where time is kept; ``None``: nowhere.
        journal: where what happens is told.

    Attributes:
        clock: as given.
        journal: as given.
        now_ns: bench time up to which everything has happened.
        devices: the tokens by serial number.
        on_schedule: called when the next moment may have changed.

    Raises:
        ConflictError: the clock is virtual and stands before the store's checkpoint.
    """

    def __init__(self, clock: Clock, store: StateDir | None, journal: Journal) -> None:
        self.clock = clock
        self.journal = journal
        self.now_ns = clock.read().now_ns
        self.devices: dict[str, Device] = {}
        self.on_schedule: Callable[[], None] = lambda: None
        self._store = store
        self._agenda: Agenda[Device | Act] = Agenda()
        self._acts: list[Act] = []
        self._finished: deque[Act] = deque()
        self._unsaved = False
        if store is not None:
            self._go_on_from(store)

    def _go_on_from(self, store: StateDir) -> None:
        """Let a stored bench go on at this clock's time."""
        then_ns = store.now_ns
        if then_ns is not None and then_ns > self.now_ns:
            if self.clock.virtual:
                raise ConflictError(
                    f"the clock would start at {self.now_ns} ns, before the checkpoint of"
                    f" {store.path} at {then_ns} ns; start later, or leave the time out"
                )
            # The host's clock was set back: that sets tokens' clocks and ages nothing.
            store.checkpoint(self.now_ns, set_by_ns=self.now_ns - then_ns)
        else:
            store.checkpoint(self.now_ns)

    def pump(self) -> None:
        """Catch up with the clock: let everything happen that is due, in one go."""
        reading = self.clock.read()
        if reading.now_ns > self.now_ns:
            self._run_to(reading.now_ns)
        if reading.set_by_ns:
            self._set_clock(reading.set_by_ns)
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

    def _run_to(self, to_ns: int) -> None:
        while (at_ns := self._agenda.next_ns()) is not None and at_ns <= to_ns:
            actor = self._agenda.pop()
            self.now_ns = max(at_ns, self.now_ns)
            if not isinstance(actor, Device):
                self._go_on(actor)
            else:
                self._survives(actor, Advance(self.now_ns))
        self.now_ns = max(self.now_ns, to_ns)

    def leap(self, to_ns: int) -> None:
        """Go to a bench time at once; virtual clocks only."""
        self._run_to(to_ns)
        self.clock.jump(self.now_ns)
        self._unsaved = True

    def settle(self) -> None:
        """Keep what has to be kept, then tell who waits.

        Last in every verb: whoever is told may call the next verb at once.
        """
        if self._unsaved and self._store is not None:
            self._store.checkpoint(self.now_ns)
        self._unsaved = False
        while self._finished:
            self._finished.popleft().resolve()
        self.on_schedule()

    def apply(self, device: Device, stimulus: Stimulus, flash: Flash | None = None) -> None:
        """Let one thing happen to a token, now.

        Args:
            device: the token.
            stimulus: what happens.
            flash: see :meth:`Device.apply`.

        Raises:
            StateError: the token's flash failed.
        """
        try:
            device.apply(stimulus, flash)
        except StateError as e:
            self._failed(device, e)
            raise
        finally:
            self._agenda.plan(device)

    def _survives(self, device: Device, stimulus: Stimulus) -> None:
        """Apply what no verb asked for: a token that fails harms no other."""
        with contextlib.suppress(StateError):
            self.apply(device, stimulus)

    def _failed(self, device: Device, error: StateError) -> None:
        self.journal.append(device.serial, Note(self.now_ns, str(error)))
        for act in self._acts:
            if act.device is device:
                act.fail(self.now_ns)
        self._collect()

    def _set_clock(self, by_ns: int) -> None:
        for device in self.devices.values():
            self._survives(device, ShiftTime(self.now_ns, by_ns))
        self.now_ns += by_ns
        if self._store is not None:
            self._store.checkpoint(self.now_ns, set_by_ns=by_ns)
        self._agenda = Agenda()
        for act in self._acts:
            act.shift(by_ns)
            self._agenda.plan(act)
        for device in self.devices.values():
            self._agenda.plan(device)

    # Acts: what people do that takes time.

    def perform(self, act: Act) -> None:
        """Begin something that takes time."""
        self._acts.append(act)
        if not act.done:
            self._go_on(act)
        self._collect()

    def _go_on(self, act: Act) -> None:
        for stimulus in act.proceed(self.now_ns):
            self._survives(act.device, stimulus)
        self._agenda.plan(act)
        self._collect()

    def noticed(self, device: Device, effects: tuple[Effect, ...]) -> None:
        """See what a token did; devices call this."""
        for act in self._acts:
            if act.device is device:
                act.notice(device.state, effects)
        self._unsaved = self._unsaved or any(isinstance(e, Accepted) for e in effects)
        self._collect()

    def _collect(self) -> None:
        done = [act for act in self._acts if act.done]
        if done:
            self._finished.extend(done)
            self._acts = [act for act in self._acts if not act.done]
