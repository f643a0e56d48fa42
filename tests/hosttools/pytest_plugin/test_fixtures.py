"""The fixtures: what a test gets by naming them."""

from collections.abc import Callable
from typing import Final

import pytest

Run = Callable[..., pytest.RunResult]

IN_WORKERS: Final = ("-p", "hosttools.pytest_plugin", "-p", "xdist", "-n", "2")
"""By modules: workers of xdist import what the run has named, and know no entry points."""


def test_token_has_the_codes_of_rfc_4226(run: Run) -> None:
    """A test that names no token gets the sample with the secret of RFC 4226."""
    text = """
def test_codes(galh_token):
    assert ["755224", "287082", "359152"] == galh_token.press_many(3)
    assert 3 == galh_token.counter
    assert galh_token.lit
"""
    run(text).assert_outcomes(passed=1)


def test_over_pressing_against_pyotp(run: Run) -> None:
    """Five lines are enough for a token that is out of step with somebody else's server."""
    text = """
import pyotp

def test_over_pressed(galh_token):
    server = pyotp.HOTP(galh_token.secret_base32)
    galh_token.press_many(11)
    assert not any(server.verify(galh_token.fresh_code(), n) for n in range(11))
"""
    run(text).assert_outcomes(passed=1)


def test_each_test_begins_anew(run: Run) -> None:
    """What one test did to its token, the next one's knows nothing of."""
    text = """
@pytest.mark.parametrize("time", range(3))
def test_first_code(galh_token, time):
    assert "755224" == galh_token.press()
"""
    run(text).assert_outcomes(passed=3)


def test_marker_makes_the_token(run: Run) -> None:
    """Product, counter and serial number are the marker's; the nearest one decides."""
    text = """
pytestmark = pytest.mark.galh(counter=7, profile="GALH")

def test_counter(galh_token):
    assert 7 == galh_token.counter

@pytest.mark.galh(counter=9, serial="GALH12345678")
def test_nearest(galh_token):
    assert (9, "GALH12345678") == (galh_token.counter, galh_token.serial)

class TestClass:
    pytestmark = pytest.mark.galh(counter=8)

    def test_class(self, galh_token):
        assert 8 == galh_token.counter
"""
    run(text).assert_outcomes(passed=3)


def test_made_up_tokens_depend_on_test_and_seed(run: Run, pytester: pytest.Pytester) -> None:
    """Secrets that are made up are the same in each run, and others for another seed or test."""
    text = """
@pytest.mark.parametrize("number", range(2))
def test_note(galh_tokens, number):
    with open("noted", "a") as file:
        print(*(token.secret_hex for token in galh_tokens(2)), file=file)
"""
    run(text)
    run(text)
    run(text, "--galh-seed=other")
    lines = (pytester.path / "noted").read_text().splitlines()

    assert lines[:2] == lines[2:4]
    assert 8 == len({secret for line in lines[:2] + lines[4:] for secret in line.split()})


def test_fleet(run: Run) -> None:
    """A fleet has serial numbers and secrets of its own, and one clock."""
    text = """
def test_fleet(galh_tokens, galh_clock):
    fleet = galh_tokens(20) + galh_tokens(2, profile="GALT")
    assert 22 == len({token.serial for token in fleet}) == len({t.secret_hex for t in fleet})
    fleet[0].press()
    galh_clock.advance(31)
    assert 1 == len({token.now_ns for token in fleet})
    assert not fleet[0].lit
"""
    run(text).assert_outcomes(passed=1)


@pytest.mark.parametrize("backend", ["inprocess", "emulated"])
def test_fleet_out_of_step(run: Run, backend: str) -> None:
    """Each token of a fleet is as the marker says, and known to the server from the first day."""
    text = """
@pytest.mark.galh(desync=12, faults="{press = 2, reset = {}}")
def test_desync(galh_server, galh_tokens):
    for token in galh_tokens(3):
        assert 12 == token.counter
        verdict = galh_server.verify(token.press(), serial=token.serial)
        assert "out_of_sync" == verdict.kind.value
        token.wait_dark()
        assert "reset" == token.try_press().refused

def test_pressed_before(galh_tokens, request):
    fleet = galh_tokens(3)
    fleet[2].press_many(12)
    server = request.getfixturevalue("galh_server")
    assert [0, 0, 0] == [server.record(serial=t.serial).next_factor for t in fleet]
    assert not server.verify(fleet[2].fresh_code(), serial=fleet[2].serial).accepted
"""
    run(text, f"--galh-backend={backend}").assert_outcomes(passed=2)


