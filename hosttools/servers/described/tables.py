"""TOML tables that know where they are and refuse what nobody asked them for.

Foreign input: every complaint names the file and the path to the key. A value that is
longer than a word is never repeated, as it may be a password in the wrong place.
"""

import difflib
import re
import tomllib
import warnings
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from hosttools.errors import UsageError

T = TypeVar("T")

LARGEST: Final = 1 << 20
"""Bytes of the largest file that is read: a description has a few thousand."""

DEEPEST: Final = 24
"""Tables within tables."""

_LONGEST_KEY: Final = 60
_SHOWN: Final = 15
"""Longest text that a complaint repeats: the shortest secrets have 16 characters."""


class DescriptionError(UsageError):
    """A description of a server that can't be."""


class Table:
    """One table of a file. Keys that are never asked for are refused by :meth:`done`.

    Args:
        data: what it holds.
        source: the file's name.
        path: the way to it, in keys.
        depth: how many tables it is in.

    Attributes:
        path: the way to it.
    """

    def __init__(
        self, data: Mapping[str, Any], source: str, path: str = "", depth: int = 0
    ) -> None:
        self._data = data
        self._source = source
        self.path = path
        self._depth = depth
        self._asked: dict[str, None] = {}

    @classmethod
    def of_file(cls, file: Path) -> "Table":
        """Read a file.

        Raises:
            DescriptionError: it can't be read, or is no TOML.
        """
        try:
            with file.open("rb") as opened:
                data = opened.read(LARGEST + 1)
        except OSError as e:
            raise DescriptionError(f"{file} can't be read: {e.strerror}") from None
        if len(data) > LARGEST:
            raise DescriptionError(f"{file} is larger than {LARGEST} bytes; that is no description")
        return cls.of_text(data, str(file))

    @classmethod
    def of_text(cls, data: bytes, source: str) -> "Table":
        """Read what a file holds.

        Raises:
            DescriptionError: it is no TOML.
        """
        try:
            return cls(tomllib.loads(data.decode()), source)
        except RecursionError:
            raise DescriptionError(f"{source}: nested too deeply") from None
        except ValueError as e:  # tomllib's own, other encodings, numbers too long for Python
            raise DescriptionError(f"{source} is no TOML: {e}") from None

    def __contains__(self, key: str) -> bool:
        self._asked[key] = None
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        """Go through the keys, for tables whose keys are the file's own choice."""
        return iter(self._data)

    def error(self, what: str, key: str = "") -> DescriptionError:
        """Return the error that says what is wrong here, or with a key."""
        path = _joined(self.path, key)
        return DescriptionError(
            f"{self._source}: {path}: {what}" if path else f"{self._source}: {what}"
        )

    def done(self) -> None:
        """Refuse what was never asked for.

        Raises:
            DescriptionError: there is such a key; it names the nearest that is known.
        """
        for key in self._data:
            if key not in self._asked:
                raise self.error(f"unknown key; {nearest(key, self._asked)}", key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        return self._one(key, str, "a text", default)

    def switch(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return self._one(key, bool, "true or false", default)

    def seconds(self, key: str, default: float, low: float, high: float) -> float:
        """Return a time in seconds, between two bounds."""
        value = self._get(key, default)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            raise self.error(f"{shown(value)}; allowed are {low:g} to {high:g} seconds", key)
        return float(value)

    def word(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """Return one of a few words."""
        word = self.text(key, default)
        if word not in allowed:
            raise self.error(f"{shown(word)}; {nearest(word, allowed)}", key)
        return word

    def words(self, key: str, allowed: Collection[str], default: list[str]) -> list[str]:
        """Return some of a few words, at least one."""
        words = self.texts(key, default)
        for word in words:
            if word not in allowed:
                raise self.error(f"{shown(word)}; {nearest(word, allowed)}", key)
        if not words:
            raise self.error(f"none is given; allowed are {', '.join(allowed)}", key)
        return words

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        """Return texts: a list of them, or one alone."""
        value = self._get(key, default)
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if not isinstance(text, str):
                raise self.error(f"{shown(text)}; give a text, or a list of them", key)
        return list(texts)

    def pattern(self, key: str) -> re.Pattern[str]:
        """Return a regular expression, as Python writes them."""
        text = self.text(key)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # of what Python will read differently one day
                return re.compile(text)
        except (re.error, OverflowError, RecursionError, Warning) as e:
            raise self.error(f"no regular expression: {e}", key) from None

    def value(self, key: str) -> Any:  # noqa: ANN401  # whatever the file holds
        """Return what is there, of any kind."""
        return self._get(key, None)

    def table(self, key: str) -> "Table":
        """Return a table within; an empty one if it is left out."""
        return self._table(self._get(key, {}), key)

    def tables(self, key: str) -> list["Table"]:
        """Return tables within: a list of them, or one alone; none if it is left out."""
        value = self._get(key, [])
        if isinstance(value, list):
            return [self._table(each, f"{key}[{n}]") for n, each in enumerate(value)]
        return [self._table(value, key)]

    def numbered(self, key: str) -> "Table":
        """Return a list within as a table, its keys the numbers."""
        return self._table({str(n): each for n, each in enumerate(self._get(key, []))}, key)

    def _table(self, value: object, key: str) -> "Table":
        if not isinstance(value, dict):
            raise self.error(f"{shown(value)}; it must be a table", key)
        if self._depth == DEEPEST:
            raise DescriptionError(f"{self._source}: nested too deeply")
        return Table(value, self._source, _joined(self.path, key), self._depth + 1)

    def _one(self, key: str, kind: type[T], kind_name: str, default: T | None) -> T:
        value = self._get(key, default)
        if type(value) is not kind:  # true is no number
            raise self.error(f"{shown(value)}; it must be {kind_name}", key)
        return value

    def _get(self, key: str, default: object) -> Any:  # noqa: ANN401  # whatever the file holds
        self._asked[key] = None
        value = self._data.get(key, default)
        if value is None:
            near = difflib.get_close_matches(key, self._data, n=1)
            raise self.error(f"is missing; is it {near[0]!r}?" if near else "is missing", key)
        return value


def shown(value: object) -> str:
    """Return a foreign value as a complaint shows it: no long text, which may be a secret.

    >>> shown("vrify"), shown("hunter2-hunter2-hunter2"), shown([1])
    ("'vrify'", 'a text of 23 characters', 'a list')
    """
    match value:
        case str():
            return ascii(value) if len(value) <= _SHOWN else f"a text of {len(value)} characters"
        case bool():
            return str(value).lower()
        case int() | float() if abs(value) < 10**_SHOWN:
            return str(value)
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
        case _:
            return "a number or date that can't be"


def nearest(given: str, known: Collection[str]) -> str:
    """Return which of the known names was meant, or all of them.

    >>> nearest("vrify", ["verify", "sync"]), nearest("x", ["verify", "sync"])
    ("did you mean 'verify'?", 'allowed are verify, sync')
    """
    near = difflib.get_close_matches(given, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(known) or 'none'}"


def _joined(path: str, key: str) -> str:
    bare = re.fullmatch(r"[A-Za-z0-9_-]+(\[\d+\])?", key)
    name = key if bare or not key else ascii(key)[:_LONGEST_KEY]
    return f"{path}.{name}" if path and name else path or name
