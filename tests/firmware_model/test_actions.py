"""What the LCD shows in modes that show no code."""

import pytest

from firmware_model import GALH, GALT, Mode, Secret, configure
from firmware_model.actions import screen_text
from firmware_model.profile import HoldAction, Profile

SECRET = Secret(bytes(20))


def shown(base: Profile, mode: Mode, hold: HoldAction, counter: int, factor: int) -> str:
    """Return the screen's text of a token with that hold action."""
    fields = {name: getattr(base, name) for name in Profile.__slots__}
    profile = Profile(**{**fields, "hold_action": hold})
    return screen_text(configure("X1", profile, SECRET), mode, counter, factor)


@pytest.mark.parametrize(
    ("counter", "text"),
    [(0, "     0"), (255, "    FF"), (0xABCDEF, "AbCdEF"), (0x1234567, "234567")],
)
def test_counter_screen(counter: int, text: str) -> None:
    """An event token shows the next counter in hex, its last digits if it is too long."""
    assert text == shown(GALH, Mode.SCREEN, HoldAction.SHOW_COUNTER, counter, 1)


def test_counter_screen_of_a_time_token() -> None:
    """A time token shows the step of its last code in hex."""
    text = shown(GALT, Mode.SCREEN, HoldAction.SHOW_COUNTER, 1, 0x23523ED)
    assert text == "3523Ed"


def test_lcd_test() -> None:
    """The LCD test lights every segment."""
    assert shown(GALH, Mode.SCREEN, HoldAction.LCD_TEST, 1, 1) == "888888"


def test_error() -> None:
    """A broken memory shows dashes."""
    assert shown(GALH, Mode.ERROR, HoldAction.NONE, 1, 1) == "------"


@pytest.mark.parametrize("mode", [Mode.ASLEEP, Mode.DEBOUNCING, Mode.COMPUTING, Mode.DEAD])
def test_dark(mode: Mode) -> None:
    """Other modes are dark."""
    assert shown(GALH, mode, HoldAction.LCD_TEST, 1, 1) == ""
