"""What README.md tells its readers to type does what it says."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from hosttools.testing import BACKSTOP_S

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GALH = str(Path(sys.executable).with_name("galh"))


def blocks(language: str) -> list[str]:
    """Return README's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def block(language: str, holding: str) -> str:
    """Return the one block that holds a text."""
    (found,) = [text for text in blocks(language) if holding in text]
    return found


def run(source: str) -> list[str]:
    """Run Python source and return the lines it prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "README.md", "exec"), {})  # noqa: S102  # our own README
    return printed.getvalue().splitlines()


def promised(source: str) -> list[str]:
    """Return what the comments behind ``print`` say comes out."""
    return re.findall(r"^\s*print\(.*\)\s+# (.*)$", source, re.MULTILINE)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Serve README's token at ./token and return its line of the ready message."""
    monkeypatch.chdir(tmp_path)
    (command_line,) = re.findall(r"^\$ galh (serve .*--link ./token.*)$", README, re.MULTILINE)
    command = [GALH, *command_line.split()]
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["tokens"][0]
        finally:
            process.terminate()
            assert process.wait(BACKSTOP_S) == 0


def galh(*arguments: str) -> str:
    """Run a command and return what it prints."""
    done = subprocess.run([GALH, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_first_steps(served: dict[str, str]) -> None:
    """The shell's and pyserial's first steps print, in a row, what README says."""
    assert galh("press", "--port", "./token") == "755224\n"
    assert "755224, dark in" in galh("display", "--port", "./token")
    assert galh("code", "--port", "./token") == "287082\n"
    assert Path(served["pty"]).is_char_device()
    source = block("python", 'serial.Serial("./token"')
    assert promised(source) == run(source)


def test_demo_excerpt() -> None:
    """The step of the demo that README shows is what the demo prints."""
    shown = block("text", "Sign again").rstrip().removesuffix("…").rstrip()
    assert shown in galh("demo")


def test_pyvisa(served: dict[str, str]) -> None:
    """PyVISA opens the pty and gets the answers that README shows."""
    source = block("python", "pyvisa").replace("/dev/pts/5", served["pty"])
    lines = run(source)
    assert promised(source)[0].split(",")[:3] == lines[0].split(",")[:3]
    assert '"755224"' == lines[1]


def test_in_process() -> None:
    """The galh:// example prints the first code of RFC 4226."""
    source = block("python", "emulator.inprocess")
    assert promised(source) == run(source)


def test_reference_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference server says what README prints below its example."""
    monkeypatch.chdir(tmp_path)
    printed = run(block("python", "hosttools.refserver"))
    assert block("text", "Token Status").splitlines() == printed


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links(page: str) -> None:
    """Every relative link leads to a file."""
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [] == [target for target in targets if not (ROOT / target).exists()]


def test_make_targets() -> None:
    """The make targets that README and CONTRIBUTING name exist."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
    assert named <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


PHYSICS = Path("docs/physics.md")


def test_physics() -> None:
    """The page on physics shows what its commands and its example print."""
    page = (ROOT / PHYSICS).read_text(encoding="utf-8")
    shown = re.search(r"\$ galh drift\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert shown[1].strip() == galh("drift").strip()
    example = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert promised(example[1]) == run(example[1])
