"""Which bytes are the old client's and which the new one's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.scpi.handover import find_cut


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"BUTT:PR", b"*IDN?\n"),
        (b"DISP:TEX", b":DISP:TEXT?\n"),
        (b"BUTT:PR", b"DISP:TEXT?\nTOK:SER?\n"),
        (b"CLOC:ADV", b"CLOC:ADV 31\r\n"),
        (b"BUTT:PRES\nBU", b"TOK:SER?\r\n"),
        (b"\xff\xfe", b"BUTT:PRES?\n"),
        (b"", b"*IDN?\n"),
        (b"BUTT:PRES\nBUTT:PR", b""),
        (b"", b"\x18\n*CLS\n"),
        (b"", b"NO:SUCH\n"),
    ],
)
def test_the_place_is_found(old: bytes, new: bytes) -> None:
    """Half a line in front of one that makes sense is cut off."""
    assert len(old) == find_cut(old + new)


@given(st.binary(max_size=300))
def test_any_bytes_have_a_place(data: bytes) -> None:
    """Whatever the bytes are, the place is among them."""
    assert 0 <= find_cut(data) <= len(data)


def test_a_long_line_is_not_searched() -> None:
    """It would take too long, and no client's first line is that long."""
    assert 0 == find_cut(b"X" * 1000 + b"*IDN?\n")
