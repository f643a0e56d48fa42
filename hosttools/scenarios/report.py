"""What came of scenarios, told: a table of steps, a matrix, and JUnit's XML for CI."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from hosttools.scenarios.results import Result, Status, StepResult

_MARKS: Final = {
    Status.PASSED: "ok",
    Status.FAILED: "FAILED",
    Status.SKIPPED: "skipped",
    Status.BROKEN: "BROKEN",
    Status.NOT_RUN: "-",
}
_SAID: Final = 68
_MOST_ROWS: Final = 60
"""Steps of one scenario that are told one by one; of more, those round what failed."""


def step_table(result: Result) -> str:
    """Return a scenario's steps, one in a line, and what is not as expected below each."""
    lines = [f"{result.title or result.source} on {result.server}", ""]
    several = len({step.token for step in result.steps}) > 1
    rows = _told(result.steps)
    width = max((len(step.token) for step in rows), default=0) if several else 0
    lines.append(
        f"{'step':>5} {'do':<11}{'token':<{width + 1}}{'counter':>8}{'server':>8}{'apart':>7}  "
        if several
        else f"{'step':>5} {'do':<11}{'counter':>8}{'server':>8}{'apart':>7}  "
    )
    lines[-1] = lines[-1] + "what came of it"
    for step in rows:
        where = step.moment
        numbers = (None,) * 3 if where is None else (where.factor, where.expected, where.distance)
        columns = f"{_number(numbers[0]):>8}{_number(numbers[1]):>8}{_apart(numbers[2]):>7}"
        token = f"{step.token:<{width + 1}}" if several else ""
        mark = _MARKS[step.status]
        said = f"{mark}: {step.said}" if step.said else mark
        lines.append(f"{step.number:>5} {step.do:<11}{token}{columns}  {_cut(said)}".rstrip())
        lines += [f"{'':>8}{mismatch}" for mismatch in step.mismatches]
        if step.not_compared:
            lines.append(f"{'':>8}not told by {result.server}: {', '.join(step.not_compared)}")
    if len(rows) < len(result.steps):
        lines.append(f"      … {len(result.steps) - len(rows)} more steps")
    return "\n".join([*lines, "", conclusion(result)])


def conclusion(result: Result) -> str:
    """Return how a scenario ended, in a line."""
    head = result.status.value.capitalize()
    return f"{head}: {result.reason}" if result.reason else f"{head}: {len(result.steps)} steps."


def matrix(results: Sequence[Result]) -> str:
    """Return many scenarios on many servers as one table, and below it why what failed did."""
    servers = list(dict.fromkeys(result.server for result in results))
    names = list(dict.fromkeys(result.source for result in results))
    cells = {(r.source, r.server): r for r in results}
    width = max(len(name) for name in [*names, "scenario"]) + 2
    columns = [max(len(server), 16) + 2 for server in servers]
    head = "".join(f"{server:<{w}}" for server, w in zip(servers, columns, strict=True))
    lines = [f"{'scenario':<{width}}{head}".rstrip()]
    for name in names:
        row = "".join(
            f"{_cell(cells.get((name, server))):<{w}}"
            for server, w in zip(servers, columns, strict=True)
        )
        lines.append(f"{name:<{width}}{row}".rstrip())
    told = [r for r in results if r.reason]
    if told:
        lines.append("")
        lines += [f"{r.source} on {r.server}, {r.status.value}: {r.reason}" for r in told]
    return "\n".join(lines)


def _cell(result: Result | None) -> str:
    if result is None:
        return ""
    bad = result.failed_step
    mark = _MARKS[result.status]
    return mark if bad is None else f"{mark} at {bad.number}"


def junit(results: Iterable[Result]) -> bytes:
    """Return JUnit's XML: a suite for each scenario on each server, a case for each step."""
    root = ET.Element("testsuites", name="galh scenario")
    for result in results:
        suite = ET.SubElement(
            root, "testsuite", name=f"{_xml(result.source)} on {_xml(result.server)}"
        )
        counts = dict.fromkeys(("failures", "errors", "skipped"), 0)
        cases = list(_cases(result))
        for name, status, why in cases:
            case = ET.SubElement(suite, "testcase", classname=_xml(result.source), name=_xml(name))
            kind = _junit_kind(status)
            if kind is not None:
                ET.SubElement(case, kind, message=_xml(why))
                counts[{"failure": "failures", "error": "errors"}.get(kind, kind)] += 1
        suite.set("tests", str(len(cases)))
        for name, count in counts.items():
            suite.set(name, str(count))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _cases(result: Result) -> Iterator[tuple[str, Status, str]]:
    """Return each case's name, how it ended, and why."""
    if result.status is Status.BROKEN and result.failed_step is None:
        yield "the server", Status.BROKEN, result.reason
    for step in result.steps:
        why = "; ".join(map(str, step.mismatches)) or step.said or result.reason
        yield f"step {step.number}: {step.do} {step.note or step.token}".strip(), step.status, why


def _junit_kind(status: Status) -> str | None:
    return {Status.FAILED: "failure", Status.BROKEN: "error", Status.PASSED: None}.get(
        status, "skipped"
    )


def _xml(text: str) -> str:
    """Return a text without the characters that no XML may have."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _told(steps: Sequence[StepResult]) -> Sequence[StepResult]:
    if len(steps) <= _MOST_ROWS:
        return steps
    bad = next((i for i, s in enumerate(steps) if s.mismatches), len(steps) - 1)
    chosen = {*range(_MOST_ROWS // 3), *range(bad - _MOST_ROWS // 3, bad + _MOST_ROWS // 3)}
    return [step for i, step in enumerate(steps) if i in chosen]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _apart(value: int | None) -> str:
    return "" if value is None else f"{value:+d}"


def _cut(text: str) -> str:
    return text if len(text) <= _SAID else text[: _SAID - 1] + "…"
