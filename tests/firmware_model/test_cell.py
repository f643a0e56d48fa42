"""A coin cell's voltage falls with use, cold and load, and never rises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.cell import (
    COLD_FACTOR,
    OPEN_MV,
    RESISTANCE_MOHM,
    charge_of,
    droop_ns,
    remaining_percent,
    safe_charge,
    voltage,
)

CR2032 = charge_of(225_000)
"""The smaller capacity of the data sheets."""

MILLIAMPERE = 1_000_000
WARM = 20_000

CAPACITIES = st.integers(1, 5_000) | st.integers(1, 500).map(lambda mah: charge_of(1_000 * mah))
TEMPERATURES = st.integers(-100_000, 150_000)
LOADS = st.integers(0, 5_000) | st.integers(0, 2_000).map(lambda n: n * 10_007)


@st.composite
def uses(draw: st.DrawFn) -> tuple[int, int]:
    """Draw a used charge, also beyond empty, and a capacity."""
    capacity = draw(CAPACITIES)
    permille, more = draw(st.integers(0, 2_000)), draw(st.integers(0, 3))
    return capacity * permille // 1_000 + more, capacity


def depth(permille: int) -> int:
    """Return the used charge of a CR2032 at a depth of discharge."""
    return CR2032 * permille // 1_000


# Charge.


def test_a_microampere_hour() -> None:
    """1 µAh is 1,000 nA for 3,600 s."""
    assert 1_000 * 3_600 * 10**9 == charge_of(1)
    assert 225_000 * charge_of(1) == CR2032


@pytest.mark.parametrize(
    ("used", "percent"), [(0, 100), (1, 99), (99, 90), (100, 90), (999, 0), (1_000, 0), (2_000, 0)]
)
def test_remaining_percent(used: int, percent: int) -> None:
    """What is left is rounded down and never below 0."""
    assert percent == remaining_percent(used, 1_000)


# Voltage.


@pytest.mark.parametrize(("permille", "millivolts"), OPEN_MV)
def test_open_circuit_voltage(permille: int, millivolts: int) -> None:
    """Without a load the terminals show the table's voltage, however cold it is."""
    assert millivolts == voltage(depth(permille), CR2032, WARM, 0)
    assert millivolts == voltage(depth(permille), CR2032, -40_000, 0)


