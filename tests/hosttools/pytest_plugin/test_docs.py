"""docs/pytest.md: what it shows runs as written."""

import re
from pathlib import Path

import pytest

from hosttools.pytest_plugin.spec import BACKENDS, Spec
from tests.hosttools.pytest_plugin.conftest import Imported

PAGE = (Path(__file__).parents[3] / "docs" / "pytest.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_examples(pytester: pytest.Pytester, imported: Imported) -> None:
    """Each block is a test file that passes."""
    for number, text in enumerate(EXAMPLES):
        pytester.makepyfile(**{f"test_{number}": text})
    result = pytester.runpytest_inprocess("-p", "galh", "--galh-update-golden", plugins=[imported])

    result.assert_outcomes(passed=6)
    assert 5 == len(EXAMPLES)


def test_settings() -> None:
    """All settings of the marker, and all backends, are on the page."""
    table = PAGE[PAGE.index("## The marker") : PAGE.index("## Frozen time")]

    assert list(Spec.__dataclass_fields__) == re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert set(BACKENDS) <= set(re.findall(r"^\| `([\w:]+)` \|", PAGE, re.MULTILINE))
