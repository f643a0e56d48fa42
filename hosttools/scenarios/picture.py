"""A scenario as a picture: both counters and the server's windows, over the steps.

A panel for each token. Steps are equally wide, however long they took: what matters is
which came first. Where the token's line leaves the windows, a code is refused.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from hosttools.errors import UsageError
from hosttools.scenarios.results import Moment, Result, Status
from hosttools.scenarios.sheet import PngSheet, Sheet, SvgSheet

MOST_TOKENS: Final = 12
SUFFIXES: Final = (".svg", ".png")

_INK, _FAINT, _GRID = "#1f2933", "#7b8794", "#e4e7eb"
_TOKEN, _SERVER = "#1d4ed8", "#1f2933"
_WINDOW, _RESYNC, _LOCKED = "#cfe8d8", "#fdf0d0", "#d5d9de"
_GOOD, _BAD = "#0b6e4f", "#b42318"
_LEFT, _RIGHT, _TOP, _PANEL, _GAP, _BOTTOM = 84, 40, 84, 260, 44, 64
_NARROWEST, _WIDEST, _STEP = 760, 2_400, 46
_DENSE: Final = 12
"""Pixels from one moment to the next below which marks are small."""

_BAR: Final = 6
_LABEL_ROOM: Final = 58
"""Pixels that a step's verb takes below the axis."""


class _Scale(NamedTuple):
    """Where factors lie in a panel."""

    low: float
    high: float
    top: float
    floor: float

    def y(self, factor: float) -> float:
        """Return the height of a factor, held at the panel's edges."""
        share = (min(max(factor, self.low), self.high) - self.low) / (self.high - self.low)
        return self.floor - share * (self.floor - self.top)


def timeline(result: Result, suffix: str) -> bytes:
    """Draw what came of a scenario.

    Args:
        result: which.
        suffix: ``.svg`` or ``.png``.

    Raises:
        UsageError: another format, nothing was done, or too many tokens to be read.
    """
    if suffix not in SUFFIXES:
        raise UsageError(f"a timeline as {suffix or 'no format'}; allowed are .svg and .png")
    serials = list(dict.fromkeys(moment.serial for moment in result.moments))
    if not 1 <= len(serials) <= MOST_TOKENS:
        raise UsageError(
            f"a timeline of {len(serials)} tokens; drawn are 1 to {MOST_TOKENS}"
            + ("" if serials else f": {result.reason}")
        )
    ticks = _ticks(result.moments)
    room = min(max(len(ticks) * _STEP, _NARROWEST), _WIDEST)
    width = _LEFT + room + _RIGHT
    height = _TOP + len(serials) * (_PANEL + _GAP) - _GAP + _BOTTOM
    title = f"{result.title or Path(result.source).stem} on {result.server}: {result.status.value}"
    sheet: Sheet = (SvgSheet if suffix == ".svg" else PngSheet)(width, height, title)
    x = [_LEFT + room * i / max(len(result.moments), 1) for i in range(len(result.moments) + 1)]
    _legend(sheet, title)
    for row, serial in enumerate(serials):
        top = _TOP + row * (_PANEL + _GAP)
        _panel(sheet, result, serial, x, (top, top + _PANEL))
    _axis(sheet, result, x, ticks, height - _BOTTOM)
    return sheet.data()


def _ticks(moments: Sequence[Moment]) -> list[int]:
    """Return the moments at which a step begins."""
    return [i for i, m in enumerate(moments) if i == 0 or moments[i - 1].step != m.step]


def _legend(sheet: Sheet, title: str) -> None:
    sheet.text((16, 22), title, 17, _INK)
    at = 16.0
    for label, colour in (
        ("one code is accepted", _WINDOW),
        ("two codes in a row", _RESYNC),
        ("locked", _LOCKED),
    ):
        sheet.box((at, 44), (at + 14, 58), colour)
        sheet.text((at + 20, 51), label, 12, _FAINT)
        at += 40 + 6.6 * len(label)
    for label, colour in (("server expects", _SERVER), ("token", _TOKEN)):
        sheet.line([(at, 51), (at + 18, 51)], colour, 2)
        sheet.text((at + 24, 51), label, 12, _FAINT)
        at += 44 + 6.6 * len(label)
    sheet.dot((at + 5, 51), 5, _GOOD)
    sheet.text((at + 16, 51), "accepted", 12, _FAINT)
    _cross(sheet, (at + 85, 51))
    sheet.text((at + 96, 51), "refused", 12, _FAINT)


