"""docs/what-users-ask.md: what it tells its readers to paste works, and nothing is left out."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.asked.asking import MANUAL, Asked

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
PAGE = (DOCS / "what-users-ask.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

# pyserial 3.5 calls Thread.setDaemon and setName.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")


def test_every_line_has_a_section_and_a_test() -> None:
    """One to fifteen, on the page and in the tests' names."""
    numbers = [f"{number:02}" for number in range(1, 16)]
    sections = re.findall(r"^## (\d+)\. ", PAGE, re.MULTILINE)
    names = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert numbers == [f"{int(number):02}" for number in sections]
    assert set(numbers) == set(re.findall(r"^def test_(\d\d)_", names, re.MULTILINE))


def test_links_lead_somewhere() -> None:
    """To pages beside it."""
    targets = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert [] == [target for target in targets if not (DOCS / target).exists()]


def test_what_can_be_pasted_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All commands and programs in their order, on the bench that the page begins with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    )
    ports = ("--tcp", "127.0.0.1:0", "--rfc2217", "127.0.0.1:0", "--link", f"{tmp_path}/ports/")
    more = ("--server", "reference", "--snapshots", tmp_path / "snapshots")
    with Asked("--seeds", "ward.csv", *ports, *more, *MANUAL) as bench:
        first = bench.serving.ready["tokens"][0]
        places = {
            "127.0.0.1:8080": bench.serving.ready["http"].removeprefix("http://"),
            "127.0.0.1:5025": first["tcp"],
            "127.0.0.1:2217": first["rfc2217"],
        }
        settings = ""
        for language, source in BLOCKS:
            for written, real in places.items():
                source = source.replace(written, real)  # noqa: PLW2901  # step by step
            if source.startswith("API="):
                settings = source
            elif language == "sh":
                command = ["bash", "-euc", settings + source]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                assert 0 == done.returncode, f"{source}{done.stdout}{done.stderr}"
            else:
                printed = io.StringIO()
                with redirect_stdout(printed):
                    exec(compile(source, "what-users-ask.md", "exec"), {})  # noqa: S102  # our own page
                (promised,) = re.findall(r"^ *print\(.*\)  # (.*)$", source, re.MULTILINE)
                assert promised.split(", then ") == printed.getvalue().splitlines()
