"""Lines cut into units; whatever comes, nothing but ScpiError."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.scpi import lexer
from emulator.scpi.errors import ErrorCode, ScpiError


def test_units_are_header_and_parameters() -> None:
    """White space round both is dropped, and empty units are no units."""
    assert list(lexer.units(" BUTT:PRES\t 0.1 ;; *IDN? ;")) == [("BUTT:PRES", "0.1"), ("*IDN?", "")]


def test_separators_inside_quotes_do_not_separate() -> None:
    """Both kinds of quotes protect, and a doubled quote stays inside."""
    assert list(lexer.split("""'a;b';"c;""d";e""", ";")) == ["'a;b'", '"c;""d"', "e"]


@pytest.mark.parametrize("text", ["?", "1ST", "A::B", "*", "BUTT:", "BUTT:PRES?0", "!", ":*IDN?"])
def test_what_is_no_header_is_a_syntax_error(text: str) -> None:
    """-102 for each."""
    with pytest.raises(ScpiError) as caught:
        list(lexer.units(text))
    assert caught.value.code is ErrorCode.SYNTAX


def test_an_open_quote_is_an_error_after_what_came_before() -> None:
    """The units before it are there."""
    units = lexer.units('*CLS;*ESE "1')
    assert next(units) == ("*CLS", "")
    with pytest.raises(ScpiError) as caught:
        next(units)
    assert caught.value.code is ErrorCode.INVALID_STRING


@pytest.mark.parametrize("line", [b"\x00", b"*IDN?\xff", b"a\x7f", b"\x1b[A"])
def test_bytes_that_are_not_printable_ascii_are_refused(line: bytes) -> None:
    """-101, a tab excepted."""
    with pytest.raises(ScpiError) as caught:
        lexer.decode(line)
    assert caught.value.code is ErrorCode.INVALID_CHARACTER


@given(st.binary(max_size=200) | st.text(alphabet="\"';:,*?# aB1\t").map(str.encode))
def test_any_bytes_give_units_or_scpi_errors(line: bytes) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(ScpiError):
        list(lexer.units(lexer.decode(line)))


@given(st.text(alphabet="\"';a"))
def test_pieces_joined_are_the_text(text: str) -> None:
    """Cutting loses nothing."""
    with contextlib.suppress(ScpiError):
        assert ";".join(lexer.split(text, ";")) == text
