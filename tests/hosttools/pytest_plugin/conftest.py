"""Runs of pytest with the plugin, as somebody who installed it would make them."""

from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

HEAD = "import pytest\n"


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Return a function that runs pytest on the text of a test file.

    The plugin is the installed one, by its entry point. What other plugins of our own
    environment would add (random order, parallel runs) is left out.
    """

    def run(text: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + text)
        return pytester.runpytest("-p", "no:randomly", "-p", "no:xdist", *arguments)

    return run
