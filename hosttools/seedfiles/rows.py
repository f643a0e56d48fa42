"""What the formats of one token a line share: lines, fields, numbers, secrets.

A format of this kind is a module with a function that makes a record of a
line. Everything here complains by way of a :class:`~hosttools.seedfiles.errors.Place`,
and never repeats what might be a secret.
"""

import base64
import binascii
import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Protocol, TypeVar

from firmware_model.errors import FirmwareError
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, SeedFileError, read_serial, shown
from hosttools.seedfiles.model import SeedRecord, uncarried
from hosttools.seedfiles.practice import MARK, is_mark
from hosttools.seedfiles.writing import prepare

T = TypeVar("T")

TYPES: Final = {"hotp": TokenType.EVENT, "totp": TokenType.TIME}
TYPE_NAMES: Final = {token_type: name for name, token_type in TYPES.items()}
HASHES: Final = {algorithm.value.lower(): algorithm for algorithm in Algorithm}
SHA1_ONLY: Final = frozenset({Algorithm.SHA1})

_PEEK: Final = 65_536
"""Bytes looked at to tell a format; comments may come first."""

_PEEK_LINE: Final = 1024
"""Characters of a line looked at, so that no pattern gets lost in one."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file as lines.

    Attributes:
        lines: all of them, whatever ended them.
        practice: whether a comment marks the seeds as practice seeds.
    """

    lines: tuple[str, ...]
    practice: bool

    def rows(self) -> Iterator[tuple[int, str]]:
        """Yield number and text of each line that is neither blank nor a comment."""
        for number, line in enumerate(self.lines, 1):
            if line.strip() and not _is_comment(line):
                yield number, line


class MakeRecord(Protocol):
    """What makes a record of a line."""

    def __call__(self, line: str, place: Place, *, practice: bool) -> SeedRecord:
        """Return the record, or raise SeedFileError."""


def read_text(data: bytes, source: str) -> Text:
    """Return a file's lines.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise SeedFileError(
            "not UTF-8 text; is it encrypted, compressed, or saved as UTF-16?",
            source=source,
            line=data.count(b"\n", 0, e.start) + 1,
        ) from None
    lines = _lines(text)
    return Text(lines, any(is_mark(line.lstrip()[1:]) for line in lines if _is_comment(line)))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def read_rows(data: bytes, source: str, record: MakeRecord) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token of a file without a header.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.
        record: makes a record of a line.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    text = read_text(data, source)
    for index, (number, line) in enumerate(text.rows(), 1):
        yield number, record(line, Place(source, number, index), practice=text.practice)


def first_row(data: bytes) -> str:
    """Return how the first line begins that is neither blank nor a comment; never raises.

    What is no text comes back as such a line too, with question marks in it.
    """
    lines = _lines(data[:_PEEK].decode("utf-8-sig", errors="replace"))
    return next((line.strip()[:_PEEK_LINE] for _, line in Text(lines, practice=False).rows()), "")


def split_csv(line: str, place: Place, low: int, high: int, layout: str) -> list[str]:
    """Return the fields of a line of CSV, stripped, without the empty ones at its end.

    Args:
        line: the line.
        place: where it is.
        low: fewest fields.
        high: most fields.
        layout: what they are, for messages.

    Raises:
        SeedFileError: not CSV, or another number of fields.
    """
    try:
        # One line at a time: a quote that is never closed must not eat the tokens after it.
        (row,) = csv.reader([line], strict=True, skipinitialspace=True)
    except csv.Error:
        raise place.error("not a line of CSV: a stray or unclosed quote, or far too long") from None
    fields = [field.strip() for field in row]
    while fields and not fields[-1]:
        fields.pop()
    if not low <= len(fields) <= high:
        allowed = str(low) if low == high else f"{low} to {high}"
        raise place.error(f"{len(fields)} fields; allowed are {allowed}: {layout}")
    return fields


def join_csv(fields: Iterable[str]) -> str:
    """Return a line of CSV, without its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue()


def read_named(text: str, place: Place) -> tuple[str, Place]:
    """Return a serial number, normalised, and the place with its name on it.

    Raises:
        SeedFileError: no serial number can look like that.
    """
    serial = read_serial(text, place)
    return serial, replace(place, serial=serial)


