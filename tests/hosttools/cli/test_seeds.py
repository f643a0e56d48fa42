"""``galh seeds``: converting, checking, showing and making seed files."""

import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.products import GALH
from hosttools.seedfiles import new_seeds, pskc, read_seeds, sample, write_oath_csv
from hosttools.testing import BACKSTOP_S

pytestmark = pytest.mark.usefixtures("few_rounds")
Galh = Callable[..., tuple[int, str, str]]
WARD = sample("ward.csv")
HEX = "00112233445566778899aabbccddeeff00112233"
BATCH = new_seeds(GALH, 4, first=0, test_seed="cli")


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Return a file of four event tokens."""
    path = tmp_path / "batch.csv"
    path.write_text(write_oath_csv(BATCH))
    return path


def test_convert(galh: Galh, tmp_path: Path) -> None:
    """All tokens arrive in the other format, in a file that we alone can read."""
    path = tmp_path / "out.xml"
    exit_code, out, err = galh("seeds", "convert", WARD, path, "--to", "pskc")

    assert (0, "") == (exit_code, out)
    assert f"{path}: 6 tokens, pskc, secrets in the clear, practice seeds\n" == err
    assert read_seeds(WARD) == read_seeds(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_convert_packaged_sample(galh: Galh, tmp_path: Path) -> None:
    """A name that is no file is that of a packaged sample."""
    path = tmp_path / "out"
    arguments = ("seeds", "convert", "rfc4226.csv", path, "--to", "otpauth", "--complete")
    assert 0 == galh(*arguments)[0]
    assert b"otpauth://hotp/GALH00004226?" in path.read_bytes()


def test_convert_refuses_to_lose(galh: Galh, tmp_path: Path, batch: Path) -> None:
    """What the format can't carry is named, and nothing written: exit 2."""
    path = tmp_path / "out.csv"
    exit_code, out, err = galh("seeds", "convert", batch, path, "--to", "nexus")

    assert (2, "", False) == (exit_code, out, path.exists())
    assert "nexus can't carry digits (of 4 tokens); --drop loses them, or write pskc" in err


def test_convert_drops(galh: Galh, tmp_path: Path, batch: Path) -> None:
    """What is lost knowingly is said."""
    path = tmp_path / "out.csv"
    exit_code, out, err = galh("seeds", "convert", batch, path, "--to", "nexus", "--drop", "--json")

    assert 0 == exit_code
    assert "galh: nexus can't carry digits (of 4 tokens); dropped" in err
    assert ({"digits": 4}, 4) == (json.loads(out)["lost"], json.loads(out)["tokens"])
    assert {None} == {record.digits for record in read_seeds(path)}


def test_convert_completes(galh: Galh, tmp_path: Path) -> None:
    """What the file leaves open can be filled in from the serials' profiles."""
    bare, path = tmp_path / "bare.csv", tmp_path / "out.xml"
    bare.write_text(f"GALH00000042,{HEX}\n")

    exit_code, _, err = galh("seeds", "convert", bare, path, "--to", "safenet-xml")
    assert (2, True) == (exit_code, "needs token_type" in err)
    arguments = ("seeds", "convert", bare, path, "--to", "safenet-xml", "--complete")
    assert 0 == galh(*arguments)[0]
    assert (0, 6) == (read_seeds(path)[0].counter, read_seeds(path)[0].digits)


def test_convert_stops(galh: Galh, tmp_path: Path, batch: Path) -> None:
    """A bad record stops it, named by file, line and record; nothing is written."""
    path = tmp_path / "out.xml"
    batch.write_text(batch.read_text().replace(",6", ",5", 1))
    exit_code, out, err = galh("seeds", "convert", batch, path, "--to", "pskc")

    assert (2, "", False) == (exit_code, out, path.exists())
    assert f"{batch}, line 2, record 1 (GALH00000000): digits: '5'" in err


def test_convert_keeps_going(galh: Galh, tmp_path: Path, batch: Path) -> None:
    """With --keep-going the others are written, and the exit code says that some were not."""
    path = tmp_path / "out.xml"
    batch.write_text(batch.read_text().replace(",6", ",5", 1))
    exit_code, out, err = galh(
        "seeds", "convert", batch, path, "--to", "pskc", "--keep-going", "--json"
    )

    assert 1 == exit_code
    assert f"{batch}, line 2, record 1 (GALH00000000): digits: '5'" in err
    assert 1 == len(json.loads(out)["errors"])
    assert BATCH[1:] == read_seeds(path)


def test_convert_keeps_going_past_what_the_format_has_not(galh: Galh, tmp_path: Path) -> None:
    """Tokens that the format has none of are left out with --keep-going, each by name."""
    path = tmp_path / "out.csv"
    exit_code, out, err = galh(
        "seeds", "convert", WARD, path, "--to", "entra-csv", "--drop", "--keep-going", "--json"
    )
    assert (1, 4) == (exit_code, len(json.loads(out)["errors"]))
    assert "Microsoft Entra CSV, record 1 (GALH12345678): token_type: event" in err
    assert ["GALT00000042", "GALT87654321"] == [record.serial for record in read_seeds(path)]


