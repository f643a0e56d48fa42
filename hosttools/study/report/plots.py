"""The pictures of a report: what is drawn; :mod:`hosttools.study.report.drawing` has how."""

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from hosttools.study.answers import Answer, Window
from hosttools.study.odds import Odds
from hosttools.study.report.drawing import (
    COLOURS,
    FEW,
    INK,
    NONE,
    Picture,
    as_percent,
    is_narrow,
    labels,
    legend,
    look,
    picture,
    thousands,
)
from hosttools.study.report.words import SETTINGS, odds_of, rate
from hosttools.study.sensitivity import Effect

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_EFFECTS: Final = 10
_APART: Final = 1.35
"""Of the marks of windows on a target, that they don't lie on each other."""


def pictures(answers: Sequence[Answer], effects: Sequence[Effect], target: float) -> list[Picture]:
    """Draw them all.

    Args:
        answers: one a policy.
        effects: the most important first; none: there is no picture of them.
        target: share of users a year who may be bothered.
    """
    rows = 1.3 + 0.62 * len(answers)
    odds = odds_of(answers)
    made = [
        picture(
            "out-of-step",
            "Line chart: share of tokens out of step at each month's end, by policy.",
            lambda figure: _out(figure, answers),
            4.2,
        ),
        picture(
            "first-time",
            "Line chart: share of users who were never out of step so far, by month and policy.",
            lambda figure: _never(figure, answers),
            4.2,
        ),
        picture(
            "trouble",
            "Bar chart: resyncs, calls to support and lock-outs, if any, for 1,000 users a year, by"
            " policy.",
            lambda figure: _trouble(figure, answers),
            rows + 0.4,
        ),
        picture(
            "windows",
            "Line chart: share of users a year with a code that a window does not reach, by"
            " width; the recommended window is marked with its interval.",
            lambda figure: _windows(figure, answers, target),
            4.2,
        ),
        picture(
            "guessing",
            "Dot chart: chance that an attacker guesses a code, by the formula of RFC 4226 and"
            " as simulated, by policy.",
            lambda figure: _guessing(figure, odds),
            1.7 + 0.5 * len(odds),
        ),
    ]
    if effects:
        shown = effects[:_MOST_EFFECTS]
        made.append(
            picture(
                "assumptions",
                "Bar chart: resyncs for 1,000 users a year, each assumption halved and doubled.",
                lambda figure: _effects(figure, shown),
                1.6 + 0.36 * len(shown),
            )
        )
    return made


