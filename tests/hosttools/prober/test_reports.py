"""Reports hold what was found, for machines and for people, and nothing that is secret."""

import contextlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.prober.diff import diff
from hosttools.prober.finding import Finding, Verdict
from hosttools.prober.html import as_html
from hosttools.prober.junit import as_junit
from hosttools.prober.known import KNOWN
from hosttools.prober.ledger import Bill
from hosttools.prober.registry import RULES
from hosttools.prober.result import Report, ReportError, Result, parse_report, read_report
from hosttools.prober.table import differences, row, summary
from tests.hosttools.prober import tiny
from tests.hosttools.prober.probing import probed


@pytest.fixture(scope="module")
def report() -> Report:
    """Return a report with results of every verdict."""
    found = probed(tiny.GapInAResync(), ["hotp.resync", "malformed"])
    extra = [
        Result.of(
            RULES["totp.edge"],
            Finding(None, verdict, "because <it> & 'that'"),
            server="tiny",
        )
        for verdict in (Verdict.UNKNOWN, Verdict.NOT_APPLICABLE, Verdict.WARN)
    ]
    return Report("tiny <&>", found.results + tuple(extra))


def test_json_has_the_promised_keys(report: Report) -> None:
    """Schema 1, the server, and of each rule what pipelines look at."""
    value = json.loads(json.dumps(report.as_dict()))

    assert (1, "tiny <&>") == (value["schema"], value["server"])
    for rule in value["rules"]:
        assert {"id", "measured", "unit", "verdict", "why", "evidence"} <= set(rule)
        assert rule["verdict"] in {"ok", "warn", "fail", "unknown", "not-applicable"}


def test_json_comes_back(report: Report, tmp_path: Path) -> None:
    """What is written is read back as it was."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report.as_dict()))

    assert report.as_dict() == read_report(path).as_dict()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "schema",
                        "server",
                        "rules",
                        "id",
                        "measured",
                        "unit",
                        "verdict",
                        "why",
                        "evidence",
                    ]
                )
                | st.text(),
                inner,
            )
        ),
    )
)
def test_whatever_json_is_read(value: object) -> None:
    """Anything that is JSON is a report or is refused with what is wrong."""
    whole = {"schema": 1, "server": "tiny", "rules": value}
    rule = {"id": "a", "measured": 1, "unit": "", "verdict": "ok", "why": "", "evidence": []}
    keys = value if isinstance(value, dict) else {"measured": value}
    for tried in (value, whole, whole | {"rules": [value]}, whole | {"rules": [rule | keys]}):
        with contextlib.suppress(ReportError):
            parse_report(json.dumps(tried).encode())


@given(st.binary())
def test_whatever_bytes_are_read(data: bytes) -> None:
    """What is not JSON is refused."""
    with pytest.raises(ReportError):
        parse_report(data)


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", '{"schema": 2}', "\ufeff{}"])
def test_no_report(text: str, tmp_path: Path) -> None:
    """A file that is none is refused with its name."""
    path = tmp_path / "no.json"
    path.write_text(text)
    with pytest.raises(ReportError, match=r"no\.json"):
        read_report(path)


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is told."""
    with pytest.raises(ReportError, match="can't be read"):
        read_report(tmp_path / "none.json")


def test_junit(report: Report) -> None:
    """Each rule is a case; what fails fails, what was not measured is skipped."""
    suite = ET.fromstring(as_junit(report))[0]  # noqa: S314  # written by us
    cases = {f"{case.get('classname')}.{case.get('name')}": case for case in suite}

    assert str(len(report.results)) == suite.get("tests")
    assert ["failure", "system-out"] == [child.tag for child in cases["galh.probe.hotp.resync.gap"]]
    assert "1" == suite.get("failures")
    assert "2" == suite.get("skipped")


def test_html_is_whole(report: Report) -> None:
    """Every tag is closed, every rule is there, foreign text is text, nothing is loaded."""
    page = as_html(report)
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
            if tag not in {"meta", "br"}:
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert tag == open_tags.pop()

    Check().feed(page)
    assert [] == open_tags
    assert all(f"<code>{result.rule}</code>" in page for result in report.results)
    assert "tiny &lt;&amp;&gt;" in page
    assert "<script" not in page


def test_no_digits_anywhere(report: Report) -> None:
    """No code is in a report for which no digits were asked: not in any form."""
    texts = (json.dumps(report.as_dict()), as_html(report), as_junit(report).decode())
    for text in texts:
        assert not re.findall(r"\b\d{6}\b", text)


def test_table(report: Report) -> None:
    """A line for each rule, and what it means below."""
    (gap,) = [result for result in report.results if result.rule == "hotp.resync.gap"]
    line, *why = row(gap).splitlines()

    assert ["hotp.resync.gap", "3 presses", "fail"] == re.split(r"\s{2,}", line)
    assert gap.finding.why == " ".join(part.strip() for part in why)
    assert "1 fail" in summary(report)


def test_diff_of_two_versions() -> None:
    """What came to something else is told, and nothing else."""
    before = probed(tiny.Tiny(), ["hotp.resync"])
    after = probed(tiny.GapInAResync(), ["hotp.resync"], seed=2)
    (found,) = diff(before, after)

    assert "hotp.resync.gap" == found.rule
    assert found.before is not None
    assert found.after is not None
    assert (0, 3) == (found.before.finding.measured, found.after.finding.measured)
    told = differences(before, after, [found]).splitlines()[-1]
    assert ["hotp.resync.gap", "0 presses (ok)", "3 presses (fail)"] == re.split(r"\s{2,}", told)


def test_diff_of_the_same() -> None:
    """Two probes of one server, with other tokens, differ in nothing."""
    one, other = (probed(tiny.Tiny(), ["hotp"], seed=seed) for seed in (1, 2))
    assert () == diff(one, other)
    assert "Nothing" in differences(one, other, ())


def test_diff_of_what_was_not_asked_for() -> None:
    """A rule that only one of the two has is a difference."""
    whole = probed(tiny.Tiny(), ["hotp.replay"])
    part = replace(whole, results=whole.results[:1])

    assert ["hotp.replay.later", "hotp.replay.older"] == [d.rule for d in diff(whole, part)]
    assert "not asked for" in differences(whole, part, diff(whole, part))


def test_known_figures_are_of_rules() -> None:
    """What servers' makers say is beside rules that there are."""
    assert {rule for figures in KNOWN.values() for rule in figures} <= set(RULES)


def test_singular() -> None:
    """One press is a press."""
    one = Result.of(RULES["hotp.look_ahead.used"], Finding(1, Verdict.OK, ""), server="")
    assert ("1 press", Bill(0, 0)) == (one.measured, one.bill)
