"""OATH CSV: one token a line, as privacyIDEA and LinOTP import it.

    serial, secret in hex [, hotp|totp [, digits [, step or counter [, hash]]]]

The fifth field is the time step in seconds of a totp token and the counter of
a hotp token (privacyIDEA); the sixth is sha1, sha256 or sha512 (LinOTP). An
empty field says nothing. The hash is never guessed from the secret's length,
as those servers do: write it down where it is not the profile's.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from firmware_model.errors import FirmwareError
from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, SeedFileError, read_serial, shown
from hosttools.seedfiles.model import SeedRecord, uncarried
from hosttools.seedfiles.practice import MARK, is_mark
from hosttools.seedfiles.writing import prepare

T = TypeVar("T")

CARRIED: Final = frozenset({"token_type", "algorithm", "digits", "step_s", "counter"})
"""The settings that the format has room for."""

_TYPES: Final = {"hotp": TokenType.EVENT, "totp": TokenType.TIME}
_NAMES: Final = {token_type: name for name, token_type in _TYPES.items()}
_HASHES: Final = {algorithm.value.lower(): algorithm for algorithm in Algorithm}
_MIN_FIELDS: Final = 2
_MAX_FIELDS: Final = 6


def parse_oath_csv(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    lines = _decode(data, source).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    comments = (line.lstrip()[1:] for line in lines if line.lstrip().startswith("#"))
    practice = any(is_mark(comment) for comment in comments)
    if re.match(r"#\s*version:\s*2", lines[0]):
        raise SeedFileError(
            "privacyIDEA's version 2, whose lines begin with a user; export without users",
            source=source,
            line=1,
        )
    record = 0
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        record += 1
        yield number, _record(line, Place(source, number, record), practice=practice)


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise SeedFileError(
            "not UTF-8 text; is it encrypted, compressed, or saved as UTF-16?",
            source=source,
            line=data.count(b"\n", 0, e.start) + 1,
        ) from None


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    fields = _split(line, place)
    serial = read_serial(fields[0], place)
    place = Place(place.source, place.line, place.record, serial)
    token_type = _choice(fields[2], _TYPES, "token type", place)
    step_s = counter = None
    if token_type is TokenType.TIME:
        step_s = _number(fields[4], "time step", 1, 86_400, place)
    elif token_type is TokenType.EVENT:
        counter = _number(fields[4], "counter", 0, MAX_COUNTER, place)
    elif fields[4]:
        raise place.error("a fifth field is a counter or a time step: say hotp or totp before it")
    try:
        return SeedRecord(
            serial=serial,
            secret=Secret.from_hex(fields[1]),
            token_type=token_type,
            algorithm=_choice(fields[5].lower(), _HASHES, "hash", place),
            digits=_number(fields[3], "digits", MIN_DIGITS, MAX_DIGITS, place),
            step_s=step_s,
            counter=counter,
            practice=practice,
        )
    except FirmwareError as e:
        raise place.error(str(e)) from None


def _split(line: str, place: Place) -> list[str]:
    try:
        # One line at a time: a quote that is never closed must not eat the tokens after it.
        (row,) = csv.reader([line], strict=True, skipinitialspace=True)
    except csv.Error:
        raise place.error("not a line of CSV: a stray or unclosed quote, or far too long") from None
    fields = [field.strip() for field in row]
    while fields and not fields[-1]:
        fields.pop()
    if not _MIN_FIELDS <= len(fields) <= _MAX_FIELDS:
        raise place.error(
            f"{len(fields)} fields; allowed are {_MIN_FIELDS} to {_MAX_FIELDS}:"
            " serial,hex[,hotp|totp[,digits[,step or counter[,hash]]]]"
        )
    return fields + [""] * (_MAX_FIELDS - len(fields))


def _choice(text: str, known: dict[str, T], what: str, place: Place) -> T | None:
    if not text:
        return None
    try:
        return known[text.lower()]
    except KeyError:
        allowed = ", ".join(known)
        raise place.error(f"{what}: {shown(text)}; allowed are {allowed} or nothing") from None


def _number(text: str, what: str, low: int, high: int, place: Place) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", text) or not low <= int(text) <= high:
        raise place.error(f"{what}: {shown(text)}; allowed are {low} to {high}, or nothing")
    return int(text)


def write_oath_csv(records: Iterable[SeedRecord]) -> str:
    """Return the records as OATH CSV, secrets in the clear.

    Raises:
        SeedFileError: a setting that the format has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    placed, practice = prepare(records, "OATH CSV")
    lines = [f"# {MARK}"] if practice else []
    lines += [_line(record, place) for place, record in placed]
    return "".join(line + "\n" for line in lines)


def _line(record: SeedRecord, place: Place) -> str:
    factors = {TokenType.TIME: record.step_s, TokenType.EVENT: record.counter}
    factor = factors.get(record.token_type) if record.token_type else None
    lost = list(uncarried(record, CARRIED))
    if record.step_s is not None and record.token_type is not TokenType.TIME:
        lost.append("step_s")
    if record.counter is not None and record.token_type is not TokenType.EVENT:
        lost.append("counter")
    if lost:
        raise place.error(f"the format can't carry {', '.join(lost)}; write PSKC, or drop it first")
    fields = [
        record.serial,
        record.secret.reveal().hex(),
        _NAMES[record.token_type] if record.token_type else "",
        "" if record.digits is None else str(record.digits),
        "" if factor is None else str(factor),
        record.algorithm.value.lower() if record.algorithm else "",
    ]
    return ",".join(fields).rstrip(",")
