"""Every error that ``hosttools`` raises, in one tree, with the exit code of each.

    HostError                  1
     ├── PortError             1   a serial port without a token that answers (hand)
     ├── CommandError          1   a command that the token's port refused (hand)
     ├── BenchError            1   no bench that answers over HTTP (benchanswers)
     ├── NotApplicable         1   a recipe that can't be played here (recipes)
     ├── PressRefusedError     1   a press that lit no code (hand)
     ├── ServerError           1   a server under test that can't be reached (servers)
     ├── NotOfferedError       1   a verb that this server, or whoever holds the token, lacks
     │    └── SkippedError         the same, as Robot Framework skips a test by it (frameworks)
     ├── BudgetError           1   a submission not sent, as it may fail (servers)
     ├── NotMeasuredError      1   a rule that can't be measured on this server (prober)
     ├── WrongVerdictError     1   a verdict that can't be right, for Locust's statistics (load)
     ├── NoAnswerError         1   a request without an answer, likewise (load)
     ├── UsageError            2   asked for what can't be
     │    ├── PolicyError          a server policy that can't be
     │    ├── SeedFileError        a seed file that can't be read or written (seedfiles)
     │    ├── DescriptionError     a description of a server that can't be (servers)
     │    ├── ScenarioError        a scenario that can't be (scenarios)
     │    ├── ReportError          a report of a probe that can't be read (prober)
     │    └── RecordError          a server record that can't be
     │         ├── UnknownTokenError   one that is not there
     │         └── ConflictError       what it is does not allow it
     ├── StateError           74   a file that is foreign, damaged or unwritable
     │    └── CaseError            a case file likewise (cases)
     └── BusyError            75   somebody else holds it

What a server refuses (a replayed code, a locked token) is a verdict, not an error.
"""

from typing import ClassVar


class HostError(Exception):
    """Base of all errors of ``hosttools``.

    Attributes:
        exit_code: what a command that fails by it exits with.
    """

    exit_code: ClassVar[int] = 1


class UsageError(HostError):
    """Asked for something that can't be."""

    exit_code = 2


class PolicyError(UsageError):
    """A server policy with a setting outside what is possible."""


class RecordError(UsageError):
    """A server record that can't be."""


class UnknownTokenError(RecordError):
    """A token that the server has no record of."""


class ConflictError(RecordError):
    """A record that is there already, or that is not in the way it has to be."""


class NotOfferedError(HostError):
    """Asked for what this server, or whoever holds the token, can't do; it tells before."""


class StateError(HostError):
    """A file that is foreign, damaged, or can't be read or written."""

    exit_code = 74


class CaseError(StateError):
    """A case that can't be read, written or replayed."""


class BusyError(HostError):
    """Somebody else holds it for longer than we wait."""

    exit_code = 75
