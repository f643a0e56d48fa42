"""The XML of SafeNet's (Aladdin's, Gemalto's) eToken PASS, as its servers import it.

    Tokens / Token[@serial] / CaseModel, Model, ProductionDate, ProductName,
        Applications / Application / Seed (hex), MovingFactor

Event tokens of six digits. The hash is told by the seed's length: 64 hex
digits are SHA-256, others SHA-1.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, not_kept, read_serial
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.rows import complaining, read_number, refuse_loss
from hosttools.seedfiles.writing import prepare
from hosttools.seedfiles.xml_records import XmlRecord, XmlRecords, document, element

CARRIED: Final = frozenset({"token_type", "algorithm", "digits", "counter", "model"})
"""The settings that the format has room for, or that it implies."""

DIGITS: Final = 6
"""Digits of every token. The format doesn't say: our default."""

_NOT_KEPT: Final = ("CaseModel", "Model", "ProductionDate")
RECORD: Final = ("Tokens", "Token")
_SHA256_BYTES: Final = 32
_CONNECTOR: Final = "{a61c4073-2fc8-4170-99d1-9f5b70a2cec6}"
"""The OTP application, as a public enrolment script of YubiKeys writes it."""


def looks_like(data: bytes) -> bool:
    """Whether a file is XML with ``Tokens`` and ``Token serial=`` near its beginning."""
    start = data[:4096]
    return b"<Tokens" in start and b"<Token " in start


def parse_safenet_xml(data: bytes, source: str) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Product names become models. Case model, model number and production date
    are not kept, and that is said: no other format has a place for them.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    found = XmlRecords(source, RECORD, "SafeNet")
    found.feed(data)
    for number, entry in enumerate(found.records, 1):
        place = Place(source, entry.line, number)
        yield entry.line, _record(entry, place, practice=found.practice)


def _record(entry: XmlRecord, place: Place, *, practice: bool) -> SeedRecord:
    serial = read_serial(entry.attributes.get("serial", ""), place)
    place = Place(place.source, place.line, place.record, serial)
    if "Seed" not in entry.texts:
        raise place.error("a Token without Applications/Application/Seed")
    not_kept(name for name in _NOT_KEPT if name in entry.texts)
    with complaining(place):
        secret = Secret.from_hex(entry.texts["Seed"])
        counter = entry.texts.get("MovingFactor", "")
        return SeedRecord(
            serial=serial,
            secret=secret,
            token_type=TokenType.EVENT,
            algorithm=_algorithm(secret),
            digits=DIGITS,
            counter=read_number(counter, "MovingFactor", 0, MAX_COUNTER, place),
            model=" ".join(entry.texts.get("ProductName", "").split()) or None,
            practice=practice,
        )


def _algorithm(secret: Secret) -> Algorithm:
    return Algorithm.SHA256 if len(secret) == _SHA256_BYTES else Algorithm.SHA1


def write_safenet_xml(records: Iterable[SeedRecord]) -> bytes:
    """Return the records as SafeNet XML, secrets in the clear.

    Raises:
        SeedFileError: a token that is not event-based or has not six digits, a
            hash that its secret's length doesn't tell, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    placed, practice = prepare(records, "SafeNet XML")
    lines = [line for place, record in placed for line in _lines(record, place)]
    return document(["<Tokens>", *lines, "</Tokens>"], practice=practice)


def _lines(record: SeedRecord, place: Place) -> Iterator[str]:
    only = {
        "token_type": (TokenType.EVENT,),
        "algorithm": (_algorithm(record.secret),),
        "digits": (DIGITS,),
    }
    # A reader takes each token for such a one, so it is not for the writer to suppose it.
    refuse_loss(record, place, CARRIED, only=only, needed=only.keys())
    yield f' <Token serial="{record.serial}">'
    if record.model is not None:
        yield "  " + element("ProductName", record.model)
    yield f'  <Applications><Application ConnectorID="{_CONNECTOR}">'
    yield "   " + element("Seed", record.secret.reveal().hex())
    if record.counter is not None:
        yield "   " + element("MovingFactor", record.counter)
    yield "  </Application></Applications>"
    yield " </Token>"
