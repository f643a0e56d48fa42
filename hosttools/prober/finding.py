"""What measuring one rule came to. Values only; how they are found is elsewhere."""

import enum
from dataclasses import dataclass

from hosttools.errors import HostError

Measured = int | str | list[int] | list[str] | None
"""What was measured, in the unit of its rule; ``None``: nothing."""


class Verdict(enum.Enum):
    """What the standards make of a measurement."""

    OK = "ok"
    WARN = "warn"
    """Allowed, and it costs users or safety something."""
    FAIL = "fail"
    UNKNOWN = "unknown"
    """Not measured; the reason says why."""
    NOT_APPLICABLE = "not-applicable"
    """The server has nothing of the kind."""


class NotMeasuredError(HostError):
    """A rule that can't be measured on this server, in this run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured, and what it means.

    Attributes:
        measured: in the unit of the rule.
        verdict: see :class:`Verdict`.
        why: a sentence for people.
        at_least: whether the search ended before the server refused.
    """

    measured: Measured
    verdict: Verdict
    why: str
    at_least: bool = False


def ok(measured: Measured, why: str, *, at_least: bool = False) -> Finding:
    """Return a finding that the standards ask for or allow."""
    return Finding(measured, Verdict.OK, why, at_least)


def warn(measured: Measured, why: str, *, at_least: bool = False) -> Finding:
    """Return a finding to think about."""
    return Finding(measured, Verdict.WARN, why, at_least)


def fail(measured: Measured, why: str, *, at_least: bool = False) -> Finding:
    """Return a finding that has to be mended."""
    return Finding(measured, Verdict.FAIL, why, at_least)
