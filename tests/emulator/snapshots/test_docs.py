"""The example of docs/snapshots.md does what it says."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "snapshots.md"


def test_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its comments promise is printed."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, PAGE.name, "exec"), {})  # noqa: S102  # our own page
    promised = re.findall(r"^print\(.*\)\s+# (.*)$", source, re.MULTILINE)
    assert promised == printed.getvalue().splitlines()
