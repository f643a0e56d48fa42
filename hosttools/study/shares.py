"""Shares of what was counted, with the interval that holds the true share."""

import math
from dataclasses import dataclass
from typing import Final

Z: Final = 1.96
"""Of an interval that holds the truth in 95 of 100 studies."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of something, with the interval that holds the true one in 95 of 100 studies."""

    share: float
    low: float
    high: float


ALL: Final = Share(1.0, 1.0, 1.0)
"""The share of all in all, which is no estimate."""


def wilson(hits: int, of: int, independent: int | None = None) -> Share:
    """Return a share with its interval (Wilson's).

    Args:
        hits: how many.
        of: of how many.
        independent: of how many that know nothing of each other, if those are fewer: years
            of one holder are alike.

    >>> print(f"{wilson(1, 1000).low:.5f} {wilson(1, 1000).high:.5f}")
    0.00018 0.00564
    """
    if not of:
        return Share(0.0, 0.0, 1.0)
    p, n = hits / of, min(independent or of, of)
    middle = p + Z * Z / (2 * n)
    reach = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return Share(p, max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0))