@pytest.mark.parametrize("count", ["0", "2.5", "'3'", "True", "10**9"])
def test_fleet_of_no_such_size(run: Run, count: str) -> None:
    """A fleet that can't be fails the test in a line."""
    result = run(f"def test_fleet(galh_tokens): galh_tokens({count})\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED *test_fleet - Failed: *"])


def test_clock_stands_and_goes_when_told(run: Run) -> None:
    """Outside of a freeze, time is what the test makes of it, from where the marker says."""
    text = """
from datetime import UTC, datetime

@pytest.mark.galh(start="2026-01-05T08:00:00Z")
def test_clock(galh_clock, galh_token):
    assert datetime(2026, 1, 5, 8, tzinfo=UTC) == galh_clock.now()
    galh_clock.advance(days=2, seconds=0.5)
    assert datetime(2026, 1, 7, 8, 0, 0, 500_000, tzinfo=UTC) == galh_clock.now()
    assert galh_clock.time_ns() == galh_token.now_ns
    assert galh_clock.time() == galh_clock.time_ns() / 1e9
    with pytest.raises(Exception, match="doesn't run back"):
        galh_clock.advance(-1)
    for seconds in (float("nan"), float("inf"), 1e300):
        with pytest.raises(Exception, match="no length of time"):
            galh_clock.advance(seconds)
"""
    run(text).assert_outcomes(passed=1)


def test_pair_tells_the_distance(run: Run) -> None:
    """A pair begins in step; over-pressed, it is so far apart, and a resync brings it back."""
    text = """
def test_pair(galh_pair):
    assert 0 == galh_pair.distance and galh_pair.sign().accepted
    galh_pair.token.wait_dark()
    galh_pair.token.press_many(37)
    assert 37 == galh_pair.distance
    assert "+37 NEEDS A RESYNC: two codes in a row" == galh_pair.words
    assert "out_of_sync" == galh_pair.sign().kind.value
    assert galh_pair.resync().accepted and galh_pair.sign().accepted
    assert 0 == galh_pair.distance
"""
    run(text).assert_outcomes(passed=1)


def test_desync_begins_out_of_step(run: Run) -> None:
    """A token can begin out of step: by presses, or by any recipe with its number."""
    text = """
@pytest.mark.galh(desync=12)
def test_presses(galh_pair):
    assert 12 == galh_pair.distance

@pytest.mark.galh(desync=("hotp-beyond", 1003))
def test_recipe(galh_pair):
    assert 1003 == galh_pair.distance

@pytest.mark.galh(desync="server-ahead")
def test_server_ahead(galh_pair):
    assert 0 > galh_pair.distance

@pytest.mark.galh(profile="GALT", desync=("time-fast", 3), ppm=11.6)
def test_fast(galh_pair):
    assert 3 == galh_pair.distance
    assert "out_of_sync" == galh_pair.sign().kind.value
"""
    run(text).assert_outcomes(passed=4)


def test_policy_is_the_markers(run: Run) -> None:
    """The server treats its tokens as the marker says."""
    text = """
@pytest.mark.galh(policy={"look_ahead": 2, "lock_after": 1}, desync=3)
def test_policy(galh_pair):
    assert 2 == galh_pair.server.policy.look_ahead
    assert not galh_pair.sign().accepted
    assert "locked" == galh_pair.sign().kind.value
    galh_pair.server.unlock()
    assert "active" == galh_pair.server.record().status.value
"""
    run(text).assert_outcomes(passed=1)


def test_server_can_wait_for_the_add_form(run: Run) -> None:
    """A server told of a token that was not added yet takes no code before the form."""
    text = """
from hosttools.refserver import Record

def test_add(galh_token, galh_server):
    galh_server.put(Record.of_token(galh_token.config))
    assert "not_active" == galh_server.verify(galh_token.press()).kind.value
    codes = galh_token.fresh_code(), galh_token.fresh_code()
    assert "Token Status: Active" == galh_server.sync(*codes).user
"""
    run(text).assert_outcomes(passed=1)


def test_server_over_http(run: Run) -> None:
    """The same server answers over HTTP, for a subject that asks one, by the test's clock."""
    text = """
import httpx
from freezegun import freeze_time

@pytest.mark.galh(profile="GALT")
def test_http(galh_token, galh_server):
    verify = f"{galh_server.url}/api/v1/tokens/{galh_token.serial}/verify"
    with freeze_time("2030-01-01") as frozen:
        code = galh_token.press()
        assert httpx.post(verify, json={"code": code}).json()["accepted"]
        assert "replayed" == httpx.post(verify, json={"code": code}).json()["kind"]
        frozen.tick(100)
        assert galh_server.verify(galh_token.press()).accepted
"""
    run(text).assert_outcomes(passed=1)


