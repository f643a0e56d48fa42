"""What a person takes the LCD for, damage and all.

``segments.decode`` spells only what is exactly there. A person who reads a code off
a worn LCD always comes up with a digit, by these rules (our default: nobody has
measured it):

1. A digit that is exactly there is that digit, whatever the firmware meant: an 8
   without its segment b *is* a 6. Blanks and dashes are seen for what they are.
2. A picture with a blank or a dash in it can be no code, so its letters are read as
   letters: ``Err``, the counter in hex, the menu. In a code only digits are expected,
   and an ``A`` is an 8 without its bottom.
3. Anything else is the digit that lacks the fewest segments of those that contain
   all lit ones. People fill in what is missing rather than overlook what is lit, and
   rightly so: a segment dies far more often than it gets stuck.
4. Among digits that lack equally many, it is the lowest.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from firmware_model.damage import Damage, worn
from firmware_model.segments import ALL, BLANK, GLYPHS, Lcd, decode, encode

DIGITS: Final = "0123456789"
READABLE_PERCENT: Final = 10
"""Contrast below which nobody makes out a segment; our default."""

_DASH: Final = GLYPHS["-"]


def readable(contrast: int) -> bool:
    """Whether an LCD of that contrast, in percent, can be read at all.

    >>> readable(30), readable(0)
    (True, False)
    """
    return contrast >= READABLE_PERCENT


def read(digits: tuple[int, ...]) -> str:
    """Return what a person reads, one character for each digit.

    Args:
        digits: segment bits of each position; bits that are no segment don't count.

    >>> read((0x07, 0x6D, 0x2D, 0x5B, 0x5B, 0x66))  # the second 5 has lost its middle
    '755224'
    >>> read(encode("   Err")), read(encode("E55224"))
    ('   Err', '655224')
    """
    lit = tuple(bits & ALL for bits in digits)
    no_code = BLANK in lit or _DASH in lit
    return "".join(_character(bits, letters=no_code) for bits in lit)


def _character(bits: int, *, letters: bool) -> str:
    exact = decode((bits,))
    if exact in DIGITS or exact in " -" or (letters and exact != "?"):
        return exact
    return candidates(bits)[0]


def taken_for(lcd: Lcd) -> str:
    """Return what a person reads on the LCD; empty if it is dark or too pale.

    >>> taken_for(Lcd(encode("755224"), contrast=5))
    ''
    """
    return read(lcd.digits) if lcd.lit and readable(lcd.contrast) else ""


@cache
def candidates(bits: int) -> tuple[str, ...]:
    """Return every digit that a worn picture could have been meant as.

    No segment is thought to be stuck: a digit is out that would not light one of the
    segments that are lit.

    Args:
        bits: segment bits of one position, as seen; others don't count.

    Returns:
        Digits, never none, the one that lacks the fewest segments first.

    >>> candidates(GLYPHS["6"]), candidates(GLYPHS["9"]), candidates(GLYPHS["0"])
    (('6', '8'), ('9', '8'), ('0', '8'))
    """
    lit = bits & ALL
    fitting = [digit for digit in DIGITS if not lit & ~GLYPHS[digit]]
    return tuple(sorted(fitting, key=lambda digit: (GLYPHS[digit] & ~lit).bit_count()))


def mistaken_for(char: str, *, dead: int = 0, stuck: int = 0) -> str:
    """Return what one character, in the midst of a code, is taken for.

    Args:
        char: the character that the firmware shows.
        dead: segments that don't light, as bits.
        stuck: segments that always do.

    Raises:
        StateFormatError: a character that seven segments can't show.

    >>> b, e, g = 0x02, 0x10, 0x40
    >>> mistaken_for("8", dead=b), mistaken_for("8", dead=e), mistaken_for("8", dead=g)
    ('6', '9', '0')
    >>> mistaken_for("1", stuck=0x01)
    '7'
    """
    return "".join(_character(bits, letters=False) for bits in _seen(char, dead, stuck))


def ambiguous(dead: int = 0, stuck: int = 0) -> Mapping[str, tuple[str, ...]]:
    """Return which digits can't be told apart at a damaged position: they look the same.

    Args:
        dead: segments that don't light, as bits.
        stuck: segments that always do.

    Returns:
        For each digit that looks like another, all those others.

    >>> ambiguous(dead=0x02)
    {'5': ('9',), '6': ('8',), '8': ('6',), '9': ('5',)}
    """
    looks = {digit: _seen(digit, dead, stuck) for digit in DIGITS}
    alike = {
        digit: tuple(other for other in DIGITS if other != digit and looks[other] == looks[digit])
        for digit in DIGITS
    }
    return {digit: others for digit, others in alike.items() if others}


def _seen(char: str, dead: int, stuck: int) -> tuple[int, ...]:
    return worn(encode(char), Damage(dead=(dead,), stuck=(stuck,)))