def test_convert_keeps_going_with_the_first(galh: Galh, tmp_path: Path) -> None:
    """Where a file says something once for all tokens, the first one decides."""
    path = tmp_path / "out.xml"
    exit_code, _, err = galh(
        "seeds", "convert", WARD, path, "--to", "deepnet-xml", "--drop", "--keep-going"
    )
    assert (1, True) == (exit_code, "record 5 (GALT87654321): step_s unlike the first" in err)
    assert ["GALT00000042"] == [record.serial for record in read_seeds(path)]


def test_convert_says_what_is_not_kept(galh: Galh, tmp_path: Path) -> None:
    """What no record has room for is said once, whatever the number of tokens."""
    users, path = tmp_path / "users.oath", tmp_path / "out.csv"
    users.write_text("".join(f"HOTP GALH{n} 4711 {HEX}\n" for n in range(3)))
    exit_code, _, err = galh("seeds", "convert", users, path, "--to", "oath-csv")
    assert (0, 1, False) == (exit_code, err.count("warning: not kept: PIN"), "4711" in err)


def test_convert_keeps_nothing(galh: Galh, tmp_path: Path) -> None:
    """Where no record is good, nothing is written."""
    bad, path = tmp_path / "bad.csv", tmp_path / "out.xml"
    bad.write_text("GALH1,xyz\n")
    exit_code, _, err = galh("seeds", "convert", bad, path, "--to", "pskc", "--keep-going")

    assert (2, False) == (exit_code, path.exists())
    assert "no good record in it; nothing is written" in err


def test_convert_never_overwrites(galh: Galh, tmp_path: Path, batch: Path) -> None:
    """A file that is there stays as it is."""
    path = tmp_path / "there"
    path.write_text("dear to somebody")
    exit_code, _, err = galh("seeds", "convert", batch, path, "--to", "pskc")

    assert (2, "dear to somebody") == (exit_code, path.read_text())
    assert f"{path} is there already" in err


def test_convert_to_terminal(galh: Galh, batch: Path) -> None:
    """Secrets don't go to standard output."""
    exit_code, out, err = galh("seeds", "convert", batch, "-", "--to", "pskc")
    assert (2, "") == (exit_code, out)
    assert "secrets are written to a file" in err


def test_password_there_and_back(galh: Galh, tmp_path: Path, batch: Path, password: Path) -> None:
    """A password out of a file encrypts, and decrypts again."""
    locked, path = tmp_path / "locked.xml", tmp_path / "back.csv"
    arguments = ("seeds", "convert", batch, locked, "--to", "pskc", "--to-password-file", password)
    assert 0 == galh(*arguments)[0]
    assert BATCH == read_seeds(locked, password="correct horse")

    arguments = ("seeds", "convert", locked, path, "--to", "oath-csv", "--password-file", password)
    assert 0 == galh(*arguments)[0]
    assert batch.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("content", [bytes(range(16)), bytes(range(16)).hex().encode() + b"\n"])
def test_key_there_and_back(galh: Galh, tmp_path: Path, batch: Path, content: bytes) -> None:
    """A key in a file, raw or in hex, encrypts, and decrypts again."""
    key, locked = tmp_path / "key", tmp_path / "locked.xml"
    key.write_bytes(content)
    arguments = ("seeds", "convert", batch, locked, "--to", "pskc", "--to-key-file", key)
    assert 0 == galh(*arguments)[0]
    assert BATCH == read_seeds(locked, key=bytes(range(16)))
    assert 0 == galh("seeds", "validate", locked, "--key-file", key)[0]


