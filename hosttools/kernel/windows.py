"""Where in its window a code is, for arrays of searches.

Windows are those of the servers: inclusive counts of skipped presses, so that a window of
10 looks at a counter and the ten after it. None goes past the last counter.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import MAX_COUNTER
from hosttools.kernel import checks
from hosttools.kernel.batch import compute
from hosttools.kernel.checks import Numbers
from hosttools.kernel.midstates import Midstates
from hosttools.kernel.route import Route

Hits = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Whose search it was, and how far ahead of its counter."""

_FIRST_LOOK: Final = 64
"""Codes of the first look at least: most are found near, but calls to NumPy cost something."""

_WIDER: Final = 4
_WIDEST: Final = 16_384


def search(
    midstates: Midstates,
    counters: Numbers,
    window: Numbers | int,
    codes: Numbers,
    digits: int = 6,
    *,
    keys: Numbers | int | None = None,
    route: Route | None = None,
) -> NDArray[np.int64]:
    """Return how far ahead of its counter each code is found first; -1: nowhere.

    Args:
        midstates: prepared keys.
        counters: where each search begins.
        window: how far it goes, for all or for each; a window of 0 is the counter alone.
        codes: the code to find from each counter, as a number.
        digits: as of :func:`codes`.
        keys: likewise.
        route: likewise.

    Raises:
        UsageError: arrays that don't fit each other, or numbers out of range.

    >>> from hosttools import kernel
    >>> token = kernel.prepare([b"12345678901234567890"])
    >>> kernel.search(token, [0, 0, 5], 10, [755224, 520489, 755224]).tolist()
    [0, 9, -1]
    """
    look = _Look(midstates, counters, window, codes, digits, keys, route)
    found = np.full(len(look.factors), -1, np.int64)
    for items, offsets in look.hits(all_of_them=False):
        found[items] = offsets
    return found


def search_all(
    midstates: Midstates,
    counters: Numbers,
    window: Numbers | int,
    codes: Numbers,
    digits: int = 6,
    *,
    keys: Numbers | int | None = None,
    route: Route | None = None,
) -> Hits:
    """Return every place at which a code is found: whose search it was, and how far ahead.

    Takes what :func:`search` takes. In order of the searches, then of the counters.

    Raises:
        UsageError: see :func:`search`.

    >>> from hosttools import kernel
    >>> token = kernel.prepare([b"12345678901234567890"])
    >>> items, offsets = kernel.search_all(token, [5, 0], 2000, [755224, 287082])
    >>> items.tolist(), offsets.tolist()
    ([1], [1])
    """
    look = _Look(midstates, counters, window, codes, digits, keys, route)
    hits = list(look.hits(all_of_them=True))
    items, offsets = (
        np.concatenate([np.empty(0, np.int64), *(hit[i] for hit in hits)]) for i in range(2)
    )
    order = np.lexsort((offsets, items))
    return items[order], offsets[order]


class _Look:
    """A look into many windows, near counters first."""

    def __init__(
        self,
        midstates: Midstates,
        counters: Numbers,
        window: Numbers | int,
        codes: Numbers,
        digits: int,
        keys: Numbers | int | None,
        route: Route | None,
    ) -> None:
        self.factors = checks.counters(counters)
        count = len(self.factors)
        self._midstates, self._route = midstates, route
        self._modulus = checks.modulus(digits)
        self._wanted = checks.codes(codes, count, self._modulus)
        self._rows = checks.rows(keys, count, len(midstates))
        room = np.uint64(MAX_COUNTER) - self.factors
        windows = np.asarray(checks.windows(window, count)).astype(np.uint64)
        self._windows = np.minimum(room, windows).astype(np.int64)

    def hits(self, *, all_of_them: bool) -> Iterator[Hits]:
        """Yield what is found: of each search all, or the first."""
        codes = int(np.sum(self._windows, dtype=np.float64)) + len(self.factors)
        route = self._midstates.routes.choose(codes, self._route)
        if route is Route.HASHLIB:
            yield self._one_by_one(all_of_them=all_of_them)
            return
        if route is Route.LLVM:
            self._route = route
        for begin in range(0, len(self.factors), _WIDEST):
            some = np.arange(begin, min(begin + _WIDEST, len(self.factors)))
            yield from self._many(some, all_of_them=all_of_them)

    def _many(self, left: NDArray[np.int64], *, all_of_them: bool) -> Iterator[Hits]:
        begin, look = 0, _FIRST_LOOK
        while len(left):
            windows = self._windows[left]
            end = min(begin + max(1, look // len(left)), int(windows.max()) + 1)
            offsets = np.arange(begin, end)
            if end == begin + 1:
                searches, ahead = np.arange(len(left)), np.broadcast_to(offsets, len(left))
            else:
                searches, steps = np.nonzero(offsets <= windows[:, None])
                ahead = offsets[steps]
            items = left[searches]
            hits = np.flatnonzero(self._codes(items, ahead) == self._wanted[items])
            stay = windows >= end
            if not all_of_them:
                hits = hits[np.flatnonzero(np.diff(searches[hits], prepend=-1))]
                stay[searches[hits]] = False
            yield items[hits], ahead[hits]
            left, begin, look = left[stay], end, min(look * _WIDER, _WIDEST)

    def _codes(self, items: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.uint32]:
        rows = self._rows
        if rows is None:
            rows = items
        elif not isinstance(rows, int):
            rows = rows[items]
        factors = self.factors[items] + ahead.astype(np.uint64)
        return compute(self._midstates, rows, factors, self._modulus, self._route)

    def _one_by_one(self, *, all_of_them: bool) -> Hits:
        found: list[tuple[int, int]] = []
        wanted, windows = self._wanted.tolist(), self._windows.tolist()
        for item, counter in enumerate(self.factors.tolist()):
            rows = self._rows
            row = item if rows is None else rows if isinstance(rows, int) else int(rows[item])
            truncated = self._midstates.key(row).truncated
            for ahead in range(windows[item] + 1):
                if truncated(counter + ahead) % self._modulus == wanted[item]:
                    found.append((item, ahead))
                    if not all_of_them:
                        break
        items, offsets = np.array(found, np.int64).reshape(-1, 2).T
        return items, offsets
