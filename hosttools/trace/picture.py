"""A trace as a picture, like a logic analyser's: a row for each signal, time to the right.

A press is over in a tenth of a second and its code lit for half a minute, so the time
axis is broken: stretches in which something happens are drawn to one scale, and what
lies between them is left out, with its length written above.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, TypeVar

from PIL import Image, ImageDraw, ImageFont

from firmware_model.profile import MILLISECOND, SECOND
from hosttools.errors import UsageError
from hosttools.trace.signals import Sample

MAX_STRETCHES: Final = 60
"""Most stretches that fit into one picture that can still be read."""

_APART_NS: Final = 120 * MILLISECOND
_AROUND_NS: Final = 15 * MILLISECOND
_LEFT, _RIGHT, _TOP, _BOTTOM = 150, 90, 70, 44
_ROW, _HIGH, _TALL = 46, 24, 78
_BREAK: Final = 46
_NARROWEST, _WIDEST = 1_400, 6_000
_PIXELS_PER_MS: Final = 4.0
_TICK_ROOM: Final = 74
_TICKS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_PAPER, _INK, _FAINT, _GRID = "#ffffff", "#1f2933", "#7b8794", "#e4e7eb"
_BIT, _BUS, _BUS_FILL, _VOLT = "#0b6e4f", "#486581", "#eaf1f8", "#b44d12"


T = TypeVar("T")


class _Stretch(NamedTuple):
    """A piece of the time axis, and where it lies in the picture."""

    from_ns: int
    to_ns: int
    left: float
    right: float

    def x(self, at_ns: int) -> float:
        """Return where a time is, held at the stretch's ends."""
        into = min(max(at_ns, self.from_ns), self.to_ns) - self.from_ns
        return self.left + (self.right - self.left) * into / (self.to_ns - self.from_ns)


class _Row(NamedTuple):
    """One signal's row: its name, its height, and what draws it."""

    label: str
    height: int
    draw: Callable[["_Sheet", _Stretch, int], None]


def timeline(samples: Sequence[Sample], title: str) -> Image.Image:
    """Draw a trace.

    Args:
        samples: in order, at least one.
        title: what stands above it.

    Raises:
        UsageError: more than :data:`MAX_STRETCHES` stretches.
    """
    rows = _rows(samples)
    spans = _spans(samples)
    if len(spans) > MAX_STRETCHES:
        raise UsageError(
            f"{len(spans)} moments at which something happens, far apart; a picture takes"
            f" {MAX_STRETCHES}. Trace less, or write VCD or CSV"
        )
    in_all_ns = sum(end - start for start, end in spans)
    room = min(max(in_all_ns / MILLISECOND * _PIXELS_PER_MS, _NARROWEST), _WIDEST)
    stretches, left = [], float(_LEFT)
    for start, end in spans:
        right = left + room * (end - start) / in_all_ns
        stretches.append(_Stretch(start, end, left, right))
        left = right + _BREAK
    size = (round(left - _BREAK) + _RIGHT, _TOP + sum(row.height for row in rows) + _BOTTOM)
    sheet = _Sheet(samples, Image.new("RGB", size, _PAPER), size[1] - _BOTTOM)
    sheet.text((16, 14), title, 17)
    for stretch in stretches:
        sheet.axis(stretch)
    for one, other in pairwise(stretches):
        sheet.left_out(one, other)
    y = _TOP
    for row in rows:
        sheet.text((16, y + row.height / 2), row.label, 14, anchor="lm")
        for stretch in stretches:
            row.draw(sheet, stretch, y + row.height - 10)
        y += row.height
    return sheet.image


def _rows(samples: Sequence[Sample]) -> list[_Row]:
    def bit(label: str, value: Callable[[Sample], bool]) -> _Row:
        return _Row(label, _ROW, lambda sheet, *at: sheet.bit(value, *at))

    def bus(label: str, value: Callable[[Sample], str]) -> _Row:
        return _Row(label, _ROW, lambda sheet, *at: sheet.bus(value, *at))

    rows = [
        bit("contact", lambda s: s.contact),
        bit("debounced", lambda s: s.button),
        bus("CPU", lambda s: s.mode.name.lower()),
        bit("NVM write", lambda s: s.nvm_write),
        bus("NVM writes", lambda s: str(s.nvm_writes)),
        bit("LCD lit", lambda s: s.lit),
        bus("LCD shows", _shows),
    ]
    if any(sample.bars for sample in samples):
        rows.append(bus("time bars", lambda s: str(s.bars)))
    volts = [sample.millivolts / 1_000 for sample in samples]
    rows += [
        _Row("supply, V", _TALL, lambda sheet, *at: sheet.curve(volts, *at)),
        bus("supply current", lambda s: _current(s.nanoamps)),
        bus("temperature", lambda s: f"{s.milli_celsius / 1_000:g} °C"),
    ]
    return rows


def _shows(sample: Sample) -> str:
    return f"code of {sample.factor}" if sample.screen == "code" else sample.screen


def _current(nanoamps: int) -> str:
    if nanoamps >= 1_000_000:  # noqa: PLR2004  # nA in a mA
        return f"{nanoamps / 1_000_000:.4g} mA"
    return f"{nanoamps / 1_000:.4g} uA"  # Pillow's own font has no µ


