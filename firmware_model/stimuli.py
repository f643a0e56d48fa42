"""What happens to a token (stimuli) and what it does (effects).

All are tuples with a time of integer nanoseconds since 1970, UTC, by the
bench's clock. A stimulus is the only way in, an effect the only way out.
"""

import enum
from typing import NamedTuple


class Edge(NamedTuple):
    """The button's contact closes or opens. Bouncing contacts are many edges."""

    at_ns: int
    closed: bool


class Advance(NamedTuple):
    """Time passes, up to and including ``at_ns``."""

    at_ns: int


class SupplyDip(NamedTuple):
    """The supply fails for an instant: a power-on reset. RAM is lost.

    A write of the NVM under way is torn after as many bytes as its time so far
    bought.
    """

    at_ns: int


class SetCounter(NamedTuple):
    """A programming tool sets the next counter of an event token."""

    at_ns: int
    counter: int


class ShiftTime(NamedTuple):
    """The bench's clock is set: every time of the token moves along; nothing ages."""

    at_ns: int
    by_ns: int


Stimulus = Edge | Advance | SupplyDip | SetCounter | ShiftTime


class Refusal(enum.Enum):
    """Why an accepted press gives no code."""

    LIT = "lit"
    """A code is on the LCD and the profile ignores presses then."""
    CLEARED = "cleared"
    """A code was on the LCD and the profile clears it at a press."""
    BUSY = "busy"
    """The token is still computing."""
    ERROR = "error"
    """Its memory is broken: it shows dashes."""
    DEAD = "dead"
    """Its counter is used up."""


class Accepted(NamedTuple):
    """A debounced press is accepted; a code of ``factor`` (counter or step) will light."""

    at_ns: int
    factor: int


class Refused(NamedTuple):
    """A debounced press gives no code."""

    at_ns: int
    reason: Refusal


class NvmWrite(NamedTuple):
    """Bytes went into the NVM. They must be durable before the next effect counts."""

    at_ns: int
    offset: int
    data: bytes


class Lit(NamedTuple):
    """The LCD shows the code of ``factor``. The code is left out of the ``repr``."""

    at_ns: int
    code: str
    factor: int

    def __repr__(self) -> str:
        return f"Lit(at_ns={self.at_ns}, factor={self.factor})"


class Extended(NamedTuple):
    """A press while lit: the same code stays, its lit time starts again."""

    at_ns: int
    factor: int


class Shown(NamedTuple):
    """The LCD shows something that is no code: dashes, counter, test pattern."""

    at_ns: int
    text: str


class Bars(NamedTuple):
    """The number of time bars changed, or the clock was set while bars are shown."""

    at_ns: int
    bars: int


class Dark(NamedTuple):
    """The LCD went dark."""

    at_ns: int


class PowerLost(NamedTuple):
    """The supply failed; RAM is gone."""

    at_ns: int


class Booted(NamedTuple):
    """The firmware started. ``counter`` is ``None`` if no slot was valid."""

    at_ns: int
    counter: int | None
    repaired: bool


Effect = Accepted | Refused | NvmWrite | Lit | Extended | Shown | Bars | Dark | PowerLost | Booted
