"""A study's settings: each is described, within the bounds that are checked."""

import dataclasses

import pytest

from hosttools.errors import UsageError
from hosttools.study.model import HolderGroup, Tokens
from hosttools.study.reader import GROUP, TOP

DESCRIBED = {heading: {row[0]: row for row in rows} for heading, rows in describe()}


def test_every_key_is_described() -> None:
    """What a file may have is in the docs; the version and the tables are told apart there."""
    tables = {"version", "tokens", "profile", "holder", "policy"}
    assert set(TOP) - tables == DESCRIBED["at the top"].keys()
    assert {field.name for field in dataclasses.fields(Tokens)} == DESCRIBED["[tokens]"].keys()
    assert {"name", "share"} == DESCRIBED["[[profile]]"].keys()
    assert set(GROUP) == DESCRIBED["[[holder]]"].keys()


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
