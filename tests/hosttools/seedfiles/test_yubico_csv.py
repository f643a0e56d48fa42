"""Yubico CSV, both kinds."""

import dataclasses

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.yubico_csv import (
    looks_like,
    parse_yubico_csv,
    write_yubico_csv,
    write_yubico_log,
)

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))
PLAIN = SeedRecord(serial="GALH1", secret=SECRET, token_type=TokenType.EVENT, counter=7)
VALID = f"GALH00000001,,5,{HEX},,,"
LOGGED = (
    "OATH-HOTP,11.12.13 18:55,1,cccccccccccc,,"
    "916821d3a138bf855e70069605559a206ba854cd,,,0,0,0,6,16,0,0,0,0,0"
)


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return tuple(record for _, record in parse_yubico_csv(text.encode(), "t.txt"))


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


def test_yubico_format() -> None:
    """Lines as the tool writes them: serial number, moving factor, secret; no digits."""
    found = read(
        "508326,,0,69cfb9202438ca68964ec3244bfa4843d073a43b,,2013-12-12T08:41:07,\n"
        "1382042,,32,bf7efc1c8b6f23604930a9ce693bdd6c3265be00,,2013-12-12T08:41:17,\n"
    )
    said = [(r.serial, r.counter, r.digits, r.token_type) for r in found]
    assert [
        ("508326", 0, None, TokenType.EVENT),
        ("1382042", 32, None, TokenType.EVENT),
    ] == said


def test_traditional_format() -> None:
    """A line of the traditional log has digits too, and its public id names the token."""
    expected = SeedRecord(
        serial="CCCCCCCCCCCC",
        secret=Secret.from_hex("916821d3a138bf855e70069605559a206ba854cd"),
        token_type=TokenType.EVENT,
        algorithm=Algorithm.SHA1,
        digits=6,
        counter=16,
    )
    assert (expected,) == read(f"LOGGING START,11.12.13 18:54\n{LOGGED}\n")


def test_time_with_a_comma() -> None:
    """A time that the locale writes with a comma moves nothing."""
    assert read(LOGGED) == read(LOGGED.replace("11.12.13 18:55", "12/11/13, 6:55 PM"))


def test_public_id_for_a_serial() -> None:
    """In the Yubico format a public id stands in for a serial number that is not there."""
    assert "UBHE00508326" == read(f",ubhe00508326,0,{HEX},,,")[0].serial


def test_looks() -> None:
    """Both formats are known by their first line; OATH and PingID CSV are not taken for them."""
    lines = ("LOGGING START,x", LOGGED, VALID, f"GALH1,{HEX},hotp,6", f"GALH1,{HEX},0")
    assert [True, True, True, False, False] == [looks_like(line.encode()) for line in lines]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LOGGED.replace("cccccccccccc", ""), "no public id"),
        (LOGGED.replace(",6,16,", ",7,16,"), "digits: '7'; allowed are 6, 8"),
        (LOGGED.replace(",6,16,", ",6,-16,"), "moving factor: '-16'"),
        (LOGGED[:-12], "12 fields; allowed are 18 to 19"),
        (LOGGED.replace("OATH-HOTP", "Yubico OTP"), "not an OATH-HOTP configuration"),
        (LOGGED.replace("OATH-HOTP", "Static Password: Short"), "not an OATH-HOTP configuration"),
        (f"508326,cccccccccccc,83cebdfb7b93,{HEX},,,", "so this is not OATH-HOTP"),
        (f"508326,,,{HEX},,,", "so this is not OATH-HOTP"),
        (f"508326,,0,{HEX},,,,9", "8 fields; allowed are 4 to 7"),
        ("508326,,0,xyz,,,", "not an even number of hex digits"),
        (f",,0,{HEX},,,", "serial number: ''"),
        (f"1,,{2**32},{HEX},,,", "moving factor: '4294967296'"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"LOGGING START,x\n{VALID}\n\n{line}\n")
    assert ("t.txt, line 4, record 2", True) == (message[:23], words in message)


def test_write_log() -> None:
    """The traditional format is written with all of its 18 fields."""
    record = dataclasses.replace(PLAIN, digits=8)
    assert f"OATH-HOTP,,1,GALH1,,{HEX},,,0,0,0,8,7,0,0,0,0,0\n" == write_yubico_log([record])


@pytest.mark.parametrize("digits", [None, 7])
def test_log_needs_digits(digits: int | None) -> None:
    """The traditional format knows 6 and 8 digits only."""
    with pytest.raises(SeedFileError, match="needs digits, 6 or 8"):
        write_yubico_log([dataclasses.replace(PLAIN, digits=digits)])


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"digits": 6}, "can't carry digits"),
        (
            {"token_type": TokenType.TIME, "counter": None},
            "token_type: time; the format knows event only",
        ),
        ({"counter": None}, "needs counter"),
        ({"counter": 2**32}, "counter: 4294967296; the format knows"),
        ({"algorithm": Algorithm.SHA256}, "algorithm: SHA256"),
    ],
)
def test_write_refuses_to_lose(setting: dict[str, object], words: str) -> None:
    """What the format has no room for is named, not dropped."""
    record = dataclasses.replace(PLAIN, **setting)  # type: ignore[arg-type]  # any setting
    with pytest.raises(SeedFileError, match=words):
        write_yubico_csv([record])
