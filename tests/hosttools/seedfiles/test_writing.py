"""No writer writes what its reader would refuse."""

import pytest

from firmware_model.oath import Secret
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.writing import prepare

REAL = SeedRecord(serial="GALH1", secret=Secret(bytes(range(20))))
MARKED = SeedRecord(serial="GALH2", secret=Secret(bytes(range(20))), practice=True)
PUBLISHED = SeedRecord(serial="GALH3", secret=Secret(b"12345678901234567890"))


def test_mark() -> None:
    """A file of practice seeds alone is marked; one with others is not."""
    assert (True, False, False) == (
        prepare([MARKED, PUBLISHED], "x")[1],
        prepare([REAL], "x")[1],
        prepare([REAL, PUBLISHED], "x")[1],
    )


def test_mixed() -> None:
    """A practice seed whose mark would be lost is refused."""
    with pytest.raises(SeedFileError, match=r"x, record 2 \(GALH2\): a practice seed among"):
        prepare([REAL, MARKED], "x")


def test_twice() -> None:
    """A serial number is written once."""
    with pytest.raises(SeedFileError, match="record 2"):
        prepare([REAL, REAL], "x")


def test_nothing() -> None:
    """A file without tokens is not written."""
    with pytest.raises(SeedFileError, match="no tokens"):
        prepare([], "x")
