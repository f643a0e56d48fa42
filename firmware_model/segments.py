"""The glyphs of a seven-segment digit, and the LCD as a value.

Bit 0 is segment a (top), then clockwise b, c, d, e, f; bit 6 is g (middle)::

     aaa
    f   b
     ggg
    e   c
     ddd
"""

from typing import Final, NamedTuple

from firmware_model.errors import StateFormatError

SEGMENTS: Final = "abcdefg"
ALL: Final = 0x7F
BLANK: Final = 0x00

GLYPHS: Final = {
    " ": BLANK,
    "0": 0x3F,
    "1": 0x06,
    "2": 0x5B,
    "3": 0x4F,
    "4": 0x66,
    "5": 0x6D,
    "6": 0x7D,
    "7": 0x07,
    "8": ALL,
    "9": 0x6F,
    "A": 0x77,
    "b": 0x7C,
    "C": 0x39,
    "d": 0x5E,
    "E": 0x79,
    "F": 0x71,
    "-": 0x40,
    "r": 0x50,
}
"""Segment bits of each character that the LCD can show."""

_READ: Final = {bits: char for char, bits in GLYPHS.items()}
_SPELLING: Final = {"a": "A", "B": "b", "c": "C", "D": "d", "e": "E", "f": "F"}


class Lcd(NamedTuple):
    """What the LCD shows at one moment.

    Attributes:
        digits: segment bits of each position, left to right.
        bars: time bars lit.
        bar_count: time bars that the product has; 0 for none.
        battery: whether the battery sign is on.
        battery_sign: whether the product has one.
        contrast: percent; 100 as it should be, 0 when nothing can be seen.
    """

    digits: tuple[int, ...]
    bars: int = 0
    bar_count: int = 0
    battery: bool = False
    battery_sign: bool = False
    contrast: int = 100

    def __repr__(self) -> str:
        # The segments spell a code that nobody may have used yet.
        return f"<Lcd {'lit' if self.lit else 'dark'}, {self.bars} of {self.bar_count} bars>"

    @property
    def lit(self) -> bool:
        """Whether any segment is on."""
        return any(self.digits)

    @property
    def text(self) -> str:
        """The digits as text; empty when dark, ``?`` where no glyph fits."""
        return decode(self.digits) if self.lit else ""


def encode(text: str) -> tuple[int, ...]:
    """Return the segment bits of each character.

    Raises:
        StateFormatError: a character that seven segments can't show.

    >>> encode("8-")
    (127, 64)
    """
    try:
        return tuple(GLYPHS[_SPELLING.get(char, char)] for char in text)
    except KeyError as e:
        raise StateFormatError(f"no seven-segment glyph for {e.args[0]!r}") from None


def decode(digits: tuple[int, ...]) -> str:
    """Return the text that the segments spell; ``?`` where no glyph fits."""
    return "".join(_READ.get(bits, "?") for bits in digits)
