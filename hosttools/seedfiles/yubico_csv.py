"""Yubico CSV: what the YubiKey Personalization Tool logs, in both of its formats.

Yubico format, no digits:

    serial, public id, moving factor, secret in hex, access code, time,

Traditional format, no serial, so the public id (the OATH token identifier)
stands in for it:

    OATH-HOTP, time, slot, public id, private id, secret in hex, two access
    codes, three flags, digits, moving factor, five flags

Only OATH-HOTP with SHA-1 is read; a log of other modes is refused where they
begin. Slot, access codes, flags and times belong to the YubiKey and not to the
token in it, and are not kept.
Source: Yubico/yubikey-personalization-gui, src/yubikeylogger.cpp.
"""

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
    read_choice,
    read_named,
    read_number,
    read_text,
    refuse_loss,
    split_csv,
    write_rows,
)

CARRIED: Final = frozenset({"token_type", "algorithm", "counter"})
"""The settings that the Yubico format has room for, or that it implies: HOTP with SHA-1."""

CARRIED_LOG: Final = CARRIED | {"digits"}
"""Those of the traditional format."""

_ONLY: Final = {"token_type": {TokenType.EVENT}, "algorithm": SHA1_ONLY}
_MAX_MOVING_FACTOR: Final = 2**32 - 1
"""The tool has an unsigned int for it; longer numbers would look like a private id."""

_DIGITS: Final = {"6": 6, "8": 8}
_KIND: Final = "OATH-HOTP"
_START: Final = "LOGGING START"
_OTHER_KINDS: Final = (
    "Yubico OTP",
    "Static Password",
    "Challenge-Response",
    "Configuration Update",
    "Configuration Swap",
)
_LAYOUT: Final = "serial,public id,moving factor,hex,access code,time,"
_LOG_LAYOUT: Final = "OATH-HOTP,time,slot,public id,private id,hex,,,0,0,0,digits,moving factor, …"
_YUBICO_LINE: Final = re.compile(
    r"[A-Za-z0-9]*\s*,\s*[A-Za-z0-9]*\s*,\s*[0-9]{1,10}\s*,\s*([0-9A-Fa-f]{2}){10,}\s*(,.*)?"
)


def parse_yubico_csv(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token, in either format.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    text = read_text(data, source)
    record = 0
    for number, line in text.rows():
        if line.startswith(_START):
            continue
        record += 1
        yield number, _record(line, Place(source, number, record), practice=text.practice)


def looks_like(data: bytes) -> bool:
    """Whether the first line is of a log in either format."""
    line = first_row(data)
    return line.startswith((_START, f"{_KIND},", *_OTHER_KINDS)) or (
        _YUBICO_LINE.fullmatch(line) is not None
    )


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    if line.startswith(_OTHER_KINDS):
        raise place.error(f"not an {_KIND} configuration; take the line out")
    if line.startswith(_KIND):
        # The time is as the machine's locale writes it, with a comma in some.
        fields = split_csv(line, place, 18, 19, _LOG_LAYOUT)
        name, secret, digits, moving_factor = (fields[at] for at in (-15, -13, -7, -6))
        if not name:
            raise place.error("no public id; have it logged with the OATH token identifier on")
    else:
        fields = split_csv(line, place, 4, 7, _LAYOUT)
        name, moving_factor, secret = fields[0] or fields[1], fields[2], fields[3]
        digits = ""
        if not re.fullmatch(r"[0-9]{1,10}", moving_factor):
            raise place.error(
                "the third field is no moving factor, so this is not OATH-HOTP; take the line out"
            )
    serial, place = read_named(name, place)
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=Secret.from_hex(secret),
            token_type=TokenType.EVENT,
            algorithm=Algorithm.SHA1,
            digits=read_choice(digits, _DIGITS, "digits", place),
            counter=read_number(moving_factor, "moving factor", 0, _MAX_MOVING_FACTOR, place),
            practice=practice,
        )


def write_yubico_csv(records: Iterable[SeedRecord]) -> str:
    """Return the records in the Yubico format, secrets in the clear, without a time.

    Raises:
        SeedFileError: not an event token with its counter, a setting that the
            format has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "Yubico CSV", _line)


def _line(record: SeedRecord, place: Place) -> str:
    _check(record, place, CARRIED)
    return f"{record.serial},,{record.counter},{record.secret.reveal().hex()},,,"


def write_yubico_log(records: Iterable[SeedRecord]) -> str:
    """Return the records in the traditional format, secrets in the clear, without times.

    Raises:
        SeedFileError: as :func:`write_yubico_csv`; digits must be 6 or 8.
    """
    return write_rows(records, "Yubico log", _log_line)


def _log_line(record: SeedRecord, place: Place) -> str:
    _check(record, place, CARRIED_LOG)
    if record.digits not in _DIGITS.values():
        raise place.error("the format needs digits, 6 or 8; set it, or write PSKC instead")
    fields = [_KIND, "", "1", record.serial, "", record.secret.reveal().hex(), "", "", "0", "0"]
    fields += ["0", str(record.digits), str(record.counter), "0", "0", "0", "0", "0"]
    return ",".join(fields)


def _check(record: SeedRecord, place: Place, carried: frozenset[str]) -> None:
    refuse_loss(record, place, carried, only=_ONLY, needed=("token_type", "counter"))
    if record.counter is not None and record.counter > _MAX_MOVING_FACTOR:
        raise place.error(
            f"counter: {record.counter}; the format knows 0 to {_MAX_MOVING_FACTOR} only"
        )
