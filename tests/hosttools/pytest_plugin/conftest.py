"""Runs of pytest with the plugin, as somebody who installed it would make them."""

from collections.abc import Callable

import httpcore  # noqa: F401  # before any run in this process: see below
import pytest

Run = Callable[..., pytest.RunResult]

# A run in this process takes back what it has imported. httpx imports httpcore late and keeps
# its errors' classes: imported a second time, none of them would be one that httpx knows.

HEAD = "import pytest\n"


@pytest.fixture(autouse=True)
def ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the plugins of our own environment: loading them takes seconds.

    A run names those that it is about; ``-p galh`` is ours, by its entry point.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Return a function that runs pytest on the text of a test file."""

    def run(text: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + text)
        return pytester.runpytest("-p", "galh", *arguments)

    return run
