"""What a port's line can be made to do wrong, as data; :mod:`emulator.ports.line` does it.

A real line loses bytes, flips bits, is slow, or is unplugged; what a client makes of it
is worth a test.
"""

import enum
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from emulator.errors import UsageError

Probability: TypeAlias = Fraction | float
"""Above 0, up to 1."""

_ALL_BITS: Final = 0xFF


class Direction(enum.Enum):
    """Which way bytes go."""

    TO_TOKEN = "to token"  # noqa: S105  # the device, no password
    TO_CLIENT = "to client"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropBytes:
    """Bytes vanish.

    Attributes:
        count: the next so many.
        chance: or, until cleared, each with this probability.
        direction: which ones.

    Raises:
        UsageError: not one of count and chance, or out of range.
    """

    count: int | None = None
    chance: Probability | None = None
    direction: Direction = Direction.BOTH

    def __post_init__(self) -> None:
        _check_extent(self.count, self.chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleBytes:
    """Bytes arrive changed.

    Attributes:
        count: the next so many.
        chance: or, until cleared, each with this probability.
        mask: the bits to flip, 1 … 255. Our default is the lowest, which makes a digit
            another digit. ``None`` draws one bit for each byte.
        direction: which ones.

    Raises:
        UsageError: not one of count and chance, or out of range.
    """

    count: int | None = None
    chance: Probability | None = None
    mask: int | None = 0x01
    direction: Direction = Direction.BOTH

    def __post_init__(self) -> None:
        _check_extent(self.count, self.chance)
        if self.mask is not None and not 1 <= self.mask <= _ALL_BITS:
            raise UsageError(f"mask {self.mask}: give the bits to flip, 1 to 255")


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayAnswers:
    """Answers come late, in their order; several such faults add up.

    Attributes:
        by_ns: by so much of the host's time.
        count: the next so many answers; ``None``: until cleared.

    Raises:
        UsageError: out of range.
    """

    by_ns: int
    count: int | None = None

    def __post_init__(self) -> None:
        if self.by_ns < 1:
            raise UsageError(f"a delay of {self.by_ns} ns: give 1 ns or more")
        _check_count(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """The line is dead: bytes both ways vanish.

    Attributes:
        for_ns: for so much of the host's time; ``None``: until cleared. 0 is for a
            ``hang_up`` after which the next client is served at once.
        hang_up: whether clients see a hang-up. Connections can do that. A pty can't, and
            is only dead: the kernel hangs up on its clients if the whole pty goes, path
            and all.

    Raises:
        UsageError: out of range.
    """

    for_ns: int | None = None
    hang_up: bool = False

    def __post_init__(self) -> None:
        least = 0 if self.hang_up else 1
        if self.for_ns is not None and self.for_ns < least:
            raise UsageError(
                f"a cut of {self.for_ns} ns: give {least} ns or more, or none for"
                " one that lasts until it is cleared"
            )


LineFault: TypeAlias = DropBytes | GarbleBytes | DelayAnswers | CutLine
"""What a line can be made to do."""


def needs_stream(fault: LineFault) -> bool:
    """Whether anything of it is left to chance."""
    if isinstance(fault, GarbleBytes) and fault.mask is None:
        return True
    return isinstance(fault, DropBytes | GarbleBytes) and fault.chance is not None


def _check_count(count: int | None) -> None:
    if count is not None and count < 1:
        raise UsageError(f"count {count}: give 1 or more")


def _check_extent(count: int | None, chance: Probability | None) -> None:
    if (count is None) == (chance is None):
        raise UsageError(f"count {count}, chance {chance}: give one of them")
    _check_count(count)
    if chance is not None and not 0 < chance <= 1:
        raise UsageError(f"chance {chance}: give a probability above 0, up to 1")
