"""The divergence gauge in a terminal: how far a token is from its server.

The same decisions as the page's gauge (``js/gauge_model.js``, where they are
explained), drawn with characters: a linear scale that zooms by itself to the server's
value, the token, and the edge that the token is nearest to. A zone is told by its
character and by the words, never by a colour.
"""

import enum
from typing import Final, NamedTuple

from emulator.errors import UsageError
from emulator.serverview import ServerView

MIN_WIDTH: Final = 24
"""Columns; below that the scale tells nothing. Our default."""

_SMALLEST_REACH: Final = 5
_TICK_COLUMNS: Final = 10
"""Room for one label of the scale and what keeps it from the next."""


class Zone(enum.Enum):
    """Where the token is, as the server sees it."""

    BEHIND = "behind"
    """Event token: its next codes were used already."""
    IN_STEP = "in-step"
    INSIDE = "inside"
    """One code is accepted."""
    RESYNC = "resync"
    """Two codes in a row are accepted."""
    LOST = "lost"
    """Outside of the re-activation window."""


_TITLES: Final = {
    Zone.BEHIND: "SERVER IS AHEAD: codes used already",
    Zone.IN_STEP: "IN STEP",
    Zone.INSIDE: "INSIDE THE WINDOW",
    Zone.RESYNC: "NEEDS A RESYNC: two codes in a row",
    Zone.LOST: "OUT OF THE WINDOW: no code brings it back",
}
_MARKS: Final = {
    Zone.BEHIND: "«",
    Zone.IN_STEP: "━",
    Zone.INSIDE: "━",
    Zone.RESYNC: "╌",
    Zone.LOST: "▓",
}
_ASCII_MARKS: Final = {
    Zone.BEHIND: "<",
    Zone.IN_STEP: "=",
    Zone.INSIDE: "=",
    Zone.RESYNC: "-",
    Zone.LOST: "x",
}


class Span(NamedTuple):
    """First and last whole number in view."""

    low: int
    high: int


def distance(view: ServerView, position: int) -> int:
    """Return how many presses, or steps, the token is ahead of what the server expects.

    Args:
        view: the server's side.
        position: event token: its next counter. Time token: the step of its own clock
            minus the step of the bench's.
    """
    expected = view.next_counter if view.next_counter is not None else view.step_offset
    assert expected is not None  # noqa: S101  # ServerView has one of the two
    return position - expected


def zone(view: ServerView, ahead: int) -> Zone:
    """Return where a token lies that is ``ahead`` of the server, whether locked or not."""
    if ahead == 0:
        return Zone.IN_STEP
    if ahead < 0 and not _timed(view):
        return Zone.BEHIND
    if abs(ahead) <= view.look_ahead:
        return Zone.INSIDE
    return Zone.RESYNC if abs(ahead) <= _outer_edge(view) else Zone.LOST


def zoom(view: ServerView, ahead: int) -> Span:
    """Return what part of the scale is in view."""
    size = abs(ahead)
    if ahead < 0 and not _timed(view):
        reach = _nice_reach(_grown(size))
        return Span(-reach, reach)
    near, far = view.look_ahead, _outer_edge(view)
    nearest = far if abs(size - far) < abs(size - near) else near
    high = _nice_reach(_grown(max(size, nearest)))
    return Span(-high if _timed(view) else -high // _SMALLEST_REACH, high)


def gauge_lines(
    view: ServerView | None, position: int | None, width: int, *, unicode: bool = True
) -> tuple[str, ...]:
    """Draw the gauge as lines of text, without colours and line ends.

    Args:
        view: the server's side; ``None``: there is no server.
        position: the token's side, see :func:`distance`; ``None``: it has none at present.
        width: columns, at least :data:`MIN_WIDTH`.
        unicode: draw with Unicode's characters; otherwise all ASCII.

    Returns:
        Four lines of ``width`` columns: the words, the token's marker, the scale, its labels.

    Raises:
        UsageError: too few columns.

    >>> view = ServerView(name="vpn", next_counter=100, look_ahead=10, resync_window=1000)
    >>> for line in gauge_lines(view, 137, 40, unicode=False):
    ...     print(line.rstrip())
    +37 NEEDS A RESYNC: two codes in a row
                                   v
    <<<<<<|=======--------------------------
          0            +20          +40
    """
    if width < MIN_WIDTH:
        raise UsageError(f"a gauge of {width} columns; it takes at least {MIN_WIDTH}")
    if view is None or position is None:
        hint = "no server attached" if view is None else "the token has no counter at present"
        return (hint.ljust(width)[:width], *(" " * width,) * 3)
    ahead = distance(view, position)
    span = zoom(view, ahead)
    # A server that is locked accepts nothing: that goes before where the token stands.
    title = f"LOCKED, {_TITLES[zone(view, ahead)]}" if view.locked else _TITLES[zone(view, ahead)]
    words = f"{ahead:+,} {title}" if ahead else f"0 {title}"
    marker = " " * _column(ahead, span, width) + ("▼" if unicode else "v")
    marks = _MARKS if unicode else _ASCII_MARKS
    scale = _scale(view, span, width, marks)
    # Many values share a column: the token's shows its own zone, not its neighbours'.
    for value, mark in ((ahead, marks[zone(view, ahead)]), (0, "┃" if unicode else "|")):
        column = _column(value, span, width)
        scale = f"{scale[:column]}{mark}{scale[column + 1 :]}"
    lines = (words, marker, scale, _labels(span, width))
    return tuple(line.ljust(width)[:width] for line in lines)


def _timed(view: ServerView) -> bool:
    return view.next_counter is None


def _outer_edge(view: ServerView) -> int:
    """Return the resync window; one smaller than the look-ahead adds nothing to it."""
    return max(view.look_ahead, view.resync_window)


def _grown(value: int) -> int:
    return value - -value // 8


def _nice_reach(value: int) -> int:
    """Return the smallest of 5, 10, 20, 50, 100 … that is at least ``value``."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= max(value, _SMALLEST_REACH):
                return factor * power
        power *= 10


def _column(value: int, span: Span, width: int) -> int:
    """Return the column of a value: each whole number is a cell, centred on its value."""
    return (2 * (value - span.low) + 1) * width // (2 * (span.high - span.low + 1))


def _scale(view: ServerView, span: Span, width: int, marks: dict[Zone, str]) -> str:
    cells = span.high - span.low + 1
    return "".join(
        marks[zone(view, span.low + (2 * column + 1) * cells // (2 * width))]
        for column in range(width)
    )


def _labels(span: Span, width: int) -> str:
    step = _nice_reach(-(-(span.high - span.low) * _TICK_COLUMNS // width))
    line = " " * width
    for value in range(-(-span.low // step) * step, span.high + 1, step):
        label = f"{value:+,}" if value else "0"
        start = max(0, min(_column(value, span, width) - len(label) // 2, width - len(label)))
        line = f"{line[:start]}{label}{line[start + len(label) :]}"
    return line
