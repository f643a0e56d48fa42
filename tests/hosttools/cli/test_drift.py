"""``galh drift`` prints both, and refuses what is no temperature."""

import json

import pytest
from click.testing import CliRunner

from hosttools.cli.drift import drift
from hosttools.errors import UsageError


def test_both_cases_by_default() -> None:
    """Without options: a second a day fast, and a yearly curve."""
    result = CliRunner().invoke(drift, [])
    assert 0 == result.exit_code
    assert 2 == result.output.count("crystal")
    assert "+11.6 ppm" in result.output
    assert "-5 to 45 °C in a year" in result.output


def test_json() -> None:
    """The same as data; model and formula are less than a millisecond apart."""
    result = CliRunner().invoke(drift, ["--json"])
    rows = json.loads(result.output)
    assert [1, 2, 3, 1, 2, 3] == [row["years"] for row in rows]
    assert all(abs(row["difference_ms"]) < 1 for row in rows)


@pytest.mark.parametrize("text", ["", "warm", "1,2,3", "40,10", "nan", "-300"])
def test_no_temperature(text: str) -> None:
    """What is no temperature is refused with what is allowed."""
    result = CliRunner().invoke(drift, ["--celsius", text or ","])
    assert isinstance(result.exception, UsageError)
    assert "allowed are" in str(result.exception)
