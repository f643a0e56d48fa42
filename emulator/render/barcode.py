"""The serial number as bars, as on the labels of real tokens: Code 128 (ISO/IEC 15417).

Letters are written in code set B, runs of digits two by two in code set C. Only
widths come from here; who draws them leaves :data:`QUIET` modules clear on either side.
"""

import re
from itertools import pairwise
from typing import Final

from emulator.errors import UsageError

QUIET: Final = 10
"""Modules that must stay clear before the first bar and after the last one."""

_CODE_C: Final = 99
_CODE_B: Final = 100
_START_B: Final = 104
_START_C: Final = 105
_STOP: Final = 106
_CHECK_MODULUS: Final = 103
_SPACE: Final = 32
"""The character of value 0 in code set B."""

_WIDTHS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212"
    " 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131"
    " 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321"
    " 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121"
    " 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111"
    " 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114"
    " 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212"
    " 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113"
    " 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)

PATTERNS: Final = tuple(tuple(map(int, widths)) for widths in _WIDTHS.split())
"""Widths of bar, space, bar … of each symbol, by its value."""


def bars(text: str) -> tuple[int, ...]:
    """Return the widths, in modules, of bar, space, bar … from the first bar to the last.

    Args:
        text: printable ASCII.

    Raises:
        UsageError: nothing, or a character that code set B does not have.

    >>> sum(bars("GALH12345678"))
    134
    """
    values = symbols(text)
    return tuple(width for value in values for width in PATTERNS[value])


def symbols(text: str) -> tuple[int, ...]:
    """Return the values of the symbols, with start, check symbol and stop.

    Raises:
        UsageError: see :func:`bars`.

    >>> symbols("PJJ123C")
    (104, 48, 42, 42, 17, 18, 19, 35, 55, 106)
    """
    if not text or not (text.isascii() and text.isprintable()):
        raise UsageError(f"a barcode of {text!r}; it takes printable ASCII characters")
    values: list[int] = []
    inside = 0  # the code set that the values before have selected
    # Four digits and more are shorter in code set C; of an odd run the first stays in B.
    for part in re.findall(r"(?:\d\d){2,}(?!\d)|.", text, re.ASCII):
        paired = len(part) > 1
        wanted = _CODE_C if paired else _CODE_B
        if not values:
            values.append(_START_C if paired else _START_B)
        elif inside != wanted:
            values.append(wanted)
        inside = wanted
        if paired:
            values += [int(part[i : i + 2]) for i in range(0, len(part), 2)]
        else:
            values.append(ord(part) - _SPACE)
    check = values[0] + sum(place * value for place, value in enumerate(values[1:], 1))
    return (*values, check % _CHECK_MODULUS, _STOP)


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where each bar begins and ends, in modules from the first bar's left edge.

    Raises:
        UsageError: see :func:`bars`.
    """
    edges = [0]
    for width in bars(text):
        edges.append(edges[-1] + width)
    return tuple(pairwise(edges))[::2]
