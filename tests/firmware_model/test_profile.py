"""Profiles: every setting explained, bounded, and read from a mapping."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import ProfileError
from firmware_model.oath import Algorithm
from firmware_model.profile import (
    BOUNDS,
    GALH,
    GALT,
    PROFILES,
    SECOND,
    HoldAction,
    PressWhileLit,
    Profile,
    StepChange,
    TokenType,
    describe,
    profile_from_mapping,
    profile_to_mapping,
)

SETTINGS = [field.name for field in dataclasses.fields(Profile)]
TINY = {"debounce_ns": 1, "commit_ns": 0, "compute_ns": 0, "hold_ns": 1}


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


def test_galh_and_galt() -> None:
    """GALH counts and GALT has steps of 30 s; both show 6 digits for 30 s."""
    assert (TokenType.EVENT, TokenType.TIME) == (GALH.token_type, GALT.token_type)
    assert {"GALH": GALH, "GALT": GALT} == PROFILES
    for profile in PROFILES.values():
        assert 30 * SECOND == profile.lit_ns
        assert 6 == profile.digits
        assert 30 == profile.step_s
        assert 0 == profile.first_counter
        assert PressWhileLit.IGNORE is profile.press_while_lit
        assert HoldAction.NONE is profile.hold_action
        assert StepChange.KEEP is profile.step_change
        assert Algorithm.SHA1 is profile.algorithm
    assert (0, 6) == (GALH.time_bars, GALT.time_bars)


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds(name: str) -> None:
    """The smallest and the largest value are taken, the ones beyond refused."""
    low, high = BOUNDS[name]
    for value in (low, high):
        settings: dict[str, Any] = {**TINY, "hold_ns": 60 * SECOND, name: value}
        assert value == getattr(dataclasses.replace(GALT, **settings), name)
    for value in (low - 1, high + 1):
        with pytest.raises(ProfileError, match=f"{name} = {value}; allowed are {low} to {high}"):
            profile_from_mapping({"base": "GALT", **TINY, "hold_ns": 60 * SECOND, name: value})


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
        ({"time_bars": 6}, "an event token has no time to show bars for"),
    ],
)
def test_impossible_profile(settings: dict[str, Any], complaint: str) -> None:
    """A setting that can't be is refused, naming the profile and the rule."""
    with pytest.raises(ProfileError, match=complaint):
        dataclasses.replace(GALH, **settings)


def test_from_mapping_with_base() -> None:
    """A base fills what the mapping leaves out; enums are given by value."""
    clears = profile_from_mapping({"base": "GALH", "name": "C", "press_while_lit": "clear"})
    assert dataclasses.replace(GALH, name="C", press_while_lit=PressWhileLit.CLEAR) == clears


def test_from_mapping_without_base() -> None:
    """Without a base the settings without a default must be there."""
    settings = {"name": "T", "title": "A token", "token_type": "time", "serial_pattern": "T[0-9]+"}
    assert TokenType.TIME is profile_from_mapping(settings).token_type
    del settings["title"]
    with pytest.raises(ProfileError, match="missing setting title; give it, or a base"):
        profile_from_mapping(settings)


def test_base_among_others() -> None:
    """A base may be any profile that is handed in."""
    other = dataclasses.replace(GALH, name="OTHER", digits=8)
    known = {"OTHER": other}
    assert 8 == profile_from_mapping({"base": "OTHER"}, known).digits


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"base": "GALX"}, "base = 'GALX'; known profiles are GALH, GALT"),
        ({"base": ["GALH"]}, "known profiles are"),
        ({"base": "GALH", "colour": "white"}, "unknown setting 'colour'; known are name, title"),
        ({"base": "GALH", 5: 5}, "unknown setting 5"),
        ({"base": "GALH", "digits": "6"}, "digits = '6'; it must be a whole number"),
        ({"base": "GALH", "digits": 6.0}, "it must be a whole number"),
        ({"base": "GALH", "digits": None}, "it must be a whole number"),
        ({"base": "GALH", "time_bars": True}, "time_bars = True; it must be a whole number"),
        ({"base": "GALH", "name": 5}, "name = 5; it must be a text"),
        ({"base": "GALH", "step_change": "fade"}, "allowed are keep, refresh, dark"),
        ({"base": "GALH", "algorithm": "MD5"}, "allowed are SHA1, SHA256, SHA512"),
        ({"base": "GALH", "token_type": []}, "allowed are event, time"),
    ],
)
def test_from_mapping_refuses(settings: dict[Any, Any], complaint: str) -> None:
    """What can't be is refused with what was given and what is allowed."""
    with pytest.raises(ProfileError, match=complaint):
        profile_from_mapping(settings)


@pytest.mark.parametrize("profile", PROFILES.values())
def test_mapping_round_trip(profile: Profile) -> None:
    """What profile_to_mapping writes is read back as the same profile."""
    assert profile == profile_from_mapping(profile_to_mapping(profile))


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(
    st.dictionaries(
        st.sampled_from(["base", *SETTINGS]) | st.text(max_size=8),
        ANYTHING | st.sampled_from(["GALH", "event", "time", "keep", "ignore", "none", 0, 6, 30]),
        max_size=8,
    )
)
@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
def test_from_mapping_raises_only_profile_error(data: dict[str, Any]) -> None:
    """Any mapping makes a Profile or a ProfileError."""
    try:
        profile = profile_from_mapping(data)
    except ProfileError:
        return
    assert profile == profile_from_mapping(profile_to_mapping(profile))
