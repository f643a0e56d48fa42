"""The edge of a window, found with few codes: doubling steps, then halving them.

Two counters have the same six digits once in a million, so a code may be taken by chance.
That can only move an edge that is looked for, so the edge is tried again on other tokens,
and the search begins anew when they disagree.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from hosttools.prober.finding import NotMeasuredError

_TRIES: Final = 3


class Edge(NamedTuple):
    """Where a window ends.

    Attributes:
        value: the largest number that was accepted; one less than the first that was
            tried if that was not.
        at_least: whether the largest that was tried was accepted too.
    """

    value: int
    at_least: bool


def largest(accepts: Callable[[int], bool], *, first: int = 0, limit: int) -> Edge:
    """Return the largest number up to which all is accepted.

    Args:
        accepts: tries a number, on a token of its own; true up to an edge, then false.
        first: the smallest number that makes sense.
        limit: the largest to try.

    Raises:
        NotMeasuredError: the answers to one number differ from token to token.

    >>> largest(lambda n: n <= 10, limit=1000)
    Edge(value=10, at_least=False)
    >>> largest(lambda n: n <= 0, first=1, limit=1000)
    Edge(value=0, at_least=False)
    >>> largest(lambda n: True, limit=1000)
    Edge(value=1000, at_least=True)
    """
    for _ in range(_TRIES):
        edge = _search(accepts, first, limit)
        if (edge.value < first or accepts(edge.value)) and (
            edge.at_least or not accepts(edge.value + 1)
        ):
            return edge
    raise NotMeasuredError(
        "not measured: the server's answers to the same thing differ from token to token"
    )


def most_tries(limit: int) -> int:
    """Return how many numbers :func:`largest` tries at most, if all goes well."""
    return 2 * limit.bit_length() + 2


def _search(accepts: Callable[[int], bool], first: int, limit: int) -> Edge:
    low, step = first - 1, 1
    while True:
        probe = min(low + step, limit)
        if not accepts(probe):
            high = probe
            break
        if probe == limit:
            return Edge(limit, at_least=True)
        low, step = probe, step * 2
    while high - low > 1:
        middle = (low + high) // 2
        if accepts(middle):
            low = middle
        else:
            high = middle
    return Edge(low, at_least=False)
