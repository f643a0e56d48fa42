"""What a holder does, as small frozen records in bench time.

They hold no codes: what is typed depends on what the token showed, and only whoever
plays them has seen that.
"""

import enum
from dataclasses import dataclass


class Why(enum.Enum):
    """Why the button is pressed."""

    SIGN = "sign"
    """The holder wants a code."""
    AGAIN_WHILE_LIT = "again_while_lit"
    """And presses again, though a code is on the LCD."""
    RETRY = "retry"
    """A fresh code, after one that was refused."""
    RESYNC = "resync"
    """One of the two codes of the resync form."""
    POCKET = "pocket"
    """Something in the pocket or bag does it."""
    CHILD = "child"
    """A child plays with the keychain."""


ACCIDENTS = frozenset({Why.POCKET, Why.CHILD})
"""Presses whose codes nobody reads."""


class SlipKind(enum.Enum):
    """What a holder gets wrong."""

    TRANSPOSED = "transposed"
    """Two neighbouring digits change places."""
    MISTYPED = "mistyped"
    """One digit becomes its neighbour on the keypad."""
    PREVIOUS_CODE = "previous_code"
    """The code of the press before is typed."""
    FIRST_TWICE = "first_twice"
    """The first code is typed into both fields of the resync form."""
    AGAIN_WHILE_LIT = "again_while_lit"
    """The button is pressed again while the code is lit."""
    SUBMITTED_TWICE = "submitted_twice"
    """What was typed is submitted once more."""
    TOO_LATE = "too_late"
    """It is typed after the LCD went dark."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that goes wrong.

    Attributes:
        kind: what.
        where: which digit, taken modulo the places that there are.
        which: which neighbour on the keypad, taken modulo those that there are.
    """

    kind: SlipKind
    where: int = 0
    which: int = 0


@dataclass(frozen=True, slots=True)
class PressAct:
    """The button is pressed and let go.

    Attributes:
        at_ns: bench time at which it goes down.
        hold_ns: for how long.
        why: why.
        use: the number of the use that it belongs to, from 0; ``None`` for accidents.
    """

    at_ns: int
    hold_ns: int
    why: Why
    use: int | None = None

    @property
    def end_ns(self) -> int:
        """Bench time at which the button is let go."""
        return self.at_ns + self.hold_ns


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was read has been typed, and is submitted.

    Attributes:
        at_ns: bench time at which it is submitted.
        pressed_ns: bench time of the (last) press for it.
        use: the number of the use, from 0.
        slips: what went wrong on the way.
        pair: whether it is the resync form with two codes, or one code.
    """

    at_ns: int
    pressed_ns: int
    use: int
    slips: tuple[Slip, ...] = ()
    pair: bool = False


Act = PressAct | Attempt
