"""SafeNet's eToken XML: what is read, what is refused, and what comes back."""

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import NotKeptWarning, SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.safenet_xml import parse_safenet_xml, write_safenet_xml

pytestmark = pytest.mark.filterwarnings("ignore::hosttools.seedfiles.errors.NotKeptWarning")
HEX = "000102030405060708090a0b0c0d0e0f10111213"
LONG = "00" * 12 + HEX
RECORD = SeedRecord(
    serial="GALH00000001",
    secret=Secret.from_hex(HEX),
    token_type=TokenType.EVENT,
    algorithm=Algorithm.SHA1,
    digits=6,
    counter=1,
    model="Safeword Alpine",
)


def document(seed: str = HEX, factor: str = "1", serial: str = "GALH00000001") -> bytes:
    """Return a file with one token, laid out as servers' own examples."""
    return f"""<Tokens>
  <Token serial="{serial}">
    <CaseModel>5</CaseModel>
    <Model>101</Model>
    <ProductionDate>02/19/2009</ProductionDate>
    <ProductName>Safeword Alpine</ProductName>
    <Applications>
      <Application ConnectorID="{{ab1397d2-ddb6-4705-b66e-9f83f322deb9}}">
        <Seed>{seed}</Seed>
        <MovingFactor>{factor}</MovingFactor>
      </Application>
    </Applications>
  </Token>
</Tokens>
""".encode()


def read(data: bytes) -> list[tuple[int, SeedRecord]]:
    """Read a file."""
    return list(parse_safenet_xml(data, "t.xml"))


def complaint(data: bytes) -> str:
    """Return what is said against a file."""
    with pytest.raises(SeedFileError) as caught:
        read(data)
    return str(caught.value)


def test_read() -> None:
    """A token is event-based, of six digits, with its product name as model."""
    assert [(2, RECORD)] == read(document())


@pytest.mark.parametrize(("seed", "expected"), [(HEX, Algorithm.SHA1), (LONG, Algorithm.SHA256)])
def test_hash(seed: str, expected: Algorithm) -> None:
    """64 hex digits are SHA-256, others SHA-1."""
    assert expected is read(document(seed))[0][1].algorithm


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (document("xyz"), "t.xml, line 2, record 1 (GALH00000001): "),
        (document(factor="-1"), "MovingFactor: '-1'; allowed are 0 to"),
        (document(serial=""), "record 1: serial number: ''"),
        (b"<Tokens><Token serial='A1'/></Tokens>", "without Applications/Application/Seed"),
        (document(HEX + "</Seed><Seed>" + HEX), "Seed twice in Token"),
        (document(HEX[:20] + "<x/>" + HEX[20:]), "a text with something else in it"),
        (document(HEX[:20] + "<!-- x -->" + HEX[20:]), "a text with something else in it"),
        (document(f"<x/>{HEX}"), "a text with something else in it"),
        (b"<Tokens><a><Token serial='A1'/></a></Tokens>", "Token where none may be"),
        (b"<tokens/>", "the outermost element must be Tokens"),
        (document()[:-30], "not well-formed"),
        (b"<!DOCTYPE a [<!ENTITY a 'a'>]><Tokens>&a;</Tokens>", "a document type or entity"),
        (b"<Tokens>" + b"<a>" * 10**6, "nested more than 32 deep"),
    ],
)
def test_refused(data: bytes, words: str) -> None:
    """What is damaged or hostile is refused, with its place."""
    assert words in complaint(data)


def test_not_kept() -> None:
    """What a record has no room for is named."""
    with pytest.warns(NotKeptWarning, match="^not kept: CaseModel, Model, ProductionDate$"):
        read(document())


def test_no_secret_in_messages() -> None:
    """A damaged seed is not repeated."""
    assert HEX[:16] not in complaint(document(HEX + "x"))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (SeedRecord(serial="A1", secret=RECORD.secret), "needs token_type, algorithm, digits"),
        (
            SeedRecord(serial="A1", secret=RECORD.secret, token_type=TokenType.TIME),
            "token_type: time; the format knows event only",
        ),
        (
            SeedRecord(serial="A1", secret=Secret(bytes(32)), algorithm=Algorithm.SHA1),
            "algorithm: SHA1; the format knows SHA256 only",
        ),
    ],
)
def test_write_refuses(record: SeedRecord, words: str) -> None:
    """A token that would come back as another one is not written."""
    with pytest.raises(SeedFileError) as caught:
        write_safenet_xml([record])
    assert words in str(caught.value)
