"""A seed file's errors say where, and never repeat a secret."""

import pickle

from hosttools.seedfiles.errors import Place, SeedFileError, shown


def test_where() -> None:
    """An error names file, line, record and serial number."""
    error = Place("a.csv", 3, 2, "GALH00000042").error("broken")
    assert "a.csv, line 3, record 2 (GALH00000042): broken" == str(error)


def test_without_place() -> None:
    """An error without a place is just what is wrong."""
    assert "broken" == str(SeedFileError("broken"))


def test_long_serial_is_left_out() -> None:
    """A serial number as long as a secret is not repeated: the columns may be swapped."""
    assert "x, line 1, record 1: broken" == str(Place("x", 1, 1, "A" * 16).error("broken"))


def test_exit_code() -> None:
    """A command that fails by it exits with 2."""
    assert 2 == SeedFileError.exit_code


def test_pickles() -> None:
    """It travels between processes with its message."""
    error = Place("a.csv", 3).error("broken")
    assert str(error) == str(pickle.loads(pickle.dumps(error)))  # noqa: S301 (our own bytes)


def test_shown() -> None:
    """A text that may be a secret is shown by its length only."""
    assert ("'hotp'", "a text of 16 characters") == (shown("hotp"), shown("JBSWY3DPEHPK3PXP"))
