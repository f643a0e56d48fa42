"""Windows that overlap: what is found in them is what a search of each one finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hosttools.kernel import Midstates, codes, prepare, search_all
from hosttools.study.spans import found_in

STEPS = st.tuples(
    st.sampled_from((0, 0, 0, 0, 1)),  # tokens further
    st.sampled_from((-3, 0, 0, 1, 2, 40)),  # counters further
    st.integers(0, 30),  # width
    st.integers(-2, 32),  # whose code is wanted, from the window's first counter
)


def keys_of(count: int) -> Midstates:
    """Return some keys."""
    return prepare([bytes([n]) * 20 for n in range(count)])


@given(st.lists(STEPS, min_size=1, max_size=60))
def test_each_window_has_what_a_search_finds(steps: list[tuple[int, int, int, int]]) -> None:
    """However windows lie over each other, go back, or jump to another token."""
    rows, key, low = [], 0, 3
    for next_key, further, width, ahead in steps:
        key, low = key + next_key, max(2, low + further)
        rows.append((key, low, low + width - 1, low + ahead))
    keys, lows, ends, meant = np.array(rows, np.int64).T.copy()
    midstates = keys_of(key + 1)
    wanted = codes(midstates, meant, keys=keys)
    some = np.flatnonzero(ends >= lows)
    items, ahead_of = search_all(
        midstates, lows[some], (ends - lows)[some], wanted[some], keys=keys[some]
    )
    expected: dict[int, list[int]] = {}
    for item, ahead in zip(some[items].tolist(), ahead_of.tolist(), strict=True):
        expected.setdefault(item, []).append(int(lows[item]) + ahead)
    assert expected == dict(found_in(midstates, keys, lows, ends, wanted))


def test_many_windows_are_looked_into_piece_by_piece() -> None:
    """More codes than are held at a time: the last window is looked into like the first."""
    lows = np.arange(1_000, dtype=np.int64) * 500
    keys = np.zeros(len(lows), np.int64)
    wanted = codes(keys_of(1), lows + 499, keys=0)
    found = dict(found_in(keys_of(1), keys, lows, lows + 499, wanted))
    assert all(low + 499 in found[i] for i, low in enumerate(lows.tolist()))
