"""The values that a scenario's settings take, beside those that faults have too.

The same seam as :mod:`emulator.faults.values`: the reader, the checks, the JSON Schema and
the tables of the documentation all go by what a kind says of itself.
"""

import re
from collections.abc import Iterator, Mapping
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
    "Paths",
    "Range",
    "Serial",
    "Switch",
    "Table",
    "Text",
    "Values",
    "Word",
    "found",
    "kinds",
    "name_in",
    "names_in",
    "setting",
    "short",
]

SERIAL: Final = "serial"
"""The name by which a token's serial number is always known."""
MOST_TEXT: Final = 200
MOST_VALUES: Final = 50
_FAR: Final = 2**53
_PATH: Final = re.compile(r"[A-Za-z0-9_#-]{1,40}(\.[A-Za-z0-9_#-]{1,40}){0,9}", re.ASCII)
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


@dataclass(frozen=True, slots=True)
class Values:
    """A table of plain values, in which ``$name`` stands for what is known by that name."""

    doc: str
    key: str = ""
    allowed: str = (
        "a table of texts, whole numbers, true, false, and lists of texts; `$name` is a code or"
        " what was kept by that name, `$serial` the token's serial number, `$$` a dollar sign"
    )

    def read(self, value: object) -> object:
        """Take it as it is."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is one."""
        if not isinstance(value, Mapping) or len(value) > MOST_VALUES:
            raise UsageError(f"{_digits_blotted(value)}; allowed is {self.allowed}")
        for key, one in value.items():
            if not _is_plain(one) or not _PATH.fullmatch(key):
                raise UsageError(f"{key[:40]}: {_digits_blotted(one)}; allowed is {self.allowed}")


@dataclass(frozen=True, slots=True)
class Paths:
    """A table of names, and where in an answer that is which they are from now on."""

    doc: str
    key: str = ""
    allowed: str = (
        "a table of names and paths, as `status` or `records.0.act_id`; `-1` is a list's last,"
        " `#` how many it has"
    )

    def read(self, value: object) -> object:
        """Take it as it is."""
        return value

    def check(self, value: Any) -> None:  # noqa: ANN401  # see Kind
        """See that it is one."""
        if not isinstance(value, Mapping) or not 0 < len(value) <= MOST_VALUES:
            raise UsageError(f"{short(value)}; allowed is {self.allowed}")
        for name, path in value.items():
            if not _NAME.fullmatch(name) or not isinstance(path, str) or not _PATH.fullmatch(path):
                raise UsageError(f"{short(name)} = {short(path)}; allowed is {self.allowed}")


def found(told: Any, path: str) -> Any:  # noqa: ANN401  # JSON may be anything
    """Return what stands at a path of :class:`Paths` in plain JSON; ``None``: nothing.

    >>> found({"records": [{"id": 1}, {"id": 2}]}, "records.-1.id")
    2
    >>> found([7, 8], "#")
    2
    """
    for part in path.split("."):
        if isinstance(told, Mapping):
            told = told.get(part)
        elif isinstance(told, list) and part == "#":
            told = len(told)
        elif isinstance(told, list) and re.fullmatch(r"-?\d{1,9}", part, re.ASCII):
            at = int(part)
            told = told[at] if -len(told) <= at < len(told) else None
        else:
            return None
    return told


def names_in(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that a table of :class:`Values` refers to."""
    for value in values.values():
        for one in value if isinstance(value, list) else [value]:
            name = name_in(one)
            if name is not None:
                yield name


def name_in(value: object) -> str | None:
    """Return the name that a value stands for; ``None``: it is what it is."""
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        return value[1:]
    return None


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return len(value) <= MOST_VALUES and all(isinstance(one, str) for one in value)
    text = isinstance(value, str) and len(value) <= MOST_TEXT
    return text or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= _FAR)


def _digits_blotted(value: object) -> str:
    return re.sub(r"\d", "#", short(list(value) if isinstance(value, tuple) else value))
