"""Temperature is linear between knots; its integral is exact and costs no years."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import climate as climates
from firmware_model.climate import (
    LAST_NS,
    MAX_KNOTS,
    MAX_MC,
    MIN_MC,
    ROOM,
    YEAR_NS,
    Climate,
    check_climate,
    coldest,
    excess_integral,
    shifted,
    steady,
    temperature,
    yearly,
)
from firmware_model.errors import StimulusError

TEMPERATURES = st.integers(MIN_MC, MAX_MC)
TIMES = st.integers(-300, 2_000) | st.integers(-1_000, 1_000).map(lambda n: n * 10**15 + n)


@st.composite
def curves(draw: st.DrawFn, longest_ns: int = 10**17) -> Climate:
    """Draw a climate, with a period or without, of short segments or of long ones."""
    long = st.integers(1, 100).map(lambda n: longest_ns * n // 100 - n)
    gap = st.one_of(st.integers(1, 50), long)
    gaps = draw(st.lists(gap, max_size=5))
    offsets = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    period_ns = draw(st.one_of(st.just(0), gap.map(lambda ns: offsets[-1] + ns)))
    knots = tuple((offset, draw(TEMPERATURES)) for offset in offsets)
    return Climate(draw(st.integers(-1_000, 1_000)), knots, period_ns)


def unrolled(climate: Climate, until_ns: int) -> Climate:
    """Return a climate without a period that is the same up to ``until_ns``."""
    if not climate.period_ns:
        return climate
    cycles = max(until_ns - climate.at_ns, 0) // climate.period_ns + 2
    knots = [
        (cycle * climate.period_ns + offset, milli_celsius)
        for cycle in range(cycles)
        for offset, milli_celsius in climate.knots
    ]
    return Climate(climate.at_ns, tuple(knots))


def reference(climate: Climate, turnover_mc: int, from_ns: int, to_ns: int) -> Fraction:
    """Integrate segment after segment with fractions; ``from_ns`` is not after ``to_ns``."""
    plain = unrolled(climate, to_ns)
    knots = [(plain.at_ns + offset, Fraction(mc - turnover_mc)) for offset, mc in plain.knots]
    first = min(knots[0][0], from_ns) - 1
    last = max(knots[-1][0], to_ns) + 1
    knots = [(first, knots[0][1]), *knots, (last, knots[-1][1])]
    total = Fraction(0)
    for (start, a), (end, b) in pairwise(knots):
        begin, stop = max(start, from_ns), min(end, to_ns)
        if begin < stop:
            slope = (b - a) / (end - start)
            left, right = a + slope * (begin - start), a + slope * (stop - start)
            total += (stop - begin) * (left**2 + left * right + right**2) / 3
    return total


def integral(climate: Climate, turnover_mc: int, from_ns: int, to_ns: int) -> Fraction:
    """Return the integral under test as a fraction."""
    numerator, denominator = excess_integral(climate, turnover_mc, from_ns, to_ns)
    assert denominator > 0
    return Fraction(numerator, denominator)


# Temperature.


@pytest.mark.parametrize(
    ("at_ns", "expected"),
    [(-50, 20_000), (100, 20_000), (105, 15_000), (110, 10_000), (113, 13_000), (999, 30_000)],
)
def test_linear_between_knots_and_held_beyond(at_ns: int, expected: int) -> None:
    """Before the first knot and after the last its temperature holds; between it is linear."""
    climate = Climate(100, ((0, 20_000), (10, 10_000), (30, 30_000)))
    assert expected == temperature(climate, at_ns)


@pytest.mark.parametrize(
    ("at_ns", "expected"),
    [(-1, 0), (0, 0), (5, 5_000), (10, 10_000), (15, 7_500), (30, 0), (35, 5_000), (3_010, 10_000)],
)
def test_period_closes_the_curve(at_ns: int, expected: int) -> None:
    """A curve with a period runs from the last knot back to the first, and begins again."""
    assert expected == temperature(Climate(0, ((0, 0), (10, 10_000)), 30), at_ns)


def test_temperature_is_rounded_down() -> None:
    """A third of the way from 0 to -1 and to 1 milli °C is -1 and 0."""
    assert -1 == temperature(Climate(0, ((0, 0), (3, -1))), 1)
    assert 0 == temperature(Climate(0, ((0, 0), (3, 1))), 1)


def test_a_year() -> None:
    """A yearly climate is coldest at its beginning, warmest half a year later."""
    climate = yearly(7, -5_000, 45_000)
    quarters = [temperature(climate, 7 + n * YEAR_NS // 4) for n in range(9)]
    assert [-5_000, 20_000, 45_000, 20_000] * 2 + [-5_000] == quarters
    check_climate(climate)


def test_room_is_25_degrees_for_ever() -> None:
    """The default climate is where data sheets state a tolerance."""
    assert [25_000] * 3 == [temperature(ROOM, at_ns) for at_ns in (-LAST_NS, 0, LAST_NS)]


@given(curves(), TIMES, TIMES)
def test_never_colder_than_coldest(climate: Climate, from_ns: int, later_ns: int) -> None:
    """No temperature from a time on is below what coldest() says."""
    at_ns = from_ns + abs(later_ns)
    assert coldest(climate, from_ns) <= temperature(climate, at_ns)


def test_coldest_looks_ahead_only() -> None:
    """A frost that is over does not count, unless it comes back every period."""
    knots = ((0, -20_000), (10, 0), (20, 5_000))
    assert -20_000 == coldest(Climate(0, knots), 0)
    assert -10_000 == coldest(Climate(0, knots), 5)
    assert 5_000 == coldest(Climate(0, knots), 10**9)
    assert -20_000 == coldest(Climate(0, knots, 40), 10**9)


@given(curves(), st.integers(-LAST_NS, LAST_NS), TIMES)
def test_a_set_clock_moves_the_weather_along(climate: Climate, by_ns: int, at_ns: int) -> None:
    """A shifted climate is the same at the shifted time."""
    moved = shifted(climate, by_ns)
    assert temperature(climate, at_ns) == temperature(moved, at_ns + by_ns)


# The integral.


@given(curves(), TEMPERATURES, st.integers(-300, 2_000), st.integers(-300, 2_000))
def test_integral_is_that_of_the_reference(
    climate: Climate, turnover_mc: int, one_ns: int, other_ns: int
) -> None:
    """The integral equals a sum of fractions over every segment, from any time to any other."""
    from_ns, to_ns = sorted((one_ns, other_ns))
    expected = reference(climate, turnover_mc, from_ns, to_ns)
    assert expected == integral(climate, turnover_mc, from_ns, to_ns)
    assert -expected == integral(climate, turnover_mc, to_ns, from_ns)


@given(curves(), TEMPERATURES, TIMES, TIMES, TIMES)
def test_integral_adds_up(climate: Climate, turnover_mc: int, a: int, b: int, c: int) -> None:
    """The integral over two stretches is the sum of theirs, exactly."""
    whole = integral(climate, turnover_mc, a, c)
    parts = integral(climate, turnover_mc, a, b) + integral(climate, turnover_mc, b, c)
    assert whole == parts


@given(curves(longest_ns=10**9), TEMPERATURES, st.integers(0, 20), st.fractions(0, 1))
def test_periods_are_as_good_as_knots(
    climate: Climate, turnover_mc: int, cycles: int, part: Fraction
) -> None:
    """A curve with a period integrates, and reads, like the same one written out."""
    period_ns = climate.period_ns or 1_000
    to_ns = climate.at_ns + cycles * period_ns + int(period_ns * part)
    plain = unrolled(climate, to_ns)
    assert temperature(plain, to_ns) == temperature(climate, to_ns)
    assert integral(plain, turnover_mc, -2_000, to_ns) == integral(
        climate, turnover_mc, -2_000, to_ns
    )


@pytest.mark.parametrize("years", [1, 2, 3, 100])
def test_whole_years_have_a_closed_formula(years: int) -> None:
    """A year from xa to xb and back integrates to its length times (xa² + xa·xb + xb²)/3."""
    a, b = -30_000, 20_000
    expected = Fraction(years * YEAR_NS * (a * a + a * b + b * b), 3)
    climate = yearly(5, -5_000, 45_000)
    assert expected == integral(climate, 25_000, 5, 5 + years * YEAR_NS)


def test_ends_of_segments_are_whole_thirds() -> None:
    """Between knots the denominator is 3: a clock that is cut there loses nothing."""
    climate = Climate(10, ((0, 1), (7, 50), (20, -9)), 41)
    times = [10, 17, 30, 51, 58, 10 + 41 * 10**9]
    for from_ns in times:
        for to_ns in times:
            assert 3 == excess_integral(climate, 0, from_ns, to_ns)[1]


# What is refused.

BAD = {
    "begins at": Climate(LAST_NS + 1, ((0, 0),)),
    "begins at True": Climate(True, ((0, 0),)),
    "begins at 0.0": Climate(0.0, ((0, 0),)),  # type: ignore[arg-type]  # foreign input
    "knots are a list": Climate(0, [(0, 0)]),  # type: ignore[arg-type]  # foreign input
    "climate of 0 knots": Climate(0, ()),
    "climate of 401 knots": Climate(0, tuple((n, 0) for n in range(MAX_KNOTS + 1))),
    r"knot \(0,\)": Climate(0, ((0,),)),  # type: ignore[arg-type]  # foreign input
    r"knot \(0, 1, 2\)": Climate(0, ((0, 1, 2),)),  # type: ignore[arg-type]  # foreign input
    r"knot \(0, True\)": Climate(0, ((0, True),)),
    r"knot \(0, 1.5\)": Climate(0, ((0, 1.5),)),  # type: ignore[arg-type]  # foreign input
    "knot 7": Climate(0, (7,)),  # type: ignore[arg-type]  # foreign input
    "an offset of 1 ns": Climate(0, ((1, 0),)),
    "an offset of -1 ns": Climate(0, ((-1, 0),)),
    "an offset of 5 ns": Climate(0, ((0, 0), (5, 0), (5, 0))),
    f"an offset of {LAST_NS + 1} ns": Climate(0, ((0, 0), (LAST_NS + 1, 0))),
    "temperature of -100001": Climate(0, ((0, MIN_MC - 1),)),
    "temperature of 150001": Climate(0, ((0, MAX_MC + 1),)),
    "period of -1 ns": Climate(0, ((0, 0),), -1),
    "period of 9 ns": Climate(0, ((0, 0), (9, 0)), 9),
    "period of False": Climate(0, ((0, 0),), False),
    f"period of {LAST_NS + 1}": Climate(0, ((0, 0),), LAST_NS + 1),
}


@pytest.mark.parametrize(("message", "climate"), BAD.items(), ids=BAD)
def test_impossible_climates_are_refused(message: str, climate: Climate) -> None:
    """The error says what was given."""
    with pytest.raises(StimulusError, match=message):
        check_climate(climate)


@given(curves())
def test_possible_climates_pass(climate: Climate) -> None:
    """What the other tests draw is allowed, and so is a steady temperature."""
    check_climate(climate)
    check_climate(steady(climate.knots[0][1], climate.at_ns))


JUNK: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple),
    max_leaves=8,
)


@given(JUNK, JUNK | st.lists(st.tuples(JUNK, JUNK), max_size=3).map(tuple), JUNK)
def test_check_raises_nothing_else(at_ns: object, knots: object, period_ns: object) -> None:
    """Whatever is in a climate, it passes and can be used, or is a StimulusError."""
    climate = Climate(at_ns, knots, period_ns)  # type: ignore[arg-type]  # foreign input
    try:
        check_climate(climate)
    except StimulusError:
        return
    temperature(climate, 5)
    excess_integral(climate, 0, 0, 5)


def test_a_curve_is_prepared_once() -> None:
    """Readings of the same climate share its sums."""
    climates._curve.cache_clear()
    for to_ns in range(10):
        excess_integral(yearly(0, 1, 2), 25_000, 0, to_ns)
    assert 1 == climates._curve.cache_info().misses
