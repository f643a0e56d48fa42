"""The wheel: what somebody gets who installs the distribution and has no checkout."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    place = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(place), str(ROOT)]
    subprocess.run(command, check=True, env=ENVIRONMENT)
    (built,) = place.glob("*.whl")
    return built


def test_wheel_has_what_it_needs(wheel: Path) -> None:
    """Code, type marks, the page, seeds and scenarios are in it; tests and benchmarks are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert {
        "emulator/py.typed",
        "firmware_model/py.typed",
        "hosttools/py.typed",
        "hosttools/seeds/README.md",
        "hosttools/seeds/rfc4226.csv",
        "hosttools/seeds/ward.pskc.xml",
    } <= names
    for folder in (ROOT / "emulator/http/page", ROOT / "hosttools/scenarios/library"):
        files = {str(file.relative_to(ROOT)) for file in folder.rglob("*") if file.is_file()}
        assert files <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "emulator",
        "firmware_model",
        "hosttools",
    }


def test_demo_runs_from_wheel(wheel: Path, tmp_path: Path) -> None:
    """In a fresh environment, from another directory, the demo tells its story."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    subprocess.run(
        [home / "bin" / "python", "-m", "pip", "install", "-q", wheel], check=True, env=ENVIRONMENT
    )
    done = subprocess.run(
        [home / "bin" / "galh", "demo", "--json"],
        check=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
    )

    assert json.loads(done.stdout)["ok"]