def test_server_over_http_without_the_extra(run: Run) -> None:
    """Where the extra is not installed, the test fails, and says what to install."""
    text = """
import sys

def test_http(galh_server, monkeypatch):
    monkeypatch.setitem(sys.modules, "emulator.http.server", None)
    galh_server.url
"""
    result = run(text)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*galh_server.url needs *; pip install 'galh-emulator[[]web[]]'"])


def test_faults_happen(run: Run) -> None:
    """A reset, the marker's or one injected on the way, takes the code of its press."""
    text = """
from hosttools.hand import PressRefusedError

@pytest.mark.galh(faults="{press = 2, reset = {}}")
def test_reset(galh_token):
    galh_token.press()
    galh_token.wait_dark()
    with pytest.raises(PressRefusedError, match="reset"):
        galh_token.press()

def test_injected(galh_token):
    galh_token.inject("{press = 1, reset = {}}")
    assert "reset" == galh_token.try_press().refused
"""
    run(text).assert_outcomes(passed=2)


def test_port_is_for_other_programs(run: Run) -> None:
    """A program in another process presses the test's token, and the test sees it."""
    text = """
import subprocess, sys

def test_port(galh_port, galh_token):
    command = [sys.executable, "-m", "hosttools.cli", "press", "--port", galh_port]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "755224" == done.stdout.strip() == galh_token.text
    assert 1 == galh_token.counter
"""
    run(text).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('profil="GALH"', "did you mean profile"),
        ('profile="NONE"', "no such profile"),
        ("counter=-1", "whole number"),
        ('ppm="fast"', "number from -1000 to 1000"),
        ("ppm=1e9", "number from -1000 to 1000"),
        ('desync="hotp-ahed"', "did you mean 'hotp-ahead'"),
        ('faults="nonsense"', "nonsense"),
        ('policy={"lookahead": 1}', "look_ahead"),
        ('policy={"look_ahead": -1}', "look_ahead = -1"),
        ('start="yesterday"', "ISO 8601"),
        ('serial="?"', "serial number"),
        ('serial="ZZZZ"', "no profile knows it"),
        ('profile="GALT", counter=1', "is a time token"),
        ("ppm=1", "is an event token"),
        ('"GALT"', "settings go by name, such as profile=…"),
        ('profile=["GALH"]', "no such profile"),
        ('start="2200-01-01"', "a clock at 2200-01-01"),
        ('start="9999-12-31T23:59:59-14:00"', "ISO 8601"),
    ],
)
def test_wrong_marker_is_told_in_a_line(run: Run, marker: str, told: str) -> None:
    """A marker that can't be fails its test before it begins, and says what is allowed."""
    result = run(f"@pytest.mark.galh({marker})\ndef test_it(galh_token): pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{told}*"])
    result.stdout.no_fnmatch_line("*.py:[0-9]*: *")  # where a traceback leads


def test_async_token(run: Run) -> None:
    """An async test awaits the same verbs."""
    text = """
@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_press(galh_async_token):
    assert "755224" == await galh_async_token.press()
    await galh_async_token.wait_dark()
    assert ["287082", "359152"] == await galh_async_token.press_many(2)
"""
    run(text, "-p", "anyio").assert_outcomes(passed=1)


def test_properties_for_junit(run: Run, pytester: pytest.Pytester) -> None:
    """A JUnit record says which token a test had, and where it lived."""
    run("def test_press(galh_token): galh_token.press()\n", "--junitxml=report.xml")
    report = (pytester.path / "report.xml").read_text()

    assert '<property name="galh_serial" value="GALH00004226" />' in report
    assert '<property name="galh_backend" value="inprocess" />' in report


def test_random_order_and_parallel_runs(pytester: pytest.Pytester) -> None:
    """Tests run in any order and on several workers as they do alone."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(20))
        def test_press(galh_pair, number):
            assert "755224" == galh_pair.token.press()
            assert galh_pair.sign().accepted
        """
    )
    result = pytester.runpytest_subprocess(*IN_WORKERS, "-p", "pytest_randomly")

    result.assert_outcomes(passed=20)


@pytest.mark.parametrize("backend", ["manual", "serial:/dev/null"])
def test_one_token_is_not_shared_by_workers(pytester: pytest.Pytester, backend: str) -> None:
    """Where there is one token, a parallel run is refused before it begins."""
    pytester.makepyfile("def test_it(galh_token): pass\n")
    result = pytester.runpytest_subprocess(*IN_WORKERS, f"--galh-backend={backend}")

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*there is one token; run without -n"])
