"""Every route, forced: a test that takes ``route`` runs by each."""

from typing import TYPE_CHECKING

import pytest

from tests.conftest import IN_CI

pytest.importorskip("numpy", reason="extra fleet")

from firmware_model.oath import Algorithm
from hosttools.kernel import Route
from hosttools.kernel.routes import routes_of

if TYPE_CHECKING:
    from hosttools.kernel.compiled import Compiled


@pytest.fixture(scope="session", params=Route, ids=lambda route: route.value)
def route(request: pytest.FixtureRequest) -> Route:
    """Return a route, if it is there; under CI it has to be."""
    which: Route = request.param
    if which is Route.LLVM:
        request.getfixturevalue("llvm")
    return which


@pytest.fixture(scope="session")
def llvm() -> "Compiled":
    """Return what LLVM compiled."""
    own = routes_of(Algorithm.SHA1)
    if (compiled := own.load()) is None:
        (pytest.fail if IN_CI else pytest.skip)(f"{own.missing}")
    return compiled


@pytest.fixture(
    scope="session",
    params=[Algorithm.SHA1, Algorithm.SHA256],
    ids=lambda algorithm: algorithm.value,
)
def algorithm(request: pytest.FixtureRequest) -> Algorithm:
    """Return a hash that arrays are computed by."""
    which: Algorithm = request.param
    return which
