"""``galh info`` tells which route computes codes, and why."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hosttools.kernel.route import forced

if TYPE_CHECKING:
    from tests.hosttools.cli.conftest import Galh


@pytest.fixture(autouse=True)
def read_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the environment be read by each."""
    monkeypatch.delenv("GALH_KERNEL", raising=False)
    forced.cache_clear()
    yield
    forced.cache_clear()


def test_every_route(galh: "Galh") -> None:
    """Every route has a line, the one taken leads."""
    done = galh("info")
    assert 0 == done.exit_code
    first, taken, *routes = done.out.splitlines()
    assert first.startswith("galh ")
    assert "the fastest measured" in taken
    assert ["hashlib", "numpy", "llvm"] == [line.split()[0] for line in routes]


def test_json(galh: "Galh", monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as data; what the environment forces is taken."""
    monkeypatch.setenv("GALH_KERNEL", "hashlib")
    told = json.loads(galh("info", "--json").out)
    assert ("hashlib", True, 1, None) == tuple(
        told[name] for name in ("route", "forced", "lanes", "machine")
    )
    assert 1 == told["routes"]["hashlib"]["worth_from"]


def test_without_numpy(galh: "Galh", monkeypatch: pytest.MonkeyPatch) -> None:
    """Without NumPy there is one route, and how to get the others."""
    monkeypatch.setattr("hosttools.kernel.info.has_numpy", lambda: False)
    told = json.loads(galh("info", "--json").out)
    assert "hashlib" == told["route"]
    assert "galh-emulator[fleet]" in told["routes"]["llvm"]["missing"]


def test_forced_without_numpy(galh: "Galh", monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs NumPy is not pretended to be taken."""
    monkeypatch.setattr("hosttools.kernel.info.has_numpy", lambda: False)
    monkeypatch.setenv("GALH_KERNEL", "llvm")
    done = galh("info")
    assert (2, "") == (done.exit_code, done.out)
    assert "GALH_KERNEL=llvm needs NumPy" in done.err


def test_no_such_route(galh: "Galh", monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name in the environment is refused with those that there are."""
    monkeypatch.setenv("GALH_KERNEL", "cuda")
    done = galh("info")
    assert (2, "") == (done.exit_code, done.out)
    assert "allowed are hashlib, numpy, llvm" in done.err
