"""Where a bench's tokens come from: made new, or taken from where they are kept.

With a store, what is made is kept and what is kept goes on; without one, tokens are
in memory and gone when the process ends.
"""

from emulator.device import Home
from emulator.errors import ConflictError, StateError, UsageError
from emulator.flash import MemoryFlash
from emulator.statedir import StateDir
from firmware_model.errors import FirmwareError, StimulusError
from firmware_model.machine import manufacture, power_on
from firmware_model.nvm import Config
from firmware_model.physics import Physics
from firmware_model.state import State, image
from firmware_model.stimuli import Effect


class Shelf:
    """Tokens that are on no bench.

    Args:
        store: where they are kept; ``None``: nowhere.
    """

    def __init__(self, store: StateDir | None) -> None:
        self._store = store

    def __contains__(self, serial: str) -> bool:
        return self._store is not None and serial in self._store

    def make(self, config: Config, at_ns: int, physics: Physics | None) -> tuple[State, Home]:
        """Manufacture a token.

        Args:
            config: its settings.
            at_ns: bench time.
            physics: what it is made of; ``None``: as new, its clock right and without
                error.

        Raises:
            UsageError: no token is made of that.
            StateError: it can't be kept; nothing is left behind.
        """
        try:
            state = manufacture(config, at_ns, physics=physics)
        except StimulusError as e:
            raise UsageError(str(e)) from None
        return state, self.keep(state)

    def keep(self, state: State) -> Home:
        """Make a home for a token that has none.

        Raises:
            ConflictError: a token of that serial number is kept already.
            StateError: it can't be kept; nothing is left behind.
        """
        if self._store is None:
            return Home(MemoryFlash(image(state)))
        stored = self._store.create(state)
        return Home(stored.flash, stored.matter)

    def forget(self, serial: str) -> None:
        """Take a token out of the store, with all its lineages; nothing if it is not there.

        Raises:
            StateError: it can't be taken out.
        """
        if self._store is not None and serial in self._store:
            self._store.forget(serial)

    def take(
        self, serial: str, at_ns: int, expected: Config | None
    ) -> tuple[State, tuple[Effect, ...], Home]:
        """Power on a token that is kept.

        Args:
            serial: which one.
            at_ns: bench time.
            expected: what it should be; ``None``: whatever it is.

        Returns:
            Its state, what power-on did (a slot may need repair), and where it lives.

        Raises:
            UsageError: no such token is kept.
            ConflictError: it is not what is expected.
            StateError: it is damaged.
        """
        if self._store is None or serial not in self._store:
            raise UsageError(f"no token {serial} is kept here; give its seed to manufacture it")
        stored = self._store.load(serial)
        try:
            state, effects = power_on(
                stored.flash.read(),
                at_ns,
                physics=stored.matter.physics,
                used=stored.matter.used,
                profiles={stored.profile.name: stored.profile},
            )
        except FirmwareError as e:
            raise StateError(f"token {serial} in {self._store.path} is damaged: {e}") from e
        if expected is not None:
            _refuse_contradiction(state.config, expected)
        return state, effects, Home(stored.flash, stored.matter)

    def fork(self, state: State) -> Home:
        """Start a new lineage of a token; the image of the old one is left as it is.

        Raises:
            StateError: it can't be kept.
        """
        if self._store is None:
            return Home(MemoryFlash(image(state)))
        if state.config.serial not in self._store:
            return self.keep(state)
        stored = self._store.fork(state)
        return Home(stored.flash, stored.matter)


def _refuse_contradiction(kept: Config, seed: Config) -> None:
    """Compare what can't change in a token's life; its counter and clock can.

    A token that has lost its secret has none to compare.
    """
    pairs = {
        "secret": (seed.secret if kept.erased else kept.secret, seed.secret),
        "profile": (kept.profile, seed.profile),
        "algorithm": (kept.algorithm, seed.algorithm),
        "digits": (kept.digits, seed.digits),
        "time step": (kept.step_s, seed.step_s),
        "T0": (kept.t0_s, seed.t0_s),
    }
    differing = [name for name, (mine, yours) in pairs.items() if mine != yours]
    if differing:
        raise ConflictError(
            f"token {kept.serial} is kept with another {', '.join(differing)} than is asked for;"
            " use another state directory, or the seed and profile that it was made from"
        )
