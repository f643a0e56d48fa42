"""A study's settings: each is described, within the bounds that are checked."""

import dataclasses

import pytest

from hosttools.errors import UsageError
from hosttools.holder.habits import Habits, habits_from_mapping
from hosttools.study.assumed import ASSUMED, TYPICAL
from hosttools.study.described import describe
from hosttools.study.model import HolderGroup, Tokens
from hosttools.study.reader import GROUP, TOP, read_study

DESCRIBED = {heading: {row[0]: row for row in rows} for heading, rows in describe()}


def test_every_key_is_described() -> None:
    """What a file may have is in the docs; the version and the tables are told apart there."""
    tables = {"version", "tokens", "profile", "holder", "policy"}
    assert set(TOP) - tables == DESCRIBED["at the top"].keys()
    assert {field.name for field in dataclasses.fields(Tokens)} == DESCRIBED["[tokens]"].keys()
    assert {"name", "share"} == DESCRIBED["[[profile]]"].keys()
    assert {*GROUP, *ASSUMED} == DESCRIBED["[[holder]]"].keys()


def test_people_of_a_study_are_the_described_ones() -> None:
    """What a group leaves out is as the docs have it, whether a file or code makes the group."""
    (read,) = read_study("version = 1\n[[holder]]\nmistyped = 0.02").holders
    assert dataclasses.replace(TYPICAL, mistyped=0.02) == read.habits
    assert TYPICAL == HolderGroup().habits
    differs = {
        field.name: getattr(TYPICAL, field.name)
        for field in dataclasses.fields(Habits)
        if getattr(TYPICAL, field.name) != field.default
    }
    assert differs == {name: DESCRIBED["[[holder]]"][name][1] for name in ASSUMED}


@pytest.mark.parametrize(
    ("habits", "said"),
    [
        ({"mistyped": 0.6, "too_late": 0.5}, "transposed, mistyped, previous_code"),
        ({"first_twice": 0.99}, "of the resync form, first_twice, transposed"),
    ],
)
def test_one_thing_goes_wrong_at_a_time(habits: dict[str, object], said: str) -> None:
    """Chances that exclude each other add up to certainty at most: of a code, and of the form."""
    with pytest.raises(UsageError, match=said + r".* add up to 1\.\d+; allowed is 1 at most"):
        HolderGroup(habits=habits_from_mapping(habits))


@pytest.mark.parametrize("name", DESCRIBED["[tokens]"])
def test_described_bounds_are_the_checked_ones(name: str) -> None:
    """A bound is allowed; past it, and what is no number, is refused with both bounds."""
    allowed = DESCRIBED["[tokens]"][name][2]
    low, high = (float(bound) for bound in allowed.split(" to "))
    for value in (low, high):
        assert value == getattr(Tokens(**{name: value}), name)
    for wrong in (low - 1, high + 1, float("nan")):
        with pytest.raises(UsageError, match=f"allowed are {allowed}"):
            Tokens(**{name: wrong})


@pytest.mark.parametrize("name", ["", " x", "x" * 41, "<b>", "a\n"])
def test_a_name_is_plain(name: str) -> None:
    """What goes into a report as a name is short and has no mark-up."""
    with pytest.raises(UsageError, match="allowed are up to 40 letters"):
        HolderGroup(name=name)
