"""otpauth URIs, as authenticator apps scan them: one a line, or a single one.

    otpauth://hotp/Issuer:SERIAL?secret=BASE32&issuer=Issuer&digits=6&counter=0

The account name of the label is the serial number. The issuer is read as the
manufacturer and written from it: of all that a record holds it is the nearest.
A default of the format that a URI leaves unsaid stays unsaid.
Source: github.com/google/google-authenticator/wiki/Key-Uri-Format.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, shown
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import (
    HASHES,
    TYPE_NAMES,
    TYPES,
    complaining,
    first_row,
    from_base32,
    read_choice,
    read_named,
    read_number,
    read_rows,
    refuse_loss,
    to_base32,
    write_rows,
)

CARRIED: Final = frozenset(
    {"token_type", "algorithm", "digits", "step_s", "counter", "manufacturer"}
)
"""The settings that the format has room for."""

_SCHEME: Final = "otpauth://"
_URI: Final = re.compile(r"otpauth://(hotp|totp)/([^?#]+)\?([^#]+)", re.IGNORECASE)
_SETTINGS: Final = ("secret", "issuer", "algorithm", "digits", "period", "counter")
_LOOKS: Final = ("image", "color", "icon")
"""What apps add for the eye; the code does not depend on it."""

_MAX_PARAMETERS: Final = len(_SETTINGS) + len(_LOOKS)


def parse_otpauth(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file, UTF-8 with or without a byte order mark.
        source: its name, for messages.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    return read_rows(data, source, _record)


def looks_like(data: bytes) -> bool:
    """Whether the first line is an otpauth URI."""
    return first_row(data).lower().startswith(_SCHEME)


def _record(line: str, place: Place, *, practice: bool) -> SeedRecord:
    match = _URI.fullmatch(line.strip())
    if match is None:
        raise place.error(
            "not an otpauth URI; one is otpauth://hotp/Issuer:SERIAL?secret=BASE32&counter=0"
        )
    token_type = TYPES[match[1].lower()]
    settings = _settings(match[3], place)
    prefix, account = _label(match[2], place)
    serial, place = read_named(account, place)
    issuer = settings["issuer"].strip()
    if prefix and issuer and prefix != issuer:
        raise place.error("the label and the issuer parameter name different issuers")
    foreign = "counter" if token_type is TokenType.TIME else "period"
    if settings[foreign]:
        raise place.error(f"{foreign} is no setting of {match[1].lower()}; take it out")
    with complaining(place):
        return SeedRecord(
            serial=serial,
            secret=from_base32(settings["secret"], place),
            token_type=token_type,
            algorithm=read_choice(settings["algorithm"], HASHES, "algorithm", place),
            digits=read_number(settings["digits"], "digits", MIN_DIGITS, MAX_DIGITS, place),
            step_s=read_number(settings["period"], "period", 1, 86_400, place),
            counter=read_number(settings["counter"], "counter", 0, MAX_COUNTER, place),
            manufacturer=issuer or prefix or None,
            practice=practice,
        )


def _settings(query: str, place: Place) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MAX_PARAMETERS,
        )
    except ValueError:
        raise place.error("damaged, or too many parameters after the question mark") from None
    settings = dict.fromkeys(_SETTINGS, "")
    seen = set()
    for name, value in pairs:
        # Others may change the code (Steam's encoder) or guard it (a PIN).
        if name not in _SETTINGS and name not in _LOOKS:
            raise place.error(f"parameter {shown(name)}; allowed are {', '.join(_SETTINGS)}")
        if name in seen:
            raise place.error(f"{name} more than once")
        seen.add(name)
        settings[name] = value
    return settings


def _label(text: str, place: Place) -> tuple[str, str]:
    """Return the issuer, empty where there is none, and the account."""
    try:
        label = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise place.error("a label that is not UTF-8 under its percent signs") from None
    issuer, _, account = label.rpartition(":")
    return issuer.strip(), account.strip()


def write_otpauth(records: Iterable[SeedRecord]) -> str:
    """Return the records as otpauth URIs, one a line, secrets in the clear.

    Raises:
        SeedFileError: what :func:`otpauth_uri` or
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return write_rows(records, "otpauth URIs", _line)


def otpauth_uri(record: SeedRecord) -> str:
    """Return the URI of one token, secret in the clear; :mod:`.qr` makes a picture of it.

    A URI has no place for the mark of practice seeds.

    Raises:
        SeedFileError: no type, an event token without its counter, an issuer
            with a colon, or a setting that the format has no room for.
    """
    return _line(record, Place("otpauth URI", None, 1, record.serial))


def _line(record: SeedRecord, place: Place) -> str:
    event = record.token_type is TokenType.EVENT
    needed = ("token_type", "counter") if event else ("token_type",)
    refuse_loss(record, place, CARRIED, needed=needed)
    issuer = record.manufacturer
    if issuer is not None and ":" in issuer:
        raise place.error("manufacturer has a colon, which an issuer can't have; change it")
    settings = {
        "secret": to_base32(record.secret),
        "issuer": issuer,
        "algorithm": record.algorithm.value if record.algorithm else None,
        "digits": record.digits,
        "period": record.step_s,
        "counter": record.counter,
    }
    # Apps know %20, but not all of them the plus sign of forms.
    query = urlencode({k: v for k, v in settings.items() if v is not None}, quote_via=quote)
    label = record.serial if issuer is None else f"{quote(issuer, safe='')}:{record.serial}"
    # Only a record without a type has no name, and that was refused.
    kind = TYPE_NAMES[record.token_type] if record.token_type else ""
    return f"{_SCHEME}{kind}/{label}?{query}"
