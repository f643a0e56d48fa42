"""What the formats of one token a line share."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import ShortSecretWarning
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.practice import MARK
from hosttools.seedfiles.rows import (
    first_row,
    from_base32,
    join_csv,
    lost_settings,
    read_text,
    refuse_loss,
    split_csv,
    to_base32,
)

PLACE = Place("t.txt", 3)
SECRET = Secret(bytes(range(20)))


def test_rows() -> None:
    """Lines end as they like, and blank ones and comments are left out, but counted."""
    text = read_text(b"\xef\xbb\xbfa\r\n\n # b\rc", "t.txt")
    assert [(1, "a"), (4, "c")] == list(text.rows())


def test_mark() -> None:
    """A comment anywhere marks practice seeds; another one does not."""
    marks = [f"a\n#{MARK}", f"# {MARK}\na", "# a", MARK]
    assert [True, True, False, False] == [read_text(m.encode(), "").practice for m in marks]


def test_first_row() -> None:
    """The first row comes after blank lines and comments, stripped."""
    assert "a,b" == first_row(b"\xef\xbb\xbf# c\n\n  a,b \nd")


@given(st.binary())
def test_first_row_of_anything(data: bytes) -> None:
    """There is a first row, or an empty one, whatever the bytes are."""
    assert first_row(data) == first_row(data).strip()


@given(st.lists(st.text("ab,\" '#é"), min_size=1, max_size=6))
def test_csv_round_trip(fields: list[str]) -> None:
    """What is joined is split again, but for spaces around fields and empty ones at the end."""
    expected = [field.strip() for field in fields]
    while expected and not expected[-1]:
        expected.pop()
    assert expected == split_csv(join_csv(map(str.strip, fields)), PLACE, 0, 6, "a,b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not base32"),
        ("AAAA1AAA", "not base32"),
        ("ÄAAAAAAA", "not base32"),
        ("AAAAAAAAAAAAAAAAA", "cut off"),
        ("AAAA", "a secret of 2 bytes"),
    ],
)
def test_not_base32(text: str, words: str) -> None:
    """What is not base32, or no whole number of bytes, or too short, is refused."""
    with pytest.raises(SeedFileError, match=f"t.txt, line 3: .*{words}"):
        from_base32(text, PLACE)


@pytest.mark.filterwarnings("ignore::firmware_model.errors.ShortSecretWarning")
@given(st.binary(min_size=10, max_size=64), st.booleans(), st.booleans())
def test_base32_round_trip(raw: bytes, lower: bool, padded: bool) -> None:  # noqa: FBT001 (drawn)
    """Base32 is read in any case, padded or not."""
    text = to_base32(Secret(raw))
    text += "=" * (-len(text) % 8) * padded
    assert Secret(raw) == from_base32(text.lower() if lower else text, PLACE)


def test_short_secret() -> None:
    """A short secret is read with a warning."""
    with pytest.warns(ShortSecretWarning):
        assert 10 == len(from_base32("JBSWY3DPEHPK3PXP", PLACE))


def test_moving_factor_without_a_type() -> None:
    """Step and counter are lost unless the type of token says which of them is there."""
    record = SeedRecord(serial="A1", secret=SECRET, step_s=30, counter=1)
    assert ["step_s", "counter"] == lost_settings(record, frozenset({"step_s", "counter"}))


def test_refusals() -> None:
    """A setting without room, a value that is not known, and a missing one are named."""
    record = SeedRecord(
        serial="A1", secret=SECRET, token_type=TokenType.EVENT, algorithm=Algorithm.SHA512
    )
    said = []
    for carried, only, needed in (
        ({"token_type"}, {}, ()),
        ({"token_type", "algorithm"}, {"algorithm": (Algorithm.SHA1,)}, ()),
        ({"token_type", "algorithm"}, {}, ("token_type", "digits")),
    ):
        with pytest.raises(SeedFileError) as caught:
            refuse_loss(record, PLACE, frozenset(carried), only=only, needed=needed)
        said.append(str(caught.value).partition(": ")[2])
    assert [
        "the format can't carry algorithm; write PSKC, or drop it first",
        "algorithm: SHA512; the format knows SHA1 only; write PSKC instead",
        "the format needs digits; set it first, or convert with --complete",
    ] == said


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    """Whatever bytes come, they are lines or refused by a SeedFileError."""
    with contextlib.suppress(SeedFileError):
        assert read_text(data, "x").lines
