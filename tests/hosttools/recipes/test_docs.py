"""docs/desync-recipes.md says what the registry says."""

import doctest
import re
from pathlib import Path

from hosttools.recipes import RECIPES, Recipe

PAGE = Path(__file__).parents[3] / "docs" / "desync-recipes.md"


def _row(chosen: Recipe) -> str:
    number = chosen.number
    cells = (
        f"`{chosen.name}`",
        chosen.token_type.value,
        "-" if number is None else f"{number.default:g} {number.unit}",
        chosen.title,
        chosen.probes,
        "yes" if chosen.needs_server else "no",
        ", ".join(f"`{kind.value}`" for kind in chosen.expected),
    )
    return f"| {' | '.join(cells)} |"


def test_table_is_the_registry() -> None:
    """One row for each recipe, in order, with what the reference server says."""
    rows = re.findall(r"^\| `.*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [_row(chosen) for chosen in RECIPES.values()] == [
        row for row in rows if not row.startswith("| `--")
    ]


def test_example_runs() -> None:
    """The Python example does what it says."""
    assert 0 == doctest.testfile(str(PAGE), module_relative=False).failed
