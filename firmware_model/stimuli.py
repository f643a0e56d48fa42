"""What happens to a token (stimuli) and what it does (effects).

All are tuples with a time of integer nanoseconds since 1970, UTC, by the
bench's clock. A stimulus is the only way in, an effect the only way out.
"""

import enum
from typing import NamedTuple

from firmware_model.climate import Climate
from firmware_model.crystal import Crystal
from firmware_model.damage import Damage


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


class Ambient(NamedTuple):
    """The temperature round the token is another one from now on."""

    at_ns: int
    climate: Climate


class Retune(NamedTuple):
    """The crystal behaves otherwise from now on."""

    at_ns: int
    crystal: Crystal


class SetClock(NamedTuple):
    """A tool sets the token's clock, where its profile allows it."""

    at_ns: int
    clock_ns: int


class ClockJump(NamedTuple):
    """The token's clock loses or gains time at once, as after an electric shock."""

    at_ns: int
    by_ns: int


class BatteryOut(NamedTuple):
    """The battery is pulled."""

    at_ns: int


class BatteryIn(NamedTuple):
    """A battery is put in.

    Attributes:
        at_ns: when.
        used: charge that it has given already, nA·ns; 0 for a fresh one.
    """

    at_ns: int
    used: int = 0


class Drain(NamedTuple):
    """The battery has given ``used`` nA·ns up to now, whatever it was before."""

    at_ns: int
    used: int


class CaseOpened(NamedTuple):
    """Somebody opens the case."""

    at_ns: int


class BitRot(NamedTuple):
    """Bits of one byte of the counter slots flip.

    Attributes:
        at_ns: when.
        offset: in the NVM image.
        mask: the bits that flip, 1 to 255.
    """

    at_ns: int
    offset: int
    mask: int


class Harm(NamedTuple):
    """What is worn or broken is this from now on, see :class:`firmware_model.damage.Damage`."""

    at_ns: int
    damage: Damage


Stimulus = (
    Edge
    | Advance
    | SupplyDip
    | SetCounter
    | ShiftTime
    | Ambient
    | Retune
    | SetClock
    | ClockJump
    | BatteryOut
    | BatteryIn
    | Drain
    | CaseOpened
    | BitRot
    | Harm
)


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
    """Its counter is used up, or it was killed."""
    EXPIRED = "expired"
    """Its life is over."""


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
    """The number of time bars changed, or something was done to the clock that they count by."""

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


class BrownOut(NamedTuple):
    """The supply sagged under the load below what the firmware runs on."""

    at_ns: int
    millivolts: int


class Exhausted(NamedTuple):
    """The battery is empty: nothing lights until there is another one."""

    at_ns: int
    millivolts: int


class CommitFailed(NamedTuple):
    """What was read back from the NVM is not what was written; no code lights."""

    at_ns: int
    offset: int


class Erased(NamedTuple):
    """The secret is gone for good."""

    at_ns: int


Effect = (
    Accepted
    | Refused
    | NvmWrite
    | Lit
    | Extended
    | Shown
    | Bars
    | Dark
    | PowerLost
    | Booted
    | BrownOut
    | Exhausted
    | CommitFailed
    | Erased
)
