"""Verbs about what was and what might have been: states of the past, forks, other futures."""

import dataclasses
from itertools import count

from emulator import history
from emulator.bench.tokens import TokenVerbs
from emulator.errors import ConflictError, UsageError
from emulator.history import Change, Comparison
from firmware_model.codec import digest
from firmware_model.errors import FirmwareError, StimulusError
from firmware_model.machine import step
from firmware_model.nvm import Config
from firmware_model.oath import Key
from firmware_model.state import State
from firmware_model.stimuli import Advance, ShiftTime


class HistoryVerbs(TokenVerbs):
    """See :class:`emulator.bench.Bench`."""

    def state(self, serial: str) -> State:
        """Return a token's whole state, now. It holds the secret.

        Raises:
            UnknownTokenError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        return device.foresee(Advance(self._engine.now_ns))

    def digest(self, serial: str) -> str:
        """Return the digest of a token's state, see :func:`firmware_model.codec.digest`.

        Raises:
            UnknownTokenError: no such token.
            StateError: the token's flash failed.
        """
        return digest(self.state(serial))

    def state_at(self, serial: str, sequence: int) -> State:
        """Return a token's whole state as of one record of the journal.

        Args:
            serial: which token.
            sequence: number of a record, of whatever token.

        Raises:
            UnknownTokenError: no such token.
            UsageError: no such record, or not that far back.
            StateError: the journal can't be read.
        """
        config = self._device(serial).state.config
        return history.state_at(self.journal, config, sequence)

    def what_if(self, serial: str, change: Change) -> Comparison:
        """Compare what happened to a token with what would have, had one press been another.

        Nothing happens to the token; both futures run on to the present.

        Raises:
            UnknownTokenError: no such token.
            UsageError: no such press, or not that far back.
            StateError: the journal can't be read.
        """
        device = self._ready(serial)
        return history.what_if(self.journal, device.state.config, change, self._engine.now_ns)

    def fork(self, serial: str, *, at: int | None = None, name: str | None = None) -> str:
        """Put a copy of a token beside it, as it is or was.

        The copy has the same secret and a serial number of its own. Its times are moved
        to the present, so that it goes on from where it was: nothing ages in between.

        Args:
            serial: which token.
            at: number of the record as of which it is copied; ``None``: now.
            name: the copy's serial number; ``None``: the next free one.

        Returns:
            The copy's serial number.

        Raises:
            UnknownTokenError: no such token.
            ConflictError: there is a token of that name.
            UsageError: no such record, or a serial number that can't be one.
            StateError: the copy can't be kept.
        """
        state = self.state(serial) if at is None else self.state_at(serial, at)
        config = _renamed(state.config, name or self._free_name(serial))
        if config.serial in self._engine.devices or config.serial in self._shelf:
            raise ConflictError(f"there is a token {config.serial} already; choose another name")
        key = Key(config.secret, config.algorithm)
        by_ns = self._engine.now_ns - state.now_ns
        try:
            state, _ = step(state._replace(config=config), ShiftTime(state.now_ns, by_ns), key)
        except StimulusError as e:
            raise UsageError(f"{serial} can't be moved to the present: {e}") from None
        self.put(state, f"forked from {serial}" + ("" if at is None else f" at {at}"))
        return config.serial

    def _free_name(self, serial: str) -> str:
        for number in count(1):
            name = f"{serial}F{number}"
            if name not in self._engine.devices and name not in self._shelf:
                return name
        raise AssertionError  # count has no end


def _renamed(config: Config, serial: str) -> Config:
    try:
        return dataclasses.replace(config, serial=serial)
    except FirmwareError as e:
        raise UsageError(str(e)) from None
