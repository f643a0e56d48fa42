"""Which release this is."""

from collections.abc import Iterator
from importlib import metadata

import pytest

from emulator.release import DISTRIBUTION, UNKNOWN, release


@pytest.fixture
def fresh() -> Iterator[None]:
    """What was found before is forgotten, and so is what is found in the test."""
    release.cache_clear()
    yield
    release.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_release_is_that_of_the_installed_distribution() -> None:
    """It is read from what is installed."""
    assert metadata.version(DISTRIBUTION) == release()


@pytest.mark.usefixtures("fresh")
def test_release_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from a folder that nobody installed, it is told as unknown."""

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert UNKNOWN == release()
