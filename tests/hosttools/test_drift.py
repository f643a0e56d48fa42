"""The model's clock and the closed formula agree over years."""

import pytest

from hosttools.drift import Climates, formula, offsets


@pytest.mark.parametrize(
    ("ppm", "climate"),
    [
        (11.6, Climates(25, 25)),
        (0.0, Climates(-5, 45)),
        (-3.2, Climates(-20, 60)),
        (4.0, Climates(-18, -18)),
    ],
)
def test_model_and_formula_agree(ppm: float, climate: Climates) -> None:
    """After 1, 2 and 3 years the two agree to a millisecond."""
    found = offsets(ppm, climate, 3)
    assert [1, 2, 3] == [offset.years for offset in found]
    for offset in found:
        assert abs(offset.model_s - offset.formula_s) < 0.001


def test_a_second_a_day() -> None:
    """11.6 ppm is a second a day, six minutes a year."""
    assert 366.1 == pytest.approx(formula(11.6, Climates(25, 25), 1), abs=0.1)
    assert 1.002 == pytest.approx(formula(11.6, Climates(25, 25), 1) / 365.25, abs=0.001)


def test_cold_and_heat_make_it_slow() -> None:
    """A year of -5 to 45 °C, 25 °C in the middle of the crystal's curve, is minutes slow."""
    (year,) = offsets(0.0, Climates(-5, 45), 1)
    assert -250.4 == pytest.approx(year.model_s, abs=0.5)
