"""A clock's error is the exact integral of its rate error, however it is cut."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.climate import LAST_NS, MAX_MC, MIN_MC, ROOM, YEAR_NS, Climate, steady, yearly
from firmware_model.crystal import (
    CARRY_UNIT,
    MAX_AGEING_PPB,
    MAX_CURVATURE_PPB,
    MAX_TOLERANCE_PPB,
    NEVER,
    Crystal,
    Rtc,
    check_crystal,
    clock_reading,
    cut,
    reaches,
    shifted,
)
from firmware_model.errors import StimulusError

MICROSECOND = 1_000
SECOND = 1_000_000_000
BEGIN = 1_700_000_000 * SECOND

DAY = 86_400 * SECOND


def wide(most: int, unit: int) -> st.SearchStrategy[int]:
    """Draw an integer either way: small, some whole units and a bit, or as large as it gets."""
    some = st.integers(1, min(most // unit, 2_000))
    near = st.builds(lambda n, ns: min(n * unit + ns, most), some, st.integers(0, 1_000))
    size = st.one_of(st.integers(0, 1_000), near, st.just(most))
    return st.builds(lambda n, sign: n * sign, size, st.sampled_from([1, -1]))


CRYSTALS = st.builds(
    Crystal,
    wide(MAX_TOLERANCE_PPB, 10_000),
    wide(MAX_CURVATURE_PPB, 10),
    st.integers(MIN_MC, MAX_MC),
    st.just(0) | wide(MAX_AGEING_PPB, 1_000),
)
TIMES = wide(3 * YEAR_NS, DAY)
RTCS = st.builds(Rtc, TIMES, TIMES, CRYSTALS, TIMES, st.integers(0, CARRY_UNIT - 1))
SPANS = wide(LAST_NS, DAY).map(abs)
"""Times since a breakpoint."""
GAPS = wide(YEAR_NS // 4, DAY).map(lambda ns: abs(ns) + 1)
"""Times between knots."""


@st.composite
def climates(draw: st.DrawFn) -> Climate:
    """Draw a climate: steady, a curve, or one with a period, in nanoseconds or in months."""
    gaps = draw(st.lists(GAPS, max_size=4))
    offsets = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    knots = tuple((offset, draw(st.integers(MIN_MC, MAX_MC))) for offset in offsets)
    period_ns = draw(st.one_of(st.just(0), GAPS.map(lambda ns: offsets[-1] + ns)))
    return Climate(draw(TIMES), knots, period_ns)


def error_ns(rtc: Rtc, climate: Climate, at_ns: int) -> int:
    """Return how far the clock is ahead of one that is right."""
    return clock_reading(rtc, climate, at_ns) - rtc.clock_ns - (at_ns - rtc.at_ns)


# Closed formulas.


@pytest.mark.parametrize("years", [1, 2, 3])
def test_a_second_a_day(years: int) -> None:
    """A crystal of 11.6 ppm at room temperature gains a second a day: 366 s a year."""
    rtc = Rtc(BEGIN, BEGIN, Crystal(11_600))
    gained = error_ns(rtc, ROOM, BEGIN + years * YEAR_NS)
    assert years * YEAR_NS * 116 // 10_000_000 == gained
    assert 366 == gained // years // SECOND


@pytest.mark.parametrize(
    ("milli_celsius", "ppb"), [(45_000, -13_600), (5_000, -13_600), (25_000, 0)]
)
def test_steady_cold_and_heat(milli_celsius: int, ppb: int) -> None:
    """20 °C off the turnover, either way, is -13.6 ppm with the default curvature."""
    rtc = Rtc(BEGIN, BEGIN)
    assert YEAR_NS * ppb // SECOND == error_ns(rtc, steady(milli_celsius), BEGIN + YEAR_NS)


@pytest.mark.parametrize("years", [1, 2, 3])
def test_yearly_curve(years: int) -> None:
    """From -5 to 45 °C and back, a year's error is tolerance + B·mean excess, to the ns."""
    rtc = Rtc(BEGIN, BEGIN, Crystal(11_600))
    a, b = -30, 20
    mean_ppb = 11_600 - 34 * Fraction(a * a + a * b + b * b, 3)
    expected = years * YEAR_NS * mean_ppb / SECOND
    gained = error_ns(rtc, yearly(BEGIN, -5_000, 45_000), BEGIN + years * YEAR_NS)
    assert math.floor(expected) == gained


