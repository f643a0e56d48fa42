"""docs/scenarios.md says what its commands and examples do, and what is generated is current."""

import importlib.util
import io
import re
import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.scenarios import library, read_scenario
from hosttools.scenarios import run as play
from hosttools.scenarios.picture import timeline

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "scenarios.md").read_text(encoding="utf-8")
FAILING = """
version = 1
[[token]]
serial = "GALH00004226"
[[step]]
do = "press"
expect = {counter = 2}
"""


def generated() -> Mapping[str, Callable[[], str]]:
    """Load what docs/generate_scenarios.py writes, by file."""
    spec = importlib.util.spec_from_file_location("docs_s", DOCS / "generate_scenarios.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path  # the script looks for its own source tree
    made: Mapping[str, Callable[[], str]] = module.FILES
    return made


@pytest.mark.parametrize("name", ["scenario-steps.md", "scenario.schema.json"])
def test_up_to_date(name: str) -> None:
    """The file is what the code makes; else run ``make docs``."""
    assert generated()[name]() == (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "shown"), re.findall(r"```console\n\$ galh (.*)\n((?s:.*?))```", PAGE)
)
def test_shown(command: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command prints what the page shows, but for what it leaves out."""
    assert 0 == run(shlex.split(command))
    printed = capsys.readouterr().out
    for part in shown.split("…\n"):
        assert part.strip("\n") in printed


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other command that needs nothing but a failing scenario runs as written."""
    monkeypatch.chdir(tmp_path)
    Path("failing.toml").write_text(FAILING)
    commands = re.findall(r"^galh ((?:scenario (?:run|shrink)|case) .*)$", PAGE, re.MULTILINE)
    codes = {command: run(shlex.split(command)) for command in commands}
    assert 6 == len(codes)
    assert ["scenario run small.toml --cases cases"] == [c for c, code in codes.items() if code]
    assert {"result.xml", "story.svg", "small.toml", "test_small.py"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_example() -> None:
    """The scenario passes."""
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert play(read_scenario(text)).ok


def test_python() -> None:
    """The Python example prints what it says."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "scenarios.md", "exec"), {})  # noqa: S102  # our own page
    assert re.findall(r"print\(.*\)\s+# (.*)", source) == printed.getvalue().splitlines()


def test_picture() -> None:
    """The picture is what the scenario draws."""
    made = timeline(play(library.read("customer-procedure")), ".svg")
    assert (DOCS / "images" / "scenario-timeline.svg").read_bytes() == made
