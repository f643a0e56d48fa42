"""Which route the kernel takes on this machine, and why; works without NumPy.

Looking costs what loading and measuring cost, a second: for ``galh info``, not on the way.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from firmware_model.oath import Algorithm
from hosttools.errors import UsageError
from hosttools.kernel.route import ENVIRONMENT, INSTALL, Route, forced, has_numpy

if TYPE_CHECKING:
    from hosttools.kernel.routes import Routes

_MANY: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RouteInfo:
    """What is known of a route.

    Attributes:
        missing: why it is not there; none: it is.
        worth_from: how many codes at once it is faster for than ``hashlib``; none: for no
            number of them.
        code_ns: what each of many takes, in nanoseconds of one core; none: not measured.
    """

    missing: str | None = None
    worth_from: int | None = None
    code_ns: float | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What the kernel does here.

    Attributes:
        route: by which many codes are computed.
        forced: whether the environment says so.
        lanes: codes of a vector; 1 without vectors.
        machine: for which LLVM compiles.
        routes: all of them, by name.
    """

    route: str
    forced: bool
    lanes: int
    machine: str | None
    routes: Mapping[str, RouteInfo]


def describe() -> Info:
    """Look what is there and measure it, by SHA-1.

    Raises:
        UsageError: the environment forces what is not there.
    """
    asked = forced()
    if not has_numpy():
        if asked is not None and asked is not Route.HASHLIB:
            raise UsageError(f"{ENVIRONMENT}={asked.value} needs NumPy: {INSTALL}")
        missing = RouteInfo(missing=f"numpy is not installed: {INSTALL}")
        routes = {route.value: missing for route in Route}
        routes[Route.HASHLIB.value] = RouteInfo(worth_from=1)
        return Info(Route.HASHLIB.value, asked is not None, lanes=1, machine=None, routes=routes)
    from hosttools.kernel.routes import routes_of  # noqa: PLC0415  # NumPy

    own = routes_of(Algorithm.SHA1)
    compiled = own.load()
    route = own.choose(_MANY)
    by_llvm = compiled if route is Route.LLVM else None
    return Info(
        route.value,
        forced=asked is not None,
        lanes=by_llvm.lanes if by_llvm else 1,
        machine=by_llvm.machine if by_llvm else None,
        routes={
            each.value: _measured(own, each)
            if each is not Route.LLVM or compiled
            else RouteInfo(missing=own.missing)
            for each in Route
        },
    )


def _measured(own: "Routes", route: Route) -> RouteInfo:
    worth_from = own.worth_from(route)
    return RouteInfo(
        worth_from=worth_from if worth_from < sys.maxsize else None,
        code_ns=round(own.cost(route).code_ns, 1),
    )
