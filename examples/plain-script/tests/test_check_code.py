"""The script, as somebody at the door runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "check_code.py"
WINDOW = 5


@pytest.fixture
def door(galh_token, tmp_path):
    """Return the file of a door that knows the token."""
    path = tmp_path / "door.json"
    path.write_text(json.dumps({"secret": galh_token.secret_hex, "counter": 0}))
    return path


@pytest.fixture
def run(door):
    """Return a function that runs the script and returns what it says."""

    def run(*arguments, typed=""):
        command = [sys.executable, SCRIPT, door, *arguments]
        done = subprocess.run(command, input=typed, capture_output=True, text=True, check=False)
        assert (done.stdout, done.returncode) in {("open\n", 0), ("shut\n", 1)}, done.stderr
        return done.stdout.strip()

    return run


def test_each_code_opens_once(galh_token, run):
    code = galh_token.press()
    assert run(typed=code) == "open"
    assert run(typed=code) == "shut"


def test_presses_in_a_pocket(galh_token, run):
    galh_token.press_many(WINDOW)
    assert run(typed=galh_token.fresh_code()) == "open"
    galh_token.press_many(WINDOW + 1)
    assert run(typed=galh_token.fresh_code()) == "shut"


def test_the_token_at_a_port(door, galh_port, galh_token, run):
    assert run("--port", galh_port) == "open"
    assert galh_token.counter == json.loads(door.read_text())["counter"] == 1


def test_a_lit_token_at_a_port_gives_no_code(galh_port, galh_token, run):
    galh_token.press()
    assert run("--port", galh_port) == "shut"  # "REFUSED LIT"
    galh_token.wait_dark()
    assert run("--port", galh_port) == "open"


@pytest.mark.parametrize(
    "typed", ["", "12345", "7552245", "755 224", "七五五二二四", "REFUSED LIT"]
)
def test_what_is_no_code_opens_nothing(run, typed):
    assert run(typed=typed) == "shut"