def _panel(
    sheet: Sheet,
    result: Result,
    serial: str,
    x: Sequence[float],
    edges: tuple[float, float],
) -> None:
    # A moment of another token leaves this one where it was.
    known: list[Moment | None] = []
    for moment in result.moments:
        known.append(moment if moment.serial == serial else (known[-1] if known else None))
    scale = _scale([m for m in known if m is not None], edges)
    _windows(sheet, known, x, scale)
    _failures(sheet, result, serial, x, scale)
    for value in _labels(scale):
        sheet.line([(_LEFT, scale.y(value)), (x[-1], scale.y(value))], _GRID)
        sheet.text((_LEFT - 8, scale.y(value)), str(value), 12, _FAINT, "r")
    _steps(sheet, [None if m is None else m.expected for m in known], x, scale, _SERVER)
    _steps(sheet, [None if m is None else m.factor for m in known], x, scale, _TOKEN)
    for i, moment in enumerate(result.moments):
        if moment.serial == serial and moment.accepted is not None:
            factor = moment.factor if moment.factor is not None else moment.expected
            at = (x[i] + x[i + 1]) / 2, scale.y(factor or 0)
            size = 5 if x[1] - x[0] > _DENSE else 2
            if moment.accepted:
                sheet.dot(at, size, _GOOD)
            else:
                _cross(sheet, at, size)
    sheet.text((_LEFT, scale.top - 12), serial, 13, _INK)


def _scale(moments: Sequence[Moment], edges: tuple[float, float]) -> _Scale:
    """Show both counters and the look-ahead; of the wider window, what fits."""
    seen: list[int] = []
    for moment in moments:
        if moment.factor is not None:
            seen.append(moment.factor)
        if moment.view is not None and moment.expected is not None:
            seen += [moment.expected, moment.expected + moment.view.look_ahead]
            if moment.view.step_offset is not None:
                seen.append(moment.expected - moment.view.look_ahead)
    low, high = min(seen, default=0), max(seen, default=1)
    spare = max((high - low) * 0.08, 1)
    return _Scale(low - spare, high + spare, *edges)


def _labels(scale: _Scale) -> list[int]:
    size = 1
    while (scale.high - scale.low) / size > 6:  # noqa: PLR2004  # lines that can be told apart
        size = size * 2 if str(size)[0] in "15" else size * 5 // 2
    first = -(-int(scale.low) // size) * size
    return [v for v in range(first, int(scale.high) + 1, size) if v >= scale.low]


def _windows(
    sheet: Sheet, known: Sequence[Moment | None], x: Sequence[float], scale: _Scale
) -> None:
    for i, moment in enumerate(known):
        if moment is None or moment.view is None or moment.expected is None:
            continue
        view, at = moment.view, moment.expected
        timed = view.step_offset is not None
        inner = _LOCKED if view.locked else _WINDOW
        for reach, colour in ((view.resync_window, _RESYNC), (view.look_ahead, inner)):
            low = at - reach if timed else at
            upper, lower = scale.y(at + reach + 0.5), scale.y(low - 0.5)
            sheet.box((x[i], upper), (x[i + 1], max(lower, upper + 1)), colour)


def _failures(sheet: Sheet, result: Result, serial: str, x: Sequence[float], scale: _Scale) -> None:
    """Mark what is not as expected, along the top: the windows under it say why."""
    bad = {s.number for s in result.steps if s.status in {Status.FAILED, Status.BROKEN}}
    for i, moment in enumerate(result.moments):
        if moment.step in bad and moment.serial == serial:
            sheet.box((x[i], scale.top), (x[i + 1], scale.top + _BAR), _BAD)
            sheet.text(((x[i] + x[i + 1]) / 2, scale.top - 8), "not as expected", 11, _BAD, "m")


def _steps(
    sheet: Sheet, values: Sequence[int | None], x: Sequence[float], scale: _Scale, colour: str
) -> None:
    """Draw a line that holds its value over a step; it breaks where there is none."""
    points: list[tuple[float, float]] = []
    for i, value in enumerate(values):
        if value is None:
            if points:
                sheet.line(points, colour, 2)
            points = []
            continue
        points += [(x[i], scale.y(value)), (x[i + 1], scale.y(value))]
    if points:
        sheet.line(points, colour, 2)


def _axis(
    sheet: Sheet, result: Result, x: Sequence[float], ticks: Sequence[int], floor: float
) -> None:
    sheet.line([(_LEFT, floor), (x[-1], floor)], _INK)
    names = {step.number: step.do for step in result.steps}
    free = 0.0
    for begin, end in pairwise([*ticks, len(result.moments)]):
        left, right = x[begin], x[end]
        sheet.line([(left, floor), (left, floor + 5)], _INK)
        step = result.moments[begin].step
        middle = (left + right) / 2
        if middle - _LABEL_ROOM / 4 < free:
            continue
        sheet.text((middle, floor + 16), str(step) if step else "start", 12, _INK, "m")
        free = middle + _LABEL_ROOM / 4
        # Verbs go into two rows in turn, so that neighbours don't meet.
        row = floor + 32 + 14 * (step % 2)
        if right - left >= _LABEL_ROOM / 2 and step:
            sheet.text((middle, row), names[step], 11, _FAINT, "m")


def _cross(sheet: Sheet, at: tuple[float, float], size: float = 5) -> None:
    (x, y), width = at, 3 if size > 2 else 1  # noqa: PLR2004  # a small mark
    sheet.line([(x - size, y - size), (x + size, y + size)], _BAD, width)
    sheet.line([(x - size, y + size), (x + size, y - size)], _BAD, width)
