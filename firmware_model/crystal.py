"""The token's own clock: a quartz crystal that is off, warm or cold, and ageing.

Its frequency is off by::

    Δf/f = tolerance + B·(T - T₀)² + ageing(age)

and its clock by ∫ Δf/f dt. B is negative: a tuning-fork crystal is slow on either
side of its turnover temperature T₀. Sources: data sheet of the TF20 (±20 ppm at
25 °C; B = -0.030 ±0.01 ppm/°C²; T₀ = 25 ±5 °C; ageing ±3 ppm in the first year);
Genuway (XY-cut B = -0.035, SMD -0.04 ppm/°C²). 1 ppm is 31.6 s a year, 11.6 ppm a
second a day.

Data sheets give ageing in the first year only. That it goes on with the logarithm
of the age, y = ageing · log₂(1 + age/year), is our default; it is taken as linear
between the ages at which the logarithm is a whole number: 0, 1, 3, 7, 15 … years.

A reading is always integrated from the last breakpoint, exactly, and rounded once:
however many readings there are between, they change nothing.
"""

from typing import Final, NamedTuple

from firmware_model.climate import MAX_MC, MIN_MC, YEAR_NS, Climate, excess_integral
from firmware_model.errors import StimulusError

MAX_TOLERANCE_PPB: Final = 100_000_000
"""Largest tolerance either way, parts per billion: a tenth, far past any real one."""

MAX_CURVATURE_PPB: Final = 1_000
"""Largest curvature either way, ppb/°C²: thirty times that of a real crystal."""

MAX_AGEING_PPB: Final = 1_000_000
"""Largest ageing in the first year either way, ppb."""

CARRY_UNIT: Final = 3 * 10**15
"""Parts of a nanosecond in :attr:`Rtc.carry`.

10⁹ for ppb, 10⁶ for (milli °C)², 3 for the integral of a square: a cut at the end
of a segment of temperature loses nothing.
"""

NEVER: Final = 2**63 - 1
"""Later than any time that the model can hold."""


class Crystal(NamedTuple):
    """What kind of crystal it is.

    Attributes:
        tolerance_ppb: rate error at the turnover, new; positive runs fast.
        curvature_ppb: B, ppb/°C²; the default is between TF20 and XY-cut.
        turnover_mc: T₀, milli °C.
        ageing_ppb: change of the rate in the first year.
    """

    tolerance_ppb: int = 0
    curvature_ppb: int = -34
    turnover_mc: int = 25_000
    ageing_ppb: int = 0


class Rtc(NamedTuple):
    """A real-time clock: where it stood at one moment, and the crystal that drives it.

    Attributes:
        at_ns: bench time of the breakpoint.
        clock_ns: what the clock said then, ns since 1970, UTC.
        crystal: what it runs on.
        born_ns: bench time of manufacture; nothing ages before.
        carry: what the clock had gone beyond ``clock_ns``, in parts of a
            nanosecond: 0 to :data:`CARRY_UNIT` - 1.
    """

    at_ns: int
    clock_ns: int
    crystal: Crystal = Crystal()
    born_ns: int = 0
    carry: int = 0


_LIMITS: Final = {
    "tolerance_ppb": ("a crystal's tolerance", -MAX_TOLERANCE_PPB, MAX_TOLERANCE_PPB, "ppb"),
    "curvature_ppb": ("a crystal's curvature", -MAX_CURVATURE_PPB, MAX_CURVATURE_PPB, "ppb/°C²"),
    "turnover_mc": ("a crystal's turnover temperature", MIN_MC, MAX_MC, "milli °C"),
    "ageing_ppb": ("a crystal's ageing", -MAX_AGEING_PPB, MAX_AGEING_PPB, "ppb a year"),
}


def check_crystal(crystal: Crystal) -> None:
    """Refuse what is no crystal. One that passes is never off by a fifth, at any temperature.

    Raises:
        StimulusError: a value of another type, or outside what is allowed.
    """
    for name, value in crystal._asdict().items():
        what, low, high, unit = _LIMITS[name]
        if type(value) is not int or not low <= value <= high:
            raise StimulusError(f"{what} of {value!r} {unit}; allowed are {low} to {high}")


def clock_reading(rtc: Rtc, climate: Climate, at_ns: int) -> int:
    """Return what the token's clock says at a bench time, ns since 1970, rounded down."""
    begin_ns, clock_ns, crystal, _, carry = rtc
    knots = climate[1]
    elapsed = at_ns - begin_ns
    if len(knots) == 1 and not crystal[3]:  # what most tokens live in: no integral needed
        gain = elapsed * _steady_rate(crystal, knots[0][1]) + carry
        return clock_ns + elapsed + gain // CARRY_UNIT
    gain, unit = _gain(rtc, climate, at_ns)
    return clock_ns + elapsed + gain // unit


