"""Verbs about which tokens are on the bench, and what the factory made of them."""

from collections import Counter
from collections.abc import Callable, Sequence

from emulator.annotations import Note, Removed
from emulator.bench.core import BenchCore
from emulator.clock import BILLION
from emulator.device import Device, Home
from emulator.errors import ConflictError, UsageError
from firmware_model.errors import StimulusError
from firmware_model.nvm import Config
from firmware_model.physics import Physics
from firmware_model.profile import Profile, TokenType
from firmware_model.state import State, next_counter
from firmware_model.stimuli import Effect, SetCounter


class TokenVerbs(BenchCore):
    """See :class:`emulator.bench.Bench`."""

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
        self.open_many([(config, physics)])

    def open_many(
        self,
        tokens: Sequence[tuple[Config, Physics | None]],
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Put tokens on the bench, as :meth:`open` does; thousands take seconds.

        Those that are new are made first, all or none.

        Args:
            tokens: what the seed says of each, and what a new one is made of.
            progress: is told of each that is done, with 1.

        Raises:
            UsageError, ConflictError, StateError: as of :meth:`open`.
        """
        for serial, times in Counter(config.serial for config, _ in tokens).items():
            if times > 1:
                raise ConflictError(f"token {serial} is to be put on the bench {times} times")
        new = [token for token in tokens if token[0].serial not in self._shelf]
        for config, _ in new:
            self._refuse_double(config.serial)
        made = {
            state.config.serial: (state, home)
            for state, home in self._shelf.make_many(new, self._engine.now_ns, progress)
        }
        for config, _ in tokens:
            if config.serial in made:
                self._place(*made[config.serial], "new")
                continue
            self.load(config.serial, expected=config)
            if progress is not None:
                progress(1)

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
        self._place(state, home, "loaded", effects)

    def _place(self, state: State, home: Home, why: str, effects: tuple[Effect, ...] = ()) -> None:
        device = Device(state, home, self.journal, self._engine.noticed)
        device.place(self._engine.now_ns, why)
        device.adopt(effects)
        self._engine.place(device)
        self._engine.settle()

    def put(self, state: State, why: str) -> None:
        """Put a token on the bench in a state that it need never have been in here.

        If the bench or the store has a token of its serial number, this is a new lineage
        of that one: the files of the present lineage stay, and say which counters were
        used. Faults that were armed on it are armed no more.

        Args:
            state: the token; its time is not later than the bench's.
            why: what for, in a word or two, for the journal.

        Raises:
            UsageError: a state of the future.
            StateError: it can't be kept; the token that is there stays.
        """
        self.pump()
        serial, now_ns = state.config.serial, self._engine.now_ns
        if state.now_ns > now_ns:
            raise UsageError(
                f"a state {(state.now_ns - now_ns) / BILLION:g} s ahead of the bench; advance the"
                " clock first"
            )
        known = serial in self._shelf or serial in self._engine.devices
        home = self._shelf.fork(state) if known else self._shelf.keep(state)
        if serial in self._engine.devices:
            self._engine.remove(self._engine.devices[serial])
        self._place(state, home, why)
        self._engine.catch_up()

    def remove(self, serial: str, *, forget: bool = False) -> None:
        """Take a token off the bench; whoever waits for it is told that it failed.

        Args:
            serial: which token.
            forget: take it out of the store too, with all its lineages. Made again from
                its seed, it would show codes that it has shown already.

        Raises:
            UnknownTokenError: no such token.
            StateError: it can't be taken out of the store.
        """
        device = self._device(serial)
        self.pump()
        if forget:
            self._shelf.forget(serial)
        self._engine.remove(device)
        self._server_views.pop(serial, None)
        self.journal.append(serial, Removed(self._engine.now_ns))
        self._engine.settle()

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
