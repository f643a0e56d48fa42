"""Every error that the emulator raises, in one tree, with the exit code of each.

    EmulatorError
     ├── UsageError        2   asked for what can't be: unknown serial, clock word, …
     │    ├── ClockError       this clock can't do that (a real one does not advance)
     │    ├── UnknownTokenError  no such token on this bench
     │    └── ConflictError    a seed or a start time that contradicts stored state
     │         ├── KeyReusedError   an idempotency key of another request
     │         └── KeyBusyError     one whose request is under way
     ├── StateError       74   a state file that is foreign, damaged or unwritable
     ├── BusyError        75   somebody else holds the token, the directory or the link
     └── PortError         1   a port that can't be opened

What a token refuses (a press while lit, a dead battery) is a result, not an error.
"""

from typing import ClassVar


class EmulatorError(Exception):
    """Base of all errors of ``emulator``.

    Attributes:
        exit_code: what a command that fails by it exits with.
    """

    exit_code: ClassVar[int] = 1


class UsageError(EmulatorError):
    """Asked for something that can't be."""

    exit_code = 2


class ClockError(UsageError):
    """The bench's clock can't do that."""


class UnknownTokenError(UsageError):
    """No such token on this bench."""


class ConflictError(UsageError):
    """What is asked for contradicts what is stored."""


class KeyReusedError(ConflictError):
    """An idempotency key that another request has used."""


class KeyBusyError(ConflictError):
    """An idempotency key whose request is still under way."""


class StateError(EmulatorError):
    """A state file that is foreign, damaged, or can't be read or written."""

    exit_code = 74


class BusyError(EmulatorError):
    """Somebody else holds it; the message says who."""

    exit_code = 75


class PortError(EmulatorError):
    """A port that can't be opened."""
