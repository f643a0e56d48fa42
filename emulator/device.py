"""One token, alive: its state, its key and where it is kept.

Carries out what the model says: bytes into the flash first, durable and read back,
and only then is the new state there to be seen. What the token is made of is kept
after that, by who drives it, see :meth:`Device.keep`.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from emulator.annotations import Placed
from emulator.errors import StateError
from emulator.flash import Flash, commit
from emulator.journal import Journal
from emulator.matter import Matter
from emulator.results import View
from firmware_model.machine import step
from firmware_model.oath import Key
from firmware_model.state import State, next_deadline
from firmware_model.stimuli import Advance, Effect, NvmWrite, ShiftTime, Stimulus

CHECKPOINT: Final = 1_000
"""Stimuli of a token after which the journal is told where it is: replay starts there."""

MEND: Final = "mend the disk and start it again"
"""What to do about a token that stopped."""


class Home(NamedTuple):
    """Where a token is kept.

    Attributes:
        flash: its NVM image.
        matter: what it is made of; ``None``: that is not kept.
    """

    flash: Flash
    matter: Matter | None = None


class Device:
    """A token on a bench.

    Args:
        state: the token.
        home: where it is kept.
        journal: where what happens is told.
        on_effects: called with the effects of each step once they can be seen.

    Attributes:
        state: the token at the last moment something happened to it.
        next_ns: when it next does something by itself; ``None``: never.
        planned_ns: the agenda's own note.
        failure: why it does nothing more; ``None``: it lives.
        view: the last look at this state, if nothing in it changes by itself.
    """

    __slots__ = (
        "_altered",
        "_home",
        "_journal",
        "_made_key",
        "_on_effects",
        "_placed",
        "_stimuli",
        "failure",
        "next_ns",
        "planned_ns",
        "state",
        "view",
    )

    def __init__(
        self,
        state: State,
        home: Home,
        journal: Journal,
        on_effects: Callable[["Device", tuple[Effect, ...]], None],
    ) -> None:
        self._made_key: Key | None = None
        self._home = home
        self._altered = False  # whether its physics are others than those that are kept
        self._journal = journal
        self._on_effects = on_effects
        self._placed = 0  # number of the record that last said where it is
        self._stimuli = 0  # since then
        self.state = state
        self.next_ns = next_deadline(state)
        self.planned_ns: int | None = None
        self.failure: StateError | None = None
        self.view: View | None = None

    @property
    def _key(self) -> Key:
        # Made at first use: most of a bench of thousands is never pressed.
        if self._made_key is None:
            config = self.state.config
            self._made_key = Key(config.secret, config.algorithm)
        return self._made_key

    @property
    def serial(self) -> str:
        """Its serial number."""
        return self.state.config.serial

    @property
    def unkept(self) -> bool:
        """Whether it is made of something else by now than is kept of it."""
        matter = self._home.matter
        return matter is not None and (self._altered or matter.used != self.state.used)

    def keep(self, set_by_ns: int) -> None:
        """Keep what the token is made of, its charge included.

        Args:
            set_by_ns: by how much the bench's clock has been set so far.

        Raises:
            StateError: it can't be written.
        """
        if self._home.matter is not None:
            state = self.state
            self._home.matter.keep(state.physics, state.used, set_by_ns, altered=self._altered)
            self._altered = False

    def place(self, at_ns: int, why: str) -> None:
        """Tell where the token is: what came before is not needed to replay what follows."""
        self._journal.append(self.serial, Placed(at_ns, why, self.state))
        self._placed, self._stimuli = self._journal.head, 0

    def apply(self, stimulus: Stimulus, home: Home | None = None) -> tuple[Effect, ...]:
        """Let one thing happen, durably.

        Args:
            stimulus: what happens.
            home: a new home that holds the token after this stimulus already; the
                old one is left as it is. For a new lineage.

        Raises:
            StateError: the flash failed; nothing was shown, and the token does
                nothing more until it is started anew.
            StimulusError: it can't happen to this token.
        """
        if self.failure is not None:
            raise self.failure
        state, effects = step(self.state, stimulus, self._key)
        if not isinstance(stimulus, Advance):
            self._announce(stimulus)
        if home is not None:
            self._home, self._altered = home, False
        else:
            self._write(effects)
            # A clock that was set moves every time along, kept or not: that alters nothing.
            if state.physics is not self.state.physics and not isinstance(stimulus, ShiftTime):
                self._altered = True
        self.state = state
        self.view = None
        self.next_ns = next_deadline(state)
        self._tell(effects)
        return effects

    def foresee(self, stimulus: Stimulus, state: State | None = None) -> State:
        """Return the state that a stimulus would lead to; nothing happens.

        Args:
            stimulus: what would happen.
            state: to which state; ``None``: the present one.

        Raises:
            StimulusError: it can't happen to this token.
        """
        return self.ahead(stimulus, state or self.state)[0]

    def ahead(self, stimulus: Stimulus, state: State) -> tuple[State, tuple[Effect, ...]]:
        """Return what a stimulus would do to a state; see :meth:`foresee`."""
        return step(state, stimulus, self._key)

    def adopt(self, effects: tuple[Effect, ...]) -> None:
        """Carry out what power-on did: a repaired slot becomes durable.

        Raises:
            StateError: the flash failed.
        """
        self._write(effects)
        self._tell(effects)

    def stop(self, why: str) -> StateError:
        """Do nothing more, and return the error that says so."""
        self.failure = StateError(f"token {self.serial} stopped: {why}")
        self.next_ns = None
        return self.failure

    def _announce(self, stimulus: Stimulus) -> None:
        # Replay needs a place to start from among the records that are in memory.
        far = self._journal.head - self._placed > self._journal.capacity // 2
        if far or self._stimuli >= CHECKPOINT:
            self.place(stimulus.at_ns, "checkpoint")
        self._stimuli += 1
        self._journal.append(self.serial, stimulus)

    def _tell(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self._journal.append(self.serial, effect)
        if effects:
            self._on_effects(self, effects)

    def _write(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, NvmWrite):
                try:
                    self._journal.flush()  # why the counter moves is known before it does
                    commit(self._home.flash, effect.offset, effect.data)
                except StateError as e:
                    raise self.stop(f"{e}; no code was shown; {MEND}") from e
