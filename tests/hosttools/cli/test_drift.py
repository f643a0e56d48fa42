"""``galh drift`` prints both, and refuses what is no temperature."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hosttools.cli.conftest import Galh


def test_both_cases_by_default(galh: "Galh") -> None:
    """Without options: a second a day fast, and a yearly curve."""
    done = galh("drift")
    assert 0 == done.exit_code
    assert 2 == done.out.count("crystal")
    assert "+11.6 ppm" in done.out
    assert "-5 to 45 °C in a year" in done.out


def test_json(galh: "Galh") -> None:
    """The same as data; model and formula are less than a millisecond apart."""
    rows = json.loads(galh("drift", "--json").out)
    assert [1, 2, 3, 1, 2, 3] == [row["years"] for row in rows]
    assert all(abs(row["difference_ms"]) < 1 for row in rows)


@pytest.mark.parametrize("text", ["", "warm", "1,2,3", "40,10", "nan", "-300"])
def test_no_temperature(galh: "Galh", text: str) -> None:
    """What is no temperature is refused with what is allowed."""
    done = galh("drift", "--celsius", text or ",")
    assert (2, "") == (done.exit_code, done.out)
    assert "allowed are" in done.err


def test_no_number(galh: "Galh") -> None:
    """Not-a-number is no tolerance."""
    done = galh("drift", "--ppm", "nan")
    assert 2 == done.exit_code
    assert "allowed are" in done.err
