"""Which counters of a few keys have one of a few codes; works without NumPy.

Long searches take the kernel's arrays if NumPy is there, whose import takes 0.1 s; short
ones, and hashes that arrays are not computed by, take the token model's key.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from firmware_model.oath import Algorithm, Key, Secret
from hosttools.errors import UsageError
from hosttools.kernel.route import INSTALL, Route, forced, has_numpy

WORTH: Final = 200_000
"""Codes from which a search is faster with NumPy, its import included."""


class Match(NamedTuple):
    """A factor whose code is wanted: of which key, which factor, and the code as a number."""

    key: int
    factor: int
    code: int


def matches(
    secrets: Sequence[Secret],
    spans: Sequence[range],
    digits: int,
    wanted: Collection[int],
    algorithm: Algorithm = Algorithm.SHA1,
    *,
    route: Route | None = None,
) -> Iterator[Match]:
    """Yield the factors whose codes are wanted, key by key, rising.

    Args:
        secrets: keys.
        spans: which factors of each, 0 to 2**64 - 1, in steps of 1.
        digits: of the codes.
        wanted: codes, as numbers.
        algorithm: any; SHA-512 by ``hashlib`` only.
        route: by which to compute; none: the fastest.

    Raises:
        UsageError: the route is not there.
    """
    route = Route.HASHLIB if algorithm is Algorithm.SHA512 else route or forced()
    if route is None and (sum(map(len, spans)) < WORTH or not has_numpy()):
        route = Route.HASHLIB
    if route is not Route.HASHLIB:
        if not has_numpy():
            raise UsageError(f"no codes by arrays without NumPy: {INSTALL}")
        from hosttools.kernel.spans import matches_by_arrays  # noqa: PLC0415  # NumPy

        yield from matches_by_arrays(secrets, spans, digits, wanted, algorithm, route)
        return
    modulus = 10**digits
    for index, (secret, span) in enumerate(zip(secrets, spans, strict=True)):
        truncated = Key(secret, algorithm).truncated
        for factor in span:
            if (code := truncated(factor) % modulus) in wanted:
                yield Match(index, factor, code)
