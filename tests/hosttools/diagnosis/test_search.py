"""Codes are found with NumPy and without."""

import sys

import pytest

from firmware_model.nvm import configure
from firmware_model.oath import Algorithm, Key, Secret, hotp
from firmware_model.products import GALH
from hosttools.diagnosis import search
from hosttools.diagnosis.search import Place, find

PLACES = [
    Place(configure("GALH00000001", GALH, Secret(b"1" * 20)), range(40)),
    Place(
        configure("GALH00000002", GALH, Secret(b"2" * 32), algorithm=Algorithm.SHA256), range(40)
    ),
    Place(configure("GALH00000003", GALH, Secret(b"3" * 20)), range(7, 90)),
]
WANTED = [
    hotp(Key(place.config.secret, place.config.algorithm), n)
    for place, n in zip(PLACES, (3, 39, 88), strict=True)
]


def _found() -> dict[int, list[tuple[str, list[int]]]]:
    return {i: sorted(hits.items()) for i, hits in find(PLACES, WANTED).items()}


def test_each_is_found() -> None:
    """Every code is found where it is, whatever the hash."""
    found = find(PLACES, WANTED)
    assert [[3], [39], [88]] == [found[i][code] for i, code in enumerate(WANTED)]


def test_the_same_with_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy finds the same; hashes that it does not do are left to the model."""
    pytest.importorskip("numpy", reason="extra fleet")
    plain = _found()
    monkeypatch.setattr(search, "WORTH", 1)
    assert plain == _found()


def test_the_same_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where NumPy is not installed, a long search is done without."""
    plain = _found()
    monkeypatch.setattr(search, "WORTH", 1)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert plain == _found()
