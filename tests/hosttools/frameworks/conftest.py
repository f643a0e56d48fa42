"""Frameworks in environments of their own, a served token, and what docs/frameworks.md shows."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from hosttools.testing import Serving
from tests.conftest import IN_CI

PAGE: Final = Path(__file__).parents[3] / "docs" / "frameworks.md"
SERIAL: Final = "GALH00004226"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def framework() -> Callable[[str], Run]:
    """Return a function that returns what runs programs of a framework's environment."""

    def find(name: str) -> Run:
        programs = Path(sys.prefix) / "frameworks" / name / "bin"
        if not (programs.parent.with_suffix(".stamp")).exists():
            reason = f"{name} is not set up (make frameworks)"
            (pytest.fail if IN_CI else pytest.skip)(reason)

        def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
            command = [programs / program, *arguments]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        return run

    return find


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """Serve the page's token, as it says, in the folder that the test is in."""
    monkeypatch.chdir(tmp_path)
    (line,) = re.findall(r"^\$ galh serve (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    with Serving(*line.split()) as serving:
        yield serving


@pytest.fixture
def shown() -> Callable[[str, str], str]:
    """Return a function that returns the page's one block in a language that holds a text."""

    def block(language: str, holding: str) -> str:
        page = PAGE.read_text(encoding="utf-8")
        blocks = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
        (found,) = [text for text in blocks if holding in text]
        return str(found)

    return block
