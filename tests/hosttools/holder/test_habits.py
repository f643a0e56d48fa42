"""Habits are data with checked values."""

import dataclasses
import math
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import UsageError
from hosttools.holder import Habits, habits_from_mapping
from hosttools.holder.habits import describe

NAMES = [f.name for f in dataclasses.fields(Habits)]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"mistyped": 1.5}, "mistyped = 1.5; allowed are 0 to 1"),
        ({"mistyped": True}, "mistyped = True; it must be a number"),
        ({"uses_per_day": -1}, "uses_per_day = -1; allowed are 0 to 1000"),
        ({"uses_per_day": math.nan}, "uses_per_day = nan; allowed are"),
        ({"uses_per_day": "many"}, "uses_per_day = 'many'; it must be a number"),
        ({"uses_per_day": 1 << 20_000}, "uses_per_day = a number of thousands of digits; all"),
        ({"retries": 1.0}, "retries = 1.0; it must be a whole number"),
        ({"use_hours": (1,) * 23}, r"use_hours = \(1, 1.*…; it must be 24 weights"),
        ({"use_hours": (0,) * 24}, "use_hours has no weight above 0; to rule it out, set its rate"),
        ({"use_weekdays": (1,) * 6 + (-1,)}, r"use_weekdays\[6\] = -1; allowed are 0 to 1000"),
        ({"use_weekdays": 1}, "use_weekdays = 1; it must be 7 weights"),
    ],
)
def test_refuses_what_cannot_be(settings: dict[str, Any], says: str) -> None:
    """A value that can't be is refused with the value and what is allowed."""
    with pytest.raises(UsageError, match=says):
        Habits(**settings)


def test_never_on_any_day() -> None:
    """Somebody may sign on no day of the week."""
    assert (0,) * 7 == Habits(use_weekdays=(0,) * 7).use_weekdays


def test_unknown_setting() -> None:
    """A setting that is not known is refused with those that are."""
    with pytest.raises(UsageError, match="unknown habit 'presses'; known are uses_per_day, use_h"):
        habits_from_mapping({"presses": 1})


def test_from_toml() -> None:
    """A TOML table makes habits; what it leaves out keeps its default."""
    text = "uses_per_day = 3\nuse_weekdays = [1, 1, 1, 1, 1, 0, 0]\nmistyped = 0.5"
    expected = Habits(uses_per_day=3, use_weekdays=(1, 1, 1, 1, 1, 0, 0), mistyped=0.5)
    assert expected == habits_from_mapping(tomllib.loads(text))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = SCALARS | st.lists(SCALARS, max_size=25) | st.dictionaries(st.text(), SCALARS, max_size=2)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(), VALUES, max_size=5))
def test_foreign_input(data: dict[str, object]) -> None:
    """Whatever a file holds makes habits, or a UsageError."""
    try:
        habits = habits_from_mapping(data)
    except UsageError:
        return
    assert set(data) <= set(NAMES)
    assert isinstance(habits, Habits)


def test_describes_every_setting() -> None:
    """Each setting comes with its default, a meaning and a source."""
    rows = describe()
    assert NAMES == [row[0] for row in rows]
    assert all(meaning and source for *_, meaning, source in rows)
