"""The LCD in a terminal reads right and keeps its size."""

import pytest

from emulator.render.terminal import lcd_lines
from firmware_model.segments import Lcd, encode

LIT = Lcd(encode("755224"))
WITH_BARS = Lcd(encode("287082"), 4, 6)


def test_digits_in_a_frame() -> None:
    """Digits are drawn as strokes inside a box-drawing frame."""
    assert lcd_lines(LIT) == (
        "┌───────────────────────────┐",
        "│   _   _   _   _   _       │",
        "│    | |_  |_   _|  _| |_|  │",
        "│    |  _|  _| |_  |_    |  │",
        "└───────────────────────────┘",
    )


def test_bars_below_the_digits() -> None:
    """Time bars are a row of their own, full ones first."""
    assert lcd_lines(WITH_BARS)[4] == "│  ▮▮▮▮▯▯                   │"


def test_ascii() -> None:
    """Without Unicode every character is ASCII, and the size is the same."""
    plain = lcd_lines(WITH_BARS, unicode=False)
    assert "".join(plain).isascii()
    assert plain[4] == "|  ####..                   |"
    assert [len(line) for line in lcd_lines(WITH_BARS)] == [len(line) for line in plain]


@pytest.mark.parametrize(("digits", "bar_count"), [(6, 0), (6, 6), (8, 0), (6, 30)])
def test_dark_is_an_empty_frame_of_the_same_size(digits: int, bar_count: int) -> None:
    """A dark LCD has the lit one's height and width, and nothing in it."""
    lit = lcd_lines(Lcd((127,) * digits, bar_count, bar_count))
    dark = lcd_lines(Lcd((0,) * digits, 0, bar_count))
    assert [len(line) for line in lit] == [len(line) for line in dark]
    assert {line.strip("│") for line in dark[1:-1]} == {" " * (len(dark[0]) - 2)}


def test_worn_digit() -> None:
    """A pattern that is no character is drawn as it is."""
    assert lcd_lines(Lcd((0x12,)))[1:4] == ("│       │", "│    |  │", "│  |    │")


@pytest.mark.parametrize("unicode", [True, False])
def test_battery_sign_in_the_frame(*, unicode: bool) -> None:
    """The sign is written in the upper frame, and takes no room from the rest."""
    sign = lcd_lines(LIT._replace(battery=True, battery_sign=True), unicode=unicode)
    plain = lcd_lines(LIT, unicode=unicode)
    assert " low battery " in sign[0]
    assert len(plain[0]) == len(sign[0])
    assert plain[1:] == sign[1:]
    assert plain == lcd_lines(LIT._replace(battery_sign=True), unicode=unicode)


def test_pale_digits_are_dots() -> None:
    """Weak contrast is drawn in dots."""
    assert lcd_lines(LIT._replace(contrast=30))[1:4] == (
        "│   .   .   .   .   .       │",
        "│    : :.  :.   .:  .: :.:  │",
        "│    :  .:  .: :.  :.    :  │",
    )
    assert lcd_lines(LIT) == lcd_lines(LIT._replace(contrast=50))


def test_unreadable_is_dark() -> None:
    """What nobody could read is drawn as a dark LCD: no digit, no bar, no sign."""
    lit = WITH_BARS._replace(battery=True, battery_sign=True, contrast=9)
    assert lcd_lines(Lcd((0,) * 6, 0, 6, battery_sign=True)) == lcd_lines(lit)
