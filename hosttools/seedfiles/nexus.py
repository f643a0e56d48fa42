"""Nexus text: one event token a line, as Nexus Hybrid Access Gateway imports it.

    serial : secret in base64 : counter in base64

The length of a code is asked for at the import. The maker's example has no
counter but ``AA==``, zero; that more than one byte are big-endian, as all of
RFC 4226 is, is our reading of it.
Source: doc.nexusgroup.com, "Set up OATH tokens in Digital Access".
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Final

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import (
    SHA1_ONLY,
    complaining,
    first_row,
    read_named,
    read_rows,
    refuse_loss,
    write_rows,
)

CARRIED: Final = frozenset({"token_type", "algorithm", "counter"})
"""The settings that the format has room for, or that it implies: HOTP with SHA-1."""

_FIELDS: Final = 3
_COUNTER_BYTES: Final = 8
_LINE: Final = re.compile(r"[A-Za-z0-9 -]+:[A-Za-z0-9+/]+={0,2}:[A-Za-z0-9+/]+={0,2}")


def parse_nexus(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    return read_rows(data, source, _record)


def looks_like(data: bytes) -> bool:
    """Whether the first line is a serial number and twice base64, between colons."""
    return _LINE.fullmatch(first_row(data)) is not None


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    fields = [field.strip() for field in line.split(":")]
    if len(fields) != _FIELDS:
        raise place.error(
            f"{len(fields)} fields; allowed are {_FIELDS}: serial:base64 secret:base64 counter"
        )
    serial, place = read_named(fields[0], place)
    secret = _decode(fields[1], "secret", place)
    counter = _decode(fields[2], "counter", place)
    if not 1 <= len(counter) <= _COUNTER_BYTES:
        raise place.error(f"a counter of {len(counter)} bytes; allowed are 1 to {_COUNTER_BYTES}")
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=Secret(secret),
            token_type=TokenType.EVENT,
            algorithm=Algorithm.SHA1,
            counter=int.from_bytes(counter, "big"),
            practice=practice,
        )


def _decode(text: str, what: str, place: Place) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise place.error(f"the {what} is not base64; is the line cut off?") from None


def write_nexus(records: Iterable[SeedRecord]) -> str:
    """Return the records as Nexus text, secrets in the clear.

    Raises:
        SeedFileError: not an event token with its counter, a setting that the
            format has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "Nexus text", _line)


def _line(record: SeedRecord, place: Place) -> str:
    refuse_loss(
        record,
        place,
        CARRIED,
        only={"token_type": {TokenType.EVENT}, "algorithm": SHA1_ONLY},
        needed=("token_type", "counter"),
    )
    counter = record.counter or 0
    fields = (
        record.secret.reveal(),
        counter.to_bytes(max(1, (counter.bit_length() + 7) // 8), "big"),
    )
    return ":".join((record.serial, *(base64.b64encode(each).decode() for each in fields)))
