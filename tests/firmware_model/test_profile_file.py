"""Profiles as plain values: read, refused, written and read again."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import ProfileError
from firmware_model.products import GALH, PROFILES
from firmware_model.profile import BOUNDS, PressWhileLit, Profile, TokenType
from firmware_model.profile_file import profile_from_mapping, profile_to_mapping

SETTINGS = [field.name for field in dataclasses.fields(Profile)]
DOCS = Path(__file__).parents[2] / "docs"


def test_with_base() -> None:
    """A base fills what the mapping leaves out; enums are given by value."""
    clears = profile_from_mapping({"base": "GALH", "name": "C", "press_while_lit": "clear"})
    assert dataclasses.replace(GALH, name="C", press_while_lit=PressWhileLit.CLEAR) == clears


def test_without_base() -> None:
    """Without a base the settings without a default must be there."""
    settings = {"name": "T", "title": "A token", "token_type": "time", "serial_pattern": "T[0-9]+"}
    assert TokenType.TIME is profile_from_mapping(settings).token_type
    del settings["title"]
    with pytest.raises(ProfileError, match="missing setting title; give it, or a base"):
        profile_from_mapping(settings)


def test_base_among_others() -> None:
    """A base may be any profile that is handed in, and then no other."""
    other = dataclasses.replace(GALH, name="OTHER", digits=8)
    known = {"OTHER": other, "GALH": GALH}
    assert 8 == profile_from_mapping({"base": "OTHER"}, known).digits
    with pytest.raises(ProfileError, match="base = 'GALX'; known profiles are GALH, OTHER"):
        profile_from_mapping({"base": "GALX"}, known)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"base": ["GALH"]}, "known profiles are"),
        ({"base": "GALH", "colour": "white"}, "unknown setting 'colour'; known are name, title"),
        ({"base": "GALH", 5: 5}, "unknown setting 5"),
        ({"base": "GALH", "digits": "6"}, "digits = '6'; it must be a whole number"),
        ({"base": "GALH", "digits": 6.0}, "it must be a whole number"),
        ({"base": "GALH", "digits": None}, "it must be a whole number"),
        ({"base": "GALH", "time_bars": True}, "time_bars = True; it must be a whole number"),
        ({"base": "GALH", "name": 5}, "name = 5; it must be a text"),
        ({"base": "GALT", "time_settable": 1}, "time_settable = 1; it must be true or false"),
        ({"base": "GALH", "step_change": "fade"}, "allowed are keep, refresh, dark"),
        ({"base": "GALH", "algorithm": "MD5"}, "allowed are SHA1, SHA256, SHA512"),
        ({"base": "GALH", "token_type": []}, "allowed are event, time"),
        ({"base": "GALH", "hold_action": "menus"}, "none, show_counter, lcd_test, menu"),
        ({"base": "GALH", "weak_battery": "err"}, "allowed are nothing, sign, error"),
        ({"base": "GALH", "case_opened": "all"}, "allowed are nothing, secret, life"),
        ({"base": "GALH", "battery_gone": True}, "allowed are nothing, secret, life"),
    ],
)
def test_refuses(settings: dict[Any, Any], complaint: str) -> None:
    """What can't be is refused with what was given and what is allowed."""
    with pytest.raises(ProfileError, match=complaint):
        profile_from_mapping(settings)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_round_trip(profile: Profile) -> None:
    """What profile_to_mapping writes is plain, and read back as the same profile."""
    mapping = profile_to_mapping(profile)
    assert {str, int, bool} >= {type(value) for value in mapping.values()}
    assert profile == profile_from_mapping(mapping)


def test_example_of_the_docs() -> None:
    """The profile file that the documentation shows is one."""
    example = (DOCS / "profiles.md").read_text(encoding="utf-8").split("```toml\n")[1]
    profile = profile_from_mapping(tomllib.loads(example.split("```")[0]))
    assert ("MY-GO7", 20) == (profile.name, profile.lit_ns // 10**9)


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
WORDS = ["GALT", *{value for value in profile_to_mapping(GALH).values() if type(value) is str}]


@given(
    st.dictionaries(
        st.sampled_from(["base", *SETTINGS]) | st.text(max_size=8),
        ANYTHING | st.sampled_from([*WORDS, "time", "secret", "menu", 0, 6, 30]),
        max_size=8,
    )
)
@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
def test_raises_only_profile_error(data: dict[str, Any]) -> None:
    """Any mapping makes a Profile or a ProfileError."""
    try:
        profile = profile_from_mapping(data)
    except ProfileError:
        return
    assert profile == profile_from_mapping(profile_to_mapping(profile))


NUMBERS = st.sampled_from(sorted(BOUNDS)).flatmap(
    lambda name: st.tuples(st.just(name), st.integers(*BOUNDS[name]))
)


@given(st.sampled_from(sorted(PROFILES)), st.lists(NUMBERS, min_size=1, max_size=6).map(dict))
def test_numbers_in_bounds_raise_only_profile_error(base: str, numbers: dict[str, int]) -> None:
    """Numbers that are allowed one by one make a profile, or a ProfileError where they clash."""
    try:
        profile = profile_from_mapping({"base": base, **numbers})
    except ProfileError:
        return
    assert numbers.items() <= profile_to_mapping(profile).items()
