"""Microsoft Entra CSV: time tokens under a header, as its admin center uploads them.

    upn,serial number,secret key,time interval,manufacturer,model

The secret is in base32, the hash SHA-1, the time interval 30 or 60 s. The
header names the columns, and makers deliver it without upn, which the importer
puts in: who holds a token is none of its settings, and is not kept.
Source: learn.microsoft.com, "Upload hardware OATH tokens in CSV format".
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from firmware_model.oath import Algorithm
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, not_kept, shown
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import (
    SHA1_ONLY,
    complaining,
    first_row,
    from_base32,
    join_csv,
    read_named,
    read_text,
    refuse_loss,
    split_csv,
    to_base32,
    write_rows,
)

CARRIED: Final = frozenset({"token_type", "algorithm", "step_s", "manufacturer", "model"})
"""The settings that the format has room for, or that it implies: TOTP with SHA-1."""

STEPS: Final = (30, 60)
"""The time intervals that Entra knows, seconds."""

_HEADER: Final = "upn,serial number,secret key,time interval,manufacturer,model"
_COLUMNS: Final = tuple(_HEADER.replace(" ", "").split(","))
_NEEDED: Final = ("serialnumber", "secretkey")


def parse_entra_csv(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    text = read_text(data, source)
    columns: list[str] | None = None
    record = 0
    for number, line in text.rows():
        place = Place(source, number)
        if columns is None:
            columns = _columns(line, place)
            continue
        record += 1
        yield number, _record(line, columns, replace(place, record=record), practice=text.practice)


def looks_like(data: bytes) -> bool:
    """Whether the first line is a header with the columns that no file lacks."""
    names = _names(first_row(data).split(","))
    return all(name in names for name in _NEEDED)


def _names(fields: Iterable[str]) -> list[str]:
    return ["".join(field.split()).lower() for field in fields]


def _columns(line: str, place: Place) -> list[str]:
    names = _names(split_csv(line, place, 1, len(_COLUMNS), _HEADER))
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise place.error(f"no header; the first line must be {_HEADER}")
    for name in names:
        if name not in _COLUMNS:
            raise place.error(f"column {shown(name)}; allowed are {_HEADER}")
        if names.count(name) > 1:
            raise place.error(f"column {name} more than once")
    return names


def _record(line: str, columns: list[str], place: Place, *, practice: bool) -> SeedRecord:
    fields = split_csv(line, place, 1, len(columns), "as in the header")
    row = dict.fromkeys(_COLUMNS, "") | dict(zip(columns, fields, strict=False))
    serial, place = read_named(row["serialnumber"], place)
    not_kept(["upn"] if row["upn"] else [])
    step = row["timeinterval"]
    if step not in {"", *map(str, STEPS)}:
        raise place.error(f"time interval: {shown(step)}; allowed are 30 and 60, or nothing")
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=from_base32(row["secretkey"], place),
            token_type=TokenType.TIME,
            algorithm=Algorithm.SHA1,
            step_s=int(step) if step else None,
            manufacturer=row["manufacturer"] or None,
            model=row["model"] or None,
            practice=practice,
        )


def write_entra_csv(records: Iterable[SeedRecord]) -> str:
    """Return the records as CSV for Entra, secrets in the clear, the upn left open.

    Raises:
        SeedFileError: not a time token with its step, a setting that the format
            has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "Entra CSV", _line, header=_HEADER)


def _line(record: SeedRecord, place: Place) -> str:
    refuse_loss(
        record,
        place,
        CARRIED,
        only={"token_type": {TokenType.TIME}, "algorithm": SHA1_ONLY, "step_s": STEPS},
        needed=("token_type", "step_s"),
    )
    return join_csv(
        (
            "",
            record.serial,
            to_base32(record.secret),
            str(record.step_s),
            record.manufacturer or "",
            record.model or "",
        )
    )
