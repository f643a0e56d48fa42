"""``galh seeds qr``."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.seedfiles import pskc, read_seeds, sample

Galh = Callable[..., tuple[int, str, str]]
RFC = str(sample("rfc4226.csv"))


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
def test_a_picture(galh: Galh, tmp_path: Path, name: str, magic: bytes) -> None:
    """A picture goes to a new file that only its owner can read."""
    out = tmp_path / name
    code, printed, err = galh(
        "seeds", "qr", RFC, "galh 0000 4226", "--out", str(out), "--export-secret"
    )
    assert (0, "", "") == (code, printed, err)
    assert out.read_bytes().startswith(magic)
    assert 0o600 == out.stat().st_mode & 0o777
    again, _, err = galh("seeds", "qr", RFC, "GALH00004226", "--out", str(out), "--export-secret")
    assert 2 == again
    assert str(out) in err


def test_what_is_refused(galh: Galh, tmp_path: Path) -> None:
    """Without saying that it is meant, of no such token, or as no picture: nothing is written."""
    out = tmp_path / "a.gif"
    for arguments, told in (
        (("GALH00004226",), "--export-secret"),
        (("GALH00000001", "--export-secret"), "no token GALH00000001"),
        (("GALH00004226", "--export-secret", "--out", str(out)), ".png or .svg"),
    ):
        code, printed, err = galh("seeds", "qr", RFC, *arguments)
        assert (2, "") == (code, printed)
        assert told in err
    assert not out.exists()


@pytest.mark.usefixtures("few_rounds")
def test_of_an_encrypted_file(galh: Galh, tmp_path: Path, password: Path) -> None:
    """An encrypted file takes its password here too."""
    locked = tmp_path / "locked.xml"
    locked.write_bytes(pskc.write_pskc(read_seeds(RFC), password="correct horse"))
    arguments = ("seeds", "qr", locked, "GALH00004226", "--export-secret")
    assert 2 == galh(*arguments)[0]
    exit_code, told, _ = galh(*arguments, "--password-file", password)
    assert (0, galh("seeds", "qr", RFC, "GALH00004226", "--export-secret")[1]) == (exit_code, told)
