"""What is said of sums: shares with intervals, windows, odds, rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.refserver import Policy
from hosttools.study.answers import answers, bother, needed
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.shares import ALL, Share, wilson
from hosttools.study.tables import Ints
from hosttools.study.tally import NEEDS, Count, Monthly, Tally

STUDY = Study(
    count=100, months=12, guesses=1, policies=(PolicyChoice(name="only", policy=Policy()),)
)


def needs(years: dict[int, int]) -> Ints:
    """Return years by the window that they needed."""
    made = np.zeros(NEEDS, np.int64)
    for window, count in years.items():
        made[window] = count
    return made


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_the_published_one(hits: int, of: int, low: float, high: float) -> None:
    """The intervals are those of Newcombe (1998), table I, method 3."""
    share = wilson(hits, of)
    assert (hits / of, low, high) == (share.share, round(share.low, 4), round(share.high, 4))


def test_nothing_is_known_of_none() -> None:
    """Of no looks at all the share may be anything."""
    assert Share(0.0, 0.0, 1.0) == wilson(0, 0)


def test_years_of_one_holder_count_once() -> None:
    """A share of 500 years of 100 holders is as uncertain as one of 100."""
    few, many = wilson(20, 100), wilson(100, 500, independent=100)
    assert few == many


@given(st.integers(1, 10**6), st.data())
def test_wilson_holds_its_share(of: int, data: st.DataObject) -> None:
    """An interval lies in 0 to 1 and has the share in it, but for rounding."""
    share = wilson(data.draw(st.integers(0, of)), of)
    assert 0 <= share.low <= share.share + 1e-12
    assert share.share - 1e-12 <= share.high <= 1


MANY = needs({0: 900, 3: 90, 10: 9, 50: 1})


@pytest.mark.parametrize(
    ("target", "independent", "expected"),
    [
        (0.1, 1000, (0, 0, 3)),
        (0.01, 1000, (3, 3, 10)),
        (0.01, 100, (3, 3, None)),
        (0.0001, 1000, (50, 50, None)),
    ],
)
def test_needed_window(
    target: float, independent: int, expected: tuple[int | None, int | None, int | None]
) -> None:
    """A window leaves no more than the target beyond it; its interval is of the holders."""
    window = needed(MANY, target, independent)
    assert window is not None
    assert expected == (window.window, window.low, window.high)


def test_what_a_window_leaves_beyond_it() -> None:
    """The shares go on to the widest window that anybody needed."""
    window = needed(MANY, 0.01, 1000)
    assert window is not None
    assert 51 == len(window.beyond)
    assert [0.1, 0.1, 0.1, 0.01] == list(window.beyond[:4])
    assert [0.001, 0.0] == list(window.beyond[-2:])


def test_no_window_is_wide_enough() -> None:
    """A window wider than any that is told apart has no number."""
    window = needed(needs({0: 90, NEEDS - 1: 10}), 0.01, 100)
    assert window is not None
    assert (None, None) == (window.window, window.high)


def test_no_year_needs_no_window() -> None:
    """Without a year of such tokens there is nothing to say."""
    assert needed(needs({}), 0.01, 100) is None


@given(
    st.dictionaries(st.integers(0, 30), st.integers(1, 100), min_size=1),
    st.floats(1e-6, 0.5),
    st.integers(1, 500),
)
def test_needed_is_the_narrowest(years: dict[int, int], target: float, independent: int) -> None:
    """One narrower bothers too many, whatever the sums; the interval has the window in it."""
    window = needed(needs(years), target, independent)
    assert window is not None
    assert window.window is not None
    total = sum(years.values())
    beyond = [sum(n for need, n in years.items() if need > w) / total for w in range(31)]
    assert next(w for w in range(31) if beyond[w] <= target) == window.window
    assert window.low is not None
    assert window.low <= window.window
    assert window.high is None or window.window <= window.high


@pytest.mark.parametrize(
    ("of_these", "expected"),
    [
        (ALL, (10, 10, None)),
        (Share(0.1, 0.05, 0.2), (3, 3, 50)),
        (Share(0.0, 0.0, 1.0), (0, 0, None)),
    ],
)
def test_a_window_for_what_only_some_of_those_beyond_it_meet(
    of_these: Share, expected: tuple[int, int, int | None]
) -> None:
    """If few of those beyond a window are bothered, a narrower one will do; not knowing widens."""
    window = needed(MANY, 0.001, 1000, of_these)
    assert window is not None
    assert expected == (window.window, window.low, window.high)


def made_up() -> Tally:
    """Return sums of a hundred holders in a year of 360 days."""
    tally = Tally.empty(STUDY)
    tally.counts[0, [Count.TOKENS, Count.YEARS, Count.YEARS_RESYNCED]] = 100, 100, 30
    tally.monthly[0, :, Monthly.RESYNCS] = 3
    tally.monthly[0, 11, Monthly.CALLS] = 18
    tally.counts[0, [Count.REPLACED, Count.ADD_REFUSED]] = 20, 6
    tally.monthly[0, :, Monthly.OUT] = range(12)
    tally.first[0] = [10, 20, 20, 5, *[0] * 8, 45]
    tally.need[0, 0] = needs({0: 70, 12: 30})
    return tally


def test_rates_are_of_a_thousand_users_and_a_year() -> None:
    """36 resyncs and 18 calls of 100 users in 360 days."""
    assert pytest.approx((365, 182.5)) == bother(STUDY, made_up())


def test_an_answer() -> None:
    """What was counted is said by policy, by month, and of the tokens that there are."""
    (answer,) = answers(STUDY, made_up())
    assert "only" == answer.name
    assert pytest.approx((365, 182.5, 0)) == (answer.resyncs, answer.calls, answer.locks)
    assert wilson(30, 100) == answer.resynced_a_year
    assert [month / 100 for month in range(12)] == list(answer.out)
    assert [0.9, 0.7, 0.5, 0.45] == [round(share, 9) for share in answer.never[:4]]
    assert (1, 3) == (answer.tenth_s_month, answer.half_s_month)
    assert wilson(6, 120, 100) == answer.add_refused
    assert wilson(12, 48) == answer.form_failed
    assert answer.event_window is not None
    assert 12 == answer.event_window.window
    assert answer.time_window is None
    assert answer.event_odds is not None
    assert answer.time_odds is None
