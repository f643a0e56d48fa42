"""Where in their windows codes are, for the looks of whole lives.

One window of a life lies over the next: here each code is computed once, where
:func:`hosttools.kernel.search_all` would compute it for every window that it is in.
"""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from hosttools.kernel import Midstates, codes
from hosttools.study.compiled import entry
from hosttools.study.model import DIGITS
from hosttools.study.tables import Ints

_AT_ONCE: Final = 1 << 14
"""Codes that are computed at a time, about: what is held of them fits a core's own cache."""


def found_in(
    midstates: Midstates, keys: Ints, lows: Ints, ends: Ints, wanted: npt.NDArray[np.uint32]
) -> Iterator[tuple[int, list[int]]]:
    """Yield the windows that have the code that is wanted of each, and all whose it is.

    Args:
        midstates: prepared keys.
        keys: whose each window is.
        lows: its first counter.
        ends: its last; the one before the first if it has none.
        wanted: the code, as a number.
    """
    widths = ends - lows + 1
    piece = np.cumsum(widths) // _AT_ONCE
    starts = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), len(keys)]
    for begin, end in itertools.pairwise(starts):
        some = slice(begin, end)
        places, spans = np.empty(end - begin, np.int64), np.empty((end - begin, 3), np.int64)
        spans = spans[: _merge(keys[some], lows[some], widths[some], places, spans)]
        computed = int(spans[:, 2].sum())
        owners, counters = np.empty(computed, np.int64), np.empty(computed, np.uint64)
        _spread(spans, owners, counters)
        shown = codes(midstates, counters, DIGITS, keys=owners)
        for i in np.flatnonzero(_hit(shown, places, widths[some], wanted[some])).tolist():
            same = shown[places[i] :][: widths[begin + i]] == wanted[begin + i]
            yield begin + i, (lows[begin + i] + np.flatnonzero(same)).tolist()


@entry
def _merge(keys: Ints, lows: Ints, widths: Ints, places: Ints, spans: Ints) -> int:
    """Put windows that overlap into one span, as a life's often do: a code is computed once.

    Args:
        keys: whose.
        lows: where each window begins.
        widths: how many counters it has.
        places: takes how many codes come before it.
        spans: takes each span's key, first counter and length.

    Returns:
        How many spans there are.
    """
    n, before = -1, 0
    for i in range(keys.shape[0]):
        low = lows[i]
        if n < 0 or spans[n, 0] != keys[i] or not spans[n, 1] <= low <= spans[n, 1] + spans[n, 2]:
            before += spans[n, 2] if n >= 0 else 0
            n += 1
            spans[n, 0], spans[n, 1], spans[n, 2] = keys[i], low, 0
        spans[n, 2] = max(spans[n, 2], low + widths[i] - spans[n, 1])
        places[i] = before + low - spans[n, 1]
    return n + 1


@entry
def _spread(spans: Ints, owners: Ints, counters: npt.NDArray[np.uint64]) -> None:
    """Write each span's counters down, one after another, and whose they are."""
    n = 0
    for i in range(spans.shape[0]):
        key, first, length = spans[i]
        owners[n : n + length] = key
        for j in range(length):
            counters[n + j] = first + j
        n += length


@entry
def _hit(
    shown: npt.NDArray[np.uint32], places: Ints, widths: Ints, wanted: npt.NDArray[np.uint32]
) -> npt.NDArray[np.bool_]:
    """Return which windows have the code that is wanted of each."""
    hits = np.zeros(places.shape[0], np.bool_)
    for i in range(places.shape[0]):
        code, hit = wanted[i], False
        for shows in shown[places[i] : places[i] + widths[i]]:
            hit |= shows == code
        hits[i] = hit
    return hits
