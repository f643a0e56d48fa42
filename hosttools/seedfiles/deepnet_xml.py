"""Deepnet's XML: SafeID time tokens, as DualShield imports them.

    data / header / manufacturerCode, productCode, encrypt, encode, digits, timeWindow, crypto
    data / tokens / token / serial, seed

The header is for all tokens of a file. ``encrypt`` is ``NONE`` or ``AES256``, of
which only the first is read; ``encode`` is ``HEX`` or ``BASE64``; ``crypto`` is
``HmacSHA1``, ``HmacSHA256`` or ``HmacSHA512`` (DualShield's token file format).
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from firmware_model.oath import MAX_DIGITS, MIN_DIGITS, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, read_serial, shown
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import complaining, read_choice, read_number, refuse_loss
from hosttools.seedfiles.writing import prepare
from hosttools.seedfiles.xml_records import XmlRecord, XmlRecords, document, element

CARRIED: Final = frozenset({"token_type", "algorithm", "digits", "step_s", "manufacturer", "model"})
"""The settings that the format has room for, once a file."""

RECORD: Final = ("data", "tokens", "token")
_HASHES: Final = {f"hmac{algorithm.value.lower()}": algorithm for algorithm in Algorithm}
_HEADER: Final = ("algorithm", "digits", "step_s", "manufacturer", "model")


def looks_like(data: bytes) -> bool:
    """Whether a file is XML with ``data`` and a header of Deepnet's near its beginning."""
    start = data[:4096]
    return b"<data>" in start and (b"<manufacturerCode>" in start or b"<timeWindow>" in start)


def parse_deepnet_xml(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Codes of manufacturer and product become manufacturer and model. A file without
    ``timeWindow`` doesn't say that its tokens are time-based.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    found = XmlRecords(source, RECORD, "Deepnet")
    found.feed(data)
    header = _settings(found.outside, Place(source))
    decode = _decoder(found.outside, Place(source))
    for number, entry in enumerate(found.records, 1):
        place = Place(source, entry.line, number)
        yield entry.line, _record(entry, place, header, decode, practice=found.practice)


def _settings(header: Mapping[str, str], place: Place) -> dict[str, Any]:
    if header.get("encrypt", "NONE").upper() != "NONE":
        raise place.error(
            f"encrypt: {shown(header['encrypt'])}; only NONE can be read: have it exported so"
        )
    step_s = read_number(header.get("timeWindow", ""), "timeWindow", 1, 86_400, place)
    return {
        "token_type": None if step_s is None else TokenType.TIME,
        "step_s": step_s,
        "digits": read_number(header.get("digits", ""), "digits", MIN_DIGITS, MAX_DIGITS, place),
        "algorithm": read_choice(header.get("crypto", ""), _HASHES, "crypto", place),
        "manufacturer": " ".join(header.get("manufacturerCode", "").split()) or None,
        "model": " ".join(header.get("productCode", "").split()) or None,
    }


def _decoder(header: Mapping[str, str], place: Place) -> Callable[[str, Place], Secret]:
    known = {"hex": _from_hex, "base64": _from_base64}
    return read_choice(header.get("encode", ""), known, "encode", place) or _from_hex


def _from_hex(text: str, place: Place) -> Secret:
    with complaining(place):
        return Secret.from_hex(text)


def _from_base64(text: str, place: Place) -> Secret:
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise place.error("a seed that is not base64; the file is damaged") from None
    with complaining(place):
        return Secret(raw)


def _record(
    entry: XmlRecord,
    place: Place,
    header: Mapping[str, Any],
    decode: Callable[[str, Place], Secret],
    *,
    practice: bool,
) -> SeedRecord:
    serial = read_serial(entry.texts.get("serial", ""), place)
    place = Place(place.source, place.line, place.record, serial)
    if "seed" not in entry.texts:
        raise place.error("a token without a seed")
    secret = decode(entry.texts["seed"], place)
    with complaining(place):
        return SeedRecord(serial=serial, secret=secret, practice=practice, **header)


def write_deepnet_xml(records: Iterable[SeedRecord]) -> bytes:
    """Return the records as Deepnet XML, secrets in the clear.

    DualShield knows its own codes of manufacturer and product (``DN``, ``ST``); what the
    records say is written.

    Raises:
        SeedFileError: a token that is not time-based, or whose settings are not those of
            the first one: a file has them once; or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    placed, practice = prepare(records, "Deepnet XML")
    first = placed[0][1]
    for place, record in placed:
        only = {"token_type": (TokenType.TIME,)}
        refuse_loss(record, place, CARRIED, only=only, needed=("token_type", "step_s"))
        differs = [name for name in _HEADER if getattr(record, name) != getattr(first, name)]
        if differs:
            raise place.error(
                f"{', '.join(differs)} unlike the first token's; a file has it once for all:"
                " write them to separate files"
            )
    header = {
        "manufacturerCode": first.manufacturer,
        "productCode": first.model,
        "encrypt": "NONE",
        "encode": "HEX",
        "digits": first.digits,
        "timeWindow": first.step_s,
        "crypto": f"Hmac{first.algorithm.value}" if first.algorithm else None,
    }
    lines = ["<data>", " <header>"]
    lines += [f"  {element(name, text)}" for name, text in header.items() if text is not None]
    lines += [" </header>", " <tokens>"]
    lines += [
        f"  <token>{element('serial', record.serial)}"
        f"{element('seed', record.secret.reveal().hex().upper())}</token>"
        for _, record in placed
    ]
    return document([*lines, " </tokens>", "</data>"], practice=practice)
