"""The PNG looks as it must; conftest.py says how to write the golden pictures anew."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from emulator.errors import UsageError
from emulator.render.png import MAX_HEIGHT, MIN_HEIGHT, lcd_png
from firmware_model.segments import ALL, Lcd, encode

PICTURES = {
    "lcd-dark": Lcd((0,) * 6),
    "lcd-755224": Lcd(encode("755224")),
    "lcd-dashes": Lcd(encode("------")),
    "lcd-test": Lcd((ALL,) * 8, 6, 6),
    "lcd-bars": Lcd(encode("287082"), 4, 6),
    # The middle of the second digit is worn out: it reads "5?2224".
    "lcd-worn": Lcd((0x6D, 0x2D, *encode("2224"))),
}


@pytest.mark.parametrize("name", PICTURES)
def test_golden(name: str, check_golden: Callable[[str, bytes], None]) -> None:
    """The picture is the golden one, to the eye."""
    check_golden(name, lcd_png(PICTURES[name]))


@pytest.mark.parametrize(
    ("height", "expected"), [(16, (48, 16)), (160, (480, 160)), (640, (1920, 640))]
)
def test_height(height: int, expected: tuple[int, int]) -> None:
    """The height is the one asked for; the width follows."""
    with Image.open(io.BytesIO(lcd_png(PICTURES["lcd-755224"], height=height))) as image:
        assert expected == image.size


@pytest.mark.parametrize("height", [-1, 0, MIN_HEIGHT - 1, MAX_HEIGHT + 1])
def test_height_out_of_range(height: int) -> None:
    """A height that makes no picture is refused with the range that does."""
    with pytest.raises(UsageError, match=f"{height} pixels high; allowed are 16 to 640"):
        lcd_png(PICTURES["lcd-dark"], height=height)


def test_golden_comparison_sees_one_segment(
    pictures_match: Callable[[Image.Image, Image.Image], bool],
) -> None:
    """One segment more or less is a different picture."""
    with (
        Image.open(io.BytesIO(lcd_png(Lcd(encode("888888"))))) as eights,
        Image.open(io.BytesIO(lcd_png(Lcd(encode("888880"))))) as zero,
    ):
        assert not pictures_match(eights, zero)
        assert pictures_match(eights, eights)


def test_a_sign_that_the_product_lacks_is_not_drawn() -> None:
    """A product without a battery sign looks the same with a weak battery."""
    lcd = PICTURES["lcd-bars"]
    assert lcd_png(lcd) == lcd_png(lcd._replace(battery=True))


def test_golden_comparison_of_lcds_sees_a_sign_that_is_off(
    lcds_match: Callable[[Image.Image, Image.Image], bool],
) -> None:
    """A battery sign that is off, and hardly to be seen, makes another picture."""
    lcd = PICTURES["lcd-dark"]
    with (
        Image.open(io.BytesIO(lcd_png(lcd))) as without,
        Image.open(io.BytesIO(lcd_png(lcd._replace(battery_sign=True)))) as off,
    ):
        assert without.size == off.size
        assert lcds_match(off, off)
        assert not lcds_match(without, off)
