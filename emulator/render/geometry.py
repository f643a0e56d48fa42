"""Where each segment of the LCD is, and what colour, for every kind of picture.

All lengths are in LCD units: the glass is ``HEIGHT`` units high, and as wide as
its digits and time bars need. x runs right, y runs down, from the top left.
Nothing in here draws.
"""

from typing import Final

from firmware_model.segments import SEGMENTS, Lcd

Point = tuple[float, float]
Polygon = tuple[Point, ...]
Rgb = tuple[int, int, int]

HEIGHT: Final = 160
MARGIN: Final = 30
PITCH: Final = 70
"""Width of one digit's cell; its segments stay inside."""
BAR_COLUMN: Final = 48
"""Width that a product's time bars take, left of the digits."""

GLASS: Final[Rgb] = (183, 194, 172)
GHOST: Final[Rgb] = (168, 179, 158)
"""A segment that is off: seen, but only just, as on a real LCD."""
INK: Final[Rgb] = (31, 37, 32)

_WIDTH: Final = 47
_TALL: Final = 108
_TOP: Final = (HEIGHT - _TALL) / 2
_STROKE: Final = 12
_GAP: Final = 1.5
"""Half of the space between two segments, measured along an edge."""
_CHAMFER: Final = 4
_SLANT: Final = 0.09
_BAR_WIDTH: Final = 28


def _box(left: float, top: float, right: float, bottom: float) -> Polygon:
    """A rectangle, clockwise."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


BATTERY_SHAPES: Final[tuple[Polygon, ...]] = (
    _box(9, 26, 15, 31),  # its terminal
    _box(4, 29, 20, 32.5),
    _box(4, 29, 7.5, 62),
    _box(16.5, 29, 20, 62),
    _box(4, 58.5, 20, 62),
    _box(9, 51, 15, 57),  # what is left in it
)
"""The battery sign, as parts that overlap, within the margin right of the last digit.

It takes room that every glass has: a product with the sign needs no larger picture.
"""


def _mirror_x(shape: Polygon) -> Polygon:
    return tuple((_WIDTH - x, y) for x, y in reversed(shape))


def _mirror_y(shape: Polygon) -> Polygon:
    return tuple((x, _TALL - y) for x, y in reversed(shape))


def _upright() -> dict[str, Polygon]:
    """The segments of an upright digit, in a box of _WIDTH by _TALL."""
    w, t, g, c = _WIDTH, _STROKE, _GAP, _CHAMFER
    middle = _TALL / 2
    top = ((g + c, 0), (w - g - c, 0), (w - g - c / 2, c / 2), (w - t - g, t), (t + g, t),
           (g + c / 2, c / 2))  # fmt: skip
    right = ((w - c / 2, g + c / 2), (w, g + c), (w, middle - g), (w - t / 2, middle - g),
             (w - t, middle - t / 2 - g), (w - t, t + g))  # fmt: skip
    half = ((t / 2 + g, middle), (t + g, middle - t / 2), (w - t - g, middle - t / 2),
            (w - t / 2 - g, middle))  # fmt: skip
    left = _mirror_x(right)
    return {
        "a": top,
        "b": right,
        "c": _mirror_y(right),
        "d": _mirror_y(top),
        "e": _mirror_y(left),
        "f": left,
        "g": half + _mirror_y(half)[1:-1],
    }


def _in_cell(shape: Polygon) -> Polygon:
    """Slant a shape and centre it in its cell."""
    left = (PITCH - _WIDTH - _SLANT * _TALL) / 2
    return tuple((round(left + x + _SLANT * (_TALL - y), 2), round(_TOP + y, 2)) for x, y in shape)


SEGMENT_SHAPES: Final[tuple[Polygon, ...]] = tuple(_in_cell(_upright()[s]) for s in SEGMENTS)
"""Outline of each segment within its digit's cell, in the order of the segment bits."""


def width(lcd: Lcd) -> int:
    """Width of the glass, lit or dark."""
    return digit_x(len(lcd.digits), lcd) + MARGIN


def digit_x(position: int, lcd: Lcd) -> int:
    """Left edge of a digit's cell; positions count from 0 at the left."""
    return MARGIN + (BAR_COLUMN if lcd.bar_count else 0) + position * PITCH


def battery_x(lcd: Lcd) -> int:
    """Left edge of the margin that the battery sign is in."""
    return digit_x(len(lcd.digits), lcd)


def faded(colour: Rgb, contrast: int) -> Rgb:
    """Return what is left of a colour on the glass at a contrast of so many percent."""
    part = max(0, min(contrast, 100))
    r, g, b = (
        round(ground + (full - ground) * part / 100)
        for ground, full in zip(GLASS, colour, strict=True)
    )
    return r, g, b


def lit_bars(lcd: Lcd) -> int:
    """Time bars to draw as lit: never more than the glass has."""
    return max(0, min(lcd.bars, lcd.bar_count))


def bar_shapes(bar_count: int) -> tuple[Polygon, ...]:
    """Outline of each time bar on the glass, from the bottom, the last one to go dark, up."""
    if not bar_count:
        return ()
    pitch = _TALL / bar_count
    high = pitch - min(5.0, pitch / 3)
    bottoms = [_TOP + _TALL - i * pitch for i in range(bar_count)]
    right = MARGIN + _BAR_WIDTH
    return tuple(_box(MARGIN, round(low - high, 2), right, round(low, 2)) for low in bottoms)
