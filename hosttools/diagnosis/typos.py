"""What the LCD showed, given what was typed: every reading with its probability.

The figures of fingers are those of :class:`hosttools.holder.Habits`; which segments a
person fills in is in :mod:`firmware_model.readings`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from firmware_model.readings import DIGITS, mistaken_for
from firmware_model.segments import SEGMENTS
from hosttools.holder.acts import SlipKind
from hosttools.holder.habits import Habits
from hosttools.holder.slips import NEIGHBOURS

DEAD_SEGMENT: Final = 0.001
"""Probability that a segment of the LCD is dead; our default: nobody publishes it."""

AS_SHOWN: Final = "as_shown"
WORN: Final = "dead_segment"


class Worn(NamedTuple):
    """A dead segment: of which digit, from 0 at the left, and which, ``a`` to ``g``."""

    place: int
    segment: str

    def reads(self, code: str) -> str:
        """Return what a person reads when the LCD shows a code."""
        dead = 1 << SEGMENTS.index(self.segment)
        read = mistaken_for(code[self.place], dead=dead)
        return code[: self.place] + read + code[self.place + 1 :]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which what was typed comes from what was shown.

    Attributes:
        code: what the LCD showed; an unused code of the token, perhaps.
        chance: probability that it is typed so.
        slip: what went wrong; ``None``: nothing, or the LCD is worn.
        place: which digit, from 0 at the left; of a transposition the left one.
        worn: the dead segment it takes. Its chance is of the whole LCD: two codes read
            through one dead segment have it once.
    """

    code: str = field(repr=False)
    chance: float
    slip: SlipKind | None = None
    place: int = 0
    worn: Worn | None = None

    @property
    def pressed(self) -> int:
        """Presses since this code was shown: 1 if a later one should have been typed."""
        return int(self.slip is SlipKind.PREVIOUS_CODE)

    @property
    def kind(self) -> str:
        """What happened, in a word."""
        if self.worn is not None:
            return WORN
        return AS_SHOWN if self.slip is None else self.slip.value


def readings(typed: str, habits: Habits) -> tuple[Reading, ...]:
    """Return every reading of a code, the likeliest first.

    Args:
        typed: digits only.
        habits: how often fingers slip.

    >>> found = readings("140909", Habits())
    >>> [r.place for r in found if r.code == "140990" and r.slip is SlipKind.TRANSPOSED]
    [4]
    >>> [r.worn for r in readings("602693", Habits()) if r.worn and r.code == "602893"]
    [Worn(place=3, segment='b')]
    """
    slips = habits.transposed + habits.mistyped + habits.previous_code
    plain = Reading(typed, max(1 - slips, 0))
    old = Reading(typed, habits.previous_code, SlipKind.PREVIOUS_CODE)
    found = [plain, old, *_transposed(typed, habits), *_mistyped(typed, habits), *_worn(typed)]
    return tuple(sorted((r for r in found if r.chance), key=lambda r: -r.chance))


def _transposed(typed: str, habits: Habits) -> Iterator[Reading]:
    places = len(typed) - 1
    for i in range(places):
        if typed[i] != typed[i + 1]:
            code = typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :]
            yield Reading(code, habits.transposed / places, SlipKind.TRANSPOSED, i)


def _mistyped(typed: str, habits: Habits) -> Iterator[Reading]:
    for i, char in enumerate(typed):
        for meant, near in NEIGHBOURS.items():
            if char in near:
                chance = habits.mistyped / len(typed) / len(near)
                yield Reading(
                    typed[:i] + meant + typed[i + 1 :], chance, SlipKind.MISTYPED, place=i
                )


def _worn(typed: str) -> Iterator[Reading]:
    chance = DEAD_SEGMENT / len(typed) / len(SEGMENTS)
    for i in range(len(typed)):
        for worn in (Worn(i, segment) for segment in SEGMENTS):
            for meant in DIGITS:
                code = typed[:i] + meant + typed[i + 1 :]
                if code != typed and worn.reads(code) == typed:
                    yield Reading(code, chance, place=i, worn=worn)
