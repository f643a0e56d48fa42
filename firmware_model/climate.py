"""How warm it is around a token, as a curve over bench time.

Piecewise linear, so that what temperature does to a crystal can be integrated
exactly: with x(t) = T(t) - T₀ linear from xa to xb over D nanoseconds, ∫x² dt is
D·(xa² + xa·xb + xb²)/3. Sums over whole segments are kept, periods are
multiplied: three years of days cost as much as one afternoon. Nothing is rounded.
"""

from bisect import bisect_right
from functools import lru_cache
from typing import Final, NamedTuple

from firmware_model.errors import StimulusError

LAST_NS: Final = 2**62
"""Latest time there is, and its negative the earliest: the year 2116."""

YEAR_NS: Final = 31_557_600 * 1_000_000_000
"""A Julian year: 365.25 days."""

MIN_MC: Final = -100_000
"""Coldest allowed, milli °C; far past what any token outlives, as is the warmest."""

MAX_MC: Final = 150_000
"""Warmest allowed, milli °C."""

MAX_KNOTS: Final = 400
"""Most knots of one curve: enough for one a day of a year."""

Knots = tuple[tuple[int, int], ...]
"""Pairs of offset in ns and temperature in milli °C."""


class Climate(NamedTuple):
    """Temperature over time, linear between knots.

    Before ``at_ns`` the first knot's temperature holds.

    Attributes:
        at_ns: bench time of offset 0.
        knots: pairs of offset (ns, strictly rising from 0) and temperature
            (milli °C).
        period_ns: 0: the last knot's temperature holds for ever; else the curve
            runs from the last knot back to the first, which it reaches at this
            offset, and begins again.
    """

    at_ns: int
    knots: Knots
    period_ns: int = 0


def steady(milli_celsius: int, at_ns: int = 0) -> Climate:
    """Return a climate of one temperature for ever."""
    return Climate(at_ns, ((0, milli_celsius),))


