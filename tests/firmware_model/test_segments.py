"""Glyphs and the LCD as a value."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import StateFormatError
from firmware_model.segments import ALL, BLANK, GLYPHS, Lcd, decode, encode


def test_glyphs_differ() -> None:
    """No two characters look the same."""
    assert len(GLYPHS) == len(set(GLYPHS.values()))


@pytest.mark.parametrize(
    ("char", "segments"),
    [("0", "abcdef"), ("1", "bc"), ("2", "abged"), ("4", "fgbc"), ("7", "abc"), ("-", "g")],
)
def test_segments_lit(char: str, segments: str) -> None:
    """A digit lights the segments that everybody knows."""
    assert sum(1 << "abcdefg".index(name) for name in segments) == GLYPHS[char]


def test_eight_and_blank() -> None:
    """An eight lights every segment, a space none."""
    assert (ALL, BLANK) == encode("8 ")


@given(st.text("0123456789 -AbCdEF", max_size=8))
def test_round_trip(text: str) -> None:
    """What seven segments can show is read back as it was."""
    assert text == decode(encode(text))


def test_hex_letters_in_the_case_that_fits() -> None:
    """Hex letters are shown in the case that seven segments have."""
    assert "AbCdEF" == decode(encode("abcdef"))


@given(st.text())
def test_raises_only_state_format_error(text: str) -> None:
    """A character without a glyph is named in the error."""
    strange = [char for char in text if char not in GLYPHS and char not in "aBcDef"]
    if strange:
        with pytest.raises(StateFormatError, match=re.escape(repr(strange[0]))):
            encode(text)
    else:
        assert len(text) == len(encode(text))


def test_unknown_segments_read_as_question_marks() -> None:
    """Segments that spell nothing read as question marks."""
    assert "?8" == decode((0x01, ALL))


def test_dark_and_lit() -> None:
    """An LCD is lit as soon as one segment is; dark, it shows no text."""
    assert not Lcd((BLANK,) * 6).lit
    assert "" == Lcd((BLANK,) * 6).text
    assert Lcd((BLANK,) * 5 + (0x40,)).lit
    assert "     -" == Lcd((BLANK,) * 5 + (0x40,)).text


def test_every_code_is_readable() -> None:
    """Every digit at every position reads back."""
    for pair in itertools.product("0123456789", repeat=2):
        text = "".join(pair) * 3
        assert text == Lcd(encode(text)).text


def test_the_repr_spells_no_code() -> None:
    """Neither digits nor segments of an unused code are in it."""
    assert "<Lcd lit, 2 of 6 bars>" == repr(Lcd(encode("755224"), 2, 6))
