"""Nexus text."""

import dataclasses

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.nexus import parse_nexus, write_nexus
from hosttools.seedfiles.practice import MARK

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))
PLAIN = SeedRecord(serial="GALH1", secret=SECRET, token_type=TokenType.EVENT, counter=7)
BASE64 = "AAECAwQFBgcICQoLDA0ODxAREhM="
VALID = f"GALH00000001:{BASE64}:BQ=="


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return tuple(record for _, record in parse_nexus(text.encode(), "t.txt"))


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


def test_published_example() -> None:
    """The maker's own example is read, counter 0."""
    found = read(
        "LAHE00005501:DPO38uKecdNRVX1c5kbd3cHa65U=:AA==\n"
        "LAHE00005502:NPOQGo1ztvsv/QCj6P+4gH7wCWU=:AA==\n"
    )
    assert [("LAHE00005501", 0), ("LAHE00005502", 0)] == [(r.serial, r.counter) for r in found]


def test_event_token() -> None:
    """A line is an event token with SHA-1; its digits are not said."""
    expected = SeedRecord(
        serial="GALH00000001",
        secret=SECRET,
        token_type=TokenType.EVENT,
        algorithm=Algorithm.SHA1,
        counter=5,
    )
    assert (expected,) == read(VALID)


def test_made_up_token() -> None:
    """The token of the documentation is written as the documentation has it, counter 256."""
    secret = Secret(bytes.fromhex("00112233445566778899aabbccddeeff00112233"))
    record = dataclasses.replace(PLAIN, serial="GALH00000042", secret=secret, counter=256)
    assert f"# {MARK}\nGALH00000042:ABEiM0RVZneImaq7zN3u/wARIjM=:AQA=\n" == write_nexus([record])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"GALH1:{BASE64}", "2 fields; allowed are 3"),
        (f"GALH1:{BASE64}:AA==:", "4 fields"),
        ("GALH1:AAECAwQFBgc:AA==", "the secret is not base64"),
        (f"GALH1:{BASE64}:0", "the counter is not base64"),
        (f"GALH1:{BASE64}:é", "the counter is not base64"),
        (f"GALH1:{BASE64}:", "a counter of 0 bytes"),
        (f"GALH1:{BASE64}:AAAAAAAAAAAA", "a counter of 9 bytes"),
        ("GALH1:AAAA:AA==", "a secret of 3 bytes"),
        (f"{BASE64}:GALH1:AA==", "serial number: a text of 28 characters"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"# one\n{VALID}\n\n{line}\n")
    assert ("t.txt, line 4, record 2", True) == (message[:23], words in message)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"digits": 6}, "can't carry digits"),
        (
            {"token_type": TokenType.TIME, "counter": None},
            "token_type: time; the format knows event only",
        ),
        ({"counter": None}, "needs counter"),
        ({"token_type": None, "counter": None}, "needs token_type, counter"),
        ({"algorithm": Algorithm.SHA256}, "algorithm: SHA256"),
    ],
)
def test_write_refuses_to_lose(setting: dict[str, object], words: str) -> None:
    """What the format has no room for is named, not dropped."""
    record = dataclasses.replace(PLAIN, **setting)  # type: ignore[arg-type]  # any setting
    with pytest.raises(SeedFileError, match=words):
        write_nexus([record])
