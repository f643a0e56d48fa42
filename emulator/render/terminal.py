"""The LCD in a terminal: a few lines of text of a size that never changes.

A token's picture is as high and as wide when dark as when lit, so that pictures
can stand in a column, or be redrawn in place.
"""

from typing import Final

from emulator.render import geometry
from firmware_model.segments import SEGMENTS, Lcd

_CELLS: Final = (" a ", "fgb", "edc")
"""Which segment each character of a digit stands for, line by line."""
_STROKES: Final = {"a": "_", "d": "_", "g": "_", "b": "|", "c": "|", "e": "|", "f": "|"}

_BOX: Final = ("┌─┐", "│", "└─┘")
_ASCII_BOX: Final = ("+-+", "|", "+-+")
_BAR: Final = "▮▯"
_ASCII_BAR: Final = "#."


def lcd_lines(lcd: Lcd, *, unicode: bool = True) -> tuple[str, ...]:
    r"""Draw the LCD as lines of text, without colours and line ends.

    Args:
        lcd: what it shows. Bars that are off are drawn only while digits are lit.
        unicode: frame and bars in box-drawing characters; otherwise all ASCII.

    Returns:
        Five lines of equal length, six if the product has time bars. Both
        depend on the number of digits and bars only.

    >>> print("\n".join(lcd_lines(Lcd((0x07, 0x6D, 0x6D, 0x5B, 0x5B, 0x66)), unicode=False)))
    +---------------------------+
    |   _   _   _   _   _       |
    |    | |_  |_   _|  _| |_|  |
    |    |  _|  _| |_  |_    |  |
    +---------------------------+
    """
    (left, line, right), side, (low_left, low_line, low_right) = _BOX if unicode else _ASCII_BOX
    rows = [" ".join(_row(bits, cells) for bits in lcd.digits) for cells in _CELLS]
    if lcd.bar_count:
        on, off = _BAR if unicode else _ASCII_BAR
        bars = geometry.lit_bars(lcd)
        rows.append(on * bars + (off if lcd.lit else " ") * (lcd.bar_count - bars))
    inner = max(len(row) for row in rows)
    return (
        f"{left}{line * (inner + 4)}{right}",
        *(f"{side}  {row:<{inner}}  {side}" for row in rows),
        f"{low_left}{low_line * (inner + 4)}{low_right}",
    )


def _row(bits: int, cells: str) -> str:
    """One line of one digit: three characters."""
    return "".join(
        _STROKES[cell] if cell in _STROKES and bits >> SEGMENTS.index(cell) & 1 else " "
        for cell in cells
    )
