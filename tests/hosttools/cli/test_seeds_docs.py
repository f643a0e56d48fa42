"""docs/seed-files.md: every command runs as written and prints what stands below it."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.seedfiles import FORMATS
from hosttools.testing import BACKSTOP_S

PAGE = (Path(__file__).parents[3] / "docs" / "seed-files.md").read_text(encoding="utf-8")
CONSOLES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
EXAMPLES = [
    example for console in CONSOLES for example in re.findall(r"\$ (.*)\n((?:[^$].*\n)*)", console)
]


@pytest.mark.usefixtures("few_rounds")
def test_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an empty folder, in order: the commands, then the Python that goes on with their files."""
    monkeypatch.chdir(tmp_path)
    seen = []
    for command, _ in EXAMPLES:
        if command.startswith("galh "):
            run(shlex.split(command)[1:])
            seen.append((command, "".join(capsys.readouterr())))
        else:
            subprocess.run(["/bin/sh", "-c", command], check=True, timeout=BACKSTOP_S)
            seen.append((command, ""))
    assert EXAMPLES == seen
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(snippet, {})  # noqa: S102  # our own page


def test_every_format_is_there() -> None:
    """The table of formats names them all."""
    assert [] == [name for name in FORMATS if f"`{name}`" not in PAGE]
