"""docs/holder.md says what the code does."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from hosttools.holder.habits import describe

PAGE = (Path(__file__).parents[3] / "docs" / "holder.md").read_text(encoding="utf-8")


def test_every_habit() -> None:
    """The table of the page is the one that the code would print."""
    lines = ["| `{}` | {} | {} | {} | {} |".format(*row) for row in describe()]
    assert lines == re.findall(r"^\| `.*$", PAGE, re.MULTILINE)


def test_example() -> None:
    """The example prints what the page shows."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "docs/holder.md", "exec"), {})  # noqa: S102  # our own page
    assert shown == printed.getvalue()
