"""Practice seeds are recognised by their mark and by themselves."""

import pytest

from hosttools.seedfiles.practice import MARK, is_mark, is_published, practice_secret


@pytest.mark.parametrize("comment", [MARK, " Practice seeds", "practice seeds: mine\n"])
def test_marks(comment: str) -> None:
    """A comment that begins with the two words is a mark."""
    assert is_mark(comment)


@pytest.mark.parametrize("comment", ["", "no practice seeds", "practice", "practice seedsman"])
def test_other_comments(comment: str) -> None:
    """Another comment is none."""
    assert not is_mark(comment)


@pytest.mark.parametrize("length", [20, 32, 64])
def test_rfc_secrets(length: int) -> None:
    """The secrets of RFC 4226 and RFC 6238 are published, whatever the serial number."""
    secret = b"1234567890123456789012345678901234567890123456789012345678901234"[:length]
    assert is_published("GALH00000001", secret)


def test_practice_secret() -> None:
    """A secret by the published rule is published, for its own serial number only."""
    secret = practice_secret("GALH12345678")
    assert (True, False) == (
        is_published("GALH12345678", secret),
        is_published("GALH12345679", secret),
    )
