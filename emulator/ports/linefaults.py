"""What a port's line can be made to do wrong, as data; :mod:`emulator.ports.line` does it.

A real line loses bytes, flips bits, is slow, or is unplugged; what a client makes of it
is worth a test.
"""

import enum
from dataclasses import dataclass
from typing import Final, TypeAlias

from emulator.errors import UsageError

_ALL_BITS: Final = 0xFF


class Direction(enum.Enum):
    """Which way bytes go."""

    TO_TOKEN = enum.auto()
    TO_CLIENT = enum.auto()
    BOTH = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropBytes:
    """Bytes vanish.

    Attributes:
        count: the next so many.
        direction: which ones.

    Raises:
        UsageError: out of range.
    """

    count: int
    direction: Direction = Direction.BOTH

    def __post_init__(self) -> None:
        _check_count(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleBytes:
    """Bytes arrive changed.

    Attributes:
        count: the next so many.
        mask: the bits to flip, 1 … 255. Our default is the lowest, which makes a digit
            another digit.
        direction: which ones.

    Raises:
        UsageError: out of range.
    """

    count: int
    mask: int = 0x01
    direction: Direction = Direction.BOTH

    def __post_init__(self) -> None:
        _check_count(self.count)
        if not 1 <= self.mask <= _ALL_BITS:
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
        for_ns: for so much of the host's time; ``None``: until cleared.

    Raises:
        UsageError: out of range.
    """

    for_ns: int | None = None

    def __post_init__(self) -> None:
        if self.for_ns is not None and self.for_ns < 1:
            raise UsageError(
                f"a cut of {self.for_ns} ns: give 1 ns or more, or none for one that"
                " lasts until it is cleared"
            )


LineFault: TypeAlias = DropBytes | GarbleBytes | DelayAnswers | CutLine
"""What a line can be made to do."""


def _check_count(count: int | None) -> None:
    if count is not None and count < 1:
        raise UsageError(f"count {count}: give 1 or more")
