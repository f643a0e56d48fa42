"""A probe's plan and result in a terminal."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Final

from hosttools.prober.diff import Difference
from hosttools.prober.finding import Verdict
from hosttools.prober.plan import Plan
from hosttools.prober.result import Report, Result
from hosttools.servers import Can
from hosttools.words import counted

_RULE: Final = 34
_MEASURED: Final = 24
_DOCUMENTED: Final = 24
_SIDE: Final = 36
_WIDTH: Final = 100
_INDENT: Final = "    "

Paint = Callable[[Verdict, str], str]
"""Colours a verdict's word."""


def plain(_: Verdict, text: str) -> str:
    """Colour nothing."""
    return text


def heading() -> str:
    """Return the head of the table."""
    return f"{'rule':<{_RULE}}{'measured':<{_MEASURED}}{'documented':<{_DOCUMENTED}}verdict"


def row(result: Result, paint: Paint = plain) -> str:
    """Return a result as a line of the table, and what it means below."""
    verdict = result.finding.verdict
    line = (
        _cell(result.rule, _RULE)
        + _cell(result.measured, _MEASURED)
        + _cell(result.documented or "", _DOCUMENTED)
        + paint(verdict, verdict.value)
    )
    why = textwrap.fill(
        result.finding.why, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
    )
    return f"{line}\n{why}"


def summary(report: Report) -> str:
    """Return how many rules came to each verdict."""
    counts = [f"{report.count(verdict)} {verdict.value}" for verdict in Verdict]
    codes = sum(result.bill.codes for result in report.results)
    failures = sum(result.bill.failures for result in report.results)
    return (
        f"{report.server}: {', '.join(counts)}; {counted(codes, 'code')} submitted,"
        f" {failures} refused"
    )


def plan_text(plan: Plan, server: str, can: frozenset[Can], pace_s: float) -> str:
    """Return a plan for people."""
    lines = [f"{'rule':<{_RULE}}{'tokens':>7}{'codes':>7}{'refused':>9}"]
    for step in plan.steps:
        if step.skipped is None:
            cost = step.rule.cost
            tokens = cost.tokens if plan.cost.tokens else 0
            lines.append(f"{step.rule.id:<{_RULE}}{tokens:>7}{cost.codes:>7}{cost.failures:>9}")
        else:
            lines.append(f"{step.rule.id:<{_RULE}}{step.skipped.why}")
    total = plan.cost
    lines.append(
        f"{'altogether, up to':<{_RULE}}{total.tokens:>7}{total.codes:>7}{total.failures:>9}"
    )
    if Can.SYNC in can and total.tokens:
        lines.append("with the two codes that each new token is added with")
    takes = plan.duration(pace_s)
    budget = "" if plan.budget is None else f" Failure budget: {plan.budget}."
    lines.append(f"On {server}.{budget}{f' At this pace up to {takes}.' if takes else ''}")
    return "\n".join(lines)


def differences(before: Report, after: Report, found: Sequence[Difference]) -> str:
    """Return what two reports differ in."""
    if not found:
        return f"Nothing: {counted(len(after.results), 'rule')} came to the same."
    lines = [f"{'rule':<{_RULE}}{before.server:<{_SIDE}}{after.server}"]
    for difference in found:
        sides = [_side(result) for result in (difference.before, difference.after)]
        lines.append(_cell(difference.rule, _RULE) + _cell(sides[0], _SIDE) + sides[1])
    return "\n".join(lines)


def _side(result: Result | None) -> str:
    if result is None:
        return "not asked for"
    return f"{result.measured} ({result.finding.verdict.value})"


def _cell(text: str, width: int) -> str:
    # A text too long for its column pushes the others aside: nothing is cut.
    return f"{text:<{width}}" if len(text) < width else f"{text}  "
