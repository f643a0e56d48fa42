"""Every error that the emulator raises, in one tree, with the exit code of each.

    EmulatorError
     ├── UsageError        2   asked for what can't be: unknown serial, clock word, …
     │    ├── ClockError       this clock can't do that (a real one does not advance)
     │    └── ConflictError    a seed or a start time that contradicts stored state
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


class ConflictError(UsageError):
    """What is asked for contradicts what is stored."""


class StateError(EmulatorError):
    """A state file that is foreign, damaged, or can't be read or written."""

    exit_code = 74


class BusyError(EmulatorError):
    """Somebody else holds it; the message says who."""

    exit_code = 75


class PortError(EmulatorError):
    """A port that can't be opened."""
