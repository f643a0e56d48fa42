"""The table of formats: each known by its content, each with a way there and back."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.registry import FORMATS, Format, SeedFormat, guess_format
from hosttools.seedfiles.roundtrip import SAMPLES, survives, without

LINE = b"GALH00000001,000102030405060708090a0b0c0d0e0f10111213,hotp,6\n"
ROWS = pytest.mark.parametrize("row", FORMATS.values(), ids=list(FORMATS))


def written(row: Format, records: Iterable[SeedRecord]) -> bytes:
    """Return a whole file."""
    return b"".join(piece for _, piece in row.write(records))


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


@ROWS
def test_round_trip(row: Format) -> None:
    """Of each sample token comes back all that the format carries, or it has no such tokens."""
    trips = [survives(record, row) for record in SAMPLES.values()]
    assert (True, False) == (True in trips, False in trips)


@ROWS
def test_losses_are_refused(row: Format) -> None:
    """No format takes a token that says more than it carries."""
    sample = SAMPLES[TokenType.TIME]
    if row.lost(sample):
        with pytest.raises(SeedFileError):
            written(row, [sample])


@ROWS
def test_practice_survives(row: Format) -> None:
    """The mark of practice seeds is carried by every format."""
    for sample in SAMPLES.values():
        if survives(sample, row):
            unknown = replace(sample, secret=Secret(bytes(range(20))), practice=True)
            data = written(row, [without(unknown, row)])
            assert [True] == [record.practice for _, record in row.parse(data, "x")]


@ROWS
def test_keys_for_what_is_not_encrypted(row: Format) -> None:
    """A key for a format that is never encrypted is a mistake, read or written."""
    if not row.encrypted:
        with pytest.raises(SeedFileError, match="never encrypted"):
            row.parse(b"", "x", password="p")
        with pytest.raises(SeedFileError, match="never encrypted"):
            list(row.write([SAMPLES[TokenType.EVENT]], key=bytes(16)))


@given(
    st.binary() | st.text(alphabet="<>,:;/? HOTP/T30 KeyContainerTokensdata\n\0é").map(str.encode)
)
def test_any_bytes(data: bytes) -> None:
    """Whatever bytes come, some format is guessed."""
    assert guess_format(data) in FORMATS
