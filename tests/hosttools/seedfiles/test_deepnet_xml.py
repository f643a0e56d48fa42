"""Deepnet's XML: a header for all, then serial numbers and seeds."""

import base64
from dataclasses import replace

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.deepnet_xml import looks_like, parse_deepnet_xml, write_deepnet_xml
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord

HEX = "000102030405060708090A0B0C0D0E0F10111213"
RECORD = SeedRecord(
    serial="71358472",
    secret=Secret.from_hex(HEX),
    token_type=TokenType.TIME,
    algorithm=Algorithm.SHA1,
    digits=6,
    step_s=60,
    manufacturer="DN",
    model="ST",
)


def document(seed: str = HEX, **header: str) -> bytes:
    """Return a file with one token, laid out as the maker's own example."""
    settings = {
        "manufacturerCode": "DN",
        "productCode": "ST",
        "encrypt": "NONE",
        "encode": "HEX",
        "digits": "6",
        "timeWindow": "60",
        "crypto": "HmacSHA1",
    } | header
    lines = "".join(f" <{name}>{text}</{name}>\n" for name, text in settings.items() if text)
    return (
        f"<?xml version='1.0'?>\n<data>\n<header>\n{lines}</header>\n<tokens>\n"
        f"<token>\n<serial>71358472</serial>\n<seed>{seed}</seed>\n</token>\n</tokens>\n</data>\n"
    ).encode()


def read(data: bytes) -> list[SeedRecord]:
    """Read a file."""
    return [record for _, record in parse_deepnet_xml(data, "t.xml")]


def complaint(data: bytes) -> str:
    """Return what is said against a file."""
    with pytest.raises(SeedFileError) as caught:
        read(data)
    return str(caught.value)


def test_read() -> None:
    """The header's settings are each token's."""
    assert [RECORD] == read(document())


def test_base64() -> None:
    """Seeds may be in base64."""
    seed = base64.b64encode(bytes.fromhex(HEX)).decode()
    assert [RECORD] == read(document(seed, encode="BASE64"))


def test_least() -> None:
    """Without a time window the file doesn't say that its tokens are time-based."""
    header = {"digits": "", "timeWindow": "", "crypto": ""}
    expected = SeedRecord(serial="71358472", secret=RECORD.secret, manufacturer="DN", model="ST")
    assert [expected] == read(document(**header))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (document(encrypt="AES256"), "encrypt: 'AES256'; only NONE can be read"),
        (document(encode="BASE32"), "encode: 'BASE32'; allowed are hex, base64"),
        (document(digits="5"), "digits: '5'"),
        (document(timeWindow="-1"), "timeWindow: '-1'"),
        (document(crypto="MD5"), "crypto: 'MD5'"),
        (document("!", encode="BASE64"), "line 13, record 1 (71358472): a seed that is not base64"),
        (document("xyz"), "line 13, record 1 (71358472)"),
        (document().replace(b"seed>", b"sed>"), "a token without a seed"),
        (document().replace(b"71358472", b""), "serial number: ''"),
        (document().replace(b"<tokens>", b"<tokens><header><digits>8</digits></header>"), "twice"),
        (b"<tokenList/>", "the outermost element must be data"),
    ],
)
def test_refused(data: bytes, words: str) -> None:
    """What can't be read is refused, with its place."""
    assert words in complaint(data)


def test_looks_like() -> None:
    """The format is known by its header."""
    assert (True, False) == (looks_like(document()), looks_like(b"<data><x/></data>"))


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"digits": 8}, "digits unlike the first token's"),
        ({"token_type": TokenType.EVENT, "step_s": None}, "token_type: event"),
        ({"step_s": None}, "needs step_s"),
    ],
)
def test_write_refuses(second: dict[str, object], words: str) -> None:
    """A token that the one header would make another is not written."""
    other = replace(RECORD, serial="2", **second)  # type: ignore[arg-type]  # given by name
    with pytest.raises(SeedFileError) as caught:
        write_deepnet_xml([RECORD, other])
    assert (True, True) == ("record 2 (2)" in str(caught.value), words in str(caught.value))
