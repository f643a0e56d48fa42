"""The report as one HTML page that needs nothing else, and as CSV."""

import csv
import html
import io
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from typing import Any

from emulator.release import release
from hosttools.study.answers import Answer, Window
from hosttools.study.model import Study
from hosttools.study.report import words
from hosttools.study.report.config import study_toml
from hosttools.study.report.drawing import Picture
from hosttools.study.report.style import STYLE
from hosttools.study.sensitivity import Effect
from hosttools.words import counted


def page(
    study: Study,
    answers: Sequence[Answer],
    effects: Sequence[Effect],
    pictures: Sequence[Picture],
) -> str:
    """Return the page."""
    drawn = {picture.name: picture for picture in pictures}
    short = _list(_text(line) for line in words.answers_in_short(study, answers))
    said = "".join(
        '<div class="say">'
        + "".join(
            f"<p>{_text(line)}</p>"
            for line in (words.headline(study, choice, answer), *words.cautions(choice, answer))
        )
        + "</div>"
        for choice, answer in zip(study.policies, answers, strict=True)
    )
    sections = [
        _section(
            words.trouble_title(answers), _figure(drawn["trouble"], words.trouble_caption(answers))
        ),
        _section(
            words.out_title(answers),
            _figure(drawn["out-of-step"], words.OUT),
            _months("Tokens out of step at the end of", answers, lambda answer: answer.out),
        ),
        _section(
            words.never_title(study, answers),
            _figure(drawn["first-time"], words.NEVER),
            _months("Users never out of step until", answers, lambda answer: answer.never),
        ),
        _section(
            f"Windows that leave {words.percent(study.target)} of users a year outside",
            _figure(drawn["windows"], words.WINDOWS),
            _windows(answers),
        ),
        _section(
            "What a window lets in",
            f"<p>{_text(words.guessing(answers))}</p>" + _figure(drawn["guessing"], words.GUESSING),
            _odds(answers),
        ),
    ]
    if effects:
        sections.append(
            _section(
                "Which assumption matters",
                f"<p>{_text(words.what_matters(effects))}</p>"
                + _figure(drawn["assumptions"], words.effects_caption(answers[0])),
                _effects(effects),
            )
        )
    versions = ", ".join(f"{name} {version}" for name, version in versions_of().items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>{_text(study.title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{_text(study.title)}</h1>"
        f'<p class="soft">{study.count:,} tokens, {counted(study.months, "month")}, seed'
        f" {_text(str(study.seed))}; products"
        f" {_text(', '.join(share.name for share in study.profiles))};"
        f" {sum(answer.presses for answer in answers):,} presses of the button.</p>"
        f"<section><h2>In short</h2>{short}</section>"
        f"<section><h2>What each policy means for users</h2>{said}{_summary(answers)}</section>"
        f"{''.join(sections)}"
        "<section><h2>What was asked</h2><p>The same settings and seed give the same numbers, on"
        " any machine.</p><details><summary>All settings, as a file for galh study</summary>"
        f'<pre tabindex="0">{_text(study_toml(study))}</pre></details>'
        f'<p class="soft">{_text(versions)}</p></section></main></body></html>\n'
    )


def versions_of() -> dict[str, str]:
    """Return what the numbers and pictures were made by."""
    made_by = ("numpy", "numba", "matplotlib")
    return {"galh": release()} | {name: metadata.version(name) for name in made_by}


def table_csv(answers: Sequence[Answer]) -> str:
    """Return the numbers of each policy, a row each."""
    return _csv([_flat(answer) for answer in answers])


def months_csv(answers: Sequence[Answer]) -> str:
    """Return the numbers of each policy and month, a row each."""
    return _csv(
        [
            {"policy": a.name, "month": month, "out_of_step": out, "never_out_of_step": never}
            for a in answers
            for month, (out, never) in enumerate(zip(a.out, a.never, strict=True), 1)
        ]
    )


def windows_csv(answers: Sequence[Answer]) -> str:
    """Return the share of users a year beyond each window, a row each."""
    return _csv(
        [
            {"policy": a.name, "unit": unit, "window": width, "beyond": beyond}
            for a in answers
            for unit, window in (("presses", a.event_window), ("steps", a.time_window))
            if window is not None
            for width, beyond in enumerate(window.beyond)
        ]
    )


def effects_csv(effects: Sequence[Effect]) -> str:
    """Return what each assumption does, a row each."""
    return _csv(
        [
            {
                "setting": effect.setting,
                "resyncs_half": effect.resyncs[0],
                "resyncs_twice": effect.resyncs[1],
                "calls_half": effect.calls[0],
                "calls_twice": effect.calls[1],
            }
            for effect in effects
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
    return html.escape(text).replace(" %", "\N{NO-BREAK SPACE}%")


def _figure(picture: Picture, caption: str) -> str:
    named = f'role="img" aria-label="{_text(picture.alt)}"'
    wide = picture.svg.replace("<svg ", f"<svg {named} ", 1)
    narrow = picture.narrow.replace("<svg ", f'<svg class="narrow" {named} ', 1)
    return f"<figure>{wide}{narrow}<figcaption>{_text(caption)}</figcaption></figure>"


def _section(title: str, content: str, table: str = "") -> str:
    numbers = f"<details><summary>The numbers</summary>{table}</details>" if table else ""
    return f"<section><h2>{_text(title)}</h2>{content}{numbers}</section>"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    top = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="frame" tabindex="0"><table><caption>{_text(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _summary(answers: Sequence[Answer]) -> str:
    columns: list[tuple[str, list[str]]] = [
        ("resyncs", [words.rate(a.resyncs) for a in answers]),
        ("calls", [words.rate(a.calls) for a in answers]),
        ("lock-outs", [words.rate(a.locks) for a in answers]),
        ("users who resync", [words.between(a.resynced_a_year) for a in answers]),
        ("users who call", [words.between(a.called_a_year) for a in answers]),
        ("one in ten out of step", [_by_month(a.tenth_s_month) for a in answers]),
        ("half out of step", [_by_month(a.half_s_month) for a in answers]),
    ]
    # What never happens has no column.
    if any(a.locks for a in answers):
        columns.insert(5, ("users locked out", [words.between(a.locked_a_year) for a in answers]))
    if any(a.add_refused.share for a in answers):
        columns.append(("tokens not added", [words.between(a.add_refused) for a in answers]))
    rows = [[a.name, *(cells[row] for _, cells in columns)] for row, a in enumerate(answers)]
    head = ["Policy", *(name for name, _ in columns)]
    return _table("For 1,000 users and a year, with 95 % intervals", head, rows)


def _by_month(month: int | None) -> str:
    return "later" if month is None else f"month {month}"


def _months(
    caption: str, answers: Sequence[Answer], values: Callable[[Answer], Sequence[float]]
) -> str:
    months = len(answers[0].out)
    chosen = [m for m in range(1, months + 1) if m == 1 or m % max(months // 6, 1) == 0]
    rows = [[a.name, *(words.percent(values(a)[m - 1]) for m in chosen)] for a in answers]
    return _table(caption, ["Policy", *(f"month {m}" for m in chosen)], rows)


def _windows(answers: Sequence[Answer]) -> str:
    rows = []
    for a in answers:
        for kind, resyncs, calls in (
            ("presses", a.event_window, a.event_call_window),
            ("steps", a.time_window, None),
        ):
            if resyncs is not None:
                shares = [words.percent(_beyond(resyncs, width)) for width in _WIDTHS]
                wide = words.window_text(resyncs), words.window_text(calls) if calls else "not told"
                rows.append([f"{a.name}, {kind}", *wide, *shares])
    head = ["Policy", "to spare codes", "to spare calls", *(f"{width:,}" for width in _WIDTHS)]
    return _table("Recommended windows, and users a year beyond a window of", head, rows)


_WIDTHS = (0, 3, 10, 30, 100, 300, 1000)


def _beyond(window: Window, width: int) -> float:
    return window.beyond[min(width, len(window.beyond) - 1)]


def _odds(answers: Sequence[Answer]) -> str:
    rows = [
        [
            name,
            f"{odds.width:,}",
            f"{odds.tries:,}",
            words.percent(odds.formula),
            words.between(odds.simulated),
            f"{odds.attacks:,}",
        ]
        for name, odds in words.odds_of(answers)
    ]
    head = ["Policy", "codes right", "tries", "formula", "simulated", "attacks simulated"]
    return _table("Chance to guess a code, with 95 % intervals", head, rows)


def _effects(effects: Sequence[Effect]) -> str:
    rows = [
        [
            words.SETTINGS.get(effect.setting, effect.setting),
            *(words.rate(value) for value in (*effect.resyncs, *effect.calls)),
        ]
        for effect in effects
    ]
    head = ["Assumption", "resyncs, half", "resyncs, twice", "calls, half", "calls, twice"]
    return _table("For 1,000 users and a year", head, rows)
