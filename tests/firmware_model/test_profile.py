"""Profiles: every setting explained and bounded, and none that contradicts another."""

import dataclasses
from typing import Any

import pytest

from firmware_model.errors import ProfileError
from firmware_model.products import GALH, GALT
from firmware_model.profile import BOUNDS, SECOND, Profile, TokenType, describe

SETTINGS = [field.name for field in dataclasses.fields(Profile)]
WIDE: dict[str, Any] = {
    "debounce_ns": 1,
    "commit_ns": 0,
    "compute_ns": 0,
    "hold_ns": 60 * SECOND,
    "low_battery_mv": 5_000,
    "brown_out_mv": 0,
    "lcd_full_mc": 100_000,
    "lcd_blank_mc": -100_000,
}
"""Leaves every other setting its whole range."""


@pytest.mark.parametrize(("name", "doc", "source"), describe())
def test_every_setting_is_explained(name: str, doc: str, source: str) -> None:
    """Every setting has a meaning and a source, or is marked as our default."""
    assert len(doc) > 10
    assert source
    assert name in SETTINGS


def test_describe_is_complete() -> None:
    """Every setting is described, in the order of the profile."""
    assert SETTINGS == [name for name, _, _ in describe()]


def test_every_number_has_bounds() -> None:
    """Every number among the settings has a smallest and a largest value."""
    numbers = {name for name in SETTINGS if type(getattr(GALH, name)) is int}
    assert numbers == set(BOUNDS)


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds(name: str) -> None:
    """The smallest and the largest value are taken, the ones beyond refused."""
    base = GALH if name == "max_codes" else GALT
    low, high = BOUNDS[name]
    for value in (low, high):
        settings = {**WIDE, name: value}
        assert value == getattr(dataclasses.replace(base, **settings), name)
    for value in (low - 1, high + 1):
        with pytest.raises(ProfileError, match=f"{name} = {value}; allowed are {low} to {high}"):
            dataclasses.replace(base, **{**WIDE, name: value})


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"name": ""}, "1 to 16 letters"),
        ({"name": "a name"}, "1 to 16 letters"),
        ({"name": "GALH\n"}, "1 to 16 letters"),
        ({"name": "A" * 17}, "1 to 16 letters"),
        ({"name": "GÄLH"}, "1 to 16 letters"),
        ({"maker": "A,B"}, "without a comma"),
        ({"maker": ""}, "without a comma"),
        ({"title": ""}, "one printable line"),
        ({"title": "two\nlines"}, "one printable line"),
        ({"title": "\x1b[2J"}, "one printable line"),
        ({"serial_pattern": "("}, "no regular expression"),
        ({"serial_pattern": "a{99999999999999999999}"}, "no regular expression"),
        ({"serial_pattern": "(" * 5000}, "no regular expression"),
        ({"hold_ns": 58_000_000}, "ends before the code lights"),
        ({"time_bars": 6}, "profile GALH: an event token has no time to show bars for"),
        ({"life_days": 1}, "an event token has no clock to count life_days by"),
        ({"time_settable": True}, "an event token has no clock that could be set"),
        (
            {"token_type": TokenType.TIME, "max_codes": 1},
            "a time token has no counter to count max_codes by",
        ),
        (
            {"counter_bits": 8, "first_counter": 255},
            "first_counter = 255 is past what counter_bits = 8 can count",
        ),
        ({"low_battery_mv": 1_999}, "low_battery_mv = 1999 is below brown_out_mv = 2000"),
        ({"brown_out_mv": 2_401}, "low_battery_mv = 2400 is below brown_out_mv = 2401"),
        ({"lcd_full_mc": -30_000}, "lcd_full_mc = -30000 must be above lcd_blank_mc = -30000"),
    ],
)
def test_impossible_profile(settings: dict[str, Any], complaint: str) -> None:
    """A setting that can't be is refused, naming the profile and the rule."""
    with pytest.raises(ProfileError, match=complaint):
        dataclasses.replace(GALH, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"hold_ns": 58_000_001},
        {"counter_bits": 8, "first_counter": 254},
        {"low_battery_mv": 2_000},
        {"lcd_full_mc": -29_999},
    ],
)
def test_just_possible_profile(settings: dict[str, Any]) -> None:
    """What is at the very edge of a rule between settings is taken."""
    assert "GALH" == dataclasses.replace(GALH, **settings).name
