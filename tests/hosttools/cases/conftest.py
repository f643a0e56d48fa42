"""Scenes, and cases of them."""

from collections.abc import Callable

import pytest

from hosttools.cases import Case, take
from tests.hosttools.cases.scene import EVENT, TIME, Scene


@pytest.fixture
def scene() -> Scene:
    """Return one on which nothing has been done."""
    return Scene()


@pytest.fixture
def busy(scene: Scene) -> Scene:
    """Return one on which a token was pressed too often, lost and brought back."""
    for serial in (EVENT, TIME):
        first = scene.code(serial)
        scene.submit("verify", first, serial=serial)
        for _ in range(12):
            scene.code(serial)
        late = scene.code(serial)
        scene.submit("verify", late, serial=serial)
        pair = scene.code(serial), scene.code(serial)
        scene.submit("resync", *pair, serial=serial)
        scene.submit("verify", first, serial=serial)
    return scene


@pytest.fixture
def take_it() -> Callable[..., Case]:
    """Return a function that takes a case with made-up secrets that are always the same."""
    numbers = iter(range(1_000))

    def taken(scene: Scene, **options: object) -> Case:
        return take(
            scene.bench,
            random=lambda length: bytes([next(numbers) % 256]) * length,
            **options,  # type: ignore[arg-type]  # whatever take has
        )

    return taken