def _spans(samples: Sequence[Sample]) -> list[tuple[int, int]]:
    """Return the stretches in which something happens: from and to, ns."""
    first, last = samples[0].at_ns, max(samples[-1].at_ns, samples[0].at_ns + MILLISECOND)
    changes = [b.at_ns for a, b in pairwise(samples) if a[1:] != b[1:]] or [first]
    spans: list[tuple[int, int]] = []
    for at_ns in changes:
        start, end = max(at_ns - _AROUND_NS, first), min(at_ns + _AROUND_NS, last)
        if spans and start - spans[-1][1] <= _APART_NS:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


class _Sheet:
    """The picture under work."""

    def __init__(self, samples: Sequence[Sample], image: Image.Image, floor: int) -> None:
        self.image = image
        self._samples = samples
        self._draw = ImageDraw.Draw(image)
        self._floor = floor

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        *,
        anchor: str = "la",
        colour: str = _INK,
    ) -> None:
        """Write one line."""
        self._draw.text(at, text, fill=colour, font=ImageFont.load_default(size), anchor=anchor)

    def axis(self, stretch: _Stretch) -> None:
        """Draw the time axis of a stretch with its ticks, in seconds from the start."""
        draw, start = self._draw, self._samples[0].at_ns
        draw.line((stretch.left, self._floor, stretch.right, self._floor), _INK)
        pixels_per_ms = (
            (stretch.right - stretch.left) * MILLISECOND / (stretch.to_ns - stretch.from_ns)
        )
        tick_ms = next((t for t in _TICKS_MS if t * pixels_per_ms >= _TICK_ROOM), _TICKS_MS[-1])
        tick_ns = tick_ms * MILLISECOND
        at_ns = start - (start - stretch.from_ns) // tick_ns * tick_ns
        while at_ns <= stretch.to_ns:
            if at_ns >= stretch.from_ns:
                x = stretch.x(at_ns)
                draw.line((x, _TOP - 8, x, self._floor), _GRID)
                draw.line((x, self._floor, x, self._floor + 5), _INK)
                label = f"{(at_ns - start) / SECOND:.3f} s"
                self.text((x, self._floor + 8), label, 12, anchor="ma", colour=_FAINT)
            at_ns += tick_ns

    def left_out(self, one: _Stretch, other: _Stretch) -> None:
        """Mark a break of the axis with its length."""
        middle = (one.right + other.left) / 2
        for y in range(_TOP - 8, self._floor, 8):
            self._draw.line((middle, y, middle, y + 3), _FAINT)
        for x in (middle - 4, middle + 2):
            self._draw.line((x, self._floor + 5, x + 4, self._floor - 5), _INK)
        length = f"{(other.from_ns - one.to_ns) / SECOND:.3g} s"
        self.text((middle, _TOP - 24), length, 12, anchor="ma", colour=_FAINT)

    def bit(self, value: Callable[[Sample], bool], stretch: _Stretch, base: int) -> None:
        """Draw a line that is high or low."""
        self._draw.line((stretch.left, base, stretch.right, base), _GRID)
        points: list[tuple[float, float]] = []
        for left, right, high in _pieces(self._samples, stretch, value):
            y = base - _HIGH if high else base
            if high:
                self._draw.rectangle((left, y, max(right, left + 1), base), fill="#d9efe6")
            points += [(left, y), (right, y)]
        self._draw.line(points, _BIT, 2)

    def bus(self, value: Callable[[Sample], str], stretch: _Stretch, base: int) -> None:
        """Draw boxes with what a signal says; a word that has no room is left out."""
        for left, right, text in _pieces(self._samples, stretch, value):
            self._draw.rectangle((left, base - _HIGH, right, base), _BUS_FILL, _BUS)
            for size in (12, 10):
                if ImageFont.load_default(size).getlength(text) + 4 <= right - left:
                    middle = (left + right) / 2, base - _HIGH / 2
                    self.text(middle, text, size, anchor="mm")
                    break

    def curve(self, values: Sequence[float], stretch: _Stretch, base: int) -> None:
        """Draw a voltage."""
        low, high = min(values), max(values)
        top = base - (_TALL - 26)

        def y(value: float) -> float:
            return base - (base - top) * (value - low) / (high - low) if high > low else top

        for value in {low, high}:
            self._draw.line((stretch.left, y(value), stretch.right, y(value)), _GRID)
            if stretch.left == _LEFT:
                label = f"{value:.3f}"
                self.text((_LEFT - 8, y(value)), label, 12, anchor="rm", colour=_VOLT)
        pairs = list(zip((s.at_ns for s in self._samples), values, strict=True))
        points: list[tuple[float, float]] = []
        for (at_ns, value), (next_ns, following) in pairwise([*pairs, (2**63, pairs[-1][1])]):
            if next_ns < stretch.from_ns or at_ns > stretch.to_ns:
                continue
            points.append((stretch.x(at_ns), y(value)))
            if following >= value:  # it rises at once and holds; falls are straight lines
                points.append((stretch.x(next_ns), y(value)))
        self._draw.line(points, _VOLT, 2)


def _pieces(
    samples: Sequence[Sample], stretch: _Stretch, value: Callable[[Sample], T]
) -> list[tuple[float, float, T]]:
    """Return what a signal says in a stretch: from where, to where, what."""
    pieces: list[tuple[float, float, T]] = []
    ends = [*(sample.at_ns for sample in samples[1:]), stretch.to_ns]
    for sample, end_ns in zip(samples, ends, strict=True):
        if end_ns <= stretch.from_ns or sample.at_ns >= stretch.to_ns:
            continue
        left, right, said = stretch.x(sample.at_ns), stretch.x(end_ns), value(sample)
        if pieces and pieces[-1][2] == said:
            left = pieces.pop()[0]
        pieces.append((left, right, said))
    return pieces
