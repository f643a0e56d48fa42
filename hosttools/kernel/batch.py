"""Codes of arrays of keys and counters."""

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import MAX_COUNTER
from hosttools.errors import UsageError
from hosttools.kernel import checks
from hosttools.kernel.checks import Numbers
from hosttools.kernel.midstates import Midstates
from hosttools.kernel.route import Route

Codes = NDArray[np.uint32]
Rows = NDArray[np.int64] | int | None
"""Whose key each counter has: indices, one for all, or none: the first the first's."""


def codes(
    midstates: Midstates,
    counters: Numbers,
    digits: int = 6,
    *,
    keys: Numbers | int | None = None,
    route: Route | None = None,
) -> Codes:
    """Return the code of each counter, as a number.

    Args:
        midstates: prepared keys.
        counters: moving factors, 0 to 2**64 - 1: counters, or time steps.
        digits: 6 to 10; with 10 the code is the whole 31-bit number.
        keys: the index of each counter's key, or of one for all. None: as many keys as
            counters, or only one.
        route: by which to compute; none: the fastest.

    Raises:
        UsageError: arrays that don't fit each other, or numbers out of range.

    >>> from hosttools import kernel
    >>> fleet = kernel.prepare([b"12345678901234567890", b"a secret of 20 bytes"])
    >>> kernel.codes(fleet, [0, 9], keys=0).tolist()
    [755224, 520489]
    >>> unix_s = np.array([59, 1111111109])
    >>> kernel.codes(fleet, unix_s // 30, digits=8, keys=0).tolist()
    [94287082, 7081804]
    """
    modulus = checks.modulus(digits)
    factors = checks.counters(counters)
    rows = checks.rows(keys, len(factors), len(midstates))
    return compute(midstates, rows, factors, modulus, route)


def series(
    midstates: Midstates,
    start: int,
    count: int,
    digits: int = 6,
    *,
    key: int = 0,
    route: Route | None = None,
) -> Codes:
    """Return the codes of one key's ``count`` counters from ``start``.

    Raises:
        UsageError: see :func:`codes`; counters past the last one.

    >>> from hosttools import kernel
    >>> kernel.series(kernel.prepare([b"12345678901234567890"]), 0, 3).tolist()
    [755224, 287082, 359152]
    """
    if not (0 <= start <= MAX_COUNTER and 0 <= count <= MAX_COUNTER + 1 - start):
        raise UsageError(f"{count} counters from {start}; allowed are 0 to 2**64 - 1")
    factors = np.uint64(start) + np.arange(count, dtype=np.uint64)
    row = checks.rows(key, count, len(midstates))
    return compute(midstates, row, factors, checks.modulus(digits), route)


def compute(
    midstates: Midstates, rows: Rows, factors: NDArray[np.uint64], modulus: int, route: Route | None
) -> Codes:
    """Return the code of each counter; the arrays are those that :mod:`checks` gives back."""
    if not len(factors):
        return np.empty(0, np.uint32)
    engine = midstates.routes.engine(len(factors), route)
    if engine is None:
        return _one_by_one(midstates, rows, factors, modulus)
    words = midstates.by(route)
    if isinstance(rows, int):
        words, rows = words[rows : rows + 1], None
    return engine.codes(words, rows, factors, modulus)


def _one_by_one(
    midstates: Midstates, rows: Rows, factors: NDArray[np.uint64], modulus: int
) -> Codes:
    codes = np.empty(len(factors), np.uint32)
    if isinstance(rows, int):
        truncated = midstates.key(rows).truncated
        for place, counter in enumerate(factors.tolist()):
            codes[place] = truncated(counter) % modulus
        return codes
    indices = range(len(factors)) if rows is None else rows.tolist()
    for place, (index, counter) in enumerate(zip(indices, factors.tolist(), strict=True)):
        codes[place] = midstates.key(index).truncated(counter) % modulus
    return codes
