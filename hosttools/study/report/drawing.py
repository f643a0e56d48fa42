"""How a picture of a report is made: by Matplotlib without a display, for page, phone and files.

Colours are Okabe and Ito's, told apart by the colour-blind too; lines differ in dashes and
marks as well. In a page they are names that its style gives a value, light or dark.
"""

import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hosttools.errors import UsageError
from hosttools.study.answers import Answer

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
except ImportError:  # pragma: no cover  # the extra is installed where tests run
    raise UsageError("a report needs Matplotlib: pip install 'galh-emulator[report]'") from None

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777778")
_DASHES: Final = ("-", "--", "-.", ":")
_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X")
INK: Final = "#010203"
"""Of text and axes; in a page it becomes the reader's own colour of text."""
_WIDE: Final = 8.0
"""Inches across, on a desk and in a PNG."""
_NARROW: Final = 4.4
"""Likewise on a phone, where a wide one would be too small to read."""
_LINE: Final = 22
"""Letters of a row's name on a phone."""
_LINE_HEIGHT: Final = 0.1
"""Inches that a further line takes, beside what a row has."""
FEW: Final = 4
"""Policies whose legend has room beside a plot's lines."""
NONE: Final = "none"
_STYLE: Final = {
    "svg.fonttype": NONE,
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
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


def picture(name: str, alt: str, draw: Callable[[Any], None], height: float) -> Picture:
    """Draw a picture: across a desk, across a phone, and as PNG.

    Args:
        name: of its files.
        alt: what it shows, in words.
        draw: draws it into a figure.
        height: inches of it on a desk.
    """
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
    text = text.replace("<defs/>", "").replace(INK, "currentColor")
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


def look(number: int) -> dict[str, Any]:
    """Return how the line of a policy looks: colour, dashes and mark."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": _DASHES[number % len(_DASHES)],
        "marker": _MARKS[number % len(_MARKS)],
        "markersize": 5,
        "linewidth": 1.8,
    }


def is_narrow(figure: Figure) -> bool:
    """Whether it is for a phone."""
    return bool(figure.get_figwidth() < _WIDE)


def legend(figure: Figure, axes: Any, answers: Sequence[Answer]) -> None:  # noqa: ANN401  # Matplotlib's
    """Name the policies, if there are several, where there is room."""
    if len(answers) == 1:
        return
    below = is_narrow(figure)
    if below and len(answers) > FEW:
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


def thousands(value: float, _position: float = 0) -> str:
    """Return the text of a number on an axis."""
    return f"{value:,g}" if value < 1e6 else f"{value:.0e}"  # noqa: PLR2004  # where g would too


def as_percent(value: float, _position: float = 0) -> str:
    """Return the text of a share on an axis."""
    return f"{value * 100:g} %"


def labels(figure: Figure, names: Sequence[str]) -> list[str]:
    """Return the names of rows; on a phone in lines that leave room for what they name."""
    if not is_narrow(figure):
        return list(names)
    folded = [textwrap.fill(name, _LINE) for name in names]
    more = sum(name.count("\n") for name in folded)
    figure.set_figheight(figure.get_figheight() + _LINE_HEIGHT * more)
    return folded