def yearly(at_ns: int, low_mc: int, high_mc: int) -> Climate:
    """Return a year that is coldest at ``at_ns``, warmest half a year on, and linear between."""
    return Climate(at_ns, ((0, low_mc), (YEAR_NS // 2, high_mc)), YEAR_NS)


ROOM: Final = steady(25_000)
"""25 °C for ever, where data sheets state a crystal's tolerance."""


def check_climate(climate: Climate) -> None:
    """Refuse what is no climate.

    Raises:
        StimulusError: a value of another type, or outside what is allowed.
    """
    at_ns, knots, period_ns = climate
    if type(at_ns) is not int or abs(at_ns) > LAST_NS:
        raise StimulusError(f"a climate that begins at {at_ns!r} ns; allowed are ±{LAST_NS}")
    if type(knots) is not tuple:
        raise StimulusError(f"a climate's knots are a {type(knots).__name__}; they are a tuple")
    if not 1 <= len(knots) <= MAX_KNOTS:
        raise StimulusError(f"a climate of {len(knots)} knots; allowed are 1 to {MAX_KNOTS}")
    before = -1
    for knot in knots:
        if type(knot) is not tuple or [*map(type, knot)] != [int, int]:
            raise StimulusError(
                f"a climate's knot {knot!r}; it takes a pair of offset in ns and milli °C"
            )
        offset, milli_celsius = knot
        if not before < offset <= LAST_NS or (before < 0 < offset):
            raise StimulusError(
                f"a climate's knot at an offset of {offset} ns; offsets begin at 0, rise"
                f" strictly, and end by {LAST_NS}"
            )
        if not MIN_MC <= milli_celsius <= MAX_MC:
            raise StimulusError(
                f"a temperature of {milli_celsius} milli °C; allowed are {MIN_MC} to {MAX_MC}"
            )
        before = offset
    if type(period_ns) is not int or (period_ns and not before < period_ns <= LAST_NS):
        raise StimulusError(
            f"a climate's period of {period_ns!r} ns; allowed are 0 (none) or more than its"
            f" last offset, {before}, up to {LAST_NS}"
        )


def temperature(climate: Climate, at_ns: int) -> int:
    """Return the temperature at a bench time, milli °C, rounded down."""
    begin_ns, knots, period_ns = climate
    since = at_ns - begin_ns
    if since <= 0 or len(knots) == 1:
        return knots[0][1]
    if period_ns:
        since %= period_ns
    elif since >= knots[-1][0]:
        return knots[-1][1]
    after = bisect_right(knots, since, key=_offset)
    start, first = knots[after - 1]
    end, second = knots[after] if after < len(knots) else (period_ns, knots[0][1])
    return first + (second - first) * (since - start) // (end - start)


def coldest(climate: Climate, from_ns: int) -> int:
    """Return a temperature, milli °C, that it never gets colder than from ``from_ns`` on."""
    since = from_ns - climate.at_ns
    ahead = [
        milli_celsius
        for offset, milli_celsius in climate.knots
        if climate.period_ns or offset >= since
    ]
    return min([temperature(climate, from_ns), *ahead])


def shifted(climate: Climate, by_ns: int) -> Climate:
    """Return the climate after the bench's clock was set by ``by_ns``."""
    return climate._replace(at_ns=climate.at_ns + by_ns)


def excess_integral(
    climate: Climate, turnover_mc: int, from_ns: int, to_ns: int
) -> tuple[int, int]:
    """Integrate (T(t) - turnover)² from ``from_ns`` to ``to_ns``, exactly.

    Args:
        climate: the temperature.
        turnover_mc: the temperature to count from, milli °C.
        from_ns: bench time.
        to_ns: bench time; before ``from_ns`` the integral is negative.

    Returns:
        Numerator and positive denominator, not in lowest terms, of the integral
        in (milli °C)²·ns.
    """
    begin_ns, knots, period_ns = climate
    curve = _curve(knots, period_ns, turnover_mc)
    whole, part, unit = _until(curve, to_ns - begin_ns)
    less_whole, less_part, less_unit = _until(curve, from_ns - begin_ns)
    if unit == less_unit:
        return (whole - less_whole) * unit + part - less_part, 3 * unit
    return (
        ((whole - less_whole) * unit + part) * less_unit - less_part * unit,
        3 * unit * less_unit,
    )


class _Curve(NamedTuple):
    """A curve cut at its knots; x is a temperature less the turnover.

    ``sums`` are three times ∫x² dt from offset 0 to each of ``starts``, and
    ``total`` the same over a period. The last segment of a curve without a period
    is flat, and its length has no meaning.
    """

    starts: tuple[int, ...]
    lengths: tuple[int, ...]
    xs: tuple[int, ...]
    rises: tuple[int, ...]
    sums: tuple[int, ...]
    total: int
    period: int


@lru_cache(maxsize=256)
def _curve(knots: Knots, period_ns: int, turnover_mc: int) -> _Curve:
    starts = tuple(offset for offset, _ in knots)
    xs = tuple(milli_celsius - turnover_mc for _, milli_celsius in knots)
    ends = (*starts[1:], period_ns or starts[-1] + 1)
    nexts = (*xs[1:], xs[0] if period_ns else xs[-1])
    lengths = tuple(end - start for start, end in zip(starts, ends, strict=True))
    rises = tuple(b - a for a, b in zip(xs, nexts, strict=True))
    sums = [0]
    for length, a, b in zip(lengths, xs, nexts, strict=True):
        sums.append(sums[-1] + length * (a * a + a * b + b * b))
    return _Curve(starts, lengths, xs, rises, tuple(sums[:-1]), sums[-1], period_ns)


def _until(curve: _Curve, since: int) -> tuple[int, int, int]:
    """Return three times ∫x² dt from offset 0 to ``since`` as whole + part/unit."""
    starts, lengths, xs, rises, sums, total, period = curve
    if since <= 0:
        return 3 * since * xs[0] * xs[0], 0, 1
    cycles = 0
    if period:
        cycles, since = divmod(since, period)
    at = bisect_right(starts, since) - 1
    into = since - starts[at]
    whole = cycles * total + sums[at]
    a, rise = xs[at], rises[at]
    if rise == 0 or into == 0:
        return whole + 3 * into * a * a, 0, 1
    # x at the cut is a + rise * into / length: kept times length, to stay whole.
    length = lengths[at]
    a *= length
    b = a + rise * into
    return whole, into * (a * a + a * b + b * b), length * length


def _offset(knot: tuple[int, int]) -> int:
    return knot[0]
