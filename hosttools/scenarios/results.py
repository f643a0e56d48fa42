"""What came of a scenario: plain values without any code's digits."""

import enum
from dataclasses import dataclass, field
from typing import Any

from emulator.serverview import ServerView
from hosttools.cases import Case


class Status(enum.Enum):
    """How a step, or a whole scenario, ended."""

    PASSED = "passed"
    FAILED = "failed"
    """Something was not as expected."""
    SKIPPED = "skipped"
    """The server can't do it; the reason says what."""
    BROKEN = "broken"
    """The server could not be reached, or made no sense."""
    NOT_RUN = "not run"
    """A step before it failed."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that is not as expected.

    Attributes:
        key: which expectation; empty: the step itself failed.
        expected: what should be.
        actual: what is.
    """

    key: str
    expected: str
    actual: str

    def __str__(self) -> str:
        what = f"{self.key}: " if self.key else ""
        return f"{what}expected {self.expected}, got {self.actual}"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a token and the server are.

    Attributes:
        step: after which step; several moments may lie in one, as a holder's days do.
        at_ns: bench time.
        serial: the token.
        factor: its next counter, or the steps that its clock is ahead; ``None``: unknown.
        view: what the server believes; ``None``: it doesn't tell.
        accepted: what became of a submission; ``None``: there was none.
    """

    step: int
    at_ns: int
    serial: str
    factor: int | None
    view: ServerView | None
    accepted: bool | None = None

    @property
    def expected(self) -> int | None:
        """Where the server expects the token."""
        if self.view is None:
            return None
        return self.view.step_offset if self.view.next_counter is None else self.view.next_counter

    @property
    def distance(self) -> int | None:
        """Presses or steps that the token is ahead of the server; negative: behind."""
        if self.factor is None or self.expected is None:
            return None
        return self.factor - self.expected


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of one step.

    Attributes:
        number: from 1.
        do: what was done.
        token: to which, as steps call it.
        note: the scenario's own words.
        status: how it ended.
        said: what came of it, in a few words.
        mismatches: what is not as expected.
        not_compared: expectations that this server says nothing about.
        moment: where token and server are afterwards; ``None``: not run, or no token.
        outcome: what the server let on; empty: it was not asked.
        kind: the reference server's verdict; empty: none.
    """

    number: int
    do: str
    token: str
    note: str
    status: Status
    said: str = ""
    mismatches: tuple[Mismatch, ...] = ()
    not_compared: tuple[str, ...] = ()
    moment: Moment | None = None
    outcome: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario.

    Attributes:
        title: the scenario's.
        source: where it was written.
        server: the server's name.
        status: how it ended.
        reason: why, if it did not pass.
        steps: each step, in order.
        moments: where tokens and server were, in order.
        case: all that happened, if it did not pass and a case was asked for.
    """

    title: str
    source: str
    server: str
    status: Status
    reason: str
    steps: tuple[StepResult, ...]
    moments: tuple[Moment, ...]
    case: Case | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing failed; a skipped scenario didn't."""
        return self.status in {Status.PASSED, Status.SKIPPED}

    @property
    def failed_step(self) -> StepResult | None:
        """The first step that did not end as expected."""
        bad = (Status.FAILED, Status.BROKEN)
        return next((step for step in self.steps if step.status in bad), None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "schema": 1,
            "title": self.title,
            "source": self.source,
            "server": self.server,
            "status": self.status.value,
            "reason": self.reason,
            "steps": [_step(step) for step in self.steps],
        }


def _step(step: StepResult) -> dict[str, Any]:
    moment = step.moment
    return {
        "number": step.number,
        "do": step.do,
        "token": step.token,
        "note": step.note,
        "status": step.status.value,
        "said": step.said,
        "outcome": step.outcome or None,
        "kind": step.kind or None,
        "mismatches": [
            {"key": m.key, "expected": m.expected, "actual": m.actual} for m in step.mismatches
        ],
        "not_compared": list(step.not_compared),
        "at_ns": None if moment is None else moment.at_ns,
        "factor": None if moment is None else moment.factor,
        "expected": None if moment is None else moment.expected,
        "distance": None if moment is None else moment.distance,
    }
