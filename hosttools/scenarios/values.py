"""The values that a scenario's settings take, beside those that faults have too.

The same seam as :mod:`emulator.faults.values`: the reader, the checks, the JSON Schema and
the tables of the documentation all go by what a kind says of itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from emulator.errors import UsageError
from emulator.faults.values import Choice, Kind, Moment, Number, Word, kinds, setting, short
from firmware_model.errors import IdentifierError
from firmware_model.identifier import normalise

__all__ = [
    "Choice",
    "Codes",
    "Kind",
    "Moment",
    "Name",
    "Number",
    "Range",
    "Serial",
    "Switch",
    "Table",
    "Text",
    "Word",
    "kinds",
    "setting",
    "short",
]

MOST_TEXT: Final = 200
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Switch:
    """True or false."""

    doc: str
    key: str = ""
    allowed: str = "true, false"

    def read(self, value: object) -> object:
        """Take it as it is."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is one."""
        if not isinstance(value, bool):
            raise UsageError(f"{short(value)}; allowed are {self.allowed}")


@dataclass(frozen=True, slots=True)
class Name:
    """What a code or a token is called in a scenario."""

    doc: str
    key: str = ""
    allowed: str = "a letter, then up to 39 letters, digits, hyphens, dots and underscores"

    def read(self, value: object) -> object:
        """Take it as it is."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is a name."""
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")


@dataclass(frozen=True, slots=True)
class Serial:
    """A token's serial number, as people type it."""

    doc: str
    key: str = ""
    allowed: str = 'a serial number in quotes, as "GALH00004226"'

    def read(self, value: object) -> object:
        """Drop spaces and hyphens."""
        if not isinstance(value, str):
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")
        try:
            return normalise(value)
        except IdentifierError as e:
            raise UsageError(str(e)) from None

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is one."""
        if self.read(value) != value:
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")


@dataclass(frozen=True, slots=True)
class Text:
    """Any text, as long as it fits on a line."""

    doc: str
    key: str = ""
    allowed: str = "a text in quotes, of at most 200 characters"

    def read(self, value: object) -> object:
        """Take it as it is."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is one."""
        if not isinstance(value, str) or len(value) > MOST_TEXT:
            raise UsageError(f"{_digits_blotted(value)}; allowed is {self.allowed}")


@dataclass(frozen=True, slots=True)
class Codes:
    """Two names of codes, or two texts."""

    doc: str
    key: str = ""
    allowed: str = "a list of two texts in quotes"

    def read(self, value: object) -> object:
        """Take a list."""
        return tuple(value) if isinstance(value, list) else value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that they are two texts."""
        pair = isinstance(value, tuple) and len(value) == 2  # noqa: PLR2004  # a form's fields
        if not pair or not all(isinstance(v, str) and len(v) <= MOST_TEXT for v in value):
            raise UsageError(f"{_digits_blotted(value)}; allowed is {self.allowed}")


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number, or the lowest and the highest of those that will do."""

    doc: str
    low: int
    high: int
    key: str = ""

    @property
    def allowed(self) -> str:
        """Both forms, and the bounds."""
        return f"a whole number, or [lowest, highest], from {self.low} to {self.high}"

    def read(self, value: object) -> object:
        """Take one number, or two."""
        if isinstance(value, list):
            return tuple(value)
        return (value, value)

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """Compare them with the bounds."""
        pair = isinstance(value, tuple) and len(value) == 2  # noqa: PLR2004  # lowest and highest
        if not pair or not all(type(v) is int and self.low <= v <= self.high for v in value):
            given = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
            raise UsageError(f"{short(given)}; allowed is {self.allowed}")
        if value[0] > value[1]:
            raise UsageError(f"{short(list(value))}; give the lower one first")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose settings somebody else knows."""

    doc: str
    key: str = ""
    allowed: str = "a table"

    def read(self, value: object) -> object:
        """Take it as it is."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is one."""
        if not isinstance(value, Mapping):
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")


def _digits_blotted(value: object) -> str:
    return re.sub(r"\d", "#", short(list(value) if isinstance(value, tuple) else value))
