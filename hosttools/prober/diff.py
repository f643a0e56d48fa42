"""What two reports differ in: two servers, or two versions of one."""

from dataclasses import dataclass
from typing import Any

from hosttools.prober.result import Report, Result


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that came to something else.

    Attributes:
        rule: its id.
        before: what it came to in the first report; ``None``: it is not in there.
        after: in the second one.
    """

    rule: str
    before: Result | None
    after: Result | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"id": self.rule, "before": _short(self.before), "after": _short(self.after)}


def diff(before: Report, after: Report) -> tuple[Difference, ...]:
    """Return the rules that were measured, or judged, differently; in the order of the first."""
    old = {result.rule: result for result in before.results}
    new = {result.rule: result for result in after.results}
    return tuple(
        Difference(rule, old.get(rule), new.get(rule))
        for rule in {**old, **new}
        if _short(old.get(rule)) != _short(new.get(rule))
    )


def _short(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    finding = result.finding
    return {
        "measured": finding.measured,
        "at_least": finding.at_least,
        "unit": result.unit,
        "verdict": finding.verdict.value,
    }
