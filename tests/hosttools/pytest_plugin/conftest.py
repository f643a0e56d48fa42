"""Runs of pytest with the plugin, as somebody who installed it would make them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

Run = Callable[..., pytest.RunResult]

HEAD = "import pytest\n"


class Imported:
    """A plugin that remembers what a run in this process has imported."""

    def __init__(self) -> None:
        self.modules: dict[str, ModuleType] = {}

    def pytest_unconfigure(self) -> None:
        """Look, before the run is over."""
        self.modules |= sys.modules


@pytest.fixture(autouse=True)
def ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the plugins of our own environment: loading them takes seconds.

    A run names those that it is about; ``-p galh`` is ours, by its entry point.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture(autouse=True)
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    """Keep what runs have imported from elsewhere, when pytester has taken all of it back.

    Imported a second time, by other tests, a library would have two classes of each error,
    and whoever kept the first would not know the second.
    """
    imported = Imported()
    yield imported
    made_here = tmp_path_factory.getbasetemp()
    for name, module in imported.modules.items():
        file = getattr(module, "__file__", None)
        if file is not None and not Path(file).is_relative_to(made_here):
            sys.modules.setdefault(name, module)


@pytest.fixture
def run(pytester: pytest.Pytester, imported: Imported) -> Run:
    """Return a function that runs pytest on the text of a test file."""

    def run(text: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + text)
        return pytester.runpytest_inprocess("-p", "galh", *arguments, plugins=[imported])

    return run
