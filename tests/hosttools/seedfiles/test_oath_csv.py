"""OATH CSV, as privacyIDEA and LinOTP import it."""

import pytest

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.seedfiles.practice import MARK
from hosttools.seedfiles.reader import read_seed_bytes
from hosttools.seedfiles.registry import SeedFormat

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return read_seed_bytes(text.encode(), "t.csv", format=SeedFormat.OATH_CSV)


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


def test_event_token() -> None:
    """Four fields make an event token with nothing else said."""
    expected = SeedRecord(
        serial="GALH00000001", secret=SECRET, token_type=TokenType.EVENT, digits=6
    )
    assert (expected,) == read(f"GALH00000001,{HEX},hotp,6\n")


def test_time_token() -> None:
    """The fifth field of a time token is its step, the sixth its hash."""
    expected = SeedRecord(
        serial="GALT00000001",
        secret=SECRET,
        token_type=TokenType.TIME,
        digits=8,
        step_s=60,
        algorithm=Algorithm.SHA256,
    )
    assert (expected,) == read(f"GALT00000001,{HEX},TOTP,8,60,SHA256\n")


def test_counter() -> None:
    """The fifth field of an event token is its counter."""
    (record,) = read(f"GALH00000001,{HEX},hotp,6,{MAX_COUNTER}\n")
    assert (MAX_COUNTER, None) == (record.counter, record.step_s)


def test_two_fields() -> None:
    """Serial number and secret are enough."""
    assert (SeedRecord(serial="GALH00000001", secret=SECRET),) == read(f"GALH00000001,{HEX}")


def test_empty_fields() -> None:
    """An empty field says nothing, and neither do commas at the end."""
    (record,) = read(f"GALH00000001,{HEX},,,,sha512,,\n")
    assert (None, None, Algorithm.SHA512) == (record.token_type, record.digits, record.algorithm)


def test_layout() -> None:
    """BOM, CRLF, CR, blank lines, comments, quotes and spaces are taken as people write them."""
    text = (
        "\ufeff# a 'comment' with \"quotes\r\n\r\n"
        f' GALH00000001 , {HEX} , hotp , 6\r  # more\n"galh 0000-0002", "{HEX}",hotp,6'
    )
    assert ("GALH00000001", "GALH00000002") == tuple(r.serial for r in read(text))


def test_marked() -> None:
    """A comment anywhere in the file marks all of its seeds as practice seeds."""
    text = f"GALH00000001,{HEX}\nGALH00000002,{HEX}\n# {MARK}\n"
    assert (True, True) == tuple(record.practice for record in read(text))


def test_not_marked() -> None:
    """Without the mark they are not."""
    assert not read(f"# seeds\nGALH00000001,{HEX}\n")[0].practice


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("GALH00000001", "1 fields; allowed are 2 to 6"),
        (f"GALH00000001,{HEX},hotp,6,0,sha1,x", "7 fields"),
        ("GALH00000001,zz", "not an even number of hex digits"),
        ("GALH00000001,00112233", "a secret of 4 bytes"),
        (f"GALH00000001,{HEX},ocra,6", "token type: 'ocra'; allowed are hotp, totp"),
        (f"GALH00000001,{HEX},hotp,5", "digits: '5'; allowed are 6 to 8"),
        (f"GALH00000001,{HEX},hotp,six", "digits: 'six'"),
        (f"GALH00000001,{HEX},hotp,6,-1", "counter: '-1'"),
        (f"GALH00000001,{HEX},hotp,6,{2**64}", "counter: a text of 20 characters"),
        (f"GALT00000001,{HEX},totp,6,0", "time step: '0'; allowed are 1 to 86400"),
        (f"GALT00000001,{HEX},totp,6,\u0663\u0660", "time step"),
        (f"GALT00000001,{HEX},,6,30", "say hotp or totp"),
        (f"GALT00000001,{HEX},totp,6,30,md5", "hash: 'md5'; allowed are sha1, sha256, sha512"),
        (f"GALH_1,{HEX}", "serial number: 'GALH_1'; allowed are 1 to 24 letters and digits"),
        (f",{HEX}", "serial number: ''"),
        (f'"GALH00000001,{HEX}', "unclosed quote"),
        (f"GALH00000001,{'0' * 200_000}", "far too long"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"# one\nGALH99999999,{HEX}\n\n{line}\n")
    assert ("t.csv, line 4, record 2", True) == (message[:23], words in message)


def test_serial_twice() -> None:
    """A serial number may occur once, however it is spelt."""
    message = complaint(f"GALH00000001,{HEX}\ngalh-0000-0001,{HEX}\n")
    assert "t.csv, line 2, record 2: the serial number of line 1 again" in message


def test_nothing() -> None:
    """A file of comments has no tokens."""
    assert "t.csv: no tokens in it" == complaint("# nothing\n")


def test_version_2() -> None:
    """Lines of privacyIDEA that begin with a user are refused for what they are."""
    assert "begin with a user" in complaint(f"# version: 2\nu,r,m,GALH00000001,{HEX}\n")


def test_not_text() -> None:
    """Bytes that are not UTF-8 are refused with their line."""
    with pytest.raises(SeedFileError, match=r"t\.csv, line 2: not UTF-8"):
        read_seed_bytes(b"# one\nGALH\xff\n", "t.csv")


@pytest.mark.parametrize("secret", [HEX, HEX[:20], "JBSWY3DPEHPK3PXP", "AAECAwQFBgcICQoLDA0ODw=="])
@pytest.mark.parametrize("column", range(6))
def test_secret_in_any_column(secret: str, column: int) -> None:
    """Whatever column a secret has slipped into, the error does not repeat it."""
    fields = ["GALH00000001", "zz", "hotp", "6", "0", "sha1"]
    fields[column] = secret
    fields[1 if column != 1 else 2] = "not this"
    message = complaint(",".join(fields))
    assert secret.lower() not in message.lower()


def test_write() -> None:
    """A file is what servers import: no field more than needed."""
    records = (
        SeedRecord(serial="GALH00000001", secret=SECRET, token_type=TokenType.EVENT, digits=6),
        SeedRecord(serial="GALT1", secret=SECRET, token_type=TokenType.TIME, step_s=30),
    )
    expected = f"GALH00000001,{HEX},hotp,6\nGALT1,{HEX},totp,,30\n"
    assert expected == write_oath_csv(records)
