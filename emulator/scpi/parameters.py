"""The kinds of parameter: from the text on the line to a value in bench units.

Numbers are exact (fractions and integers, never floats) and bounded before they
are built: ``1E999999999`` costs no more than ``1``.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Protocol, TypeVar

from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.lexer import shorten
from firmware_model.errors import IdentifierError
from firmware_model.identifier import normalise
from firmware_model.profile import SECOND

T = TypeVar("T")

_MAX_DIGITS: Final = 255  # IEEE 488.2 7.7.2.4.1
_MAX_EXPONENT: Final = 999
_NUMBER: Final = re.compile(
    r"([+-]?)(?:(\d++)(?:\.(\d*+))?|\.(\d++))(?:[ \t]*+[eE][ \t]*+([+-]?\d++))?[ \t]*+([A-Za-z]*+)",
    re.ASCII,
)
_BASES: Final = {"H": 16, "Q": 8, "B": 2}
_SUFFIXES: Final = {
    "S": Fraction(1),
    "MS": Fraction(1, 1_000),
    "US": Fraction(1, 1_000_000),
    "NS": Fraction(1, SECOND),
}
_SWITCH: Final = {"0": False, "1": True, "OFF": False, "ON": True}
_QUOTES: Final = frozenset("\"'")


class Parameter(Protocol):
    """One parameter of a header."""

    @property
    def usage(self) -> str:
        """How the documentation writes it."""
        ...

    @property
    def default(self) -> object | None:
        """What stands in when it is left out; ``None`` if it must be given."""
        ...

    def parse(self, text: str) -> object:
        """Return the value.

        Raises:
            ScpiError: it is not one; the message says what is allowed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time in seconds, suffix S, MS, US or NS; its value is integer nanoseconds."""

    name: str
    low_ns: int
    high_ns: int
    default: int | None = None

    @property
    def usage(self) -> str:
        """``<name>``, in brackets when it may be left out."""
        return _usage(self.name, self.default)

    def parse(self, text: str) -> int:
        """Return nanoseconds, rounded half to even."""
        limits = (self.low_ns, self.high_ns, self.default)
        return _counted(self.name, text, limits, SECOND, _SUFFIXES)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A number without a unit; its value is a fraction."""

    name: str
    low: Fraction
    high: Fraction
    default: Fraction | None = None

    @property
    def usage(self) -> str:
        """``<name>``, in brackets when it may be left out."""
        return _usage(self.name, self.default)

    def parse(self, text: str) -> Fraction:
        """Return the number, exactly as written."""
        keyword = _keyword(text, self.low, self.high, self.default)
        if keyword is not None:
            return keyword
        value = _number(self.name, text)
        if not self.low <= value <= self.high:
            raise _out_of_range(self.name, text, f"{self.low} to {self.high}")
        return value


@dataclass(frozen=True, slots=True)
class Scaled:
    """A number without a unit; its value counts the parts of one, rounded half to even.

    Attributes:
        low, high: limits, in parts.
        parts: how many there are in one.
    """

    name: str
    low: int
    high: int
    parts: int
    default: int | None = None

    @property
    def usage(self) -> str:
        """``<name>``, in brackets when it may be left out."""
        return _usage(self.name, self.default)

    def parse(self, text: str) -> int:
        """Return the number of parts."""
        return _counted(self.name, text, (self.low, self.high, self.default), self.parts)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, decimal or ``#H``, ``#Q``, ``#B``."""

    name: str
    low: int
    high: int
    default: int | None = None

    @property
    def usage(self) -> str:
        """``<name>``, in brackets when it may be left out."""
        return _usage(self.name, self.default)

    def parse(self, text: str) -> int:
        """Return the number. One with a fraction is an error: a counter is not rounded."""
        keyword = _keyword(text, self.low, self.high, self.default)
        if keyword is not None:
            return keyword
        value = self._based(text) if text.startswith("#") else _number(self.name, text)
        if isinstance(value, Fraction) and value.denominator != 1:
            raise _wrong_type(self.name, text, "a whole number")
        if not self.low <= value <= self.high:
            raise _out_of_range(self.name, text, f"{self.low} to {self.high}")
        return int(value)

    def _based(self, text: str) -> int:
        base = _BASES.get(text[1:2].upper())
        digits = text[2:]
        if base is None or not (digits.isascii() and digits.isalnum()):
            raise _wrong_type(self.name, text, "a whole number, or #H, #Q or #B and digits")
        if len(digits.lstrip("0")) > _MAX_DIGITS:
            raise ScpiError(ErrorCode.TOO_MANY_DIGITS, f"{self.name}; allowed are {_MAX_DIGITS}")
        try:
            return int(digits, base)
        except ValueError:
            raise _wrong_type(self.name, text, f"digits of base {base} after {text[:2]}") from None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words; short forms are its capitals. Its value is the long form."""

    name: str
    words: tuple[str, ...]
    default: str | None = None

    @property
    def usage(self) -> str:
        """The words, separated by bars."""
        listed = "|".join(self.words)
        return listed if self.default is None else f"[{listed}]"

    def parse(self, text: str) -> str:
        """Return the word in capitals, long form."""
        if not (text.isascii() and text.isidentifier()):
            raise _wrong_type(self.name, text, " or ".join(self.words))
        for word in self.words:
            if text.upper() in (word.upper(), short_form(word)):
                return word.upper()
        raise ScpiError(
            ErrorCode.ILLEGAL_VALUE,
            f"{self.name} {shorten(text)}: allowed are {' or '.join(self.words)}",
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off (SCPI-99 volume 1, 7.3: Boolean program data)."""

    name: str
    default: bool | None = None

    @property
    def usage(self) -> str:
        """``0|1``, in brackets when it may be left out."""
        return "0|1" if self.default is None else "[0|1]"

    def parse(self, text: str) -> bool:
        """Return whether it is on."""
        word = _SWITCH.get(text.upper())
        if word is None:
            raise ScpiError(
                ErrorCode.ILLEGAL_VALUE, f"{self.name} {shorten(text)}: allowed are 0, 1, OFF or ON"
            )
        return word


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes of either kind; one inside is doubled (IEEE 488.2 7.7.5)."""

    name: str
    default: str | None = None

    @property
    def usage(self) -> str:
        """``"<name>"``, in brackets when it may be left out."""
        return f'"<{self.name}>"' if self.default is None else f'["<{self.name}>"]'

    def parse(self, text: str) -> str:
        """Return what is between the quotes."""
        quote = text[:1]
        inner = text[1:-1].replace(quote * 2, "") if quote in _QUOTES and len(text) > 1 else quote
        if quote not in _QUOTES or text[-1] != quote or quote in inner:
            raise _wrong_type(self.name, text, "a text in quotes")
        return text[1:-1].replace(quote * 2, quote)


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial number as people type it, in quotes or not; its value is the normal form."""

    name: str
    default: str | None = None

    @property
    def usage(self) -> str:
        """``<name>``, in brackets when it may be left out."""
        return _usage(self.name, self.default)

    def parse(self, text: str) -> str:
        """Return the serial number, without separators and in capitals."""
        quote = text[:1] if text[:1] in _QUOTES else ""
        bare = text[1:-1] if quote and len(text) > 1 and text[-1] == quote else text
        try:
            return normalise(bare)
        except IdentifierError as e:
            raise ScpiError(ErrorCode.ILLEGAL_VALUE, f"{self.name} {shorten(text)}: {e}") from None


