"""The wheel: what somebody gets who installs the distribution and has no checkout."""

import json
import re
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installed.environment import ROOT, Environment

pytestmark = pytest.mark.timeout(600)


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


@pytest.fixture(scope="session")
def outside(installed: Callable[..., Environment]) -> Environment:
    """Return an environment of somebody who tests a server that uses pyotp."""
    return installed("outside", "pytest", "pyotp")


def test_demo_runs_from_wheel(outside: Environment, tmp_path: Path) -> None:
    """In a fresh environment, from another directory, the demo tells its story."""
    done = outside.run("galh", "demo", "--json", cwd=tmp_path)

    assert 0 == done.returncode, done.stderr
    assert json.loads(done.stdout)["ok"]


OVER_PRESS = """\
import pyotp
def test_over_press(galh_token):
    server, codes = pyotp.HOTP(galh_token.secret_base32), galh_token.press_many(12)
    assert any(server.verify(codes[10], counter) for counter in range(11))
    assert not any(server.verify(codes[11], counter) for counter in range(11))
"""


def test_five_lines_over_press_a_token(outside: Environment, tmp_path: Path) -> None:
    """A test of five lines, and nothing else, presses a token past pyotp's look-ahead."""
    (tmp_path / "test_server.py").write_text(OVER_PRESS, encoding="utf-8")

    done = outside.run("pytest", cwd=tmp_path)

    assert 5 == len(OVER_PRESS.splitlines())
    assert 0 == done.returncode, done.stdout
    assert "1 passed" in done.stdout


FAILING = """\
def test_out_of_step(galh_pair):
    galh_pair.token.press_many(37)
    assert galh_pair.sign().accepted
"""


def test_a_failure_shows_its_token(outside: Environment, tmp_path: Path) -> None:
    """A test that fails shows the display, both counters and the distance in words."""
    (tmp_path / "test_server.py").write_text(FAILING, encoding="utf-8")

    done = outside.run("pytest", cwd=tmp_path)

    assert 1 == done.returncode, done.stdout
    assert "token   next counter 38" in done.stdout
    assert "server  expects counter 0, look-ahead 10" in done.stdout
    assert "+38 NEEDS A RESYNC: two codes in a row" in done.stdout


def test_a_failure_leaves_a_case_that_replays(outside: Environment, tmp_path: Path) -> None:
    """The report prints a command; typed as it stands, it replays what happened, to its digest."""
    (tmp_path / "test_server.py").write_text(FAILING, encoding="utf-8")
    reported = outside.run("pytest", cwd=tmp_path).stdout
    (command,) = re.findall(r"galh case replay .+", reported)

    program, *arguments = shlex.split(command)
    replayed = outside.run(program, *arguments, cwd=tmp_path)

    assert 0 == replayed.returncode, replayed.stdout + replayed.stderr
    assert "replays to the same digest" in replayed.stdout
