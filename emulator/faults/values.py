"""The values that a fault's settings take: how a file writes them, and what is allowed.

Files write what people think in (seconds, °C, ppm, decimals and all); inside, everything
is a whole number of the smallest unit. Nothing is rounded on the way.
"""

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Protocol

from emulator.clock import format_utc, parse_utc
from emulator.engine import MAX_TIME_NS
from emulator.errors import UsageError
from firmware_model.climate import MAX_MC, MIN_MC, Climate, check_climate
from firmware_model.errors import StimulusError
from firmware_model.profile import SECOND

HOUR_NS: Final = 3600 * SECOND
CENTURY_NS: Final = 100 * 366 * 86_400 * SECOND
"""A century: as long as a bench lives, and more."""

MOST: Final = 10**12
"""More than anybody counts to."""

_LONGEST: Final = 30
"""Places before or behind the point that a number may have: far more than any setting needs."""


class Kind(Protocol):
    """One kind of value."""

    @property
    def doc(self) -> str:
        """What the setting means."""

    @property
    def key(self) -> str:
        """What files call it; empty: as Python does."""

    @property
    def allowed(self) -> str:
        """What is allowed, in a file's words."""

    def read(self, value: object) -> object:
        """Return what a file's value means.

        Raises:
            UsageError: it means nothing.
        """

    def check(self, value: Any) -> None:  # noqa: ANN401  # each kind has its own type
        """Check a value that was read, or came from Python.

        Raises:
            UsageError: it is not allowed.
        """


def setting(kind: Kind, default: Any = dataclasses.MISSING) -> Any:  # noqa: ANN401  # field specifier
    """Return the field of a setting; one whose default is ``None`` may be left out."""
    return dataclasses.field(default=default, metadata={"kind": kind})


def kinds(owner: type[Any]) -> dict[str, tuple[str, Kind, bool]]:
    """Return a record's settings by their key: Python's name, kind, whether it must be given."""
    return {
        field.metadata["kind"].key or field.name: (
            field.name,
            field.metadata["kind"],
            field.default is dataclasses.MISSING,
        )
        for field in dataclasses.fields(owner)
    }


def check_settings(record: Any) -> None:  # noqa: ANN401  # any of our records
    """Check all settings of a record.

    Raises:
        UsageError: one is not allowed.
    """
    for key, (name, kind, needed) in kinds(type(record)).items():
        value = getattr(record, name)
        if value is None and not needed:
            continue
        try:
            kind.check(value)
        except UsageError as e:
            raise UsageError(f"{key}: {e}") from None


@dataclass(frozen=True, slots=True)
class Number:
    """A number between two bounds, kept as a whole one of a smaller unit.

    Attributes:
        doc: what it means.
        low, high: the bounds, as kept.
        scale: how many of the smaller unit are one of the file's.
        key: see :class:`Kind`.
    """

    doc: str
    low: int
    high: int
    scale: int = 1
    key: str = ""

    @property
    def allowed(self) -> str:
        """Both bounds, and the step if it is not 1."""
        low, high = (_plain(Fraction(bound, self.scale)) for bound in (self.low, self.high))
        return f"{low} to {high}" if self.scale == 1 else f"{low} to {high}, decimals too"

    def read(self, value: object) -> int:
        """Take a whole number or a decimal one."""
        scaled = _fraction(value) * self.scale
        if scaled.denominator != 1:
            raise UsageError(
                f"{value} is finer than what is kept, a whole number of"
                f" {_plain(Fraction(1, self.scale))}; allowed are {self.allowed}"
            )
        return scaled.numerator

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """Compare it with the bounds."""
        if type(value) is not int:
            raise UsageError(f"{value!r} is not a whole number; allowed are {self.allowed}")
        if not self.low <= value <= self.high:
            given = _plain(Fraction(value, self.scale))
            raise UsageError(f"{given} is out of range; allowed are {self.allowed}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    doc: str
    options: tuple[str, ...]
    key: str = ""

    @property
    def allowed(self) -> str:
        """All of them."""
        return ", ".join(self.options)

    def read(self, value: object) -> object:
        """Take a text."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """Look it up."""
        if not isinstance(value, str) or value not in self.options:
            raise UsageError(f"{short(value)}; allowed are {self.allowed}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A bench time."""

    doc: str
    key: str = ""
    allowed: str = 'an ISO 8601 time in quotes, as "2026-01-05T08:00:00Z"'

    def read(self, value: object) -> int:
        """Take an ISO 8601 time."""
        if not isinstance(value, str):
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")
        return parse_utc(value)

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that a bench gets there."""
        if type(value) is not int or abs(value) > MAX_TIME_NS:
            raise UsageError(
                f"a time that is no bench time; allowed are {format_utc(-MAX_TIME_NS)} to"
                f" {format_utc(MAX_TIME_NS)}"
            )


@dataclass(frozen=True, slots=True)
class Probability:
    """A probability, exact."""

    doc: str
    key: str = ""
    allowed: str = "numbers above 0, up to 1"

    def read(self, value: object) -> Fraction:
        """Take a number."""
        return _fraction(value)

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """Compare it with its bounds."""
        if not isinstance(value, Fraction) or not 0 < value <= 1:
            raise UsageError(f"{short(value)}; allowed are {self.allowed}")


@dataclass(frozen=True, slots=True)
class Word:
    """A name of one's own."""

    doc: str
    key: str = ""
    allowed: str = "1 to 64 printable characters"

    def read(self, value: object) -> object:
        """Take a text."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it fits on a line of a journal."""
        if not (isinstance(value, str) and 1 <= len(value) <= 64 and value.isprintable()):  # noqa: PLR2004  # as said above
            raise UsageError(f"{short(value)}; allowed are {self.allowed}")


@dataclass(frozen=True, slots=True)
class Points:
    """A temperature curve: pairs of an offset in ns and milli °C."""

    doc: str
    key: str = ""
    allowed: str = "a list of [hours, °C] whose hours begin at 0 and rise"

    def read(self, value: object) -> tuple[tuple[int, int], ...]:
        """Take a list of pairs."""
        if not isinstance(value, list) or not all(
            isinstance(point, list) and len(point) == 2  # noqa: PLR2004  # a pair
            for point in value
        ):
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")
        return tuple((_HOURS.read(hours), _CELSIUS.read(celsius)) for hours, celsius in value)

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """Have the model check it."""
        try:
            check_climate(Climate(0, value))
        except StimulusError as e:
            raise UsageError(f"{e}; give {self.allowed}") from None


_HOURS: Final = Number("hours", 0, MAX_TIME_NS, HOUR_NS)
_CELSIUS: Final = Number("°C", MIN_MC, MAX_MC, 1_000)


def _fraction(value: object) -> Fraction:
    """Return a file's number, exactly.

    Raises:
        UsageError: no number, or one that nobody means.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise UsageError(f"{short(value)} is not a number")
    if isinstance(value, int):
        far = abs(value) > 10**_LONGEST
    elif value.is_finite():
        # A fraction of 1e999999999 would fill the memory.
        far = bool(value) and abs(value.adjusted()) > _LONGEST
    else:
        raise UsageError(f"{short(value)} is not a number that can be counted with")
    if far:
        raise UsageError(f"{short(value)} is out of range")
    return Fraction(value)


def short(value: object) -> str:
    """Return a foreign value as an error message shows it."""
    if isinstance(value, int) and abs(value) > 10**_LONGEST:
        return "a huge number"  # Python itself refuses to write the longest ones
    text = ascii(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004  # fits on a line


def _plain(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.12g}"
