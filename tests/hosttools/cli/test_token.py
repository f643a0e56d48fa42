"""``galh token``: making, listing and showing seeds."""

import base64
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.seedfiles import read_seeds, sample

Galh = Callable[..., tuple[int, str, str]]
WARD = sample("ward.csv")
HEX = "00112233445566778899aabbccddeeff00112233"
SPELLINGS = [
    HEX,
    base64.b32encode(bytes.fromhex(HEX)).decode(),
    base64.b64encode(bytes.fromhex(HEX)).decode(),
]


def _hides_secret(text: str) -> bool:
    folded = text.lower().replace(" ", "")
    return not any(spelling.lower() in folded for spelling in SPELLINGS)


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_list(galh: Galh, extra: list[str]) -> None:
    """All tokens of a seed file are listed, without secrets."""
    exit_code, out, err = galh("token", "list", WARD, *extra)

    assert (0, "") == (exit_code, err)
    assert [r.serial for r in read_seeds(WARD) if r.serial not in out] == []
    assert _hides_secret(out)


def test_list_as_json(galh: Galh) -> None:
    """As JSON each token has its settings as it would be manufactured."""
    rows = json.loads(galh("token", "list", WARD, "--json")[1])
    row = next(row for row in rows if row["serial"] == "GALH00000042")

    assert {
        "serial": "GALH00000042",
        "profile": "GALH",
        "type": "event",
        "algorithm": "SHA1",
        "digits": 6,
        "counter": 0,
        "secret_bytes": 20,
        "practice": True,
    } == {name: value for name, value in row.items() if name != "key_id"}


def test_list_of_pskc(galh: Galh) -> None:
    """The same tokens come out of CSV and PSKC."""
    csv, pskc = (
        json.loads(galh("token", "list", sample(name), "--json")[1])
        for name in ("ward.csv", "ward.pskc.xml")
    )

    assert {row["key_id"] for row in csv} == {row["key_id"] for row in pskc}


@pytest.mark.parametrize("serial", ["GALH00000042", "galh 0000-0042"])
def test_show(galh: Galh, serial: str) -> None:
    """One token is shown, its serial number as people type it, without the secret."""
    exit_code, out, _ = galh("token", "show", WARD, serial)

    assert exit_code == 0
    assert "serial        GALH00000042\n" in out
    assert _hides_secret(out)


def test_export_shows_secret(galh: Galh) -> None:
    """Only the explicit export shows the secret, in hex."""
    assert (
        f"secret        {HEX}\n"
        in galh("token", "show", WARD, "GALH00000042", "--export-secret")[1]
    )
    exported = galh("token", "show", WARD, "GALH00000042", "--export-secret", "--json")[1]
    assert HEX == json.loads(exported)["secret"]


def test_show_of_unknown_serial(galh: Galh) -> None:
    """A token that is not in the file: exit 2, and how to see those that are."""
    exit_code, out, err = galh("token", "show", WARD, "GALH99999999")

    assert (2, "") == (exit_code, out)
    assert "has no token GALH99999999; galh token list" in err


@pytest.mark.parametrize("command", [["list"], ["show", "GALH00000042"]])
def test_file_that_is_not_there(galh: Galh, command: list[str]) -> None:
    """A seed file that is not there: exit 2, named."""
    exit_code, out, err = galh("token", command[0], "/nowhere.csv", *command[1:])

    assert (2, "") == (exit_code, out)
    assert "/nowhere.csv" in err


@pytest.mark.parametrize("format_name", ["oath-csv", "pskc"])
def test_new(galh: Galh, tmp_path: Path, format_name: str) -> None:
    """New tokens are written for us alone to read, told without secrets, and can be read again."""
    path = tmp_path / "new"
    exit_code, out, err = galh(
        "token", "new", "--count", 3, "--first", 7, "--format", format_name, "--out", path, "--json"
    )
    records = read_seeds(path)

    assert (0, "") == (exit_code, err)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [r.serial for r in records] == ["GALH00000007", "GALH00000008", "GALH00000009"]
    assert [r["serial"] for r in json.loads(out)] == [r.serial for r in records]
    assert len({r.secret.reveal() for r in records}) == 3
    assert [r for r in records if r.secret.reveal().hex() in out] == []


def test_new_by_profile(galh: Galh, tmp_path: Path) -> None:
    """New tokens of a profile file carry its prefix and settings."""
    profile, path = tmp_path / "gaht.toml", tmp_path / "new.csv"
    profile.write_text('base = "GALT"\nname = "GAHT"\nserial_pattern = "GAHT[0-9]{8}"\n')
    exit_code, out, _ = galh("token", "new", "--profile", profile, "--out", path)

    assert exit_code == 0
    assert "GAHT" in out
    assert read_seeds(path)[0].serial.startswith("GAHT")


def test_new_never_overwrites(galh: Galh, tmp_path: Path) -> None:
    """A file that is there stays as it is: exit 2."""
    path = tmp_path / "new.csv"
    path.write_text("dear to somebody")
    exit_code, out, err = galh("token", "new", "--out", path)

    assert (2, "") == (exit_code, out)
    assert f"{path} is there already" in err
    assert path.read_text() == "dear to somebody"


def test_new_follows_no_link(galh: Galh, tmp_path: Path) -> None:
    """Not even a dangling symlink is written through."""
    path = tmp_path / "new.csv"
    path.symlink_to(tmp_path / "elsewhere.csv")

    assert galh("token", "new", "--out", path)[0] == 2
    assert not (tmp_path / "elsewhere.csv").exists()


def test_new_where_nothing_can_be(galh: Galh) -> None:
    """A folder that is not there: exit 1 and why."""
    exit_code, out, err = galh("token", "new", "--out", "/nowhere/new.csv")

    assert (1, "") == (exit_code, out)
    assert err == "galh: /nowhere/new.csv can't be written: No such file or directory\n"


@pytest.mark.parametrize("extra", [["--count", "0"], ["--first", "-1"], ["--format", "xml"]])
def test_new_out_of_range(galh: Galh, tmp_path: Path, extra: list[str]) -> None:
    """Settings that can't be: exit 2, nothing written."""
    path = tmp_path / "new.csv"

    assert galh("token", "new", "--out", path, *extra)[0] == 2
    assert not path.exists()


def test_new_past_the_last_serial(galh: Galh, tmp_path: Path) -> None:
    """More serial numbers than there are: exit 2, nothing written."""
    path = tmp_path / "new.csv"

    assert galh("token", "new", "--out", path, "--first", 99_999_999, "--count", 2)[0] == 2
    assert not path.exists()


def test_two_at_once(tmp_path: Path) -> None:
    """Of several processes that make one file, one makes it, whole; the others are refused."""
    path = tmp_path / "new.csv"
    command = [sys.executable, "-m", "hosttools.cli", "token", "new", "--json", "--out", str(path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(4)
    ]
    printed = [process.communicate()[0] for process in running]

    assert sorted(process.returncode for process in running) == [0, 2, 2, 2]
    (told,) = (json.loads(out) for out in printed if out)
    assert [r.serial for r in read_seeds(path)] == [row["serial"] for row in told]
