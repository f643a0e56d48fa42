"""Parameters: exact, bounded, and picky about their type."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.parameters import (
    Choice,
    Flag,
    Parameter,
    Ratio,
    Scaled,
    Seconds,
    Text,
    Whole,
)

HOLD = Seconds("hold s", 1_000_000, 3_600_000_000_000, 100_000_000)
ANY_TIME = Seconds("s", 0, 10**18)
RATIO = Ratio("x", Fraction(0), Fraction(1000))
COUNTER = Whole("n", 0, 2**64 - 2)
STATE = Choice("state", ("LIT", "DARK"))
WARMTH = Scaled("celsius", -100_000, 150_000, 1_000)
SWITCH = Flag("on")
FAULT = Text("fault")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", 100_000_000),
        (".1", 100_000_000),
        ("+1.", 1_000_000_000),
        ("1E-1", 100_000_000),
        ("1 e -1 s", 100_000_000),
        ("100 ms", 100_000_000),
        ("1E5US", 100_000_000),
        ("2000000ns", 2_000_000),
        ("MIN", 1_000_000),
        ("maximum", 3_600_000_000_000),
        ("Def", 100_000_000),
    ],
)
def test_seconds_become_nanoseconds(text: str, expected: int) -> None:
    """Decimal, exponent, suffix or keyword."""
    assert HOLD.parse(text) == expected


def test_a_time_is_exact_where_a_float_is_not() -> None:
    """Every nanosecond of a Unix time survives."""
    assert ANY_TIME.parse("123456789.123456789") == 123_456_789_123_456_789


def test_what_is_finer_than_a_nanosecond_is_rounded() -> None:
    """Half to even."""
    assert [ANY_TIME.parse("1.5ns"), ANY_TIME.parse("2.5ns")] == [2, 2]


@pytest.mark.parametrize(
    ("parameter", "text", "code"),
    [
        (HOLD, "0", ErrorCode.OUT_OF_RANGE),
        (HOLD, "-1", ErrorCode.OUT_OF_RANGE),
        (HOLD, "1E999999999", ErrorCode.OUT_OF_RANGE),
        (HOLD, "1E" + "9" * 5000, ErrorCode.OUT_OF_RANGE),
        (HOLD, "1E-999999999", ErrorCode.OUT_OF_RANGE),
        (HOLD, "1E-999", ErrorCode.OUT_OF_RANGE),
        (HOLD, "9" * 5000, ErrorCode.TOO_MANY_DIGITS),
        (HOLD, "0." + "0" * 5000 + "1", ErrorCode.TOO_MANY_DIGITS),
        (HOLD, "1 min", ErrorCode.INVALID_SUFFIX),
        (HOLD, "soon", ErrorCode.DATA_TYPE),
        (HOLD, '"1"', ErrorCode.DATA_TYPE),
        (HOLD, "#H10", ErrorCode.DATA_TYPE),
        (HOLD, "1.2.3", ErrorCode.DATA_TYPE),
        (HOLD, "nan", ErrorCode.DATA_TYPE),
        (HOLD, "1_0", ErrorCode.DATA_TYPE),
        (RATIO, "60 s", ErrorCode.SUFFIX_NOT_ALLOWED),
        (RATIO, "DEF", ErrorCode.DATA_TYPE),
        (COUNTER, "1.5", ErrorCode.DATA_TYPE),
        (COUNTER, "-1", ErrorCode.OUT_OF_RANGE),
        (COUNTER, "18446744073709551615", ErrorCode.OUT_OF_RANGE),
        (COUNTER, "#HFFFFFFFFFFFFFFFF", ErrorCode.OUT_OF_RANGE),
        (COUNTER, "#H" + "F" * 5000, ErrorCode.TOO_MANY_DIGITS),
        (COUNTER, "#B102", ErrorCode.DATA_TYPE),
        (COUNTER, "#H", ErrorCode.DATA_TYPE),
        (COUNTER, "#H1_0", ErrorCode.DATA_TYPE),
        (COUNTER, "#15hello", ErrorCode.DATA_TYPE),
        (STATE, "BRIGHT", ErrorCode.ILLEGAL_VALUE),
        (STATE, '"LIT"', ErrorCode.DATA_TYPE),
        (STATE, "1", ErrorCode.DATA_TYPE),
        (WARMTH, "-100.0001", ErrorCode.OUT_OF_RANGE),
        (WARMTH, "20 C", ErrorCode.SUFFIX_NOT_ALLOWED),
        (SWITCH, "2", ErrorCode.ILLEGAL_VALUE),
        (SWITCH, "yes", ErrorCode.ILLEGAL_VALUE),
        (FAULT, "tear", ErrorCode.DATA_TYPE),
        (FAULT, '"', ErrorCode.DATA_TYPE),
        (FAULT, '"a"b"', ErrorCode.DATA_TYPE),
        (FAULT, "\"a'", ErrorCode.DATA_TYPE),
    ],
)
def test_what_can_not_be_is_refused(parameter: Parameter, text: str, code: ErrorCode) -> None:
    """Each with the error that SCPI has for it, at once and whatever its size."""
    with pytest.raises(ScpiError) as caught:
        parameter.parse(text)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18446744073709551614", 2**64 - 2),
        ("1E3", 1000),
        ("5.0", 5),
        ("#hff", 255),
        ("#Q17", 15),
        ("#B101", 5),
        ("MAX", 2**64 - 2),
    ],
)
def test_whole_numbers_come_in_four_bases(text: str, expected: int) -> None:
    """And exactly, beyond what a float can hold."""
    assert COUNTER.parse(text) == expected


def test_a_ratio_is_exact() -> None:
    """A tenth is a tenth."""
    assert RATIO.parse("0.1") == Fraction(1, 10)


def test_a_choice_answers_with_its_long_form() -> None:
    """Any case, short or long."""
    words = Choice("mode", ("MANual",))
    assert [words.parse("man"), words.parse("Manual")] == ["MANUAL", "MANUAL"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-5.25", -5_250), ("1E-3", 1), ("0.0005", 0), ("0.0015", 2), ("MIN", -100_000)],
)
def test_a_scaled_number_counts_parts(text: str, expected: int) -> None:
    """Thousandths of a degree here; what is finer is rounded half to even."""
    assert WARMTH.parse(text) == expected


def test_a_switch_is_a_word_or_a_number() -> None:
    """In any case."""
    assert [SWITCH.parse(text) for text in ("0", "1", "OFF", "on")] == [False, True, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [('"a b"', "a b"), ("'a \"b\"'", 'a "b"'), ('"a ""b"""', 'a "b"'), ('""', "")],
)
def test_a_text_is_in_quotes(text: str, expected: str) -> None:
    """Of either kind; one inside is doubled."""
    assert FAULT.parse(text) == expected


@given(
    st.sampled_from([HOLD, RATIO, COUNTER, STATE, WARMTH, SWITCH, FAULT]),
    st.text(alphabet="0123456789+-.eEsSmMnN #HQBLITDARK'\"(", min_size=1, max_size=40)
    | st.text(min_size=1),
)
def test_any_text_gives_a_value_or_a_scpi_error(parameter: Parameter, text: str) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(ScpiError):
        parameter.parse(text)


@given(st.integers(0, 10**18))
def test_seconds_round_trip(ns: int) -> None:
    """What CLOCk:TIME? writes, CLOCk:ADVance reads to the nanosecond."""
    assert ANY_TIME.parse(f"{ns // 10**9}.{ns % 10**9:09d}") == ns
