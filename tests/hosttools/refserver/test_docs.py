"""docs/reference-server.md says what the server says."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.refserver import Kind, Store
from hosttools.refserver.http.app import make_app
from hosttools.refserver.http.desk import ServerDesk
from hosttools.refserver.policy import describe

PAGE = Path(__file__).parents[3] / "docs" / "reference-server.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_example() -> None:
    """The first example prints what stands below it."""
    assert doctest.testfile(str(PAGE), module_relative=False).failed == 0


def test_a_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of a token's life prints what stands below it."""
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```console\n(\$ galh token order.*?)```", TEXT, re.DOTALL)
    for part in block.split("$ ")[1:]:
        command, _, printed = part.partition("\n")
        assert 0 == run(shlex.split(command)[1:])
        assert printed == capsys.readouterr().out


def test_every_setting_is_told() -> None:
    """With its default."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", TEXT, re.MULTILINE))
    assert [] == [
        name for name, default, _, _ in describe() if str(default).lower() != rows.get(name)
    ]


def test_every_kind_is_told() -> None:
    """In the table of verdicts, by the name that programs see."""
    table = TEXT.partition("## Verdicts")[2].partition("## Time it takes")[0]
    assert [] == [kind.value for kind in Kind if f"`{kind.value}`" not in table]


def test_every_path_is_told() -> None:
    """What the API has is in the table of requests."""
    with Store(":memory:") as store:
        paths = make_app(ServerDesk(store=store)).openapi()["paths"]
    assert [] == [path for path in paths if f"/{path.rpartition('/')[2]}`" not in TEXT]
