"""otpauth URIs."""

import dataclasses

import pyotp
import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.otpauth import (
    otpauth_uri,
    parse_otpauth,
    write_otpauth,
)

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))
PLAIN = SeedRecord(serial="GALH1", secret=SECRET, token_type=TokenType.EVENT, counter=7)
BASE32 = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT"
VALID = f"otpauth://hotp/Acme:GALH00000001?secret={BASE32}&issuer=Acme&digits=6&counter=5"


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return tuple(record for _, record in parse_otpauth(text.encode(), "t.txt"))


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


def test_event_token() -> None:
    """A URI has secret, issuer, digits and counter; what it leaves out stays unsaid."""
    expected = SeedRecord(
        serial="GALH00000001",
        secret=SECRET,
        token_type=TokenType.EVENT,
        digits=6,
        counter=5,
        manufacturer="Acme",
    )
    assert (expected,) == read(VALID)


def test_published_example() -> None:
    """The format's own example with everything in it is read, for an account that is a serial."""
    (record,) = read(
        "otpauth://totp/ACME%20Co:GALT-0000-0001?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ"
        "&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30"
    )
    assert ("GALT00000001", TokenType.TIME, Algorithm.SHA1, 6, 30, "ACME Co") == (
        record.serial,
        record.token_type,
        record.algorithm,
        record.digits,
        record.step_s,
        record.manufacturer,
    )


def test_made_up_token() -> None:
    """The token of the documentation is written as the format has it."""
    record = SeedRecord(
        serial="GALH00000042",
        secret=Secret(bytes.fromhex("00112233445566778899aabbccddeeff00112233")),
        token_type=TokenType.EVENT,
        digits=6,
        counter=0,
        manufacturer="A & B",
    )
    expected = (
        "otpauth://hotp/A%20%26%20B:GALH00000042"
        "?secret=AAISEM2EKVTHPCEZVK54ZXPO74ABCIRT&issuer=A%20%26%20B&digits=6&counter=0"
    )
    assert expected == otpauth_uri(record)


@pytest.mark.parametrize(
    ("label", "issuer", "manufacturer"),
    [
        ("GALH1", "", None),
        ("GALH1", "&issuer=Acme", "Acme"),
        ("Acme:GALH1", "", "Acme"),
        ("Acme%3A%20%20GALH1", "&issuer=Acme", "Acme"),
    ],
)
def test_label(label: str, issuer: str, manufacturer: str | None) -> None:
    """The issuer stands before the account, or in a parameter, or in both, or nowhere."""
    (record,) = read(f"OTPAUTH://HOTP/{label}?secret={BASE32.lower()}&image=x{issuer}")
    assert ("GALH1", manufacturer) == (record.serial, record.manufacturer)


@pytest.mark.filterwarnings("ignore::firmware_model.errors.ShortSecretWarning")
def test_known_secret() -> None:
    """The secret of the format's first example marks itself."""
    (record,) = read("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example")
    assert record.practice


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("https://example.com", "not an otpauth URI"),
        (f"otpauth://motp/GALH1?secret={BASE32}", "not an otpauth URI"),
        (f"otpauth://hotp/alice@example.com?secret={BASE32}", "serial number: a text of 17"),
        ("otpauth://hotp/GALH1?issuer=A", "not base32"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&secret={BASE32}", "secret more than once"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&counter", "damaged"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&issuer=%ff", "damaged"),
        (f"otpauth://hotp/GALH1?secret={BASE32}" + "&image=x" * 20, "too many parameters"),
        (f"otpauth://hotp/%ff:GALH1?secret={BASE32}", "a label that is not UTF-8"),
        (f"otpauth://hotp/A:GALH1?secret={BASE32}&issuer=B", "name different issuers"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&period=30", "period is no setting of hotp"),
        (f"otpauth://totp/GALT1?secret={BASE32}&counter=3", "counter is no setting of totp"),
        (f"otpauth://totp/GALT1?secret={BASE32}&encoder=steam", "parameter 'encoder'"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&counter=-1", "counter: '-1'"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&digits=5", "digits: '5'"),
        (f"otpauth://hotp/GALH1?secret={BASE32}&algorithm=MD5", "algorithm: 'MD5'"),
        (f"otpauth://totp/GALT1?secret={BASE32}&period=0", "period: '0'"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"# one\n{VALID}\n\n{line}\n")
    assert ("t.txt, line 4, record 2", True, False) == (
        message[:23],
        words in message,
        BASE32 in message,
    )


def test_pyotp_agrees() -> None:
    """Pyotp reads our URI as the same token."""
    record = dataclasses.replace(PLAIN, digits=6, manufacturer="Acme Co", algorithm=Algorithm.SHA1)
    token = pyotp.parse_uri(otpauth_uri(record))
    assert isinstance(token, pyotp.HOTP)
    assert ("GALH1", "Acme Co", 7, 6, SECRET.reveal()) == (
        token.name,
        token.issuer,
        token.initial_count,
        token.digits,
        token.byte_secret(),
    )


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"token_type": None, "counter": None}, "needs token_type"),
        ({"counter": None}, "needs counter"),
        ({"manufacturer": "A:B"}, "manufacturer has a colon"),
        ({"step_s": 30}, "can't carry step_s"),
    ],
)
def test_write_refuses_to_lose(setting: dict[str, object], words: str) -> None:
    """What the format has no room for is named, not dropped."""
    record = dataclasses.replace(PLAIN, **setting)  # type: ignore[arg-type]  # any setting
    with pytest.raises(SeedFileError, match=words):
        write_otpauth([record])
