"""docs/diagnose.md shows what the command prints."""

import re
import shlex
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.diagnosis.chances import FOREIGN
from hosttools.diagnosis.typos import DEAD_SEGMENT

PAGE = (Path(__file__).parents[3] / "docs" / "diagnose.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```console\n\$ galh (.*?)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_examples(command: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command prints what stands below it."""
    assert 0 == run(shlex.split(command))
    assert shown == capsys.readouterr().out


def test_twin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The twin is made as written, and served as its command says."""
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    make, serve = block.splitlines()
    assert 0 == run(shlex.split(make)[1:])
    assert f"twin: {serve}\n" in capsys.readouterr().out


def test_defaults() -> None:
    """The figures of the table are those of the code."""
    assert f"| {DEAD_SEGMENT:g}, shared" in PAGE
    assert f"tokens | {FOREIGN:g} |" in PAGE