def read_choice(text: str, known: Mapping[str, T], what: str, place: Place) -> T | None:
    """Return what a word stands for; ``None`` for an empty one.

    Args:
        text: the word, in any case.
        known: words in lower case, and what they stand for.
        what: name of the field, for messages.
        place: where it is.

    Raises:
        SeedFileError: another word.
    """
    if not text:
        return None
    try:
        return known[text.lower()]
    except KeyError:
        allowed = ", ".join(known)
        raise place.error(f"{what}: {shown(text)}; allowed are {allowed} or nothing") from None


def read_number(text: str, what: str, low: int, high: int, place: Place) -> int | None:
    """Return a whole number from ``low`` to ``high``; ``None`` for an empty text.

    Raises:
        SeedFileError: anything else.
    """
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", text) or not low <= int(text) <= high:
        raise place.error(f"{what}: {shown(text)}; allowed are {low} to {high}, or nothing")
    return int(text)


def from_base32(text: str, place: Place) -> Secret:
    """Return a secret written in base32, in any case, with or without its padding.

    Bits left over at the end are ignored, as Microsoft's own example has some.

    Raises:
        SeedFileError: not base32, or a length that no secret has.
    """
    bare = text.rstrip("=").upper()
    if not re.fullmatch(r"[A-Z2-7]+", bare):
        raise place.error("a secret that is not base32: allowed are A to Z and 2 to 7")
    try:
        raw = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except binascii.Error:
        raise place.error("a secret in base32 that has been cut off") from None
    with complaining(place):
        return Secret(raw)


def to_base32(secret: Secret) -> str:
    """Return a secret in base32, without padding."""
    return base64.b32encode(secret.reveal()).decode().rstrip("=")


@contextmanager
def complaining(place: Place) -> Iterator[None]:
    """Turn what the model has against a value into an error that says where it stands."""
    try:
        yield
    except FirmwareError as e:
        raise place.error(str(e)) from None


def lost_settings(record: SeedRecord, carried: frozenset[str]) -> list[str]:
    """Name the settings that a format would lose which has one field for the moving factor.

    The type of token says what that field is: so only a time token's step
    survives, and only an event token's counter.
    """
    lost = list(uncarried(record, carried))
    if record.step_s is not None and record.token_type is not TokenType.TIME:
        lost.append("step_s")
    if record.counter is not None and record.token_type is not TokenType.EVENT:
        lost.append("counter")
    return list(dict.fromkeys(lost))


def refuse_loss(
    record: SeedRecord,
    place: Place,
    carried: frozenset[str],
    *,
    only: Mapping[str, Collection[object]] | None = None,
    needed: Collection[str] = (),
) -> None:
    """Refuse a record that would come back from a format as another one.

    Args:
        record: what is to be written.
        place: which one it is.
        carried: the settings that the format has room for.
        only: the values that the format knows of a setting; saying nothing is allowed too.
        needed: the settings that the format can't do without.

    Raises:
        SeedFileError: which settings, and what to do.
    """
    lost = lost_settings(record, carried)
    if lost:
        raise place.error(f"the format can't carry {', '.join(lost)}; write PSKC, or drop it first")
    for name, values in (only or {}).items():
        value = getattr(record, name)
        if value is not None and value not in values:
            allowed = ", ".join(_word(each) for each in values)
            raise place.error(
                f"{name}: {_word(value)}; the format knows {allowed} only; write PSKC instead"
            )
    missing = [name for name in needed if getattr(record, name) is None]
    if missing:
        raise place.error(
            f"the format needs {', '.join(missing)}; set it first, or convert with --complete"
        )


def _word(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def write_rows(
    records: Iterable[SeedRecord],
    name: str,
    line: Callable[[SeedRecord, Place], str],
    *,
    header: str | None = None,
) -> str:
    """Return a file of one token a line, secrets in the clear.

    Practice seeds begin with the comment that marks them, in every format: a
    server that does not know comments refuses them, and had better.

    Args:
        records: the tokens.
        name: the format, for messages.
        line: writes one token, or raises SeedFileError.
        header: the line above the tokens.

    Raises:
        SeedFileError: see :func:`~hosttools.seedfiles.writing.prepare`, and ``line``.
    """
    placed, practice = prepare(records, name)
    lines = [f"# {MARK}"] if practice else []
    lines += [] if header is None else [header]
    lines += [line(record, place) for place, record in placed]
    return "".join(each + "\n" for each in lines)
