"""What is typed, given what was seen and what goes wrong: pure functions.

A slip that can't be made (no code before this one, all digits equal) is not made.
What was seen is taken as it is: whoever reads a worn LCD hands in what they read.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hosttools.holder.acts import Slip, SlipKind

NEIGHBOURS: Final[Mapping[str, str]] = {
    "0": "12",
    "1": "024",
    "2": "0135",
    "3": "26",
    "4": "157",
    "5": "2468",
    "6": "359",
    "7": "48",
    "8": "579",
    "9": "68",
}
"""Digits next to each other on the keypad of a keyboard."""


def typed(slips: Sequence[Slip], seen: Sequence[str | None]) -> str | None:
    """Return what is typed into the field for one code.

    Args:
        slips: what goes wrong.
        seen: what the LCD showed after each of the holder's presses, oldest first;
            ``None`` where it showed no code.

    Returns:
        The text; ``None`` if there was nothing to read after the last press.

    >>> typed([], ["602993", "140990"])
    '140990'
    >>> typed([Slip(SlipKind.PREVIOUS_CODE)], ["602993", "140990"])
    '602993'
    >>> typed([Slip(SlipKind.TRANSPOSED, where=1)], ["140990"])
    '104990'
    """
    code = seen[-1] if seen else None
    if code is None:
        return None
    if any(slip.kind is SlipKind.PREVIOUS_CODE for slip in slips):
        code = next((old for old in reversed(seen) if old not in {None, code}), code)
    return _keyed(slips, code)


def typed_pair(slips: Sequence[Slip], seen: Sequence[str | None]) -> tuple[str, str] | None:
    """Return what is typed into the two fields of the resync form.

    Slips of the fingers happen to the second code.

    Args:
        slips: what goes wrong.
        seen: as for :func:`typed`; the last two belong to the form.

    Returns:
        Both texts; ``None`` if one of the presses showed nothing to read.

    >>> typed_pair([Slip(SlipKind.FIRST_TWICE)], ["602993", "140990"])
    ('602993', '602993')
    """
    first, second = (seen[-2], seen[-1]) if len(seen) > 1 else (None, None)
    if first is None or second is None:
        return None
    if any(slip.kind is SlipKind.FIRST_TWICE for slip in slips):
        second = first
    return first, _keyed(slips, second)


def _keyed(slips: Sequence[Slip], code: str) -> str:
    """Return what the fingers make of a code."""
    for slip in slips:
        if slip.kind is SlipKind.TRANSPOSED:
            code = _transposed(code, slip.where)
        elif slip.kind is SlipKind.MISTYPED:
            code = _mistyped(code, slip)
    return code


def _transposed(code: str, where: int) -> str:
    """Swap the first two neighbours from there on, and round, that differ."""
    places = len(code) - 1
    for place in (where + i for i in range(places)):
        left = place % places
        if code[left] != code[left + 1]:
            return code[:left] + code[left + 1] + code[left] + code[left + 2 :]
    return code


def _mistyped(code: str, slip: Slip) -> str:
    if not code:
        return code
    place = slip.where % len(code)
    # What is no digit, as a reader made it of a worn LCD, has no neighbours.
    near = NEIGHBOURS.get(code[place], code[place])
    return code[:place] + near[slip.which % len(near)] + code[place + 1 :]
