"""What a person saw of a fob, as plain values: moments and comparisons, never a code.

All times are ns of a clock that only runs forward. A code is known by its number
in the order of first sight, which says whether two were the same and nothing else.
"""

import enum
from dataclasses import dataclass
from typing import NamedTuple

from firmware_model.profile import HoldAction, StepChange, TokenType, WeakBattery


class Sighting(NamedTuple):
    """A code that a press made: when it appeared, and which it was."""

    at_ns: int
    code: int


class Glow(NamedTuple):
    """A code from its appearance until it went dark by itself."""

    sighting: Sighting
    dark_ns: int


class Change(enum.Enum):
    """What a press while lit did to the LCD."""

    DARK = "it went dark"
    OTHER = "another code"
    SAME = "the same code"


@dataclass(frozen=True, slots=True)
class WhileLit:
    """A press while lit.

    Attributes:
        sightings: the code before it, and the other one that it made, if it did.
        change: what it did.
        gap_ns: from the code's appearance to the press.
        lasted_ns: from the code's appearance until dark; of the same code only.
        told_longer: whether it stayed longer than without the press, where the person
            was asked; ``None``: was not asked, or doesn't know.
    """

    sightings: tuple[Sighting, ...]
    change: Change
    gap_ns: int
    lasted_ns: int | None = None
    told_longer: bool | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A long hold.

    Attributes:
        action: what it led to; ``None``: something that no setting describes.
        after_ns: from the code's appearance to the change; ``None``: nothing changed.
        went_dark: whether the change was that the LCD went dark.
    """

    action: HoldAction | None
    after_ns: int | None = None
    went_dark: bool = False


class AfterDouble(enum.Enum):
    """What a quick double press left."""

    CODE = "a code that stayed"
    CHANGED = "a code that changed once"
    DARK = "a dark LCD"


@dataclass(frozen=True, slots=True)
class Observations:
    """All that was seen; ``None`` or empty is what was skipped or not known.

    Attributes:
        digits: of a code.
        glows: codes left alone until dark.
        while_lit: a press while lit.
        chain: codes made as quickly one after another as the token does.
        told_type: event or time, as the person says.
        told_step_s: time step, as the person says.
        across: whether presses in another time step than the code's changed it.
        double: a quick double press.
        hold: a long hold.
        bars: time bars, as the person says.
        step_change: what a lit code does at the end of its time step.
        weak_battery: how a weak battery shows, as the person says.
    """

    digits: int | None = None
    glows: tuple[Glow, ...] = ()
    while_lit: WhileLit | None = None
    chain: tuple[Sighting, ...] = ()
    told_type: TokenType | None = None
    told_step_s: int | None = None
    across: bool | None = None
    double: AfterDouble | None = None
    hold: Hold | None = None
    bars: int | None = None
    step_change: StepChange | None = None
    weak_battery: WeakBattery | None = None

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """All codes that presses made, in order of time."""
        pressed = () if self.while_lit is None else self.while_lit.sightings
        return tuple(sorted((*(glow.sighting for glow in self.glows), *pressed, *self.chain)))
