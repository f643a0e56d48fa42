"""What a person takes a picture for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.readings import (
    DIGITS,
    READABLE_PERCENT,
    ambiguous,
    candidates,
    mistaken_for,
    read,
    readable,
    taken_for,
)
from firmware_model.segments import ALL, GLYPHS, SEGMENTS, Lcd, encode


def mask(segments: str) -> int:
    """Return the bits of some segments."""
    return sum(1 << SEGMENTS.index(segment) for segment in segments)


@given(st.text(DIGITS, max_size=8))
def test_an_undamaged_code_is_read_as_it_is(code: str) -> None:
    """Without damage nobody errs."""
    assert code == read(encode(code))


@pytest.mark.parametrize(
    ("char", "dead", "expected"),
    [
        ("8", "b", "6"),
        ("8", "e", "9"),
        ("8", "g", "0"),
        ("8", "be", "5"),
        ("8", "cf", "2"),
        ("8", "ef", "3"),
        ("9", "b", "5"),
        ("9", "f", "3"),
        ("6", "e", "5"),
        ("7", "a", "1"),
        ("4", "f", "4"),
        ("5", "g", "5"),
        ("2", "a", "2"),
        ("1", "b", "1"),
        ("1", "bc", " "),
        ("4", "bcf", "-"),
    ],
)
def test_dead_segments(char: str, dead: str, expected: str) -> None:
    """A digit that has lost segments is taken for the digit that is left, or nearest."""
    assert expected == mistaken_for(char, dead=mask(dead))


@pytest.mark.parametrize(
    ("char", "stuck", "expected"),
    [
        ("1", "a", "7"),
        ("0", "g", "8"),
        ("5", "b", "9"),
        ("5", "e", "6"),
        ("9", "e", "8"),
        ("1", "g", "4"),  # no glyph: a 4 that has lost f
        ("7", "g", "3"),  # no glyph: a 3 that has lost d
    ],
)
def test_stuck_segments(char: str, stuck: str, expected: str) -> None:
    """A stuck segment is believed, and what would have to go with it is filled in."""
    assert expected == mistaken_for(char, stuck=mask(stuck))


@pytest.mark.parametrize(
    ("lit", "expected"),
    [("abcdf", "0"), ("acdef", "0"), ("abdg", "2"), ("acdg", "3"), ("cd", "3")],
)
def test_a_tie_goes_to_the_lowest(lit: str, expected: str) -> None:
    """Of digits that lack equally many segments, the lowest is read."""
    assert expected == read((mask(lit),))


@pytest.mark.parametrize(
    "text", ["------", "   Err", "    2A", "b   87", " 12-34", "      ", "---8A2"]
)
def test_what_can_be_no_code_is_spelt_out(text: str) -> None:
    """In a picture with a blank or a dash, letters are letters."""
    assert text == read(encode(text))


@pytest.mark.parametrize(
    ("letter", "expected"), [("A", "8"), ("b", "6"), ("d", "8"), ("E", "6"), ("F", "6")]
)
def test_a_letter_in_a_code_is_a_worn_digit(letter: str, expected: str) -> None:
    """Among digits, a letter is taken for the digit that it is a part of."""
    assert f"1{expected}345" == read(encode(f"1{letter}345"))


@given(st.integers(0, 255))
def test_somebody_always_reads_something(bits: int) -> None:
    """Any picture is read, and but for blank and dash as the first of its candidates."""
    if bits & ALL in {0, GLYPHS["-"]}:
        assert read((bits,)) in " -"
    else:
        assert candidates(bits)[0] == read((bits,))


@given(digit=st.sampled_from(DIGITS), dead=st.integers(0, ALL))
def test_the_digit_that_was_meant_is_a_candidate(digit: str, dead: int) -> None:
    """However many segments die, the digit stays possible."""
    assert digit in candidates(GLYPHS[digit] & ~dead)


def test_candidates_of_a_blank() -> None:
    """Nothing lit may have been any digit."""
    assert set(DIGITS) == set(candidates(0))


def test_only_an_eight_explains_an_eight() -> None:
    """No dead segment makes another digit look like an 8."""
    assert ("8",) == candidates(ALL)


@pytest.mark.parametrize(
    ("dead", "stuck", "expected"),
    [
        ("", "", {}),
        ("e", "", {"5": ("6",), "6": ("5",), "8": ("9",), "9": ("8",)}),
        ("g", "", {"0": ("8",), "8": ("0",)}),
        ("", "a", {"1": ("7",), "7": ("1",)}),
        ("", "abcdefg", {digit: tuple(DIGITS.replace(digit, "")) for digit in DIGITS}),
    ],
)
def test_ambiguous(dead: str, stuck: str, expected: dict[str, tuple[str, ...]]) -> None:
    """Digits that look the same at a damaged position are listed with each other."""
    assert expected == ambiguous(mask(dead), mask(stuck))


@pytest.mark.parametrize("contrast", [READABLE_PERCENT, 100])
def test_readable(contrast: int) -> None:
    """From a certain contrast on, segments are made out."""
    assert readable(contrast)


@pytest.mark.parametrize("contrast", [-1, 0, READABLE_PERCENT - 1])
def test_unreadable(contrast: int) -> None:
    """Below it nobody reads anything."""
    assert not readable(contrast)


@pytest.mark.parametrize(
    ("lcd", "expected"),
    [
        (Lcd((0,) * 6), ""),
        (Lcd(encode("755224")), "755224"),
        (Lcd(encode("755224"), contrast=READABLE_PERCENT), "755224"),
        (Lcd(encode("755224"), contrast=READABLE_PERCENT - 1), ""),
        (Lcd((0x7D, *encode("55224"))), "655224"),
    ],
)
def test_taken_for(lcd: Lcd, expected: str) -> None:
    """What is read depends on the segments, and on whether they are to be seen."""
    assert expected == taken_for(lcd)
