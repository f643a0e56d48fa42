"""A probe's report as JUnit XML, each rule a case: for the test view of a CI system."""

from typing import Final
from xml.etree import ElementTree as ET  # written here, never parsed

from hosttools.prober.finding import Verdict
from hosttools.prober.result import Report, Result

_SKIPPED: Final = frozenset({Verdict.UNKNOWN, Verdict.NOT_APPLICABLE})


def as_junit(report: Report) -> bytes:
    """Return a report as JUnit XML."""
    suite = ET.Element(
        "testsuite",
        name=f"galh probe {report.server}",
        tests=str(len(report.results)),
        failures=str(report.count(Verdict.FAIL)),
        errors="0",
        skipped=str(sum(map(report.count, _SKIPPED))),
    )
    for result in report.results:
        _case(suite, result)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(suite: ET.Element, result: Result) -> None:
    family, _, name = result.rule.partition(".")
    case = ET.SubElement(suite, "testcase", classname=f"galh.probe.{family}", name=name)
    finding = result.finding
    if finding.verdict is Verdict.FAIL:
        failure = ET.SubElement(case, "failure", message=finding.why, type=result.rule)
        failure.text = f"{result.title}: {result.measured} ({result.reference})"
    elif finding.verdict in _SKIPPED:
        ET.SubElement(case, "skipped", message=finding.why)
    out = ET.SubElement(case, "system-out")
    out.text = (
        f"{finding.verdict.value}: {result.title}: {result.measured}\n{finding.why}\n"
        + "".join(f"{_line(each)}\n" for each in result.evidence)
    )


def _line(entry: object) -> str:
    assert isinstance(entry, dict)  # noqa: S101  # Result.evidence holds mappings
    return ", ".join(f"{key}: {value}" for key, value in entry.items())