def short_form(word: str) -> str:
    """Return the short form of a mnemonic: its capitals.

    >>> short_form("MINimum")
    'MIN'
    """
    return "".join(c for c in word if not c.islower())


def _usage(name: str, default: object | None) -> str:
    return f"<{name}>" if default is None else f"[<{name}>]"


def _keyword(text: str, low: T, high: T, default: T | None) -> T | None:
    word = text.upper()
    if word in {"MIN", "MINIMUM"}:
        return low
    if word in {"MAX", "MAXIMUM"}:
        return high
    if word in {"DEF", "DEFAULT"}:
        return default
    return None


def _counted(
    name: str,
    text: str,
    limits: tuple[int, int, int | None],
    parts: int,
    suffixes: dict[str, Fraction] | None = None,
) -> int:
    """Return how many parts of one a number has; lowest, highest and default are in parts."""
    low, high, _ = limits
    keyword = _keyword(text, *limits)
    if keyword is not None:
        return keyword
    value = _number(name, text, suffixes) * parts
    if not low <= value <= high:
        unit = " s" if suffixes else ""
        raise _out_of_range(name, text, f"{low / parts:.12g} to {high / parts:.12g}{unit}")
    return round(value)


def _number(name: str, text: str, suffixes: dict[str, Fraction] | None = None) -> Fraction:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _wrong_type(name, text, "a decimal number")
    sign, whole, places, only_places, exponent, suffix = match.groups()
    fraction = places or only_places or ""
    digits = (whole or "") + fraction
    if len(digits.lstrip("0")) > _MAX_DIGITS or len(fraction) > _MAX_EXPONENT:
        raise ScpiError(ErrorCode.TOO_MANY_DIGITS, f"{name}; allowed are {_MAX_DIGITS}")
    unit = Fraction(1)
    if suffix:
        if suffixes is None:
            raise ScpiError(ErrorCode.SUFFIX_NOT_ALLOWED, f"{name} has no unit: {shorten(text)}")
        if suffix.upper() not in suffixes:
            raise ScpiError(
                ErrorCode.INVALID_SUFFIX,
                f"{name} {shorten(text)}: allowed are {', '.join(suffixes)}",
            )
        unit = suffixes[suffix.upper()]
    # Looked at as text first: 10**999999999 would never be finished.
    size = (exponent or "").lstrip("+-").lstrip("0") or "0"
    if len(size) > len(str(_MAX_EXPONENT)):
        raise _out_of_range(name, text, f"exponents up to {_MAX_EXPONENT}")
    power = (-int(size) if (exponent or "").startswith("-") else int(size)) - len(fraction)
    value = Fraction(int(digits.lstrip("0") or "0")) * Fraction(10) ** power * unit
    return -value if sign == "-" else value


def _wrong_type(name: str, text: str, allowed: str) -> ScpiError:
    return ScpiError(ErrorCode.DATA_TYPE, f"{name} {shorten(text)}: must be {allowed}")


def _out_of_range(name: str, text: str, allowed: str) -> ScpiError:
    return ScpiError(ErrorCode.OUT_OF_RANGE, f"{name} {shorten(text)}: allowed are {allowed}")
