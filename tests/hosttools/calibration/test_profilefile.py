"""The profile file that a measurement leaves."""

import tomllib

import pytest

from firmware_model.errors import ProfileError
from firmware_model.products import GALH, GALT
from firmware_model.profile import HoldAction, PressWhileLit
from firmware_model.profile_file import profile_from_mapping
from hosttools.calibration.findings import Finding, Findings
from hosttools.calibration.profilefile import profile_toml

FOUND = Findings(
    {
        "lit_ns": Finding(30_200_000_000, "measured: 30.2, 30.1, 30.4 s; the median, to 0.1 s"),
        "press_while_lit": Finding("clear", "measured: the LCD went dark at the press"),
    },
    ("A quick double press left a dark LCD.",),
    ("hold_action", "hold_ns"),
)


def test_file_reads_back() -> None:
    """What is written is a profile: the base with what was seen."""
    profile = profile_from_mapping(tomllib.loads(profile_toml(FOUND, GALH, "MYFOB")))

    assert ("MYFOB", "MYFOB, measured", 30_200_000_000, PressWhileLit.CLEAR, HoldAction.NONE) == (
        profile.name,
        profile.title,
        profile.lit_ns,
        profile.press_while_lit,
        profile.hold_action,
    )


def test_file_says_how_each_value_is_known() -> None:
    """Every value has a comment, and what was not measured is named with its value."""
    assert """\
# A fob as galh profile measure saw it. What is not set here comes from the base.
base = "GALH"
name = "MYFOB"
title = "MYFOB, measured"

# measured: 30.2, 30.1, 30.4 s; the median, to 0.1 s
lit_ns = 30_200_000_000

# measured: the LCD went dark at the press
press_while_lit = "clear"

# Seen as well:
# A quick double press left a dark LCD.

# Not measured, so from the base: hold_action ("none"), hold_ns (2_000_000_000).
""" == profile_toml(FOUND, GALH, "MYFOB")


def test_impossible_profile_is_no_file() -> None:
    """Settings that exclude each other make no file."""
    with pytest.raises(ProfileError, match="time to show bars"):
        profile_toml(Findings({"token_type": Finding("event", "")}, (), ()), GALT, "MYFOB")
