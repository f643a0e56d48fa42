"""A policy is data with checked values."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from hosttools.errors import PolicyError
from hosttools.refserver.policy import Policy, describe

DOCS = Path(__file__).parents[3] / "docs" / "reference-server.md"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"look_ahead": -1}, "look_ahead = -1; allowed are 0"),
        ({"look_back": 0}, "look_back = 0; allowed are 1"),
        ({"look_ahead": 11, "resync_window": 10}, "look_ahead = 11 is wider"),
        ({"steps_forward": 121}, "steps_forward = 121 is wider"),
        ({"pair_gap": 0}, "pair_gap = 0; allowed are 1"),
        ({"lock_after": 1.5}, "lock_after = 1.5; it must be a whole number"),
        ({"lock_after": True}, "lock_after = True; it must be a whole number"),
        ({"track_drift": 1}, "track_drift = 1; allowed are true and false"),
    ],
)
def test_refuses_what_cannot_be(settings: dict[str, Any], says: str) -> None:
    """A value out of range is refused with the value and what is allowed."""
    with pytest.raises(PolicyError, match=says):
        Policy(**settings)


def test_throttle_grows_to_its_limit() -> None:
    """RFC 4226 section 7.3: T after the first failure, 2 T after the second, up to a limit."""
    policy = Policy(throttle_s=5, throttle_max_s=12)

    assert [policy.throttle_ns(n) // 10**9 for n in (1, 2, 3, 100)] == [5, 10, 12, 12]


def test_describes_every_setting() -> None:
    """Each setting comes with a default, a meaning and a source."""
    rows = describe()

    assert [f.name for f in dataclasses.fields(Policy)] == [row[0] for row in rows]
    assert all(meaning and source for _, _, meaning, source in rows)


def test_docs_have_every_default() -> None:
    """The policy table of the docs is the one that the code would print."""
    text = DOCS.read_text(encoding="utf-8")
    lines = [
        f"| `{name}` | {str(default).lower()} | {meaning} | {source} |"
        for name, default, meaning, source in describe()
    ]

    assert [line for line in lines if line not in text] == []
