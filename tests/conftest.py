"""What all tests share: hypothesis' settings, the ``--full`` gate, foreign tools, a browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IN_CI = os.environ.get("CI", "").lower() == "true"

hypothesis.settings.register_profile(
    "default",
    deadline=None,  # a busy machine is no failure
    derandomize=IN_CI,
    max_examples=100,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "full", hypothesis.settings.get_profile("default"), max_examples=300
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--full``."""
    parser.addoption(
        "--full", action="store_true", help="run the tests marked full too, with more examples"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose hypothesis' profile, unless ``--hypothesis-profile`` names one."""
    if not config.getoption("--hypothesis-profile", default=None):
        hypothesis.settings.load_profile("full" if config.getoption("--full") else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless asked for."""
    if config.getoption("--full"):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], str]:
    """Return a function that finds a program, or skips the test (in CI: fails it)."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing(name)
        return path

    return find


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Return a running Chromium; without one the test is skipped, in CI it fails.

    One for each module: Playwright keeps an event loop running in the tests' thread, in
    which no test of another module could run its own.
    """
    from tests.page.chromium import CHROMIUM, running  # noqa: PLC0415  # few tests need it

    if not CHROMIUM.exists():
        missing(str(CHROMIUM))
    with running() as browser:
        yield browser


def missing(name: str) -> NoReturn:
    """Skip a test that needs what is not installed; in CI, fail it."""
    reason = f"{name} is not installed"
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)
