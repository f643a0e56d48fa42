"""Business days of the United States."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import format_utc, parse_utc
from hosttools.portal.spares.workdays import (
    business_day_after,
    day_of,
    holidays,
    is_business_day,
    moment,
)

DAYS = st.dates(date(1971, 1, 1), date(2115, 1, 1))

KEPT = {
    # As the Office of Personnel Management lists them.
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}


@pytest.mark.parametrize("year", KEPT)
def test_holidays_are_kept_on_their_days(year: int) -> None:
    """One on a Saturday on the Friday before, one on a Sunday on the Monday after."""
    assert sorted(KEPT[year].split()) == sorted(f"{day:%m-%d}" for day in holidays(year))


def test_juneteenth_is_one_since_2021() -> None:
    """The law is of that year."""
    assert date(2020, 6, 19) not in holidays(2020)


@given(DAYS, st.integers(1, 10))
def test_counts_business_days(day: date, count: int) -> None:
    """So many lie after the day, up to the one that is found, which is one."""
    found = business_day_after(day, count)
    between = [day + timedelta(n) for n in range(1, (found - day).days + 1)]

    assert is_business_day(found)
    assert count == sum(map(is_business_day, between))


@given(DAYS)
def test_no_wait_is_long(day: date) -> None:
    """Between two business days there are at most three others: a weekend and a holiday."""
    assert 1 <= (business_day_after(day, 1) - day).days <= 4


@given(DAYS, st.integers(1, 5))
def test_a_later_day_never_comes_earlier(day: date, count: int) -> None:
    """Whoever pays later gets it no earlier."""
    later = business_day_after(day + timedelta(1), count)
    assert business_day_after(day, count) <= later


@given(DAYS)
def test_ten_or_eleven_holidays_a_year(day: date) -> None:
    """Ten names, eleven with Juneteenth; New Year's Day may fall into the year before."""
    assert 9 <= len(holidays(day.year)) <= 12
    assert all(kept.weekday() < 5 for kept in holidays(day.year))


def test_days_are_those_of_utc() -> None:
    """A day ends at midnight there."""
    late = parse_utc("2026-01-05T23:59:59Z")
    assert [date(2026, 1, 5), date(2026, 1, 6)] == [day_of(late), day_of(late + 10**9)]
    assert "2026-01-05T17:00:00Z" == format_utc(moment(date(2026, 1, 5), 17))
