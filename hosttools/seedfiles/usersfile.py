"""The UsersFile of oath-toolkit: one user a line, kept by liboath and pam_oath.

    HOTP[/E|/Tstep][/digits] user pin hex [counter [last-OTP [time]]]

The user is read as the serial number. A PIN is not kept, and that is said; the last OTP
and its time are checked for their form: they are no settings of a token. The hash
is SHA-1, and liboath knows no step but 30 and 60 s and no secret longer than
32 bytes.

What the fifth field says depends on the sixth. liboath searches from the
counter that it finds, and after a login writes the counter of the code that it
accepted, not of the next one; that very code is then refused because it is the
last OTP. So the next counter is one more where there is a last OTP. Of a time
token the field means nothing.
Source: oath-toolkit, liboath/usersfile.c.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, not_kept, shown
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import (
    SHA1_ONLY,
    complaining,
    first_row,
    read_named,
    read_number,
    read_rows,
    refuse_loss,
    write_rows,
)

CARRIED: Final = frozenset({"token_type", "algorithm", "digits", "step_s", "counter"})
"""The settings that the format has room for."""

STEPS: Final = (30, 60)
"""The time steps that liboath knows, seconds."""

MAX_SECRET: Final = 32
"""Longest secret that liboath has room for, bytes."""

_NO_PIN: Final = "-"
_MIN_FIELDS: Final = 4
_MAX_FIELDS: Final = 7
_TYPE: Final = re.compile(r"HOTP(?:/E|/T(?P<step>[0-9]{1,5}))?(?:/(?P<digits>[678]))?")
_OTP: Final = re.compile(r"[0-9]{6,8}")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}L")


def parse_usersfile(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    return read_rows(data, source, _record)


def looks_like(data: bytes) -> bool:
    """Whether the first line begins with a type of token that liboath could know."""
    words = first_row(data).split()
    return len(words) >= _MIN_FIELDS and _TYPE.fullmatch(words[0]) is not None


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    fields = line.split()
    if not _MIN_FIELDS <= len(fields) <= _MAX_FIELDS:
        raise place.error(
            f"{len(fields)} fields; allowed are {_MIN_FIELDS} to {_MAX_FIELDS}:"
            " type user pin hex [counter [last-OTP [time]]], - for no PIN"
        )
    kind, user, pin, secret, moving_factor, last_otp, last_time = fields + [""] * (
        _MAX_FIELDS - len(fields)
    )
    match = _TYPE.fullmatch(kind)
    if match is None:
        raise place.error(
            f"type: {shown(kind)}; allowed are HOTP, HOTP/E, HOTP/T30 and HOTP/T60, each with /6,"
            " /7 or /8 or nothing after it"
        )
    serial, place = read_named(user, place)
    if last_otp and not _OTP.fullmatch(last_otp):
        raise place.error("the last OTP is not 6 to 8 digits")
    if last_time and not _TIME.fullmatch(last_time):
        raise place.error(f"time of the last OTP: {shown(last_time)}; one is 2030-12-31T23:59:59L")
    counter = read_number(moving_factor, "counter", 0, MAX_COUNTER, place)
    if last_otp and counter is not None:
        counter += 1
    not_kept(["PIN"] if pin != _NO_PIN else [])
    step = match["step"]
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=Secret.from_hex(secret),
            token_type=TokenType.EVENT if step is None else TokenType.TIME,
            algorithm=Algorithm.SHA1,
            digits=int(match["digits"]) if match["digits"] else None,
            step_s=None if step is None else int(step),
            counter=counter if step is None else None,
            practice=practice,
        )


def write_usersfile(records: Iterable[SeedRecord]) -> str:
    """Return the records as a UsersFile, secrets in the clear, without PINs.

    Raises:
        SeedFileError: a setting that the format has no room for or that
            liboath does not know, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "oath-toolkit usersfile", _line)


def _line(record: SeedRecord, place: Place) -> str:
    time = record.token_type is TokenType.TIME
    refuse_loss(
        record,
        place,
        CARRIED,
        only={"algorithm": SHA1_ONLY, "step_s": STEPS},
        needed=("token_type", "step_s") if time else ("token_type",),
    )
    if len(record.secret) > MAX_SECRET:
        raise place.error(
            f"a secret of {len(record.secret)} bytes; liboath has room for {MAX_SECRET}"
        )
    factor = f"/T{record.step_s}" if time else "/E"
    digits = "" if record.digits is None else f"/{record.digits}"
    fields = [f"HOTP{factor}{digits}", record.serial, "-", record.secret.reveal().hex()]
    if record.counter is not None:
        fields.append(str(record.counter))
    return "\t".join(fields)
