"""docs/traces.md says what the code does."""

import io
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.trace import SIGNALS

PAGE = (Path(__file__).parents[3] / "docs" / "traces.md").read_text(encoding="utf-8")


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of ours that the page shows works."""
    monkeypatch.chdir(tmp_path)
    for command in re.findall(r"^galh trace(?:.*\\\n)*.*$", PAGE, re.MULTILINE):
        assert 0 == run(shlex.split(command.replace("\\\n", ""))[1:])
    assert ["cold.vcd", "press.csv", "press.png", "press.vcd"] == sorted(
        path.name for path in tmp_path.iterdir()
    )


def test_every_signal() -> None:
    """The table names the signals, in their order, with their kind."""
    rows = re.findall(r"^\| `(\w+)` \| (0, 1|text|integer|real) \|", PAGE, re.MULTILINE)
    kinds = {"0, 1": "bit"}

    assert [(s.name, s.kind.value) for s in SIGNALS] == [
        (name, kinds.get(kind, kind)) for name, kind in rows
    ]


def test_example() -> None:
    """The example prints what the page shows."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "docs/traces.md", "exec"), {})  # noqa: S102  # our own page
    assert shown == printed.getvalue()
