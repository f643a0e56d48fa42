"""The fob looks as it must; conftest.py says how to write the golden pictures anew."""

import io
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from emulator.errors import UsageError
from emulator.render.fob import SIZE, fob_image, fob_png
from firmware_model.segments import Lcd, encode

DARK = Lcd((0,) * 6)
DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("name", "lcd"),
    [
        ("fob-front", Lcd(encode("755224"))),
        ("fob-front-dark", DARK),
        ("fob-front-eight", Lcd(encode("12345678"), 4, 6)),
    ],
)
def test_golden_front(name: str, lcd: Lcd, check_golden: Callable[[str, bytes], None]) -> None:
    """The front shows the LCD, of any number of digits, and the button."""
    check_golden(name, fob_png(lcd))


@pytest.mark.parametrize(
    ("name", "serial"),
    [
        ("fob-back", "GALH12345678"),
        ("fob-back-long", "W" * 24),
        ("fob-back-blank", None),
    ],
)
def test_golden_back(
    name: str, serial: str | None, check_golden: Callable[[str, bytes], None]
) -> None:
    """The back shows the serial number, made to fit its label."""
    check_golden(name, fob_png(DARK, serial=serial, side="back"))


def test_ground_is_transparent() -> None:
    """The corners are clear, so that it looks right on light and dark pages."""
    with Image.open(io.BytesIO(fob_png(DARK))) as image:
        assert image.size == SIZE
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)


def test_picture_is_the_callers_own() -> None:
    """Drawing on one picture leaves no trace on the next."""
    before = fob_image(DARK, side="back").tobytes()
    fob_image(DARK, side="back").paste((255, 0, 0, 255), (0, 0, *SIZE))
    assert before == fob_image(DARK, side="back").tobytes()


def test_serial_stays_off_the_front() -> None:
    """The front is the same whatever the serial number."""
    assert fob_png(DARK) == fob_png(DARK, serial="GALH12345678")


def test_unknown_side() -> None:
    """A side that a fob does not have is refused with those it has."""
    side: Any = "top"
    with pytest.raises(UsageError, match="'top' of the fob; it has 'front' and 'back'"):
        fob_png(DARK, side=side)


def test_readme_picture_is_current(
    pictures_match: Callable[[Image.Image, Image.Image], bool],
) -> None:
    """The picture in the README is what docs/draw.py draws, and light enough for a page."""
    path = DOCS / "images" / "token.png"
    assert path.stat().st_size < 100_000
    with Image.open(path) as shown:
        assert pictures_match(shown, runpy.run_path(str(DOCS / "draw.py"))["token"]())
