"""The report as one HTML page that needs nothing else, and as CSV."""

import csv
import dataclasses
import html
import io
import json
from typing import Any, Final

from emulator.release import release
from hosttools.study.answers import Answer
from hosttools.study.model import Study
from hosttools.study.report import words
from hosttools.study.report.plots import Picture
from hosttools.study.sensitivity import Effect

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #ccc; --soft: #f4f4f4 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181c; --line: #444; --soft: #22252b }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { line-height: 1.2 } figure { margin: 1.5rem 0 } svg { width: 100%; height: auto }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: right;
  vertical-align: top }
th:first-child, td:first-child { text-align: left }
caption { text-align: left; font-weight: 600; padding: .4rem 0 }
.say { background: var(--soft); border-left: 4px solid #0072B2; padding: .6rem 1rem }
pre { background: var(--soft); padding: 1rem; overflow-x: auto; font-size: .8rem }
"""


def page(
    study: Study, answers: list[Answer], effects: list[Effect], pictures: list[Picture]
) -> str:
    """Return the page."""
    drawn = {picture.name: _figure(picture) for picture in pictures}
    said = "".join(
        f'<p class="say">{_text(words.headline(study, choice, answer))}</p>'
        for choice, answer in zip(study.policies, answers, strict=True)
    )
    advice = "".join(
        f"<li><b>{_text(answer.name)}</b>: {_text(line)}</li>"
        for answer in answers
        for line in (*words.advice(study, answer), words.guessing(answer))
    )
    sections = [
        "<h2>Tokens out of step</h2>",
        (
            "<p>A token is out of step if its next code would be refused, though it is typed right"
            " and at once. Who signs every day finds out soon; what is left at a month's"
            " end are tokens that nobody used since.</p>"
        ),
        drawn["out-of-step"],
        _months(answers),
        "<h2>How long it goes well</h2>",
        drawn["first-time"],
        "<h2>What it costs</h2>",
        drawn["trouble"],
        _summary(answers),
        f"<h2>Windows, and what they let in</h2><ul>{advice}</ul>",
    ]
    if effects:
        sections += [
            "<h2>Which assumption matters</h2>",
            (
                f"<p>{_text(words.what_matters(effects))} Each is halved and doubled by itself, for"
                f" {_text(answers[0].name)}, with all else drawn as before.</p>"
            ),
            drawn["assumptions"],
            _effects(effects),
        ]
    config = json.dumps(dataclasses.asdict(study), indent=1, default=str)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(study.title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{_text(study.title)}</h1>"
        f"<p>{study.count:,} tokens, {study.months} months, seed {_text(str(study.seed))}; products"
        f" {_text(', '.join(share.name for share in study.profiles))};"
        f" {sum(answer.presses for answer in answers):,} presses of the button.</p>"
        f"{said}{''.join(sections)}"
        "<h2>What was asked</h2><p>The same settings and seed give the same numbers, on any"
        " machine.</p><details><summary>All settings</summary>"
        f"<pre>{_text(config)}</pre></details>"
        f"<p>galh {_text(release())}</p></main></body></html>\n"
    )


def table_csv(answers: list[Answer]) -> str:
    """Return the numbers of each policy, a row each."""
    return _csv([_flat(answer) for answer in answers])


def months_csv(answers: list[Answer]) -> str:
    """Return the numbers of each policy and month, a row each."""
    return _csv(
        [
            {"policy": a.name, "month": month, "out_of_step": out, "never_out_of_step": never}
            for a in answers
            for month, (out, never) in enumerate(zip(a.out, a.never, strict=True), 1)
        ]
    )


def _flat(answer: Answer) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in answer.as_dict().items():
        if isinstance(value, dict):
            for part, number in value.items():
                inner = number if isinstance(number, dict) else {"": number}
                row |= {f"{name}_{part}{'_' if k else ''}{k}": v for k, v in inner.items()}
        elif not isinstance(value, tuple | list):
            row[name] = value
    return row


def _csv(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _text(text: str) -> str:
    return html.escape(text)


def _figure(picture: Picture) -> str:
    named = picture.svg.replace("<svg ", f'<svg role="img" aria-label="{_text(picture.alt)}" ', 1)
    return f"<figure>{named}</figure>"


def _table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    top = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table><caption>{_text(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _summary(answers: list[Answer]) -> str:
    head = [
        "For 1,000 users and a year", "resyncs", "calls", "lock-outs", "users who resync",
        "users who call", "half were out of step by month", "event window", "time window",
    ]  # fmt: skip
    rows = [
        [
            a.name,
            f"{a.resyncs:,.0f}",
            f"{a.calls:,.0f}",
            f"{a.locks:,.1f}",
            words.between(a.resynced_a_year),
            words.between(a.called_a_year),
            "later" if a.half_s_month is None else str(a.half_s_month),
            words.window_text(a.event_window),
            words.window_text(a.time_window),
        ]
        for a in answers
    ]
    return _table("By policy, with 95 % intervals", head, rows)


def _months(answers: list[Answer]) -> str:
    months = len(answers[0].out)
    chosen = [m for m in range(1, months + 1) if m == 1 or m % max(months // 6, 1) == 0]
    rows = [[a.name, *(words.percent(a.out[m - 1]) for m in chosen)] for a in answers]
    return _table(
        "Tokens out of step at the end of", ["Policy", *(f"month {m}" for m in chosen)], rows
    )


def _effects(effects: list[Effect]) -> str:
    rows = [
        [
            words.SETTINGS[effect.setting],
            *(f"{value:,.0f}" for value in (*effect.resyncs, *effect.calls)),
        ]
        for effect in effects
    ]
    head = ["Assumption", "resyncs, half", "resyncs, twice", "calls, half", "calls, twice"]
    return _table("For 1,000 users and a year", head, rows)
