"""The pictures of a report, drawn by Matplotlib without a display.

Colours are Okabe and Ito's, told apart by the colour-blind too; lines differ in dashes as well.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hosttools.errors import UsageError
from hosttools.study.answers import Answer
from hosttools.study.sensitivity import Effect

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
except ImportError:  # pragma: no cover  # the extra is installed where tests run
    raise UsageError("a report needs Matplotlib: pip install 'galh-emulator[report]'") from None

COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
DASHES: Final = ("-", "--", "-.", ":")
_INK: Final = "#010203"
"""Of text and axes; in a page it becomes the reader's own colour of text."""
_MOST_BARS: Final = 10
_STYLE: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "galh",
    "font.size": 11,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Attributes:
        name: of its files.
        alt: what it shows, in words.
        svg: for the page.
        png: for elsewhere.
    """

    name: str
    alt: str
    svg: str
    png: bytes


def pictures(answers: list[Answer], effects: list[Effect], words: dict[str, str]) -> list[Picture]:
    """Draw them all."""
    made = [
        _picture(
            "out-of-step",
            "Line chart: share of tokens out of step at each month's end, by policy.",
            lambda axes: _out(axes, answers),
        ),
        _picture(
            "first-time",
            "Line chart: share of users who were never out of step so far, by month and policy.",
            lambda axes: _never(axes, answers),
        ),
        _picture(
            "trouble",
            "Bar chart: resyncs and calls to support for 1,000 users a year, by policy.",
            lambda axes: _trouble(axes, answers),
        ),
    ]
    if effects:
        made.append(
            _picture(
                "assumptions",
                "Bar chart: resyncs for 1,000 users a year, each assumption halved and doubled.",
                lambda axes: _effects(axes, effects[:_MOST_BARS], words),
            )
        )
    return made


def _picture(name: str, alt: str, draw: Callable[[Any], None]) -> Picture:
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]  # its type lists every setting
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        draw(figure.subplots())
        svg, png = io.StringIO(), io.BytesIO()
        figure.savefig(svg, format="svg", transparent=True, metadata={"Date": None})
        figure.savefig(png, format="png", dpi=120, facecolor="white")
    text = svg.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    return Picture(name, alt, _own_ids(text, name), png.getvalue())


def _own_ids(svg: str, name: str) -> str:
    """Return a drawing whose ids no other drawing of a page has."""
    return (
        svg.replace(' id="', f' id="{name}-')
        .replace("url(#", f"url(#{name}-")
        .replace('href="#', f'href="#{name}-')
    )


def _lines(axes: Any, answers: list[Answer], values: Callable[[Answer], list[float]]) -> None:  # noqa: ANN401  # Matplotlib's
    for number, answer in enumerate(answers):
        shares = values(answer)
        axes.plot(
            range(1, len(shares) + 1),
            [share * 100 for share in shares],
            color=COLOURS[number % len(COLOURS)],
            linestyle=DASHES[number % len(DASHES)],
            linewidth=2,
            label=answer.name,
        )
    axes.set_xlabel("months since the tokens were handed out")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=1)
    axes.grid(axis="y", alpha=0.25)
    axes.legend(title="server policy")


def _out(axes: Any, answers: list[Answer]) -> None:  # noqa: ANN401  # Matplotlib's
    _lines(axes, answers, lambda answer: list(answer.out))
    axes.set_ylabel("tokens out of step (% of all)")


def _never(axes: Any, answers: list[Answer]) -> None:  # noqa: ANN401  # Matplotlib's
    _lines(axes, answers, lambda answer: list(answer.never))
    axes.set_ylabel("users never out of step so far (% of all)")
    axes.set_ylim(0, 100)


def _trouble(axes: Any, answers: list[Answer]) -> None:  # noqa: ANN401  # Matplotlib's
    rows = list(range(len(answers)))
    axes.barh(
        [r - 0.2 for r in rows],
        [a.resyncs for a in answers],
        0.38,
        color=COLOURS[0],
        label="resyncs by the user",
    )
    axes.barh(
        [r + 0.2 for r in rows],
        [a.calls for a in answers],
        0.38,
        color=COLOURS[1],
        hatch="//",
        label="calls to support",
    )
    for row, answer in zip(rows, answers, strict=True):
        axes.annotate(f" {answer.resyncs:,.0f}", (answer.resyncs, row - 0.2), va="center")
        axes.annotate(f" {answer.calls:,.0f}", (answer.calls, row + 0.2), va="center")
    axes.set_yticks(rows, [answer.name for answer in answers])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("times for 1,000 users and a year")
    axes.legend(loc="lower right")


def _effects(axes: Any, effects: list[Effect], words: dict[str, str]) -> None:  # noqa: ANN401  # Matplotlib's
    rows = list(range(len(effects)))
    for at, label, colour, hatch, offset in (
        (0, "half of it", COLOURS[0], "", -0.2),
        (1, "twice as much", COLOURS[1], "//", 0.2),
    ):
        values = [effect.resyncs[at] for effect in effects]
        axes.barh([r + offset for r in rows], values, 0.38, color=colour, hatch=hatch, label=label)
    axes.set_yticks(rows, [words[effect.setting] for effect in effects])
    axes.invert_yaxis()
    axes.set_xlabel("resyncs for 1,000 users and a year")
    axes.legend(loc="lower right")
