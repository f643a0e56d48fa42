"""Virtual environments that have the wheel and no checkout, made once in a run of pytest."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.conftest import IN_CI
from tests.installed.environment import ENVIRONMENT, ROOT, Environment


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that has a folder filled by whichever worker comes first."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine

    def made(name: str, fill: Callable[[Path], object]) -> Path:
        place, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                fill(place)
                done.touch()
        return place

    return made


@pytest.fixture(scope="session")
def wheel(made_once: Callable[..., Path]) -> Path:
    """Build the wheel."""
    place = made_once("wheel", lambda place: _pip("wheel", "--no-deps", "-w", place, ROOT))
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(made_once: Callable[..., Path], wheel: Path) -> Callable[..., Environment]:
    """Return a function that makes a virtual environment of the wheel and what else is named."""

    def install(name: str, *requirements: str | Path) -> Environment:
        def fill(home: Path) -> None:
            venv.create(home)
            # Compiled is only what is used, when it is: of Django that is a small part.
            python = home / "bin" / "python"
            _pip("--python", python, "install", "--no-compile", wheel, *requirements)

        return Environment(made_once(name, fill))

    return install


def _pip(*arguments: Any) -> None:  # noqa: ANN401  # texts and paths
    """Run pip; without a package index the test is skipped, but fails in CI."""
    command = [sys.executable, "-m", "pip", "-q", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode:
        (pytest.fail if IN_CI else pytest.skip)(f"pip can't do it here:\n{done.stderr}")
