"""By which route codes are computed: ``hashlib``, NumPy, or vectors compiled by LLVM.

All give the same codes. Which is fastest is measured, once in a process and for as many
codes as it takes to tell; what LLVM takes to be loaded is paid once slower routes would
have taken as long for what was asked so far.
"""

import enum
import functools
import os
import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import Algorithm, Key, Secret
from hosttools.errors import UsageError
from hosttools.kernel.hashes import BLOCK, HASHES
from hosttools.kernel.lanes import Lanes

Words = NDArray[np.uint32]

ENVIRONMENT: Final = "GALH_KERNEL"
"""The variable that forces a route, by its name."""

_ALWAYS_FEW: Final = 4
_FEW: Final = 256
"""Codes below which NumPy never wins; nothing is measured for so few."""

_LOADING_NS: Final = 600_000_000
_MEASURED: Final = 4096


class Route(enum.Enum):
    """A way to compute codes."""

    HASHLIB = "hashlib"
    NUMPY = "numpy"
    LLVM = "llvm"


class Engine(Protocol):
    """What computes arrays of codes by one hash; see :class:`Lanes`."""

    def states(self, blocks: NDArray[np.uint8]) -> Words:
        """Return the rows of midstates of keys that fill a block each."""

    def codes(
        self,
        words: Words,
        keys: NDArray[np.int64] | None,
        counters: NDArray[np.uint64],
        modulus: int,
    ) -> Words:
        """Return the code of each counter."""


class Cost(NamedTuple):
    """What a route takes: for a call, and for each code of it."""

    call_ns: float
    code_ns: float

    def of(self, codes: int) -> float:
        """Return what so many codes take, in nanoseconds."""
        return self.call_ns + codes * self.code_ns


@functools.cache
def lanes(algorithm: Algorithm) -> Lanes:
    """Return the hash by NumPy."""
    return Lanes(algorithm)


def engine(algorithm: Algorithm, codes: int, route: Route | None = None) -> Engine | None:
    """Return what computes so many codes fastest; None: ``hashlib``."""
    match choose(algorithm, codes, route):
        case Route.HASHLIB:
            return None
        case _:
            return lanes(algorithm)


def choose(algorithm: Algorithm, codes: int, route: Route | None = None) -> Route:
    """Return the route that is fastest for so many codes.

    Args:
        algorithm: of the codes.
        codes: how many.
        route: what the caller forces; without, the environment may.

    Raises:
        UsageError: the route forced is not there.
    """
    route = route or forced()
    if route is not None:
        return route
    if codes < _FEW:
        return Route.HASHLIB
    return min((Route.HASHLIB, Route.NUMPY), key=lambda each: cost(each, algorithm).of(codes))


def forced() -> Route | None:
    """Return the route that the environment forces.

    Raises:
        UsageError: it names none.
    """
    name = os.environ.get(ENVIRONMENT)
    if not name:
        return None
    try:
        return Route(name)
    except ValueError:
        allowed = ", ".join(route.value for route in Route)
        raise UsageError(f"{ENVIRONMENT}={name}; allowed are {allowed}, or nothing") from None


@functools.cache
def cost(route: Route, algorithm: Algorithm) -> Cost:
    """Measure a route, once."""
    if route is Route.HASHLIB:
        truncated = Key(Secret(bytes(BLOCK)), algorithm).truncated
        return Cost(0, _shortest_ns(lambda: [truncated(n) for n in range(_FEW)]) / _FEW)
    by = lanes(algorithm)
    words = np.zeros((1, 2 * HASHES[algorithm].words), np.uint32)
    counters = np.arange(_MEASURED, dtype=np.uint64)
    one, many = (
        _shortest_ns(functools.partial(by.codes, words, None, counters[:count], 10**6))
        for count in (1, _MEASURED)
    )
    return Cost(one, max(many - one, 0) / _MEASURED)


def _shortest_ns(run: Callable[[], object], rounds: int = 3) -> int:
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter_ns()
        run()
        taken.append(time.perf_counter_ns() - begin)
    return min(taken)
