"""OATH CSV: one token a line, as privacyIDEA and LinOTP import it.

    serial, secret in hex [, hotp|totp [, digits [, step or counter [, hash]]]]

The fifth field is the time step in seconds of a totp token and the counter of
a hotp token (privacyIDEA); the sixth is sha1, sha256 or sha512 (LinOTP). An
empty field says nothing. The hash is never guessed from the secret's length,
as those servers do: write it down where it is not the profile's.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import (
    HASHES,
    TYPE_NAMES,
    TYPES,
    complaining,
    read_choice,
    read_named,
    read_number,
    read_rows,
    refuse_loss,
    split_csv,
    write_rows,
)

CARRIED: Final = frozenset({"token_type", "algorithm", "digits", "step_s", "counter"})
"""The settings that the format has room for."""

_MIN_FIELDS: Final = 2
_MAX_FIELDS: Final = 6
_LAYOUT: Final = "serial,hex[,hotp|totp[,digits[,step or counter[,hash]]]]"


def parse_oath_csv(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    if re.match(rb"(\xef\xbb\xbf)?#\s*version:\s*2", data):
        raise SeedFileError(
            "privacyIDEA's version 2, whose lines begin with a user; export without users",
            source=source,
            line=1,
        )
    yield from read_rows(data, source, _record)


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    fields = split_csv(line, place, _MIN_FIELDS, _MAX_FIELDS, _LAYOUT)
    fields += [""] * (_MAX_FIELDS - len(fields))
    serial, place = read_named(fields[0], place)
    token_type = read_choice(fields[2], TYPES, "token type", place)
    step_s = counter = None
    if token_type is TokenType.TIME:
        step_s = read_number(fields[4], "time step", 1, 86_400, place)
    elif token_type is TokenType.EVENT:
        counter = read_number(fields[4], "counter", 0, MAX_COUNTER, place)
    elif fields[4]:
        raise place.error("a fifth field is a counter or a time step: say hotp or totp before it")
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=Secret.from_hex(fields[1]),
            token_type=token_type,
            algorithm=read_choice(fields[5].lower(), HASHES, "hash", place),
            digits=read_number(fields[3], "digits", MIN_DIGITS, MAX_DIGITS, place),
            step_s=step_s,
            counter=counter,
            practice=practice,
        )


def write_oath_csv(records: Iterable[SeedRecord]) -> str:
    """Return the records as OATH CSV, secrets in the clear.

    Raises:
        SeedFileError: a setting that the format has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "OATH CSV", _line)


def _line(record: SeedRecord, place: Place) -> str:
    refuse_loss(record, place, CARRIED)
    factor = record.step_s if record.token_type is TokenType.TIME else record.counter
    fields = [
        record.serial,
        record.secret.reveal().hex(),
        TYPE_NAMES[record.token_type] if record.token_type else "",
        "" if record.digits is None else str(record.digits),
        "" if factor is None else str(factor),
        record.algorithm.value.lower() if record.algorithm else "",
    ]
    return ",".join(fields).rstrip(",")
