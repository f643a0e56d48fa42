"""A coin cell: what is left in it, and its voltage at the terminals.

A lithium cell holds its voltage for most of its life and then falls off; its
internal resistance rises as it empties and as it gets cold, so that a weak cell
fails under load, and first in winter.

From CR2032 data sheets: 225-235 mAh at the standard load of 0.2 mA down to the
cut-off of 2.0 V (so a depth of discharge of 1000 ‰ is 2.0 V), and pulses of 15 mA
that a fresh cell can take. The shapes of the curves and every other figure are our
default.

Charge is counted as an integer in nA·ns, so that any way of cutting the time into
steps adds up to the same.
"""

from bisect import bisect_right
from fractions import Fraction
from functools import lru_cache
from typing import Final

_MICROAMPERE_HOUR: Final = 1_000 * 3_600 * 1_000_000_000
"""nA·ns in a µAh."""

_Table = tuple[tuple[int, int], ...]

OPEN_MV: Final[_Table] = (
    (0, 3_200),
    (50, 3_000),
    (800, 2_900),
    (900, 2_700),
    (950, 2_450),
    (1_000, 2_000),
    (1_050, 0),
)
"""Open-circuit voltage by depth of discharge, ‰. 2.0 V: data sheets; the rest: our default."""

RESISTANCE_MOHM: Final[_Table] = (
    (0, 15_000),
    (800, 30_000),
    (900, 65_000),
    (950, 100_000),
    (1_000, 300_000),
)
"""Internal resistance at 20 °C by depth of discharge, ‰. Our default."""

COLD_FACTOR: Final[_Table] = (
    (-40_000, 8_000),
    (-20_000, 4_000),
    (0, 2_000),
    (20_000, 1_000),
)
"""What the resistance is multiplied by, ‰, at a temperature in milli °C. Our default."""


def charge_of(microampere_hours: int) -> int:
    """Return a charge in nA·ns."""
    return microampere_hours * _MICROAMPERE_HOUR


def voltage(used: int, capacity: int, milli_celsius: int, load_na: int) -> int:
    """Return the voltage at the terminals, mV, never below 0.

    More used, colder, or more load never gives more: each part is rounded the same
    way everywhere.

    Args:
        used: charge drawn so far, nA·ns, from 0 up; may be more than the capacity.
        capacity: charge of a fresh cell, nA·ns, more than 0.
        milli_celsius: temperature of the cell.
        load_na: current drawn, nA, from 0 up.
    """
    open_mv = _interpolate(OPEN_MV, used * 1_000, capacity)
    if not load_na:
        return open_mv
    milliohms = _interpolate(RESISTANCE_MOHM, used * 1_000, capacity)
    factor = _interpolate(COLD_FACTOR, milli_celsius, 1)
    # nA · mΩ · ‰ are 10⁻¹⁵ V. The drop is rounded up.
    drop_mv = -(-load_na * milliohms * factor // 10**12)
    return max(open_mv - drop_mv, 0)


@lru_cache(maxsize=1_024)
def safe_charge(capacity: int, coldest_mc: int, load_na: int, millivolts: int) -> int:
    """Return the largest used charge at which a load still leaves that voltage.

    Args:
        capacity: charge of a fresh cell, nA·ns, more than 0.
        coldest_mc: temperature, milli °C.
        load_na: current drawn, nA.
        millivolts: voltage asked for, more than 0.

    Returns:
        Charge in nA·ns; -1 if not even a fresh cell does.
    """
    low, high = -1, capacity * OPEN_MV[-1][0] // 1_000 + 1
    while high - low > 1:
        middle = (low + high) // 2
        if voltage(middle, capacity, coldest_mc, load_na) >= millivolts:
            low = middle
        else:
            high = middle
    return low


def remaining_percent(used: int, capacity: int) -> int:
    """Return what is left of the capacity, 0 to 100, rounded down."""
    return max((capacity - used) * 100 // capacity, 0)


def used_at(percent: Fraction, capacity: int) -> int:
    """Return the used charge at which so much of the capacity is left, rounded down.

    >>> used_at(Fraction(25), 1_000)
    750
    """
    return int(capacity * (100 - percent) / 100)


def droop_ns(open_mv: int, loaded_mv: int, threshold_mv: int, constant_ns: int) -> int | None:
    """Return how long after a load is switched on the voltage is below a threshold.

    The buffer capacitor holds it up: it falls linearly (our simplification) from
    the open to the loaded voltage within ``constant_ns``, and stays there.

    Args:
        open_mv: voltage before.
        loaded_mv: voltage that the cell gives under the load.
        threshold_mv: voltage looked for.
        constant_ns: how long the fall takes; 0: it is at once.

    Returns:
        The first whole nanosecond at which it is below; 0 if at once, ``None`` if never.
    """
    if open_mv < threshold_mv:
        return 0
    if loaded_mv >= threshold_mv:
        return None
    if not constant_ns:
        return 0
    return (open_mv - threshold_mv) * constant_ns // (open_mv - loaded_mv) + 1


def _interpolate(table: _Table, numerator: int, denominator: int) -> int:
    """Return the table's value at a rational place, linear between, held beyond, rounded down."""
    after = bisect_right(table, numerator // denominator, key=_place)
    if after == 0:
        return table[0][1]
    if after == len(table):
        return table[-1][1]
    (left, low), (right, high) = table[after - 1], table[after]
    into = numerator - left * denominator
    return low + (high - low) * into // ((right - left) * denominator)


def _place(row: tuple[int, int]) -> int:
    return row[0]
