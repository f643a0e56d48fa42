"""A probe's report as one HTML file that needs nothing else: no script, no font, no request."""

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby
from typing import Final

from hosttools.prober.finding import Verdict
from hosttools.prober.result import Report, Result
from hosttools.words import counted

_FAMILIES: Final[Mapping[str, str]] = {
    "hotp": "Event tokens",
    "totp": "Time tokens",
    "failures": "Failures",
    "race": "Races",
    "malformed": "Malformed codes",
    "lockout": "Lock-out",
}

_WORDS: Final[Mapping[str, str]] = {"after_s": "after, s"}
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5c6b7a; --line: #d9e0e7;
  --paper: #fff; --shade: #f4f6f8; --ok: #1a7f4b; --warn: #9a6200; --fail: #b42318;
  --unknown: #5c6b7a; --not-applicable: #5c6b7a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9fb0c0; --line: #33404d;
  --paper: #141a21; --shade: #1c242d; --ok: #56d08f; --warn: #f0b849; --fail: #ff8a80;
  --unknown: #9fb0c0; --not-applicable: #9fb0c0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; } .soft, small { color: var(--soft); }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; padding: 0;
  list-style: none; }
.counts li { border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .8rem; }
.counts b { font-size: 1.25rem; margin-right: .35rem; }
.frame { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .55rem .75rem .55rem 0;
  border-top: 1px solid var(--line); }
thead th { border: 0; color: var(--soft); font-weight: 500; font-size: .85rem; }
tbody th { font-weight: 600; width: 30%; } td.measured { width: 13%; } td.documented { width: 13%; }
td.verdict { width: 9%; } code { font-size: .8rem; color: var(--soft); font-weight: 400; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem;
  padding: 0 .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.ok { color: var(--ok); } .warn { color: var(--warn); } .fail { color: var(--fail); }
.unknown { color: var(--unknown); } .not-applicable { color: var(--not-applicable); }
tr.evidence > td { border: 0; padding-top: 0; }
summary { cursor: pointer; color: var(--soft); font-size: .85rem; }
details table { margin: .4rem 0; background: var(--shade); font-size: .8rem; width: auto; }
details th, details td { padding: .2rem .75rem; }
details tbody th { width: auto; }
@media (max-width: 44rem) { .rules > thead { display: none; }
  .rules, .rules > tbody, .rules > tbody > tr, .rules > tbody > tr > * { display: block;
  width: auto; border: 0; padding: .1rem 0; }
  .rules > tbody > tr:not(.evidence) { border-top: 1px solid var(--line); padding-top: .6rem; }
  td.documented:not(:empty)::before { content: "documented: "; color: var(--soft); } }
"""


def as_html(report: Report) -> str:
    """Return a report as an HTML page."""
    families = groupby(report.results, key=lambda result: result.rule.partition(".")[0])
    sections = "".join(_section(family, results) for family, results in families)
    codes = sum(result.bill.codes for result in report.results)
    failures = sum(result.bill.failures for result in report.results)
    counts = "".join(
        f'<li class="{verdict.value}"><b>{report.count(verdict)}</b>{verdict.value}</li>'
        for verdict in Verdict
    )
    server = escape(report.server)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>{server}: sync logic, measured</title><style>{_STYLE}</style></head><body>"
        f'<header><h1>{server}</h1><p class="soft">Its sync logic, measured from outside by galh'
        f" probe: {counted(codes, 'code')} submitted, {failures} refused.</p>"
        f'<ul class="counts">{counts}</ul></header><main>{sections}</main></body></html>\n'
    )


def _section(family: str, results: Iterable[Result]) -> str:
    rows = "".join(map(_row, results))
    return (
        f'<section><h2>{escape(_FAMILIES.get(family, family))}</h2><div class="frame">'
        '<table class="rules">'
        "<thead><tr><th>Rule</th><th>Measured</th><th>Documented</th><th>Verdict</th>"
        f"<th>What it means</th></tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(result: Result) -> str:
    verdict = result.finding.verdict.value
    small = " · ".join(filter(None, [result.reference, result.sure]))
    return (
        f'<tr><th scope="row">{escape(result.title)}<br><code>{escape(result.rule)}</code></th>'
        f'<td class="measured">{escape(result.measured)}</td>'
        f'<td class="documented">{escape(result.documented or "")}</td>'
        f'<td class="verdict"><span class="badge {verdict}">{verdict}</span></td>'
        f"<td>{escape(result.finding.why)}<br><small>{escape(small)}</small></td></tr>"
        f"{_evidence(result)}"
    )


def _evidence(result: Result) -> str:
    if not result.evidence:
        return ""
    keys = list(dict.fromkeys(key for entry in result.evidence for key in entry))
    head = "".join(f"<th>{escape(_WORDS.get(key, key))}</th>" for key in keys)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_text(entry.get(key)))}</td>" for key in keys) + "</tr>"
        for entry in result.evidence
    )
    bill = result.bill
    return (
        '<tr class="evidence"><td colspan="5"><details>'
        f"<summary>Evidence: {counted(bill.codes, 'code')}, {bill.failures} refused</summary>"
        f'<div class="frame"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></details></td></tr>"
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