def reaches(rtc: Rtc, climate: Climate, clock_ns: int, near: tuple[int, int] | None = None) -> int:
    """Return the first bench time, from the breakpoint on, at which the clock says so much.

    Args:
        rtc: the clock.
        climate: the temperature round it.
        clock_ns: what it is to say.
        near: a bench time and the reading at it, to look from; it changes nothing but
            how long the search takes.

    Returns:
        Bench time, ns; :data:`NEVER` if that is later than any time there is.
    """
    begin_ns = rtc.at_ns
    wanted = clock_ns - rtc.clock_ns
    if wanted <= 0:
        return begin_ns
    if wanted > 4 * NEVER:
        return NEVER
    if len(climate.knots) == 1 and not rtc.crystal.ageing_ppb:
        speed = CARRY_UNIT + _steady_rate(rtc.crystal, climate.knots[0][1])
        return min(begin_ns - (rtc.carry - wanted * CARRY_UNIT) // speed, NEVER)
    # Each round leaves the rate error's share of the distance: a fifth at the very
    # most, some millionths of it with any real crystal.
    at_ns = begin_ns + wanted if near is None else near[0] + clock_ns - near[1]
    while abs(left := clock_ns - clock_reading(rtc, climate, at_ns)) > 1:
        at_ns += left
    if left > 0:
        at_ns += 1
        while clock_reading(rtc, climate, at_ns) < clock_ns:
            at_ns += 1
    while at_ns > begin_ns and clock_reading(rtc, climate, at_ns - 1) >= clock_ns:
        at_ns -= 1
    return min(max(at_ns, begin_ns), NEVER)


def cut(rtc: Rtc, climate: Climate, at_ns: int) -> Rtc:
    """Begin anew at ``at_ns``, before the climate changes; readings go on the same.

    Exactly the same if the crystal does not age and the temperature is steady or
    the cut is at a knot; else less than a part of :data:`CARRY_UNIT` of a
    nanosecond is rounded down.
    """
    gain, unit = _gain(rtc, climate, at_ns)
    whole, rest = divmod(gain, unit)
    clock_ns = rtc.clock_ns + at_ns - rtc.at_ns + whole
    return rtc._replace(at_ns=at_ns, clock_ns=clock_ns, carry=rest * CARRY_UNIT // unit)


def shifted(rtc: Rtc, by_ns: int) -> Rtc:
    """Return the clock after the bench's clock was set by ``by_ns``: nothing ages."""
    at_ns, clock_ns, crystal, born_ns, carry = rtc
    return Rtc(at_ns + by_ns, clock_ns + by_ns, crystal, born_ns + by_ns, carry)


def _steady_rate(crystal: Crystal, milli_celsius: int) -> int:
    """Return the rate error at one temperature, without ageing, in parts of CARRY_UNIT."""
    tolerance, curvature, turnover, _ = crystal
    excess = milli_celsius - turnover
    return 3 * (tolerance * 1_000_000 + curvature * excess * excess)


def _gain(rtc: Rtc, climate: Climate, at_ns: int) -> tuple[int, int]:
    """Return what the clock gained on the bench's since the breakpoint, carry included.

    Returns:
        Numerator and denominator, ns.
    """
    begin_ns, _, (tolerance, curvature, turnover, ageing), born_ns, carry = rtc
    gain = (at_ns - begin_ns) * tolerance * 3_000_000 + carry
    warm, warm_unit = excess_integral(climate, turnover, begin_ns, at_ns)
    gain = gain * warm_unit + 3 * curvature * warm
    if not ageing:
        return gain, CARRY_UNIT * warm_unit
    aged, aged_unit = _ageing_integral(begin_ns - born_ns, at_ns - born_ns)
    gain = gain * aged_unit + ageing * aged * 3_000_000 * warm_unit
    return gain, CARRY_UNIT * warm_unit * aged_unit


def _ageing_integral(from_ns: int, to_ns: int) -> tuple[int, int]:
    """Integrate log₂(1 + age/year), linear between whole values, from one age to another.

    Returns:
        Numerator and denominator, ns.
    """
    less, less_octave = _aged(from_ns)
    more, octave = _aged(to_ns)
    top = max(octave, less_octave)
    return (more << (top - octave)) - (less << (top - less_octave)), YEAR_NS << (top + 1)


def _aged(age_ns: int) -> tuple[int, int]:
    """Integrate from birth, as a number over YEAR_NS << (octave + 1), and that octave."""
    if age_ns <= 0:
        return 0, 0
    octave = (age_ns // YEAR_NS + 1).bit_length() - 1
    into = age_ns - ((1 << octave) - 1) * YEAR_NS
    # Octave j lasts 2^j years at j + 1/2 on average: twice the sum over all j < k
    # is (2k - 3)·2^k + 3.
    before = YEAR_NS * (((2 * octave - 3) << octave) + 3)
    return ((before + 2 * octave * into) * YEAR_NS << octave) + into * into, octave
