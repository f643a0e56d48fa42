"""The barcode is Code 128, and what is printed on the fob can be read back from its pixels."""

import io
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from emulator.errors import UsageError
from emulator.render.barcode import PATTERNS, QUIET, bars, spans, symbols
from emulator.render.fob import fob_png
from firmware_model.segments import Lcd

MODULES, STOP = 11, 106
DARK = Lcd((0,) * 6)


def decode(widths: tuple[int, ...]) -> str:
    """Read bars as a scanner does, its check symbol included."""
    assert PATTERNS[STOP] == widths[-7:]
    body = widths[:-7]
    values = [PATTERNS.index(body[i : i + 6]) for i in range(0, len(body), 6)]
    *data, check = values
    assert check == (data[0] + sum(i * v for i, v in enumerate(data[1:], 1))) % 103
    paired, text = data[0] == 105, ""
    for value in data[1:]:
        if value in {99, 100} and paired == (value == 100):
            paired = not paired
        else:
            text += f"{value:02}" if paired else chr(value + 32)
    return text


def test_patterns_obey_the_standard() -> None:
    """107 different symbols; each of 11 modules, its bars an even number; the stop of 13."""
    assert 107 == len(PATTERNS) == len(set(PATTERNS))
    for pattern in PATTERNS[:STOP]:
        assert (6, MODULES) == (len(pattern), sum(pattern))
        assert sum(pattern[::2]) % 2 == 0
    assert (7, 13) == (len(PATTERNS[STOP]), sum(PATTERNS[STOP]))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=24))
def test_all_that_is_written_can_be_read(text: str) -> None:
    """Any printable ASCII comes back, whatever code sets it takes."""
    assert text == decode(bars(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [("GALH12345678", 12), ("1234567890123", 11), ("GALH123", 10), ("12345678", 7)],
)
def test_digits_are_paired(text: str, count: int) -> None:
    """Four digits and more take one symbol for two; of an odd run the first stands alone."""
    assert count == len(symbols(text))


def test_spans_are_the_bars() -> None:
    """A span for each bar, the last one ending where the code does."""
    widths = bars("GALH00000042")
    assert list(widths[::2]) == [end - begin for begin, end in spans("GALH00000042")]
    assert sum(widths) == spans("GALH00000042")[-1][1]


@pytest.mark.parametrize("text", ["", "GÄLH", "A\n", "\x7f"])
def test_what_it_does_not_have(text: str) -> None:
    """Nothing, and characters that code set B lacks, are refused."""
    with pytest.raises(UsageError, match="takes printable ASCII"):
        bars(text)


@pytest.mark.parametrize("serial", ["GALH12345678", "GALT00000042", "2000000000042"])
def test_label_can_be_scanned(serial: str) -> None:
    """Read across the label, the back's pixels are the serial number between quiet zones."""
    with Image.open(io.BytesIO(fob_png(DARK, serial=serial, side="back"))) as image:
        row = [image.convert("L").getpixel((x, 137)) for x in range(45, 297)]
    runs = [(ink, len(list(run))) for ink, run in groupby(int(str(v)) < 128 for v in row)]
    assert not runs[0][0]
    assert not runs[-1][0]
    assert min(runs[0][1], runs[-1][1]) >= QUIET
    assert serial == decode(tuple(width for _, width in runs[1:-1]))


def test_serial_too_long_for_bars() -> None:
    """A serial number whose bars would be finer than a pixel is printed without any."""
    with Image.open(io.BytesIO(fob_png(DARK, serial="W" * 24, side="back"))) as image:
        row = {image.convert("L").getpixel((x, 137)) for x in range(45, 297)}
    assert min(int(str(v)) for v in row) > 128
