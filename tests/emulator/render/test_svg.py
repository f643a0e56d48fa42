"""The SVG is well formed, says what it shows, and shows it."""

import pytest
from defusedxml.ElementTree import fromstring

from emulator.render import geometry
from emulator.render.svg import lcd_svg
from firmware_model.segments import Lcd, encode

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("lcd", "expected"),
    [
        (Lcd(encode("755224")), "755224"),
        (Lcd((0,) * 6), "dark"),
        (Lcd(encode("------")), "------"),
        (Lcd((0x6D, 0x2D)), "5?"),
        (Lcd(encode("755224"), battery=True, battery_sign=True), "755224, battery low"),
        (Lcd(encode("755224"), battery=True), "755224"),
        (Lcd(encode("755224"), contrast=30), "755224"),
        (Lcd(encode("755224"), contrast=5), "unreadable"),
    ],
)
def test_title_is_what_it_reads(lcd: Lcd, expected: str) -> None:
    """Whoever can't see the picture is told what the LCD reads."""
    assert expected == fromstring(lcd_svg(lcd)).findtext(f"{SVG}title")


def test_is_an_image() -> None:
    """Assistive technology takes it for one picture."""
    assert fromstring(lcd_svg(Lcd((0,) * 6))).get("role") == "img"


def test_one_outline_for_each_lit_segment_and_bar() -> None:
    """The ink is the lit segments and bars; the ghosts are all of them."""
    ghosts, ink = fromstring(lcd_svg(Lcd((0x06, 0x7F), 2, 6))).findall(f"{SVG}path")
    assert ghosts.attrib["d"].count("M") == 2 * 7 + 6
    assert ink.attrib["d"].count("M") == 2 + 7 + 2


def test_battery_sign() -> None:
    """A product with the sign has its ghost, and its ink when it is on."""
    parts = len(geometry.BATTERY_SHAPES)
    for on in (False, True):
        lcd = Lcd((0x06,), battery=on, battery_sign=True)
        ghosts, ink = fromstring(lcd_svg(lcd)).findall(f"{SVG}path")
        assert ghosts.attrib["d"].count("M") == 7 + parts
        assert ink.attrib["d"].count("M") == 2 + parts * on


def test_contrast_is_a_colour() -> None:
    """A pale LCD has pale ink and ghosts; without contrast all is of the glass's colour."""
    fills = [
        [part.attrib["fill"] for part in fromstring(lcd_svg(Lcd((0x06,), contrast=c)))[1:]]
        for c in (100, 50, 0)
    ]
    assert fills == [
        ["#b7c2ac", "#a8b39e", "#1f2520"],
        ["#b7c2ac", "#b0baa5", "#6b7466"],
        ["#b7c2ac", "#b7c2ac", "#b7c2ac"],
    ]


def test_lit_and_dark_are_of_one_size() -> None:
    """Lighting up moves nothing on a page."""
    lit = fromstring(lcd_svg(Lcd((127,) * 6, 6, 6)))
    dark = fromstring(lcd_svg(Lcd((0,) * 6, 0, 6)))
    assert lit.get("viewBox") == dark.get("viewBox") == "0 0 528 160"


def test_may_stand_twice_in_a_page() -> None:
    """It has no ids that a second one would clash with."""
    assert "id=" not in lcd_svg(Lcd((127,) * 6))
