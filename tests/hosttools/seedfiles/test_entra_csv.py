"""Microsoft Entra CSV."""

import dataclasses

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.entra_csv import parse_entra_csv, write_entra_csv
from hosttools.seedfiles.errors import NotKeptWarning, SeedFileError
from hosttools.seedfiles.model import SeedRecord

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))
PLAIN = SeedRecord(serial="GALT1", secret=SECRET, token_type=TokenType.TIME, step_s=60)
BASE32 = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT"
HEADER = "upn,serial number,secret key,time interval,manufacturer,model"
VALID = f"{HEADER}\n,GALT00000001,{BASE32},60,Acme,Fob"


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return tuple(record for _, record in parse_entra_csv(text.encode(), "t.txt"))


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


def test_published_example() -> None:
    """Microsoft's own example is read, odd bits at its secret's end and all, but for its holder."""
    with pytest.warns(NotKeptWarning, match="not kept: upn"):
        (record,) = read(
            f"{HEADER}\nHelga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey\n"
        )
    assert ("1234567", TokenType.TIME, Algorithm.SHA1, 60, "Contoso", "HardwareKey", 16) == (
        record.serial,
        record.token_type,
        record.algorithm,
        record.step_s,
        record.manufacturer,
        record.model,
        len(record.secret),
    )


def test_without_upn() -> None:
    """A maker's file has no upn, and its header may have no spaces or other capitals."""
    found = read(
        "Serial Number,secretkey,timeinterval,manufacturer,model\n"
        "10001001,234567ABCDEFGHIJKLMNOPQRSTUVWXYZ,60,Deepnet Security,SafeID/Classic\n"
    )
    assert [("10001001", "SafeID/Classic")] == [(r.serial, r.model) for r in found]


def test_empty_fields() -> None:
    """An empty field says nothing."""
    (record,) = read(f"{HEADER}\n,GALT1,{BASE32}\n")
    assert (None, None, None) == (record.step_s, record.manufacturer, record.model)


def test_write() -> None:
    """A file has the header, no upn, and quotes where a name has a comma."""
    record = dataclasses.replace(PLAIN, manufacturer="Acme, Inc.", model='The "Fob"')
    expected = f'{HEADER}\n,GALT1,{BASE32},60,"Acme, Inc.","The ""Fob"""\n'
    assert expected == write_entra_csv([record])


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (f",GALT1,{BASE32},30,A,B", "no header"),
        ("serial number,key", "no header"),
        ("serial number,secret key,colour", "column 'colour'"),
        ("serial number,secret key,model,model", "column model more than once"),
    ],
)
def test_header(header: str, words: str) -> None:
    """A header that is not there, or has other columns, is refused in its line."""
    message = complaint(f"\n{header}\nGALT1,{BASE32}\n")
    assert ("t.txt, line 2", True, False) == (message[:13], words in message, BASE32 in message)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f",GALT1,{BASE32},45,A,B", "time interval: '45'; allowed are 30 and 60"),
        (f",GALT1,{BASE32},30,A,B,C", "7 fields; allowed are 1 to 6"),
        (",GALT1,0189,30", "not base32"),
        (",GALT1", "not base32"),
        (f",{BASE32},GALT1", "serial number: a text of 32 characters"),
        (f",GALT1,{BASE32},30,{'x' * 129}", "manufacturer has 129 characters"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"{VALID}\n\n{line}\n")
    assert ("t.txt, line 4, record 2", True) == (message[:23], words in message)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"digits": 6}, "can't carry digits"),
        (
            {"token_type": TokenType.EVENT, "step_s": None},
            "token_type: event; the format knows time only",
        ),
        ({"step_s": None}, "needs step_s"),
        ({"step_s": 45}, "step_s: 45; the format knows 30, 60 only"),
        ({"algorithm": Algorithm.SHA256}, "algorithm: SHA256"),
    ],
)
def test_write_refuses_to_lose(setting: dict[str, object], words: str) -> None:
    """What the format has no room for is named, not dropped."""
    record = dataclasses.replace(PLAIN, **setting)  # type: ignore[arg-type]  # any setting
    with pytest.raises(SeedFileError, match=words):
        write_entra_csv([record])
