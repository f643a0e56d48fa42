"""How the journal tells a line: codes blotted out, on one line, not too long.

A code that nobody used yet is a credential, and the LCD shows nothing else worth hiding.
"""

import re
from typing import Final

LONGEST: Final = 200
"""Characters of a line that are told; our default."""

BLOT: Final = "\N{MIDDLE DOT}"

_QUOTED: Final = re.compile(r"""(["'])((?:(?!\1).)*)(\1?)""", re.DOTALL)
_HEXADECIMAL: Final = re.compile(r"(#H)([0-9A-F]+)()", re.IGNORECASE)
_CODE: Final = re.compile(r"[\d\s-]+")
_REFUSED: Final = "REFUSED "
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


def tell(line: str, *, lcd: bool) -> str:
    r"""Return a line as the journal may tell it.

    Args:
        line: without its end.
        lcd: whether anything in it shows what is on the LCD: then all texts and pictures
            are blotted out, not only what looks like a code.

    >>> tell('"755224";42;"GALH00000042"', lcd=False)
    '"······";42;"GALH00000042"'
    >>> tell('#H076D6D5B5B66;"REFUSED LIT"', lcd=True)
    '#H············;"REFUSED LIT"'
    """
    told = line[: LONGEST + 1]
    if '"' in told or "'" in told:
        told = _QUOTED.sub(_blot_text if lcd else _blot_code, told)
    if lcd:
        told = _HEXADECIMAL.sub(_blot, told)
    if not (told.isascii() and told.isprintable()):
        told = "".join(c if " " <= c <= "~" or c == BLOT else f"\\x{ord(c):02x}" for c in told)
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + _CUT


def _blot(match: re.Match[str]) -> str:
    return match[1] + BLOT * len(match[2]) + match[3]


def _blot_text(match: re.Match[str]) -> str:
    return match[0] if match[2].startswith(_REFUSED) else _blot(match)


def _blot_code(match: re.Match[str]) -> str:
    return _blot(match) if _CODE.fullmatch(match[2]) else match[0]
