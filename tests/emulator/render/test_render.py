"""What holds for every kind of picture of every state of the LCD."""

import hashlib
import io
import subprocess
import sys

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from emulator.render import geometry
from emulator.render.fob import SIZE, fob_image, fob_png
from emulator.render.png import lcd_image, lcd_png
from emulator.render.svg import lcd_svg
from emulator.render.terminal import lcd_lines
from firmware_model.segments import Lcd, encode

LCDS = st.builds(
    Lcd,
    digits=st.lists(st.integers(0, 127), min_size=6, max_size=8).map(tuple),
    bars=st.integers(0, 30),
    bar_count=st.integers(0, 30),
    battery=st.booleans(),
    battery_sign=st.booleans(),
    contrast=st.just(100),
)
PALE_LCDS = st.builds(Lcd._replace, LCDS, contrast=st.integers(0, 99))
ANY_LCDS = LCDS | PALE_LCDS
# Caches fill in the first examples, which are slower for it.
UNHURRIED = settings(deadline=None)


def _off(lcd: Lcd) -> Lcd:
    """The same product's LCD when it is dark."""
    return Lcd((0,) * len(lcd.digits), 0, lcd.bar_count, battery_sign=lcd.battery_sign)


def _dark(shape: geometry.Polygon, x: int, image: Image.Image) -> bool:
    """Whether the middle of a shape is ink."""
    column = int(x + sum(px for px, _ in shape) / len(shape))
    row = int(sum(py for _, py in shape) / len(shape))
    red = image.convert("RGB").crop((column, row, column + 1, row + 1)).tobytes()[0]
    return red < 100


@UNHURRIED
@given(lcd=ANY_LCDS)
def test_terminal_is_a_rectangle(lcd: Lcd) -> None:
    """Any LCD makes lines of one length, as long as the dark one's."""
    for unicode in (True, False):
        lines = lcd_lines(lcd, unicode=unicode)
        dark = lcd_lines(_off(lcd), unicode=unicode)
        assert {len(dark[0])} == {len(line) for line in lines}
        assert len(dark) == len(lines)


@UNHURRIED
@given(lcd=ANY_LCDS)
def test_svg_is_well_formed(lcd: Lcd) -> None:
    """Any LCD makes XML that parses, with the title that it reads."""
    root = fromstring(lcd_svg(lcd))
    title = root.findtext("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.split(",")[0] in {lcd.text or "dark", "unreadable"}


@UNHURRIED
@given(lcd=LCDS)
def test_png_shows_the_segments(lcd: Lcd) -> None:
    """Each segment of a picture is dark exactly if its bit is set."""
    with Image.open(io.BytesIO(lcd_png(lcd))) as image:
        seen = tuple(
            sum(
                _dark(shape, geometry.digit_x(i, lcd), image) << bit
                for bit, shape in enumerate(geometry.SEGMENT_SHAPES)
            )
            for i in range(len(lcd.digits))
        )
    assert lcd.digits == seen


@given(bars=st.integers(0, 12), bar_count=st.integers(0, 10))
@UNHURRIED
def test_png_shows_the_bars(bars: int, bar_count: int) -> None:
    """The bars that are dark are the lowest ones, as many as are lit."""
    lcd = Lcd((0,) * 6, bars, bar_count)
    image = lcd_image(lcd, height=geometry.HEIGHT)
    seen = [_dark(shape, 0, image) for shape in geometry.bar_shapes(bar_count)]
    lit = geometry.lit_bars(lcd)
    assert [True] * lit + [False] * (bar_count - lit) == seen


@UNHURRIED
@given(lcd=LCDS)
def test_png_shows_the_battery_sign(lcd: Lcd) -> None:
    """The sign is dark exactly if the product has it and it is on."""
    image = lcd_image(lcd, height=geometry.HEIGHT)
    left = geometry.battery_x(lcd)
    seen = {_dark(shape, left, image) for shape in geometry.BATTERY_SHAPES}
    assert {lcd.battery and lcd.battery_sign} == seen


@UNHURRIED
@given(lcd=PALE_LCDS)
def test_a_pale_png_shows_the_same_more_faintly(lcd: Lcd) -> None:
    """Contrast changes no shape, only how far the darkest colour is from the glass."""
    pale, full = (lcd_image(i, height=40) for i in (lcd, lcd._replace(contrast=100)))
    assert full.tobytes() == pale.tobytes()
    greys, full_greys = (image.convert("L").tobytes() for image in (pale, full))
    assert max(full_greys) == max(greys)
    faint = (max(full_greys) - min(full_greys)) * lcd.contrast / 100
    assert abs(max(greys) - min(greys) - faint) <= 2


@settings(deadline=None, max_examples=25)
@given(lcd=ANY_LCDS, height=st.integers(16, 200))
def test_any_height(lcd: Lcd, height: int) -> None:
    """A picture of any height, odd widths too, is a PNG of the image's very pixels."""
    with Image.open(io.BytesIO(lcd_png(lcd, height=height))) as decoded:
        expected = lcd_image(lcd, height=height)
        assert expected.size == decoded.size
        assert expected.convert("RGB").tobytes() == decoded.convert("RGB").tobytes()


@given(lcd=ANY_LCDS)
@UNHURRIED
def test_lit_png_is_as_large_as_dark(lcd: Lcd) -> None:
    """Lighting up does not change the size of a picture."""
    assert lcd_image(_off(lcd), height=80).size == lcd_image(lcd, height=80).size


@settings(deadline=None, max_examples=25)
@given(lcd=ANY_LCDS, serial=st.none() | st.from_regex(r"\A[A-Z0-9]{1,24}\Z"))
def test_any_fob(lcd: Lcd, serial: str | None) -> None:
    """Any LCD and any serial number fit the fob."""
    assert fob_image(lcd).size == SIZE
    assert fob_image(lcd, serial=serial, side="back").size == SIZE


_DIGEST = """
import hashlib
from emulator.render.fob import fob_png
from emulator.render.png import lcd_png
from firmware_model.segments import Lcd, encode
lcd = Lcd(encode("755224"), 3, 6)
data = lcd_png(lcd) + fob_png(lcd) + fob_png(lcd, serial="GALH12345678", side="back")
print(hashlib.sha256(data).hexdigest())
"""


def test_same_bytes_in_every_process() -> None:
    """Two runs on one Pillow draw the same bytes."""
    lcd = Lcd(encode("755224"), 3, 6)
    data = lcd_png(lcd) + fob_png(lcd) + fob_png(lcd, serial="GALH12345678", side="back")
    other = subprocess.run(
        [sys.executable, "-c", _DIGEST], capture_output=True, text=True, check=True
    )
    assert hashlib.sha256(data).hexdigest() == other.stdout.strip()


@pytest.mark.parametrize("module", ["emulator", "emulator.render.terminal", "emulator.render.svg"])
def test_pillow_is_loaded_for_png_only(module: str) -> None:
    """Who takes no PNG doesn't pay for Pillow's import."""
    script = f"import sys, {module}; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
