"""Reading a seed file: forced or told from its content, and size is looked at first."""

from pathlib import Path

import pytest

from firmware_model.errors import ShortSecretWarning
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.reader import each_seed, read_seed, read_seed_bytes, read_seeds
from hosttools.seedfiles.registry import SeedFormat
from hosttools.seedfiles.samples import sample

LINE = b"GALH00000001,000102030405060708090a0b0c0d0e0f10111213,hotp,6\n"


def test_forced() -> None:
    """A format that is given is not guessed."""
    with pytest.raises(SeedFileError, match="not well-formed XML"):
        read_seed_bytes(LINE, "x", format=SeedFormat.PSKC)


def test_one_token() -> None:
    """The token that is named is read, else the first one; one that is not there is an error."""
    ward = sample("ward.csv")
    records = read_seeds(ward)

    assert records[0] == read_seed(ward)
    assert records[-1] == read_seed(ward, records[-1].serial)
    with pytest.raises(SeedFileError, match=r"ward\.csv: no token GALH00000000 in it"):
        read_seed(ward, "GALH00000000")


def test_missing(tmp_path: Path) -> None:
    """A file that is not there is an error that names it."""
    path = tmp_path / "none.csv"
    with pytest.raises(SeedFileError) as caught:
        read_seeds(path)
    assert f"{path}: can't be read: No such file or directory" == str(caught.value)


def test_directory(tmp_path: Path) -> None:
    """A directory is no seed file."""
    with pytest.raises(SeedFileError, match="Is a directory"):
        read_seeds(tmp_path)


def test_no_name() -> None:
    """A name that no file can have is refused like one that is not there."""
    with pytest.raises(SeedFileError, match="not a file name"):
        read_seeds("a\0b")


def test_size_is_looked_at_first(tmp_path: Path) -> None:
    """A terabyte is refused at once: a sparse file would take hours to read."""
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(SeedFileError, match="longer than 268435456 bytes"):
        read_seeds(path)


def test_endless_device() -> None:
    """A device without a size is read up to the limit only."""
    with pytest.raises(SeedFileError, match="longer than 1000 bytes"):
        read_seeds("/dev/zero", max_bytes=1000)


def test_just_fits(tmp_path: Path) -> None:
    """A file of exactly the limit is read."""
    path = tmp_path / "a.csv"
    path.write_bytes(LINE)
    assert 1 == len(read_seeds(path, max_bytes=len(LINE)))


def test_short_secret_warns() -> None:
    """A secret of 10 bytes is read, and the warning reaches the reader."""
    with pytest.warns(ShortSecretWarning):
        assert 1 == len(read_seed_bytes(b"GALH00000001,000102030405060708fe", "x"))


def test_key_for_csv() -> None:
    """A key for a file that can't be encrypted is a mistake."""
    with pytest.raises(SeedFileError, match="never encrypted"):
        read_seed_bytes(LINE, "x", key=b"0123456789abcdef")


def test_key_and_password() -> None:
    """A key and a password at once are a mistake."""
    with pytest.raises(SeedFileError, match="not both"):
        read_seeds(sample("ward.pskc.xml"), key=b"k", password="p")


def test_each() -> None:
    """Tokens come one by one, with their lines, before the file is at its end."""
    found = each_seed(b"\n" + LINE + b"xx\n", "x")
    line, record = next(found)
    assert (2, "GALH00000001") == (line, record.serial)
    with pytest.raises(SeedFileError, match="line 3"):
        next(found)


def test_twice() -> None:
    """A serial number may occur once, whatever the format."""
    with pytest.raises(SeedFileError, match="record 2: the serial number of line 1 again"):
        read_seed_bytes(LINE * 2, "x")


def test_nothing() -> None:
    """A file without tokens is an error."""
    with pytest.raises(SeedFileError, match="no tokens in it"):
        read_seed_bytes(b"# none\n", "x")
