"""Business days: Monday to Friday without the holidays of the United States' government.

The holidays are those of 5 U.S.C. 6103(a), with Juneteenth since 2021 (Pub. L. 117-17). One
that falls on a Saturday is kept on the Friday before (5 U.S.C. 6103(b)(1)), one on a Sunday
on the Monday after (Executive Order 11582, section 3). Days are those of UTC.
"""

import functools
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from firmware_model.profile import SECOND

_DAY: Final = timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_LAST: Final = -1

_FIXED: Final = ((1, 1), (7, 4), (11, 11), (12, 25))
"""New Year's Day, Independence Day, Veterans Day, Christmas Day."""
_JUNETEENTH: Final = (6, 19)
_JUNETEENTH_SINCE: Final = 2021
_FLOATING: Final = (
    (1, _MONDAY, 3),
    (2, _MONDAY, 3),
    (5, _MONDAY, _LAST),
    (9, _MONDAY, 1),
    (10, _MONDAY, 2),
    (11, _THURSDAY, 4),
)
"""Month, weekday, which one: Birthday of Martin Luther King, Jr., Washington's Birthday,
Memorial Day, Labor Day, Columbus Day, Thanksgiving Day."""


@functools.cache
def holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which a federal holiday is kept.

    A New Year's Day on a Saturday is kept on the last day of the year before.
    """
    own = (*_FIXED, _JUNETEENTH) if year >= _JUNETEENTH_SINCE else _FIXED
    kept = {_kept(date(year, month, day)) for month, day in own}
    kept |= {_nth(year, month, weekday, which) for month, weekday, which in _FLOATING}
    if year < date.max.year:
        kept.add(_kept(date(year + 1, 1, 1)))
    return frozenset(day for day in kept if day.year == year)


def is_business_day(day: date) -> bool:
    """Return whether parcels are shipped and delivered on a day."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def business_day_after(day: date, count: int) -> date:
    """Return the business day that is so many business days after a day.

    Args:
        day: any day; it does not count itself.
        count: 1 for the next business day, and so on.

    >>> business_day_after(date(2026, 7, 1), 2)  # July 4th, a Saturday, is kept on the 3rd
    datetime.date(2026, 7, 6)
    """
    for _ in range(count):
        day += _DAY
        while not is_business_day(day):
            day += _DAY
    return day


def day_of(at_ns: int) -> date:
    """Return the day of a moment, ns since 1970, UTC."""
    return datetime.fromtimestamp(at_ns // SECOND, UTC).date()


def moment(day: date, hour: int) -> int:
    """Return the moment of a full hour of a day, UTC, in ns since 1970."""
    return int(datetime.combine(day, time(hour), UTC).timestamp()) * SECOND


def _kept(day: date) -> date:
    if day.weekday() == _SATURDAY:
        return day - _DAY
    return day + _DAY if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    if which == _LAST:
        return _nth(year, month + 1, weekday, 1) - timedelta(weeks=1)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=which - 1)
