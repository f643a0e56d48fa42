"""PingID and Duo CSV."""

import dataclasses

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.pingid_csv import looks_like, parse_pingid_csv, write_pingid_csv

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))
PLAIN = SeedRecord(serial="GALH1", secret=SECRET, token_type=TokenType.EVENT, counter=7)
VALID = f"GALH00000001,{HEX},5"


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return tuple(record for _, record in parse_pingid_csv(text.encode(), "t.txt"))


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


def test_published_example() -> None:
    """PingID's own example is read; it says neither type nor digits."""
    (record,) = read("2308734700388,6EBD59F71A634C48C4619CB33F6C385C9237C9BA\n")
    assert ("2308734700388", None, None) == (record.serial, record.token_type, record.digits)


def test_counter() -> None:
    """A third field is the counter of an event token."""
    expected = SeedRecord(
        serial="GALH00000001",
        secret=SECRET,
        token_type=TokenType.EVENT,
        algorithm=Algorithm.SHA1,
        counter=5,
    )
    assert (expected,) == read(VALID)


def test_without_a_type() -> None:
    """A token without type and counter has two fields."""
    record = SeedRecord(serial="GALH1", secret=SECRET)
    assert f"GALH1,{HEX}\n" == write_pingid_csv([record])


def test_two_fields_may_be_oath_csv() -> None:
    """Two fields are not enough to tell the format by, and neither is OATH CSV."""
    lines = (VALID, f"GALH1,{HEX}", f"GALH1,{HEX},hotp", f"GALH1,{HEX},,6,5")
    assert [True, False, False, False] == [looks_like(line.encode()) for line in lines]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("GALH00000001", "1 fields; allowed are 2 to 3"),
        (f"GALH00000001,{HEX},1,2", "4 fields"),
        (f"GALH00000001,{HEX},-1", "counter: '-1'"),
        (f"GALH00000001,{HEX},hotp", "counter: 'hotp'"),
        ("GALH00000001,xyz", "not an even number of hex digits"),
        (f"{HEX},GALH00000001", "serial number: a text of 40 characters"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"# one\nGALH99999999,{HEX}\n\n{line}\n")
    assert ("t.txt, line 4, record 2", True) == (message[:23], words in message)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"digits": 6}, "can't carry digits"),
        ({"token_type": TokenType.TIME, "counter": None}, "can't carry token_type"),
        ({"counter": None}, "needs counter"),
        ({"token_type": None}, "can't carry counter"),
        ({"algorithm": Algorithm.SHA256}, "algorithm: SHA256; the format knows SHA1 only"),
    ],
)
def test_write_refuses_to_lose(setting: dict[str, object], words: str) -> None:
    """What the format has no room for is named, not dropped."""
    record = dataclasses.replace(PLAIN, **setting)  # type: ignore[arg-type]  # any setting
    with pytest.raises(SeedFileError, match=words):
        write_pingid_csv([record])
