"""Where a bench's tokens come from: made new, or taken from where they are kept.

With a store, what is made is kept and what is kept goes on; without one, tokens are
in memory and gone when the process ends.
"""

import functools
from collections.abc import Callable, Sequence

from emulator.device import Home
from emulator.errors import ConflictError, StateError, UsageError
from emulator.flash import MemoryFlash
from emulator.statedir import StateDir
from firmware_model.errors import FirmwareError, StimulusError
from firmware_model.machine import manufacture, power_on
from firmware_model.nvm import Config
from firmware_model.physics import Physics, new_physics
from firmware_model.profile import Profile
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
        return self.make_many([(config, physics)], at_ns)[0]

    def make_many(
        self,
        tokens: Sequence[tuple[Config, Physics | None]],
        at_ns: int,
        progress: Callable[[int], object] | None = None,
    ) -> list[tuple[State, Home]]:
        """Manufacture tokens, all or none; thousands take seconds, see ``statedir.py``.

        Args:
            tokens: settings and matter of each, as for :meth:`make`.
            at_ns: bench time.
            progress: is told of each that is written, with 1.

        Raises:
            UsageError: no token is made of that.
            ConflictError: two have the same serial number, or one is kept already.
            StateError: they can't be kept; nothing is left behind.
        """
        try:
            states = [
                manufacture(config, at_ns, physics=physics or _as_new(config.profile, at_ns))
                for config, physics in tokens
            ]
        except StimulusError as e:
            raise UsageError(str(e)) from None
        if self._store is not None:
            stored = self._store.create_many(states, progress)
            homes = [Home(kept.flash, kept.matter) for kept in stored]
        else:
            homes = [Home(MemoryFlash(image(state))) for state in states]
            if progress is not None:
                progress(len(states))
        return list(zip(states, homes, strict=True))

    def keep(self, state: State) -> Home:
        """Keep a token that was made elsewhere.

        Raises:
            ConflictError: one of its serial number is kept already.
            StateError: it can't be kept; nothing is left behind.
        """
        if self._store is None:
            return Home(MemoryFlash(image(state)))
        stored = self._store.create(state)
        return Home(stored.flash, stored.matter)

    def forget(self, serial: str) -> None:
        """Remove what is kept of a token, if anything is.

        Raises:
            StateError: it can't be removed.
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
                stored.image,
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
            ConflictError: it is kept with another profile.
            StateError: it can't be kept.
        """
        if self._store is None:
            return Home(MemoryFlash(image(state)))
        serial, profile = state.config.serial, state.config.profile
        if serial not in self._store:
            return self.keep(state)
        if self._store.load(serial).profile != profile:
            raise ConflictError(
                f"token {serial} is kept with another profile than {profile.name}; use another"
                " state directory"
            )
        stored = self._store.fork(state)
        return Home(stored.flash, stored.matter)


@functools.lru_cache(maxsize=64)
def _as_new(profile: Profile, at_ns: int) -> Physics:
    """Tokens of one product, made at one time, share what they are made of."""
    return new_physics(profile, at_ns)


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