def test_first_year_of_ageing() -> None:
    """Ageing reaches its figure after a year: half of it, on average, over that year."""
    rtc = Rtc(BEGIN, BEGIN, Crystal(ageing_ppb=3_000), born_ns=BEGIN)
    assert YEAR_NS * 1_500 // SECOND == error_ns(rtc, ROOM, BEGIN + YEAR_NS)


@pytest.mark.parametrize(("age", "octaves"), [(0, 0), (1, 1), (3, 2), (7, 3), (15, 4), (31, 5)])
def test_ageing_goes_on_with_the_logarithm(age: int, octaves: int) -> None:
    """At 1, 3, 7, 15 and 31 years the rate is off by 1, 2, 3, 4, 5 times the first year's."""
    rtc = Rtc(BEGIN, BEGIN, Crystal(ageing_ppb=3_000), born_ns=BEGIN)
    about = BEGIN + age * YEAR_NS
    second = error_ns(rtc, ROOM, about + SECOND) - error_ns(rtc, ROOM, about)
    assert octaves * 3_000 <= second <= octaves * 3_000 + 1


def test_nothing_ages_before_it_is_made() -> None:
    """A crystal born in the future runs like one without ageing until then."""
    rtc = Rtc(0, 0, Crystal(11_600, ageing_ppb=3_000), born_ns=YEAR_NS)
    young = Rtc(0, 0, Crystal(11_600))
    assert error_ns(young, ROOM, YEAR_NS) == error_ns(rtc, ROOM, YEAR_NS)
    assert error_ns(young, ROOM, 2 * YEAR_NS) < error_ns(rtc, ROOM, 2 * YEAR_NS)


