"""The table of formats: each known by its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.seedfiles.registry import FORMATS, SeedFormat, guess_format

LINE = b"GALH00000001,000102030405060708090a0b0c0d0e0f10111213,hotp,6\n"


def test_all_names() -> None:
    """Every name has a row."""
    assert set(SeedFormat) == set(FORMATS)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<?xml version='1.0'?>", SeedFormat.PSKC),
        (b"\xef\xbb\xbf\n <KeyContainer/>", SeedFormat.PSKC),
        (b"<Tokens><Token serial='1'>", SeedFormat.SAFENET_XML),
        (b"<data><header><manufacturerCode>", SeedFormat.DEEPNET_XML),
        (b"<x><Manufacturer>Feitian", SeedFormat.PSKC),
        (b"<KeyContainer><Manufacturer>Feitian", SeedFormat.FEITIAN_XML),
        (LINE, SeedFormat.OATH_CSV),
        (b"# <\n", SeedFormat.OATH_CSV),
        (b"", SeedFormat.OATH_CSV),
    ],
)
def test_guess(data: bytes, expected: SeedFormat) -> None:
    """A format is told by what only it begins with; what is left is OATH CSV."""
    assert expected is guess_format(data)


@given(
    st.binary() | st.text(alphabet="<>,:;/? HOTP/T30 KeyContainerTokensdata\n\0é").map(str.encode)
)
def test_any_bytes(data: bytes) -> None:
    """Whatever bytes come, some format is guessed."""
    assert guess_format(data) in FORMATS