def test_passwords_from_environment(
    galh: Galh, tmp_path: Path, batch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords may come from the environment, one for each file."""
    locked, again = tmp_path / "locked.xml", tmp_path / "again.xml"
    monkeypatch.setenv("GALH_SEEDS_TO_PASSWORD", "one")
    assert 0 == galh("seeds", "convert", batch, locked, "--to", "pskc", "--encrypt")[0]
    monkeypatch.setenv("GALH_SEEDS_PASSWORD", "one")
    monkeypatch.setenv("GALH_SEEDS_TO_PASSWORD", "two")
    assert 0 == galh("seeds", "convert", locked, again, "--to", "pskc", "--encrypt")[0]
    assert BATCH == read_seeds(again, password="two")


@pytest.mark.parametrize("command", ["validate", "show"])
def test_password_missing(galh: Galh, tmp_path: Path, command: str) -> None:
    """An encrypted file without a password: exit 2, and where it may come from."""
    locked = tmp_path / "locked.xml"
    locked.write_bytes(pskc.write_pskc(BATCH, password="p"))
    exit_code, out, err = galh("seeds", command, locked)

    assert (2, "") == (exit_code, out)
    assert "--password-file, --key-file or GALH_SEEDS_PASSWORD" in err


def test_password_wrong(galh: Galh, tmp_path: Path, password: Path) -> None:
    """A wrong password is said once, not once a token."""
    locked = tmp_path / "locked.xml"
    locked.write_bytes(pskc.write_pskc(BATCH, password="p"))
    exit_code, _, err = galh("seeds", "validate", locked, "--password-file", password)
    assert (1, 1) == (exit_code, err.count("wrong key or password"))


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        ("--password-file", b"\nsecond line", "no password in its first line"),
        ("--password-file", b"\xff\xfe", "no password in its first line"),
        ("--key-file", b"abc", "3 bytes; a key has 16, 24 or 32"),
        ("--key-file", None, "can't be read"),
    ],
)
def test_no_key_in_file(
    galh: Galh, tmp_path: Path, option: str, content: bytes | None, words: str
) -> None:
    """A file that holds no password or key is refused, by name."""
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    exit_code, _, err = galh("seeds", "show", WARD, option, path)
    assert (2, True, True) == (exit_code, str(path) in err, words in err)


def test_password_asked(tmp_path: Path) -> None:
    """Somebody at the terminal is asked, and what is typed is not shown."""
    locked = tmp_path / "locked.xml"
    locked.write_bytes(pskc.write_pskc(BATCH, password="p4ssw0rd"))
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "hosttools.cli", "seeds", "validate", str(locked)]
    with subprocess.Popen(
        command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        seen = b""
        while b"Password of" not in seen:
            seen += os.read(master, 1024)
        os.write(master, b"p4ssw0rd\n")
        out = process.communicate(timeout=BACKSTOP_S)[0]
    os.close(master)
    assert (0, True, False) == (process.returncode, b"4 good tokens" in out, b"p4ssw0rd" in seen)


def test_validate(galh: Galh) -> None:
    """A good file: what it is, and exit 0."""
    assert (0, f"{WARD}: oath-csv, 6 good tokens, practice seeds\n", "") == galh(
        "seeds", "validate", WARD
    )


def test_validate_bad(galh: Galh, batch: Path) -> None:
    """Every bad record is named, not only the first: exit 1."""
    lines = batch.read_text().splitlines()
    batch.write_text("\n".join([*lines, lines[1], "!,00", lines[2].replace("GALH", "GALHX")]))
    exit_code, out, err = galh("seeds", "validate", batch, "--json")

    assert (1, 5) == (exit_code, json.loads(out)["tokens"])
    assert ["line 6", "line 7"] == [line.split(", ")[1] for line in err.splitlines()]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><KeyContainer/>", "a document type or entity"),
        (b"<a>" * 10**6, "not a PSKC file"),
        (b"<Tokens><Token serial='A1'>" + b"<a>" * 10**6, "nested more than 32 deep"),
        (b"\x1f\x8b\x08\x00\xff", "not UTF-8 text"),
        (b"", "no tokens in it"),
        (b"otpauth://hotp/A?secret=0189&counter=0", "base32"),
        (f"GALH1,{HEX},-1".encode(), "allowed are"),
    ],
)
def test_validate_hostile(galh: Galh, tmp_path: Path, data: bytes, words: str) -> None:
    """What is no seed file, or a trap, is refused in a line: exit 1."""
    path = tmp_path / "x"
    path.write_bytes(data)
    exit_code, _, err = galh("seeds", "validate", path)
    assert (1, True, True) == (exit_code, str(path) in err, words in err)


def test_validate_gigabytes(galh: Galh, tmp_path: Path) -> None:
    """A file of a terabyte is refused before it is read: exit 2."""
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(2**40)
    exit_code, _, err = galh("seeds", "validate", path)
    assert (2, True) == (exit_code, "longer than" in err)


def test_forced(galh: Galh, batch: Path) -> None:
    """A format that is given is not guessed."""
    exit_code, _, err = galh("seeds", "show", batch, "--from", "pskc")
    assert (2, True) == (exit_code, "not well-formed XML" in err)


def test_show(galh: Galh) -> None:
    """Each token with what its file says of it, and no secret."""
    exit_code, out, _ = galh("seeds", "show", WARD)
    assert (0, 6, False) == (exit_code, len(out.splitlines()), HEX in out.lower())
    assert "GALH00000042  token_type=event" in out


def test_show_json(galh: Galh) -> None:
    """As JSON too."""
    rows = json.loads(galh("seeds", "show", "ward.pskc.xml", "--json")[1])
    row = next(row for row in rows if row["serial"] == "GALH00000042")
    assert {
        "serial": "GALH00000042",
        "token_type": "event",
        "algorithm": "SHA1",
        "digits": 6,
        "counter": 0,
        "practice": True,
        "secret_bytes": 20,
    } == {**row, "algorithm": "SHA1", "counter": row.get("counter", 0)}
