"""The UsersFile of oath-toolkit."""

import ctypes
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import NotKeptWarning, SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.usersfile import parse_usersfile, write_usersfile

HEX = "000102030405060708090a0b0c0d0e0f10111213"
SECRET = Secret(bytes.fromhex(HEX))
PLAIN = SeedRecord(serial="GALH1", secret=SECRET, token_type=TokenType.EVENT, counter=7)
VALID = f"HOTP/E/6\tGALH00000001\t-\t{HEX}\t5"
RFC_HEX = "3132333435363738393031323334353637383930"


def read(text: str) -> tuple[SeedRecord, ...]:
    """Read a file with this text."""
    return tuple(record for _, record in parse_usersfile(text.encode(), "t.txt"))


def complaint(text: str) -> str:
    """Return what is said against a file with this text."""
    with pytest.raises(SeedFileError) as caught:
        read(text)
    return str(caught.value)


@pytest.fixture
def authenticate(
    require_tool: Callable[[str], str], tmp_path: Path
) -> Callable[[str, str, str], tuple[int, str]]:
    """Return what liboath makes of (usersfile, user, code): its answer, and the file after it."""
    require_tool("oathtool")  # it can't be there without the library
    liboath = ctypes.CDLL("liboath.so.0")
    liboath.oath_init()
    path = tmp_path / "usersfile"

    def ask(text: str, user: str, code: str) -> tuple[int, str]:
        path.write_text(text)
        last = ctypes.c_long()
        arguments = (bytes(path), user.encode(), code.encode(), ctypes.c_size_t(10))
        answer = liboath.oath_authenticate_usersfile(*arguments, None, ctypes.byref(last))
        return int(answer), path.read_text()

    return ask


def test_event_token() -> None:
    """A line without a last OTP has the next counter."""
    expected = SeedRecord(
        serial="GALH00000001",
        secret=SECRET,
        token_type=TokenType.EVENT,
        algorithm=Algorithm.SHA1,
        digits=6,
        counter=5,
    )
    assert (expected,) == read(VALID)


def test_after_a_login() -> None:
    """With a last OTP the counter is that of the accepted code, so the next one is one more."""
    (record,) = read(f"{VALID}\t969429\t2026-11-23T14:40:58L\n")
    assert 6 == record.counter


def test_time_token() -> None:
    """A time token's step is in its type, and its moving factor means nothing."""
    (record,) = read(f"HOTP/T60/8 GALT1 - {HEX} 17 12345678")
    assert (TokenType.TIME, 60, 8, None) == (
        record.token_type,
        record.step_s,
        record.digits,
        record.counter,
    )


@pytest.mark.parametrize("kind", ["HOTP", "HOTP/E", "HOTP/T30"])
def test_digits_unsaid(kind: str) -> None:
    """A type without digits says nothing of them."""
    assert read(f"{kind} GALH1 - {HEX}")[0].digits is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("HOTP GALH1 -", "3 fields; allowed are 4 to 7"),
        (f"TOTP GALH1 - {HEX}", "type: 'TOTP'; allowed are HOTP"),
        (f"HOTP/E/5 GALH1 - {HEX}", "type: 'HOTP/E/5'"),
        (f"HOTP/T0 GALH1 - {HEX}", "step_s: '0'"),
        (f"HOTP bob@example - {HEX}", "serial number: 'bob@example'"),
        ("HOTP GALH1 - xyz", "not an even number of hex digits"),
        (f"HOTP GALH1 - {HEX} -5", "counter: '-5'"),
        (f"HOTP GALH1 - {HEX} {MAX_COUNTER} 123456", "counter: a text of 20 characters"),
        (f"HOTP GALH1 - {HEX} 5 12345", "the last OTP is not 6 to 8 digits"),
        (f"HOTP GALH1 - {HEX} 5 123456 now", "time of the last OTP: 'now'"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(f"# one\n{VALID}\n\n{line}\n")
    assert ("t.txt, line 4, record 2", True) == (message[:23], words in message)


def test_pin_not_kept() -> None:
    """That a PIN gets lost is said, and the PIN is not."""
    with pytest.warns(NotKeptWarning, match="^not kept: PIN$"):
        read(f"HOTP GALH1 4711 {HEX}")


def test_pin_unsaid() -> None:
    """A PIN that has slipped into another column is not repeated."""
    assert "supersecretpin77" not in complaint(f"HOTP supersecretpin77@ - {HEX}")


def test_liboath_takes_an_event_token(
    authenticate: Callable[[str, str, str], tuple[int, str]],
) -> None:
    """Liboath accepts the code at our counter, and what it writes is read as the next one."""
    secret = Secret.from_hex(RFC_HEX)
    text = write_usersfile([dataclasses.replace(PLAIN, secret=secret, digits=6, counter=3)])
    answer, after = authenticate(text, "GALH1", "969429")  # RFC 4226 appendix D, count 3
    assert (0, 4, True) == (answer, read(after)[0].counter, read(after)[0].practice)


def test_liboath_refuses_the_code_before(
    authenticate: Callable[[str, str, str], tuple[int, str]],
) -> None:
    """The code before our counter is none to liboath (OATH_INVALID_OTP)."""
    secret = Secret.from_hex(RFC_HEX)
    text = write_usersfile([dataclasses.replace(PLAIN, secret=secret, digits=6, counter=3)])
    assert (-6, text) == authenticate(text, "GALH1", "359152")


@pytest.mark.parametrize("digits", [None, 6, 7, 8])
@pytest.mark.parametrize("step_s", [30, 60])
def test_liboath_takes_a_time_token(
    authenticate: Callable[[str, str, str], tuple[int, str]], digits: int | None, step_s: int
) -> None:
    """Liboath knows every type that we write: it gets as far as the length of the code."""
    record = dataclasses.replace(
        PLAIN, token_type=TokenType.TIME, counter=None, step_s=step_s, digits=digits
    )
    text = write_usersfile([record])
    unknown_user, bad_length = -12, -2
    answers = [authenticate(text, user, "1")[0] for user in ("GALH1", "GALH2")]
    assert [bad_length, unknown_user] == answers


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"token_type": None, "counter": None}, "needs token_type"),
        ({"token_type": TokenType.TIME, "counter": None}, "needs step_s"),
        (
            {"token_type": TokenType.TIME, "counter": None, "step_s": 45},
            "step_s: 45; the format knows 30, 60 only",
        ),
        ({"algorithm": Algorithm.SHA256}, "algorithm: SHA256"),
        ({"secret": Secret(bytes(33))}, "a secret of 33 bytes; liboath has room for 32"),
    ],
)
def test_write_refuses_to_lose(setting: dict[str, object], words: str) -> None:
    """What the format has no room for is named, not dropped."""
    record = dataclasses.replace(PLAIN, **setting)  # type: ignore[arg-type]  # any setting
    with pytest.raises(SeedFileError, match=words):
        write_usersfile([record])
