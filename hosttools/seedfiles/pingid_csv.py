"""PingID and Duo CSV: one token a line, and hardly a setting.

    serial, secret in hex [, counter]

Both servers are told at the import what kind of token it is and how many
digits it shows, so the file does not say; a counter makes it an event token.
The hash is SHA-1 (docs.pingidentity.com, "Configuring OATH token
authentication"; RFC 4226). Duo takes a third field of its time tokens for the
time step: such a file is read as OATH CSV, with ``totp`` and the digits put in
before it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import (
    SHA1_ONLY,
    complaining,
    first_row,
    read_named,
    read_number,
    read_rows,
    refuse_loss,
    split_csv,
    write_rows,
)

CARRIED: Final = frozenset({"token_type", "algorithm", "counter"})
"""The settings that the format has room for: the type where there is a counter."""

_MIN_FIELDS: Final = 2
_MAX_FIELDS: Final = 3


def parse_pingid_csv(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    return read_rows(data, source, _record)


def looks_like(data: bytes) -> bool:
    """Whether the first token has a counter, but no type before it.

    Without a counter, a line is OATH CSV as well.
    """
    fields = [field.strip() for field in first_row(data).split(",")]
    return len(fields) == _MAX_FIELDS and fields[-1].isdecimal()


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    fields = split_csv(line, place, _MIN_FIELDS, _MAX_FIELDS, "serial,hex[,counter]")
    serial, place = read_named(fields[0], place)
    text = fields[2] if len(fields) == _MAX_FIELDS else ""
    counter = read_number(text, "counter", 0, MAX_COUNTER, place)
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=Secret.from_hex(fields[1]),
            token_type=None if counter is None else TokenType.EVENT,
            algorithm=Algorithm.SHA1,
            counter=counter,
            practice=practice,
        )


def write_pingid_csv(records: Iterable[SeedRecord]) -> str:
    """Return the records as CSV for PingID or Duo, secrets in the clear.

    Raises:
        SeedFileError: a setting that the format has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "PingID CSV", _line)


def _line(record: SeedRecord, place: Place) -> str:
    # Only a counter tells the type.
    carried = CARRIED if record.token_type is TokenType.EVENT else CARRIED - {"token_type"}
    needed = ("counter",) if record.token_type is TokenType.EVENT else ()
    refuse_loss(record, place, carried, only={"algorithm": SHA1_ONLY}, needed=needed)
    line = f"{record.serial},{record.secret.reveal().hex()}"
    return line if record.counter is None else f"{line},{record.counter}"