def reference_ns(rtc: Rtc, climate: Climate, at_ns: int) -> Fraction:
    """Integrate the rate error by Simpson's rule, exact for squares, between all kinks."""
    tolerance, curvature, turnover, ageing = rtc.crystal
    kinks = {rtc.at_ns, at_ns, rtc.born_ns, climate.at_ns}
    kinks |= {rtc.born_ns + (2**octave - 1) * YEAR_NS for octave in range(9)}
    cycles = range((at_ns - climate.at_ns) // climate.period_ns + 1 if climate.period_ns else 1)
    starts = [climate.at_ns + cycle * climate.period_ns for cycle in cycles]
    curve = [(start + offset, mc) for start in starts for offset, mc in climate.knots]
    if climate.period_ns and curve:
        curve.append((starts[-1] + climate.period_ns, climate.knots[0][1]))
    kinks |= {ns for ns, _ in curve}
    times = sorted(ns for ns in kinks if rtc.at_ns <= ns <= at_ns)

    def warmth(ns: Fraction) -> Fraction:
        if not curve or ns <= curve[0][0]:
            return Fraction(climate.knots[0][1])
        for (start, a), (end, b) in pairwise(curve):
            if ns <= end:
                return a + (ns - start) * Fraction(b - a, end - start)
        return Fraction(curve[-1][1])

    def aged(ns: Fraction) -> Fraction:
        age = max((ns - rtc.born_ns) / YEAR_NS, Fraction(0))
        octave = math.floor(age + 1).bit_length() - 1
        return octave + (age - ((1 << octave) - 1)) / (1 << octave)

    def ppb(ns: Fraction) -> Fraction:
        excess = (warmth(ns) - turnover) / 1_000
        return tolerance + curvature * excess**2 + ageing * aged(ns)

    total = Fraction(rtc.carry, CARRY_UNIT)
    for start, end in pairwise(times):
        middle = Fraction(start + end, 2)
        rates = ppb(Fraction(start)) + 4 * ppb(middle) + ppb(Fraction(end))
        total += (end - start) * rates / 6 / SECOND
    return total


@given(RTCS, climates(), TIMES.map(abs))
def test_reading_is_that_of_the_reference(rtc: Rtc, climate: Climate, span_ns: int) -> None:
    """A reading is the rate error's integral, summed in fractions, and rounded down once."""
    if climate.period_ns:  # so that the reference has few periods to go through
        span_ns = min(span_ns, 20 * climate.period_ns)
        climate = climate._replace(at_ns=rtc.at_ns + climate.at_ns % 1_000)
    at_ns = rtc.at_ns + span_ns
    assert math.floor(reference_ns(rtc, climate, at_ns)) == error_ns(rtc, climate, at_ns)


# Cutting time into pieces.


@given(RTCS, climates(), st.lists(SPANS, min_size=2, max_size=6))
def test_clock_runs_forward(rtc: Rtc, climate: Climate, spans: list[int]) -> None:
    """A later time never reads less, and the clock is never off by a fifth."""
    times = [rtc.at_ns + span for span in sorted(spans)]
    readings = [clock_reading(rtc, climate, at_ns) for at_ns in times]
    assert readings == sorted(readings)
    for at_ns in times:
        assert abs(error_ns(rtc, climate, at_ns)) <= (at_ns - rtc.at_ns) // 5 + 1


@given(RTCS, climates(), SPANS, SPANS)
def test_a_cut_anywhere_costs_no_nanosecond(
    rtc: Rtc, climate: Climate, span_ns: int, later_ns: int
) -> None:
    """Readings after a cut are the same; where a carry was rounded, at most 1 ns less."""
    anew = cut(rtc, climate, rtc.at_ns + span_ns)
    assert 0 <= anew.carry < CARRY_UNIT
    at_ns = anew.at_ns + later_ns
    whole = clock_reading(rtc, climate, at_ns)
    assert whole - 1 <= clock_reading(anew, climate, at_ns) <= whole
    assert clock_reading(rtc, climate, anew.at_ns) == clock_reading(anew, climate, anew.at_ns)


@given(
    RTCS, climates(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5), SPANS
)
def test_cuts_at_knots_lose_nothing(
    rtc: Rtc, climate: Climate, places: list[tuple[int, int]], later_ns: int
) -> None:
    """A clock that does not age, cut at knots, reads exactly the same for ever after."""
    rtc = rtc._replace(crystal=rtc.crystal._replace(ageing_ppb=0), at_ns=climate.at_ns)
    anew = rtc
    for cycle, which in sorted(places):
        offset = climate.knots[which % len(climate.knots)][0]
        at_ns = climate.at_ns + cycle * climate.period_ns + offset
        if at_ns >= anew.at_ns:
            anew = cut(anew, climate, at_ns)
    at_ns = anew.at_ns + later_ns
    assert clock_reading(rtc, climate, at_ns) == clock_reading(anew, climate, at_ns)


@given(RTCS, st.integers(MIN_MC, MAX_MC), st.lists(GAPS, max_size=5), SPANS)
def test_cuts_at_a_steady_temperature_lose_nothing(
    rtc: Rtc, milli_celsius: int, spans: list[int], later_ns: int
) -> None:
    """A clock that does not age, at one temperature, may be cut anywhere."""
    rtc = rtc._replace(crystal=rtc.crystal._replace(ageing_ppb=0))
    climate = steady(milli_celsius)
    anew = rtc
    for span_ns in spans:
        anew = cut(anew, climate, anew.at_ns + span_ns)
    at_ns = anew.at_ns + later_ns
    assert clock_reading(rtc, climate, at_ns) == clock_reading(anew, climate, at_ns)


def test_birthdays_of_an_octave_lose_nothing() -> None:
    """An ageing clock may be cut at 1, 3 and 7 years of age."""
    rtc = Rtc(BEGIN, BEGIN, Crystal(123, ageing_ppb=3_001), born_ns=BEGIN)
    anew = rtc
    for age in (1, 3, 7):
        anew = cut(anew, steady(3_000), BEGIN + age * YEAR_NS)
    at_ns = BEGIN + 9 * YEAR_NS + 1
    assert clock_reading(rtc, steady(3_000), at_ns) == clock_reading(anew, steady(3_000), at_ns)


@given(RTCS, climates())
def test_a_cut_at_the_breakpoint_changes_nothing(rtc: Rtc, climate: Climate) -> None:
    """Cutting where it was cut already gives the same clock."""
    assert rtc == cut(rtc, climate, rtc.at_ns)


@given(RTCS, st.integers(MIN_MC, MAX_MC), st.integers(MIN_MC, MAX_MC), SPANS)
def test_new_weather_changes_nothing_of_the_past(
    rtc: Rtc, before_mc: int, after_mc: int, span_ns: int
) -> None:
    """A clock cut as the temperature changes goes on from what it had said."""
    at_ns = rtc.at_ns + span_ns
    anew = cut(rtc, steady(before_mc), at_ns)
    assert clock_reading(rtc, steady(before_mc), at_ns) == clock_reading(
        anew, steady(after_mc), at_ns
    )


# When the clock says so much.


@given(RTCS, climates(), SPANS)
def test_reaches_is_the_first_nanosecond(rtc: Rtc, climate: Climate, span_ns: int) -> None:
    """At that time the clock says at least so much, a nanosecond before it does not."""
    wanted = rtc.clock_ns + span_ns
    at_ns = reaches(rtc, climate, wanted)
    assert clock_reading(rtc, climate, at_ns) >= wanted
    assert at_ns >= rtc.at_ns
    assert at_ns == rtc.at_ns or clock_reading(rtc, climate, at_ns - 1) < wanted


@pytest.mark.parametrize("ageing_ppb", [0, 3_000])
def test_reaches_what_is_reached(ageing_ppb: int) -> None:
    """What the clock says at its breakpoint, or said before, is reached there."""
    rtc = Rtc(100, 5_000, Crystal(ageing_ppb=ageing_ppb))
    for clock_ns in (-LAST_NS, 0, 4_999, 5_000):
        assert 100 == reaches(rtc, ROOM, clock_ns)
    assert 100 < reaches(rtc, ROOM, 5_001)


@pytest.mark.parametrize("ageing_ppb", [0, -MAX_AGEING_PPB, MAX_AGEING_PPB])
def test_reaches_never(ageing_ppb: int) -> None:
    """What lies past all time is never reached."""
    rtc = Rtc(0, 0, Crystal(ageing_ppb=ageing_ppb))
    for clock_ns in (2 * NEVER, 10**40, 10**4000):
        assert NEVER == reaches(rtc, ROOM, clock_ns)


@given(RTCS, climates(), TIMES, SPANS)
def test_a_set_clock_moves_all_along(rtc: Rtc, climate: Climate, by_ns: int, span_ns: int) -> None:
    """After the bench's clock was set, the token's is as far off, and as old, as before."""
    moved = climate._replace(at_ns=climate.at_ns + by_ns)
    at_ns = rtc.at_ns + span_ns
    assert clock_reading(rtc, climate, at_ns) + by_ns == clock_reading(
        shifted(rtc, by_ns), moved, at_ns + by_ns
    )


# What is refused.


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("tolerance_ppb", MAX_TOLERANCE_PPB),
        ("curvature_ppb", MAX_CURVATURE_PPB),
        ("ageing_ppb", MAX_AGEING_PPB),
    ],
)
def test_limits_either_way(name: str, most: int) -> None:
    """The largest error passes, one more is refused, and so is what is no integer."""
    for good in (-most, most):
        check_crystal(Crystal()._replace(**{name: good}))
    wrong: list[Any] = [-most - 1, most + 1, True, 1.0, None, "1"]
    for bad in wrong:
        with pytest.raises(StimulusError, match=f"{bad!r} ppb.*allowed are -{most} to {most}"):
            check_crystal(Crystal()._replace(**{name: bad}))


def test_limits_of_the_turnover() -> None:
    """The turnover is a temperature that there is."""
    for good in (MIN_MC, MAX_MC):
        check_crystal(Crystal(turnover_mc=good))
    for bad in (MIN_MC - 1, MAX_MC + 1):
        with pytest.raises(StimulusError, match=f"turnover temperature of {bad}"):
            check_crystal(Crystal(turnover_mc=bad))


@given(CRYSTALS)
def test_possible_crystals_pass(crystal: Crystal) -> None:
    """What the other tests draw is allowed."""
    check_crystal(crystal)
