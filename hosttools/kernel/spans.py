"""Which counters of a few keys have one of a few codes, by arrays; see :mod:`find`."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np

from firmware_model.oath import Algorithm, Secret
from hosttools.kernel import checks
from hosttools.kernel.batch import compute
from hosttools.kernel.find import Match
from hosttools.kernel.midstates import prepare
from hosttools.kernel.route import Route

_PASS: Final = 16_384
_TABLE: Final = 1 << 20


def matches_by_arrays(
    secrets: Sequence[Secret],
    spans: Sequence[range],
    digits: int,
    wanted: Collection[int],
    algorithm: Algorithm,
    route: Route | None,
) -> Iterator[Match]:
    """Yield what :func:`hosttools.kernel.find.matches` does."""
    midstates, modulus = prepare(secrets, algorithm), checks.modulus(digits)
    starts = np.cumsum([0, *map(len, spans)], dtype=np.int64)
    total = int(starts[-1])
    base = np.array([span.start for span in spans], np.uint64)
    # One look into a small table rules out all but a few codes in ten thousand.
    table = np.zeros(_TABLE, np.bool_)
    table[np.array([code % _TABLE for code in wanted], np.intp)] = True
    route = midstates.routes.choose(total, route)
    for begin in range(0, total, _PASS):
        lanes = np.arange(begin, min(begin + _PASS, total), dtype=np.int64)
        first, last = np.searchsorted(starts, lanes[[0, -1]], side="right") - 1
        within = np.clip(starts[first : last + 2], lanes[0], lanes[-1] + 1)
        keys = np.repeat(np.arange(first, last + 1), np.diff(within))
        factors = base[keys] + (lanes - starts[keys]).astype(np.uint64)
        # Lanes of one key share its states: nothing is copied for each.
        codes = compute(midstates, int(first) if first == last else keys, factors, modulus, route)
        for lane in np.flatnonzero(table[codes & np.uint32(_TABLE - 1)]):
            if (code := int(codes[lane])) in wanted:
                yield Match(int(keys[lane]), int(factors[lane]), code)
