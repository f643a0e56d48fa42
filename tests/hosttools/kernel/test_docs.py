"""docs/kernel.md shows what the kernel gives."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "kernel.md"


def test_examples() -> None:
    """Each example gives what stands below it."""
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (0, True) == (failed, tried > 10)
