"""The same test file wherever the token lives: what differs is skipped, with the reason."""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving

Run = Callable[..., pytest.RunResult]

ONE_FILE = """
import pyotp
import pytest

def test_press(galh_token):
    assert "755224" == galh_token.press()
    galh_token.wait_dark()
    assert ["287082", "359152"] == galh_token.press_many(2)

def test_over_pressed(galh_pair):
    galh_pair.token.press_many(3)
    verdict = galh_pair.sign()
    assert verdict.accepted and 3 == verdict.factor

def test_time(galh_token, galh_clock):
    galh_clock.advance(31)
    assert not galh_token.lit
"""
TYPED = "755224\n\n287082\n\n359152\n" + "755224\n\n287082\n\n359152\n\n969429\n"


@pytest.mark.parametrize("backend", ["inprocess", "emulated"])
def test_emulated_backends(run: Run, backend: str) -> None:
    """In this process and in another, all of it passes."""
    result = run(ONE_FILE, f"--galh-backend={backend}")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"galh: backend {backend}, seed galh"])


@pytest.mark.parametrize("capture", ["fd", "sys", "no"])
def test_manual(pytester: pytest.Pytester, capture: str) -> None:
    """A person who types what a real token shows passes the same; time is not theirs to move."""
    pytester.makepyfile(test_it=ONE_FILE)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "galh", "-rs"),
            *("--galh-backend=manual", f"--capture={capture}"),
        ],
        input=TYPED,
        capture_output=True,
        text=True,
        timeout=BACKSTOP_S,
        check=False,
    )

    assert "2 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert "a real token's time can't be moved" in done.stdout
    assert "Press the button of GALH00004226, and type the code." in done.stderr
    assert "755224" not in done.stdout + done.stderr


def test_manual_input_that_ends(pytester: pytest.Pytester) -> None:
    """Nobody at the terminal is an error in a line, not a hang."""
    pytester.makepyfile(test_it=ONE_FILE)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "galh", "--galh-backend=manual"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BACKSTOP_S,
        check=False,
    )

    assert "nobody types any more" in done.stdout
    assert 1 == done.returncode


@pytest.mark.parametrize(
    ("over", "clock", "outcome"),
    [("pty", "manual", "passed"), ("pty", "real", "skipped"), ("http", "manual", "passed")],
)
def test_serial(run: Run, over: str, clock: str, outcome: str) -> None:
    """A token that somebody serves takes part; where its clock is real, as far as that goes."""
    text = """
def test_press(galh_token, galh_clock):
    assert "755224" == galh_token.press()
    galh_clock.advance(31)
    assert not galh_token.lit
"""
    with Serving(
        *("--seeds", sample("rfc4226.csv"), "--clock", clock, "--http", "127.0.0.1:0")
    ) as serving:
        target = serving.port() if over == "pty" else serving.http
        result = run(text, f"--galh-backend=serial:{target}")

    result.assert_outcomes(**{outcome: 1})


def test_more_than_one_token_is_skipped(run: Run, tmp_path: Path) -> None:
    """A test that needs two tokens is skipped where there is one, and says so."""
    link = tmp_path / "token"
    with Serving("--seeds", sample("rfc4226.csv"), "--link", link, "--clock", "manual"):
        text = """
def test_two(galh_tokens):
    galh_tokens(2)

def test_port(galh_port): pass

@pytest.mark.galh(counter=41)
def test_counter(galh_token):
    assert 41 == galh_token.counter
"""
        result = run(text, f"--galh-backend=serial:{link}", "-rs")

    result.assert_outcomes(skipped=2, passed=1)
    result.stdout.fnmatch_lines(["*there is one token at*", "*is in use by the test itself*"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--galh-backend=rubber"], "allowed are inprocess, emulated, serial:TARGET, manual"),
        (["--galh-backend=serial"], "allowed are inprocess, emulated, serial:TARGET, manual"),
    ],
)
def test_wrong_backend_ends_the_run(run: Run, arguments: list[str], told: str) -> None:
    """A backend that there is not is a usage error of the whole run."""
    result = run("def test_it(galh_token): pass\n", *arguments)

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"*{told}*"])


def test_port_that_is_not_there(run: Run) -> None:
    """A port without a token fails the test in a line."""
    result = run("def test_it(galh_token): pass\n", "--galh-backend=serial:/dev/null")

    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*.py:[0-9]*: *")  # where a traceback leads


def test_seed_file_of_a_real_token(run: Run, pytester: pytest.Pytester) -> None:
    """The token of a seed file is the one in hand; another serial number is an error."""
    with contextlib.suppress(FileExistsError):
        (pytester.path / "seeds.csv").symlink_to(sample("ward.csv"))
    text = """
def test_first(galh_token):
    assert "GALH12345678" == galh_token.serial

@pytest.mark.galh(serial="GALH20140711")
def test_named(galh_token):
    assert 120 == galh_token.counter

@pytest.mark.galh(serial="GALH00004226")
def test_other(galh_token): pass
"""
    result = run(text, "--galh-seeds=seeds.csv")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*no token GALH00004226 in it*"])
