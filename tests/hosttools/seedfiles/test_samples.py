"""The seed files that come along: readable, made up, and marked as such."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.oath import Algorithm, Key, Secret, hotp, totp
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.seedfiles.practice import MARK, is_published
from hosttools.seedfiles.pskc import write_pskc
from hosttools.seedfiles.reader import read_seeds
from hosttools.seedfiles.samples import folder, sample, sample_names, seed_path
from hosttools.testing import BACKSTOP_S

PREFIXES = {TokenType.EVENT: "GALH", TokenType.TIME: "GALT"}


def token(name: str, serial: str) -> SeedRecord:
    """Return one token of a sample."""
    return next(record for record in read_seeds(sample(name)) if record.serial == serial)


def test_names() -> None:
    """There is one of each kind."""
    assert ("rfc4226.csv", "rfc6238.csv", "ward.csv", "ward.pskc.xml") == sample_names()


@pytest.mark.parametrize("name", sample_names())
def test_marked(name: str) -> None:
    """Each file says that its seeds are for practice, and each secret is known to be."""
    assert (True, True) == (
        MARK in sample(name).read_text("utf-8"),
        all(
            r.practice and is_published(r.serial, r.secret.reveal())
            for r in read_seeds(sample(name))
        ),
    )


@pytest.mark.parametrize("name", sample_names())
def test_prefixes(name: str) -> None:
    """Each serial number names the type that the file gives."""
    for record in read_seeds(sample(name)):
        assert record.token_type is not None
        assert PREFIXES[record.token_type] == record.serial[:4]


def test_a_file_comes_before_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample's name is its path, unless there is a file called so."""
    monkeypatch.chdir(tmp_path)
    name = Path("ward.csv")

    assert (sample("ward.csv"), Path("other.csv")) == (
        seed_path(name),
        seed_path(Path("other.csv")),
    )
    name.touch()
    assert name == seed_path(name)


def test_unique() -> None:
    """No serial number belongs to tokens with different secrets."""
    secrets: dict[str, Secret] = {}
    for name in sample_names():
        for record in read_seeds(sample(name)):
            assert secrets.setdefault(record.serial, record.secret) == record.secret


def test_rfc4226() -> None:
    """The RFC 4226 token makes the codes of its appendix D."""
    key = Key(token("rfc4226.csv", "GALH00004226").secret)
    assert ["755224", "287082", "359152"] == [hotp(key, n) for n in range(3)]


@pytest.mark.parametrize(
    ("serial", "code"),
    [("GALT00006238", "94287082"), ("GALT25606238", "46119246"), ("GALT51206238", "90693936")],
)
def test_rfc6238(serial: str, code: str) -> None:
    """The RFC 6238 tokens make the codes of its appendix B."""
    record = token("rfc6238.csv", serial)
    key = Key(record.secret, record.algorithm or Algorithm.SHA1)
    assert code == totp(key, 59, digits=record.digits or 0)


@pytest.mark.parametrize("name", ["ward.csv", "ward.pskc.xml"])
def test_made_up_token(name: str) -> None:
    """GALH00000042 makes the codes that it is documented with."""
    key = Key(token(name, "GALH00000042").secret)
    assert ["602993", "140990", "588440", "879449"] == [hotp(key, n) for n in range(4)]


def test_same_ward() -> None:
    """The ward's tokens are the same in both formats, and the PSKC file is our writer's."""
    ward = read_seeds(sample("ward.csv"))
    assert (ward, write_pskc(ward)) == (
        read_seeds(sample("ward.pskc.xml")),
        sample("ward.pskc.xml").read_bytes(),
    )


def test_csv_is_as_written() -> None:
    """Comments apart, the CSV files are what our writer makes of them."""
    for name in ("rfc4226.csv", "rfc6238.csv", "ward.csv"):
        lines = sample(name).read_text("utf-8").splitlines()
        written = write_oath_csv(read_seeds(sample(name))).splitlines()
        assert written[1:] == [line for line in lines if not line.startswith("#")]


def test_pskctool(require_tool: Callable[[str], str]) -> None:
    """Oath-toolkit's pskctool validates the PSKC file."""
    command = [require_tool("pskctool"), "--strict", "--validate", str(sample("ward.pskc.xml"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BACKSTOP_S)
    assert (0, "OK\n") == (done.returncode, done.stdout)


def test_unknown() -> None:
    """Another name is refused with a list of those there are."""
    with pytest.raises(SeedFileError, match=r"there are rfc4226\.csv"):
        sample("../pyproject.toml")


def test_in_a_wheel(tmp_path: Path) -> None:
    """Inside the package they are found before any beside it."""
    for parent in (tmp_path / "hosttools", tmp_path):
        (parent / "seeds").mkdir(parents=True)
        (parent / "seeds" / "README.md").touch()
    assert tmp_path / "hosttools" / "seeds" == folder(tmp_path / "hosttools")


def test_in_neither_place(tmp_path: Path) -> None:
    """An installation without them says so."""
    with pytest.raises(SeedFileError, match="incomplete"):
        folder(tmp_path / "hosttools")
