"""The CSV has a row for each sample, to the nanosecond."""

import csv

from hosttools.trace import SIGNALS, Sample, to_csv


def test_rows(samples: list[Sample]) -> None:
    """Header, one row for each sample, times from the start."""
    rows = list(csv.reader(to_csv(samples).decode().splitlines()))

    assert ["time_s", *(signal.name for signal in SIGNALS)] == rows[0]
    assert len(samples) == len(rows) - 1
    assert ["0.000000000", "0.100000000", "0.100100000"] == [row[0] for row in rows[1:4]]
    assert "30.279600000" == rows[-1][0]


def test_values(samples: list[Sample]) -> None:
    """A value is written with its unit's scale; none is an empty field."""
    first, *_ = csv.DictReader(to_csv(samples).decode().splitlines())

    assert ("3.199", "1.5", "25.0", "") == (
        first["supply_v"],
        first["supply_ua"],
        first["temperature_c"],
        first["factor"],
    )


def test_no_code(samples: list[Sample]) -> None:
    """The code that was lit is not in it."""
    assert b"755224" not in to_csv(samples)
