"""How answers are written: IEEE 488.2 response data (chapter 8.7), all of it ASCII."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from firmware_model.profile import SECOND

_RATE_DIGITS: Final = 12


def quoted(text: str) -> str:
    """Return string response data (8.7.8).

    >>> quoted('say "cheese" now')
    '"say ""cheese"" now"'
    """
    return '"' + text.replace('"', '""') + '"'


def flag(value: object) -> str:
    """Return 1 or 0."""
    return "1" if value else "0"


def seconds(ns: int) -> str:
    """Return nanoseconds as decimal seconds, exactly.

    >>> seconds(-1)
    '-0.000000001'
    """
    whole, rest = divmod(abs(ns), SECOND)
    return f"{'-' if ns < 0 else ''}{whole}.{rest:09d}"


def hex_bytes(values: Iterable[int]) -> str:
    """Return hexadecimal response data (8.7.5), two digits for each value.

    >>> hex_bytes((0x3F, 0x06))
    '#H3F06'
    """
    return "#H" + "".join(f"{value:02X}" for value in values)


def decimal(value: Fraction) -> str:
    """Return a fraction as a decimal number; a third is cut to 12 places.

    >>> decimal(Fraction(5, 2)), decimal(Fraction(60)), decimal(Fraction(1, 3))
    ('2.5', '60', '0.333333333333')
    """
    scaled = round(value * 10**_RATE_DIGITS)
    whole, rest = divmod(abs(scaled), 10**_RATE_DIGITS)
    places = f"{rest:0{_RATE_DIGITS}d}".rstrip("0")
    return f"{'-' if scaled < 0 else ''}{whole}{'.' if places else ''}{places}"


def block(text: str) -> str:
    """Return a definite length block (8.7.9): ``#``, digits of the length, length, text.

    >>> block("hello")
    '#15hello'
    """
    length = str(len(text))
    return f"#{len(length)}{length}{text}"
