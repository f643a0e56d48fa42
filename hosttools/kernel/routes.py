"""By which route codes are computed: ``hashlib``, NumPy, or vectors compiled by LLVM.

All give the same codes. Which is fastest is measured, once in a process. What LLVM takes to
be loaded is paid once slower routes have taken as long, or would for what is asked: so
nobody waits for it to compute a few codes, and never twice as long as it would have taken.
"""

import functools
import math
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import Algorithm, Key, Secret
from hosttools.errors import UsageError
from hosttools.kernel.hashes import BLOCK, HASHES
from hosttools.kernel.lanes import Lanes
from hosttools.kernel.route import INSTALL, Route, forced

if TYPE_CHECKING:
    from hosttools.kernel.compiled import Compiled

Words = NDArray[np.uint32]

_FEWEST: Final = 4
"""Codes below which nothing wins: a call costs as much."""

_FEW: Final = 1024
"""Codes below which NumPy never wins, so that nothing is measured for them."""

_ABOUT_NS: Final = 1_500
"""What each of those takes by ``hashlib``."""

_LOADING_NS: Final = 400_000_000
"""What LLVM takes: to be imported, and to compile."""

_MEASURED: Final = 16_384
_ROUNDS: Final = 2
_ENOUGH_NS: Final = 5_000_000
"""How a route is measured: codes, and rounds of it until so much time is spent."""


class Engine(Protocol):
    """What computes arrays of codes by one hash; see :class:`Lanes`."""

    @property
    def at_once(self) -> int:
        """How many keys it is best given at a time."""

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


class Routes:
    """The routes of one hash, and which is taken; :func:`routes_of` has the process's.

    Attributes:
        numpy: the hash by NumPy.
        missing: why there is no route by LLVM, once that is known.
    """

    def __init__(self, algorithm: Algorithm) -> None:
        self.numpy: Final = Lanes(algorithm)
        self.missing: str | None = None
        self._algorithm = algorithm
        self._compiled: Compiled | None = None
        self._spent_ns = 0.0
        self._costs: dict[Route, Cost] = {}
        self._llvm_from = self._numpy_from = 0

    def load(self) -> "Compiled | None":
        """Return the hash as LLVM compiles it, once in a process; None: see ``missing``."""
        if self._compiled is None and self.missing is None:
            try:
                from hosttools.kernel.compiled import Compiled  # noqa: PLC0415  # extra fleet

                self._compiled = Compiled(self._algorithm)
            except ModuleNotFoundError as e:
                self.missing = f"{e.name} is not installed: {INSTALL}"
            except (OSError, RuntimeError) as e:
                self.missing = str(e)
        return self._compiled

    def engine(self, codes: int, route: Route | None = None) -> Engine | None:
        """Return what is to compute so many codes; None: ``hashlib``.

        Raises:
            UsageError: see :meth:`choose`.
        """
        if codes < _FEWEST and route is None and forced() is None:
            return None
        return self._engine(self.choose(codes, route))

    def preparing(self, keys: int, route: Route | None = None) -> Engine:
        """Return what is to prepare so many keys: ``hashlib`` can't tell its states.

        Raises:
            UsageError: see :meth:`choose`.
        """
        return self.engine(keys, route) or self._compiled or self.numpy

    def choose(self, codes: int, route: Route | None = None) -> Route:
        """Return the route that is fastest for so many codes, which are about to be computed.

        Args:
            codes: how many.
            route: what the caller forces; without, the environment may.

        Raises:
            UsageError: the route forced is not there.
        """
        route = route or forced()
        if route is not None:
            if route is Route.LLVM and self.load() is None:
                raise UsageError(f"no codes by llvm: {self.missing}")
            return route
        if self._compiled is None and not (self._is_due(codes) and self.load()):
            return self._without_llvm(codes)
        self._llvm_from = self._llvm_from or self.worth_from(Route.LLVM)
        return Route.LLVM if codes >= self._llvm_from else Route.HASHLIB

    def worth_from(self, route: Route) -> int:
        """Return how many codes at once a route is faster for than ``hashlib``, by measuring."""
        if route is Route.HASHLIB:
            return 1
        arrays, plain = self.cost(route), self.cost(Route.HASHLIB)
        gained_ns = plain.code_ns - arrays.code_ns
        return math.ceil(arrays.call_ns / gained_ns) if gained_ns > 0 else sys.maxsize

    def cost(self, route: Route) -> Cost:
        """Return what a route that is there takes; it is measured once, in milliseconds."""
        if route not in self._costs:
            self._costs[route] = self._measured(self._engine(route))
        return self._costs[route]

    def _is_due(self, codes: int) -> bool:
        """Return whether LLVM would have been worth its loading."""
        if self.missing is not None:
            return False
        if codes < _FEW:
            self._spent_ns += codes * _ABOUT_NS
        else:
            cost = self.cost(self._without_llvm(codes))
            self._spent_ns += cost.call_ns + codes * cost.code_ns
        return self._spent_ns >= _LOADING_NS

    def _without_llvm(self, codes: int) -> Route:
        if codes < _FEW:
            return Route.HASHLIB
        self._numpy_from = self._numpy_from or self.worth_from(Route.NUMPY)
        return Route.NUMPY if codes >= self._numpy_from else Route.HASHLIB

    def _engine(self, route: Route) -> Engine | None:
        if route is Route.HASHLIB:
            return None
        return self._compiled if route is Route.LLVM else self.numpy

    def _measured(self, engine: Engine | None) -> Cost:
        if engine is None:
            truncated = Key(Secret(bytes(BLOCK)), self._algorithm).truncated
            plain, *_ = _shortest_ns(lambda: [truncated(n) for n in range(_FEW)])
            return Cost(0, plain / _FEW)
        words = np.zeros((1, 2 * HASHES[self._algorithm].words), np.uint32)
        counters = np.arange(_MEASURED, dtype=np.uint64)
        one, many = _shortest_ns(
            *(
                functools.partial(engine.codes, words, None, counters[:count], 10**6)
                for count in (1, _MEASURED)
            )
        )
        return Cost(one, max(many - one, 0) / _MEASURED)


@functools.cache
def routes_of(algorithm: Algorithm) -> Routes:
    """Return the routes of a hash: SHA1 or SHA256."""
    return Routes(algorithm)


def _shortest_ns(*runs: Callable[[], object]) -> list[int]:
    """Return what each takes of this thread's time at its best, in turns."""
    taken: list[list[int]] = [[] for _ in runs]
    while len(taken[0]) < _ROUNDS or sum(map(sum, taken)) < _ENOUGH_NS:
        for run, times in zip(runs, taken, strict=True):
            begin = time.thread_time_ns()
            run()
            times.append(time.thread_time_ns() - begin)
    return [min(times) for times in taken]