def _lines(
    figure: "Figure", answers: Sequence[Answer], values: Callable[[Answer], Sequence[float]]
) -> Any:  # noqa: ANN401  # Matplotlib's
    axes = figure.subplots()
    months = len(values(answers[0]))
    for number, answer in enumerate(answers):
        every = max(months // 8, 1)
        axes.plot(
            range(1, months + 1),
            values(answer),
            label=answer.name,
            # Marks of lines that lie on each other lie side by side.
            markevery=(number % every, every),
            **look(number),
        )
    axes.set_xlabel("months since the tokens were handed out")
    axes.set_xlim(0, months + max(months * 0.02, 1))
    axes.locator_params(axis="x", integer=True)
    axes.yaxis.set_major_formatter(as_percent)
    axes.grid(axis="y")
    legend(figure, axes, answers)
    return axes


def _out(figure: "Figure", answers: Sequence[Answer]) -> None:
    axes = _lines(figure, answers, lambda answer: answer.out)
    top = max(itertools.chain.from_iterable(answer.out for answer in answers))
    axes.set_ylim(0, top * 1.1 or 0.01)
    axes.set_ylabel("tokens out of step (% of all)")


def _never(figure: "Figure", answers: Sequence[Answer]) -> None:
    axes = _lines(figure, answers, lambda answer: answer.never)
    axes.set_ylim(0, 1.03)
    axes.axhline(0.5, color=INK, linewidth=0.8, alpha=0.5)
    axes.set_ylabel("users never out of step (% of all)")


def _trouble(figure: "Figure", answers: Sequence[Answer]) -> None:
    kinds = [
        ("resyncs", [a.resyncs for a in answers], COLOURS[0], ""),
        ("calls to support", [a.calls for a in answers], COLOURS[1], "//"),
        ("lock-outs", [a.locks for a in answers], COLOURS[3], ".."),
    ]
    kinds = [kind for kind in kinds if kind[0] != "lock-outs" or any(kind[1])]
    if is_narrow(figure):
        figure.set_figheight(0.6 + len(kinds) * (0.7 + 0.35 * len(answers)))
        panels = figure.subplots(len(kinds), 1)
    else:
        panels = figure.subplots(1, len(kinds), sharey=True)
    rows = range(len(answers))
    names = labels(figure, [answer.name for answer in answers])
    for axes, (title, values, colour, hatch) in zip(panels, kinds, strict=True):
        bars = axes.barh(rows, values, 0.55, color=colour, hatch=hatch, edgecolor=INK, linewidth=0)
        axes.bar_label(bars, [rate(value) for value in values], padding=3)
        axes.set_xlim(0, max(values) * 1.45 or 1)
        axes.set_title(title, fontsize=11, loc="left")
        axes.locator_params(axis="x", nbins=3)
        axes.xaxis.set_major_formatter(thousands)
        axes.tick_params(axis="y", length=0)
        axes.set_yticks(rows, names)
        axes.set_ylim(len(answers) - 0.5, -0.5)
    figure.supxlabel("times for 1,000 users and a year", fontsize=11)


def _windows(figure: "Figure", answers: Sequence[Answer], target: float) -> None:
    kinds: list[tuple[str, list[tuple[int, Answer, Window]]]] = [
        ("presses skipped (event tokens)", _of(answers, lambda a: a.event_window)),
        ("steps either way (time tokens)", _of(answers, lambda a: a.time_window)),
    ]
    kinds = [(label, windows) for label, windows in kinds if windows]
    if is_narrow(figure) and len(kinds) > 1:
        figure.set_figheight(figure.get_figheight() * 1.7)
        panels = figure.subplots(len(kinds), 1, squeeze=False).ravel()
    else:
        panels = figure.subplots(1, max(len(kinds), 1), squeeze=False, sharey=True).ravel()
    for axes, (label, windows) in zip(panels, kinds, strict=False):
        ends = [w.high or w.window or len(w.beyond) for _, _, w in windows]
        right = max(10, round(1.6 * max(ends)))
        for number, answer, window in windows:
            shown = window.beyond[: right + 1]
            # Lines that lie on each other lie in each other: the first is the widest.
            width = 1.6 + 1.4 * max(min(len(windows), FEW) - 1 - number, 0)
            style = look(number) | {"marker": "", "linewidth": width}
            axes.plot(range(len(shown)), shown, label=answer.name, drawstyle="steps-post", **style)
            if window.window is not None:
                low = window.window if window.low is None else window.low
                high = right if window.high is None else window.high
                reach = [[window.window - low], [high - window.window]]
                apart = _APART ** (number - (len(windows) - 1) / 2) if len(windows) <= FEW else 1
                axes.errorbar(
                    window.window, target * apart, xerr=reach, capsize=4,
                    **look(number) | {"linestyle": "", "markersize": 7},
                )  # fmt: skip
        axes.axhline(target, color=INK, linewidth=0.8, linestyle=":")
        axes.set_yscale("log")
        axes.set_ylim(target / 10, 1.1)
        axes.set_xlim(0, right)
        axes.set_xlabel(label)
        axes.locator_params(axis="x", integer=True, nbins=6)
        axes.yaxis.set_major_formatter(as_percent)
        axes.grid(axis="y")
    figure.supylabel("users a year beyond the window", fontsize=11)
    legend(figure, panels[0], answers)


def _of(
    answers: Sequence[Answer], window: Callable[[Answer], Window | None]
) -> list[tuple[int, Answer, Window]]:
    found = ((number, answer, window(answer)) for number, answer in enumerate(answers))
    return [(number, answer, its) for number, answer, its in found if its is not None]


def _guessing(figure: "Figure", rows_of: Sequence[tuple[str, Odds]]) -> None:
    axes = figure.subplots()
    rows = range(len(rows_of))
    for row, (_, odds) in zip(rows, rows_of, strict=True):
        share = odds.simulated
        axes.plot([share.low or share.high / 10, share.high], [row, row], color=COLOURS[0])
        # None that got in has no place on this axis: its interval is open to the left.
        axes.plot(
            share.share or share.high, row, "o" if share.share else "<", color=COLOURS[0],
            label="" if row else "simulated, with 95 % interval",
        )  # fmt: skip
        axes.plot(
            odds.formula, row, "D", markersize=10, markerfacecolor=NONE, color=COLOURS[1],
            label="" if row else "formula of RFC 4226 E.2",
        )  # fmt: skip
    names = labels(figure, [name for name, _ in rows_of])
    rows_named = [
        f"{name}\n{odds.width:,} right, {odds.tries:,} tries"
        for name, (_, odds) in zip(names, rows_of, strict=True)
    ]
    axes.set_yticks(rows, rows_named)
    axes.set_ylim(len(rows_of) - 0.4, -0.6)
    axes.set_xscale("log")
    # A decade at least: an axis with no number on it says nothing.
    low, high = axes.get_xlim()
    axes.set_xlim(low / 3, min(high * 3, 2))
    axes.xaxis.set_major_formatter(as_percent)
    axes.xaxis.set_minor_formatter(lambda *_: "")
    axes.set_xlabel("chance to get in")
    axes.grid(axis="x")
    figure.legend(loc="outside lower center", ncols=1 if is_narrow(figure) else 2)


def _effects(figure: "Figure", effects: Sequence[Effect]) -> None:
    axes = figure.subplots()
    rows = range(len(effects))
    axes.hlines(
        rows, [min(e.resyncs) for e in effects], [max(e.resyncs) for e in effects],
        color=INK, alpha=0.35, linewidth=5,
    )  # fmt: skip
    for at, label, colour, mark in ((0, "half of it", 0, "o"), (1, "twice as much", 1, "D")):
        values = [effect.resyncs[at] for effect in effects]
        axes.plot(values, rows, mark, color=COLOURS[colour], label=label, markersize=8)
    names = [SETTINGS.get(effect.setting, effect.setting) for effect in effects]
    axes.set_yticks(rows, labels(figure, names))
    axes.set_ylim(len(effects) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.grid(axis="x")
    axes.locator_params(axis="x", nbins=2 if is_narrow(figure) else 5)
    label = "resyncs for 1,000 users and a year"
    axes.set_xlabel(label.replace(" and", "\nand") if is_narrow(figure) else label)
    figure.legend(loc="outside lower center", ncols=2)
