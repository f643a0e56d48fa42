"""The LCD in a terminal: a few lines of text of a size that never changes.

A token's picture is as high and as wide when dark as when lit, so that pictures
can stand in a column, or be redrawn in place. Text has no shades: a pale LCD is
drawn in dots, and one that nobody could read as a dark one.
"""

from typing import Final

from emulator.render import geometry
from firmware_model.readings import readable
from firmware_model.segments import SEGMENTS, Lcd

_CELLS: Final = (" a ", "fgb", "edc")
"""Which segment each character of a digit stands for, line by line."""
_STROKES: Final = {"a": "_", "d": "_", "g": "_", "b": "|", "c": "|", "e": "|", "f": "|"}
_PALE: Final = str.maketrans("_|", ".:")
_PALE_PERCENT: Final = 50
"""Contrast below which an LCD looks pale; our default."""

_BOX: Final = ("┌─┐", "│", "└─┘")
_ASCII_BOX: Final = ("+-+", "|", "+-+")
_BAR: Final = "▮▯"
_ASCII_BAR: Final = "#."
_BATTERY: Final = " low battery "
"""The battery sign: a gap in the upper frame."""


def lcd_lines(lcd: Lcd, *, unicode: bool = True) -> tuple[str, ...]:
    r"""Draw the LCD as lines of text, without colours and line ends.

    Args:
        lcd: what it shows. Bars that are off are drawn only while digits are lit.
        unicode: frame and bars in box-drawing characters; otherwise all ASCII.

    Returns:
        Five lines of equal length, six if the product has time bars. Both
        depend on the product only: its digits, its bars, whether it has a battery sign.

    >>> lit = Lcd((0x07, 0x6D, 0x6D, 0x5B, 0x5B, 0x66), battery=True, battery_sign=True)
    >>> print("\n".join(lcd_lines(lit, unicode=False)))
    +------------- low battery -+
    |   _   _   _   _   _       |
    |    | |_  |_   _|  _| |_|  |
    |    |  _|  _| |_  |_    |  |
    +---------------------------+
    """
    (left, line, right), side, (low_left, low_line, low_right) = _BOX if unicode else _ASCII_BOX
    seen = readable(lcd.contrast)
    pale = lcd.contrast < _PALE_PERCENT
    rows = [
        " ".join(_row(bits if seen else 0, cells, pale=pale) for bits in lcd.digits)
        for cells in _CELLS
    ]
    if lcd.bar_count:
        on, off = _BAR if unicode else _ASCII_BAR
        bars = geometry.lit_bars(lcd)
        rest = (off if lcd.lit else " ") * (lcd.bar_count - bars)
        rows.append(f"{on * bars}{rest}" if seen else " " * lcd.bar_count)
    sign = _BATTERY if lcd.battery_sign else ""
    inner = max(len(row) for row in (*rows, sign)) + 4
    upper = ((sign if lcd.battery and seen else "") + line).rjust(inner, line)
    return (
        f"{left}{upper}{right}",
        *(f"{side}  {row:<{inner - 4}}  {side}" for row in rows),
        f"{low_left}{low_line * inner}{low_right}",
    )


def _row(bits: int, cells: str, *, pale: bool) -> str:
    """One line of one digit: three characters."""
    strokes = "".join(
        _STROKES[cell] if cell in _STROKES and bits >> SEGMENTS.index(cell) & 1 else " "
        for cell in cells
    )
    return strokes.translate(_PALE) if pale else strokes