def test_voltage_is_linear_between_the_rows() -> None:
    """A quarter of the way from 3.0 to 2.9 V is 2.975 V."""
    assert 3_000 - 25 == voltage(depth(50 + 750 // 4) + CR2032 // 2_000, CR2032, WARM, 0)


@pytest.mark.parametrize(("permille", "milliohms"), RESISTANCE_MOHM)
def test_load_drops_voltage_across_the_resistance(permille: int, milliohms: int) -> None:
    """1 mA drops as many millivolts as there are ohms."""
    unloaded = voltage(depth(permille), CR2032, WARM, 0)
    loaded = voltage(depth(permille), CR2032, WARM, MILLIAMPERE)
    assert milliohms // 1_000 == unloaded - loaded


@pytest.mark.parametrize(
    ("milli_celsius", "drop_mv"),
    [
        *((60_000, 15), (20_000, 15), (10_000, 23), (0, 30), (-10_000, 45)),
        *((-20_000, 60), (-30_000, 90), (-40_000, 120), (-90_000, 120)),
    ],
)
def test_cold_doubles_the_resistance(milli_celsius: int, drop_mv: int) -> None:
    """Every 20 °C below 20 °C doubles the drop, linearly between, down to -40 °C."""
    assert 3_200 - drop_mv == voltage(0, CR2032, milli_celsius, MILLIAMPERE)


def test_a_fresh_cell_bears_a_pulse_of_15_ma() -> None:
    """The data sheets' pulse leaves a fresh cell well above the cut-off of 2.0 V."""
    assert 3_200 - 225 == voltage(0, CR2032, WARM, 15 * MILLIAMPERE)


def test_empty_is_the_cut_off() -> None:
    """A cell that has given its capacity is at 2.0 V; soon after it gives nothing."""
    assert 2_000 == voltage(CR2032, CR2032, WARM, 0)
    assert 0 == voltage(2 * CR2032, CR2032, WARM, 0)


def test_never_below_nothing() -> None:
    """A short across a cold weak cell leaves 0 V."""
    assert 0 == voltage(depth(1_000), CR2032, -40_000, 20 * MILLIAMPERE)


@given(uses(), st.integers(0, 10**6) | CAPACITIES, TEMPERATURES, LOADS)
def test_more_used_never_gives_more(
    use: tuple[int, int], more: int, milli_celsius: int, load_na: int
) -> None:
    """Drawing charge never raises the voltage."""
    used, capacity = use
    before = voltage(used, capacity, milli_celsius, load_na)
    for further in (used + 1, used + more):
        assert before >= voltage(further, capacity, milli_celsius, load_na) >= 0


@given(uses(), TEMPERATURES, TEMPERATURES, LOADS)
def test_colder_never_gives_more(
    use: tuple[int, int], one_mc: int, other_mc: int, load_na: int
) -> None:
    """Cooling never raises the voltage."""
    cold, warm = sorted((one_mc, other_mc))
    for colder in (cold, warm - 1):
        assert voltage(*use, colder, load_na) <= voltage(*use, warm, load_na)


@given(uses(), TEMPERATURES, LOADS, LOADS)
def test_more_load_never_gives_more(
    use: tuple[int, int], milli_celsius: int, load_na: int, more_na: int
) -> None:
    """A heavier load never raises the voltage."""
    before = voltage(*use, milli_celsius, load_na)
    for heavier in (load_na + 1, load_na + more_na):
        assert before >= voltage(*use, milli_celsius, heavier)


@pytest.mark.parametrize("table", [OPEN_MV, RESISTANCE_MOHM, COLD_FACTOR])
def test_tables_go_one_way(table: tuple[tuple[int, int], ...]) -> None:
    """Places rise strictly, and values only rise or only fall."""
    places = [place for place, _ in table]
    values = [value for _, value in table]
    assert places == sorted(set(places))
    assert values in (sorted(values), sorted(values, reverse=True))


# How far it may be used.


@given(CAPACITIES, TEMPERATURES, LOADS, st.integers(1, 3_500))
def test_safe_charge_is_the_edge(
    capacity: int, milli_celsius: int, load_na: int, millivolts: int
) -> None:
    """At the safe charge the voltage is still there; one part more and it is not."""
    used = safe_charge(capacity, milli_celsius, load_na, millivolts)
    assert voltage(used + 1, capacity, milli_celsius, load_na) < millivolts
    assert used == -1 or voltage(used, capacity, milli_celsius, load_na) >= millivolts


def test_not_even_a_fresh_cell() -> None:
    """No charge is safe for a voltage that a fresh cell does not have."""
    assert -1 == safe_charge(CR2032, WARM, 0, 3_201)
    assert 0 <= safe_charge(CR2032, WARM, 0, 3_200)


# The moment after a load is switched on.


@pytest.mark.parametrize(
    ("open_mv", "loaded_mv", "threshold_mv", "constant_ns", "expected"),
    [
        (1_999, 1_900, 2_000, 1_000, 0),  # below before
        (3_000, 2_000, 2_000, 1_000, None),  # at the threshold is not below
        (3_000, 2_500, 2_000, 1_000, None),
        (3_000, 2_000, 2_500, 1_000, 501),  # at 500 ns it is 2.5 V
        (3_000, 1_000, 2_999, 1_000, 1),
        (2_000, 1_999, 2_000, 1_000, 1),  # at its first fall
        (3_000, 1_999, 2_000, 1_000, 1_000),
        (3_000, 1_000, 2_000, 0, 0),  # no buffer
    ],
)
def test_droop(
    open_mv: int, loaded_mv: int, threshold_mv: int, constant_ns: int, expected: int | None
) -> None:
    """The first nanosecond below the threshold, on a straight line."""
    assert expected == droop_ns(open_mv, loaded_mv, threshold_mv, constant_ns)


@given(st.integers(0, 3_500), st.integers(0, 3_500), st.integers(0, 3_500), st.integers(1, 10**9))
def test_droop_is_the_first_nanosecond(
    one_mv: int, other_mv: int, threshold_mv: int, constant_ns: int
) -> None:
    """At that time the line is below the threshold, a nanosecond before it is not."""
    loaded_mv, open_mv = sorted((one_mv, other_mv))

    def below(after_ns: int) -> bool:
        after_ns = min(after_ns, constant_ns)
        return open_mv * constant_ns - (open_mv - loaded_mv) * after_ns < threshold_mv * constant_ns

    droop = droop_ns(open_mv, loaded_mv, threshold_mv, constant_ns)
    if droop is None:
        assert not below(constant_ns)
    else:
        assert below(droop)
        assert droop == 0 or not below(droop - 1)
