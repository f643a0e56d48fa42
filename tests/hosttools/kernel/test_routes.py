"""Which route is taken: by what it costs, by what was asked so far, by who forces it."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from firmware_model.oath import Algorithm
from hosttools import kernel
from hosttools.errors import UsageError
from hosttools.kernel import Route
from hosttools.kernel.route import forced
from hosttools.kernel.routes import Cost, Routes

HOUR_NS = 3_600_000_000_000


@pytest.fixture(autouse=True)
def nothing_forced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read the environment anew, before and after."""
    monkeypatch.delenv("GALH_KERNEL", raising=False)
    forced.cache_clear()
    yield
    forced.cache_clear()


def routes(**costs: Cost) -> Routes:
    """Return routes that were measured to cost so much."""
    own = Routes(Algorithm.SHA1)
    own._costs = {Route(name): cost for name, cost in costs.items()}
    return own


def test_numpy_is_taken_from_where_it_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LLVM, NumPy takes over where its call is paid for."""
    own = routes(hashlib=Cost(0, 1000), numpy=Cost(1_800_000, 100))
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "hosttools.kernel.compiled", None)
    assert 2000 == own.worth_from(Route.NUMPY)
    chosen = [own.choose(codes) for codes in (1, 1999, 2000, 10**9, 1999)]
    assert [Route.HASHLIB, Route.HASHLIB, Route.NUMPY, Route.NUMPY, Route.HASHLIB] == chosen


def test_numpy_that_never_pays() -> None:
    """A route that takes longer for each code is never taken."""
    own = routes(hashlib=Cost(0, 100), numpy=Cost(1_800_000, 100))
    assert sys.maxsize == own.worth_from(Route.NUMPY)


@pytest.mark.usefixtures("llvm")
def test_llvm_is_loaded_when_it_is_due() -> None:
    """LLVM is loaded by the call that makes up for its loading, not by earlier ones."""
    own = routes(hashlib=Cost(0, 1000), numpy=Cost(HOUR_NS, 100), llvm=Cost(4_500, 100))
    assert [Route.HASHLIB] * 3 == [own.choose(100_000) for _ in range(3)]
    assert own._compiled is None
    assert Route.LLVM is own.choose(100_000)
    assert [Route.HASHLIB, Route.LLVM] == [own.choose(codes) for codes in (4, 5)]


def test_few_codes_measure_nothing() -> None:
    """Who wants a few codes waits for no measurement."""
    own = Routes(Algorithm.SHA1)
    assert Route.HASHLIB is own.choose(1023)
    assert {} == own._costs


def test_measured() -> None:
    """What is there is measured: arrays cost something a call, and less for each code."""
    own = Routes(Algorithm.SHA1)
    plain, arrays = own.cost(Route.HASHLIB), own.cost(Route.NUMPY)
    assert 0 == plain.call_ns < plain.code_ns
    assert 0 < arrays.call_ns
    assert 0 <= arrays.code_ns


def test_the_environment_forces_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """GALH_KERNEL names the route for any number of codes; an argument outdoes it."""
    monkeypatch.setenv("GALH_KERNEL", "numpy")
    own = Routes(Algorithm.SHA1)
    assert [Route.NUMPY, Route.NUMPY] == [own.choose(codes) for codes in (1, 10**9)]
    assert Route.HASHLIB is own.choose(10**9, Route.HASHLIB)
    assert [755224] == kernel.codes(kernel.prepare([b"12345678901234567890"]), [0]).tolist()


def test_the_environment_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name is refused with those that there are."""
    monkeypatch.setenv("GALH_KERNEL", "cuda")
    with pytest.raises(UsageError, match="GALH_KERNEL=cuda; allowed are hashlib, numpy, llvm"):
        kernel.codes(kernel.prepare([b"12345678901234567890"]), [0])


def test_without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is forced and not installed is refused with how to install it."""
    monkeypatch.delitem(sys.modules, "hosttools.kernel.compiled", raising=False)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    own = Routes(Algorithm.SHA1)
    with pytest.raises(UsageError, match=r"llvmlite.* is not installed: pip install"):
        own.choose(1, Route.LLVM)
    assert own.choose(10**9) is not Route.LLVM


@pytest.mark.usefixtures("llvm")
def test_wrong_codes_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiled hash that gives other codes than the model is not used, and says so."""
    wrong = np.zeros(52, np.uint32)
    monkeypatch.setattr("hosttools.kernel.compiled.Compiled.codes", lambda *_: wrong)
    own = Routes(Algorithm.SHA1)
    assert own.load() is None
    assert own.missing is not None
    assert "wrong codes" in own.missing
    assert own.choose(10**9) is not Route.LLVM
