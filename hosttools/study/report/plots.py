"""The pictures of a report, drawn by Matplotlib without a display.

Colours are Okabe and Ito's, told apart by the colour-blind too; lines differ in dashes and
marks as well. In a page they are names that its style gives a value, light or dark.
"""

import io
import itertools
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hosttools.errors import UsageError
from hosttools.study.answers import Answer, Window
from hosttools.study.odds import Odds
from hosttools.study.report.words import SETTINGS, odds_of, rate
from hosttools.study.sensitivity import Effect

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter
except ImportError:  # pragma: no cover  # the extra is installed where tests run
    raise UsageError("a report needs Matplotlib: pip install 'galh-emulator[report]'") from None

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777778")
_DASHES: Final = ("-", "--", "-.", ":")
_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X")
_INK: Final = "#010203"
"""Of text and axes; in a page it becomes the reader's own colour of text."""
_MOST_EFFECTS: Final = 10
_WIDE: Final = 8.0
"""Inches across, on a desk and in a PNG."""
_NARROW: Final = 4.4
"""Likewise on a phone, where a wide one would be too small to read."""
_LINE: Final = 22
"""Letters of a row's name on a phone."""
_LINE_HEIGHT: Final = 0.1
"""Inches that a further line takes, beside what a row has."""
_FEW: Final = 4
"""Policies whose legend has room beside a plot's lines."""
_APART: Final = 1.35
"""Of the marks of windows on a target, that they don't lie on each other."""
_NONE: Final = "none"
_STYLE: Final = {
    "svg.fonttype": _NONE,
    "font.size": 11,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": _INK,
    "grid.alpha": 0.15,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Attributes:
        name: of its files.
        alt: what it shows, in words.
        svg: for the page.
        narrow: likewise, on a phone.
        png: for elsewhere.
    """

    name: str
    alt: str
    svg: str
    narrow: str
    png: bytes


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
        _picture(
            "out-of-step",
            "Line chart: share of tokens out of step at each month's end, by policy.",
            lambda figure: _out(figure, answers),
            4.2,
        ),
        _picture(
            "first-time",
            "Line chart: share of users who were never out of step so far, by month and policy.",
            lambda figure: _never(figure, answers),
            4.2,
        ),
        _picture(
            "trouble",
            "Bar chart: resyncs, calls to support and lock-outs, if any, for 1,000 users a year, by"
            " policy.",
            lambda figure: _trouble(figure, answers),
            rows + 0.4,
        ),
        _picture(
            "windows",
            "Line chart: share of users a year with a code that a window does not reach, by"
            " width; the recommended window is marked with its interval.",
            lambda figure: _windows(figure, answers, target),
            4.2,
        ),
        _picture(
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
            _picture(
                "assumptions",
                "Bar chart: resyncs for 1,000 users a year, each assumption halved and doubled.",
                lambda figure: _effects(figure, shown),
                1.6 + 0.36 * len(shown),
            )
        )
    return made


def _picture(name: str, alt: str, draw: Callable[[Any], None], height: float) -> Picture:
    svg = _svg(name, draw, _WIDE, height)
    narrow = _svg(f"{name}-narrow", draw, _NARROW, max(height, 3.6))
    with _styled(name):
        png = io.BytesIO()
        _drawn(draw, _WIDE, height).savefig(
            png, format="png", dpi=120, facecolor="white", metadata={"Software": None}
        )
    return Picture(name, alt, svg, narrow, png.getvalue())


def _styled(name: str) -> Any:  # noqa: ANN401  # Matplotlib's
    # Its defaults, not the reader's matplotlibrc: the same study gives the same bytes.
    defaults = {k: v for k, v in mpl.rcParamsDefault.items() if k != "backend"}
    return mpl.rc_context({**defaults, **_STYLE, "svg.hashsalt": name})  # type: ignore[dict-item]  # its type lists every setting


def _drawn(draw: Callable[[Any], None], width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    draw(figure)
    return figure


def _svg(name: str, draw: Callable[[Any], None], width: float, height: float) -> str:
    file = io.StringIO()
    with _styled(name):
        _drawn(draw, width, height).savefig(
            file, format="svg", transparent=True, metadata={"Date": None}
        )
    text = file.getvalue()
    text = text[text.index("<svg") :]
    # A page knows SVG without its name spaces, and the style of a page is its own.
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r"(font: [\d.]+px) [^;\"]*", r"\1 system-ui, sans-serif", text)
    text = text.replace("<defs/>", "").replace(_INK, "currentColor")
    text = re.sub(r'(<svg [^>]*?)height="[^"]*pt"', r"\1", text)
    text = re.sub(r'(<svg [^>]*?)width="[^"]*pt"', r"\1", text)
    for number, colour in enumerate(COLOURS):
        text = text.replace(colour, f"var(--plot-{number})")
    return _own_ids(text, name)


def _own_ids(svg: str, name: str) -> str:
    """Return a drawing whose ids no other drawing of a page has."""
    return (
        svg.replace(' id="', f' id="{name}-')
        .replace("url(#", f"url(#{name}-")
        .replace('href="#', f'href="#{name}-')
    )


def _look(number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": _DASHES[number % len(_DASHES)],
        "marker": _MARKS[number % len(_MARKS)],
        "markersize": 5,
        "linewidth": 1.8,
    }


def _is_narrow(figure: Figure) -> bool:
    return bool(figure.get_figwidth() < _WIDE)


def _legend(figure: Figure, axes: Any, answers: Sequence[Answer]) -> None:  # noqa: ANN401  # Matplotlib's
    if len(answers) == 1:
        return
    below = _is_narrow(figure)
    if below and len(answers) > _FEW:
        figure.set_figheight(figure.get_figheight() + 0.22 * len(answers))
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center" if below else "outside right upper",
        ncols=1,
        fontsize=10,
        handlelength=3,
        title="server policy",
    )


def _lines(
    figure: Figure, answers: Sequence[Answer], values: Callable[[Answer], Sequence[float]]
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
            **_look(number),
        )
    axes.set_xlabel("months since the tokens were handed out")
    axes.set_xlim(0, months + max(months * 0.02, 1))
    axes.locator_params(axis="x", integer=True)
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.grid(axis="y")
    _legend(figure, axes, answers)
    return axes


def _out(figure: Figure, answers: Sequence[Answer]) -> None:
    axes = _lines(figure, answers, lambda answer: answer.out)
    top = max(itertools.chain.from_iterable(answer.out for answer in answers))
    axes.set_ylim(0, top * 1.1 or 0.01)
    axes.set_ylabel("tokens out of step (% of all)")


def _never(figure: Figure, answers: Sequence[Answer]) -> None:
    axes = _lines(figure, answers, lambda answer: answer.never)
    axes.set_ylim(0, 1.03)
    axes.axhline(0.5, color=_INK, linewidth=0.8, alpha=0.5)
    axes.set_ylabel("users never out of step (% of all)")


def _trouble(figure: Figure, answers: Sequence[Answer]) -> None:
    kinds = [
        ("resyncs", [a.resyncs for a in answers], COLOURS[0], ""),
        ("calls to support", [a.calls for a in answers], COLOURS[1], "//"),
        ("lock-outs", [a.locks for a in answers], COLOURS[3], ".."),
    ]
    kinds = [kind for kind in kinds if kind[0] != "lock-outs" or any(kind[1])]
    if _is_narrow(figure):
        figure.set_figheight(0.6 + len(kinds) * (0.7 + 0.35 * len(answers)))
        panels = figure.subplots(len(kinds), 1)
    else:
        panels = figure.subplots(1, len(kinds), sharey=True)
    rows = range(len(answers))
    names = _labels(figure, [answer.name for answer in answers])
    for axes, (title, values, colour, hatch) in zip(panels, kinds, strict=True):
        bars = axes.barh(rows, values, 0.55, color=colour, hatch=hatch, edgecolor=_INK, linewidth=0)
        axes.bar_label(bars, [rate(value) for value in values], padding=3)
        axes.set_xlim(0, max(values) * 1.45 or 1)
        axes.set_title(title, fontsize=11, loc="left")
        axes.locator_params(axis="x", nbins=3)
        axes.xaxis.set_major_formatter(_thousands)
        axes.tick_params(axis="y", length=0)
        axes.set_yticks(rows, names)
        axes.set_ylim(len(answers) - 0.5, -0.5)
    figure.supxlabel("times for 1,000 users and a year", fontsize=11)


def _windows(figure: Figure, answers: Sequence[Answer], target: float) -> None:
    kinds: list[tuple[str, list[tuple[int, Answer, Window]]]] = [
        ("presses skipped (event tokens)", _of(answers, lambda a: a.event_window)),
        ("steps either way (time tokens)", _of(answers, lambda a: a.time_window)),
    ]
    kinds = [(label, windows) for label, windows in kinds if windows]
    if _is_narrow(figure) and len(kinds) > 1:
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
            width = 1.6 + 1.4 * max(min(len(windows), _FEW) - 1 - number, 0)
            look = _look(number) | {"marker": "", "linewidth": width}
            axes.plot(range(len(shown)), shown, label=answer.name, drawstyle="steps-post", **look)
            if window.window is not None:
                low = window.window if window.low is None else window.low
                high = right if window.high is None else window.high
                reach = [[window.window - low], [high - window.window]]
                apart = _APART ** (number - (len(windows) - 1) / 2) if len(windows) <= _FEW else 1
                axes.errorbar(
                    window.window, target * apart, xerr=reach, capsize=4,
                    **_look(number) | {"linestyle": "", "markersize": 7},
                )  # fmt: skip
        axes.axhline(target, color=_INK, linewidth=0.8, linestyle=":")
        axes.set_yscale("log")
        axes.set_ylim(target / 10, 1.1)
        axes.set_xlim(0, right)
        axes.set_xlabel(label)
        axes.locator_params(axis="x", integer=True, nbins=6)
        axes.yaxis.set_major_formatter(_as_percent)
        axes.grid(axis="y")
    figure.supylabel("users a year beyond the window", fontsize=11)
    _legend(figure, panels[0], answers)


def _of(
    answers: Sequence[Answer], window: Callable[[Answer], Window | None]
) -> list[tuple[int, Answer, Window]]:
    found = ((number, answer, window(answer)) for number, answer in enumerate(answers))
    return [(number, answer, its) for number, answer, its in found if its is not None]


def _guessing(figure: Figure, rows_of: Sequence[tuple[str, Odds]]) -> None:
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
            odds.formula, row, "D", markersize=10, markerfacecolor=_NONE, color=COLOURS[1],
            label="" if row else "formula of RFC 4226 E.2",
        )  # fmt: skip
    names = _labels(figure, [name for name, _ in rows_of])
    labels = [
        f"{name}\n{odds.width:,} right, {odds.tries:,} tries"
        for name, (_, odds) in zip(names, rows_of, strict=True)
    ]
    axes.set_yticks(rows, labels)
    axes.set_ylim(len(rows_of) - 0.4, -0.6)
    axes.set_xscale("log")
    # A decade at least: an axis with no number on it says nothing.
    low, high = axes.get_xlim()
    axes.set_xlim(low / 3, min(high * 3, 2))
    axes.xaxis.set_major_formatter(_as_percent)
    axes.xaxis.set_minor_formatter(lambda *_: "")
    axes.set_xlabel("chance to get in")
    axes.grid(axis="x")
    figure.legend(loc="outside lower center", ncols=1 if _is_narrow(figure) else 2)


def _effects(figure: Figure, effects: Sequence[Effect]) -> None:
    axes = figure.subplots()
    rows = range(len(effects))
    axes.hlines(
        rows, [min(e.resyncs) for e in effects], [max(e.resyncs) for e in effects],
        color=_INK, alpha=0.35, linewidth=5,
    )  # fmt: skip
    for at, label, colour, mark in ((0, "half of it", 0, "o"), (1, "twice as much", 1, "D")):
        values = [effect.resyncs[at] for effect in effects]
        axes.plot(values, rows, mark, color=COLOURS[colour], label=label, markersize=8)
    names = [SETTINGS.get(effect.setting, effect.setting) for effect in effects]
    axes.set_yticks(rows, _labels(figure, names))
    axes.set_ylim(len(effects) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.grid(axis="x")
    axes.locator_params(axis="x", nbins=2 if _is_narrow(figure) else 5)
    label = "resyncs for 1,000 users and a year"
    axes.set_xlabel(label.replace(" and", "\nand") if _is_narrow(figure) else label)
    figure.legend(loc="outside lower center", ncols=2)


def _thousands(value: float, _position: float = 0) -> str:
    return f"{value:,g}" if value < 1e6 else f"{value:.0e}"  # noqa: PLR2004  # where g would too


def _as_percent(value: float, _position: float = 0) -> str:
    return f"{value * 100:g} %"


def _labels(figure: Figure, names: Sequence[str]) -> list[str]:
    """Return the names of rows; on a phone in lines that leave room for what they name."""
    if not _is_narrow(figure):
        return list(names)
    folded = [textwrap.fill(name, _LINE) for name in names]
    more = sum(name.count("\n") for name in folded)
    figure.set_figheight(figure.get_figheight() + _LINE_HEIGHT * more)
    return folded
