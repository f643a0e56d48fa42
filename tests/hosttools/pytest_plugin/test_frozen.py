"""Frozen time: inside freeze_time or travel, a token's clock is the frozen one."""

from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

BACKENDS = ["inprocess", "emulated"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_freezegun(run: Run, backend: str) -> None:
    """Ticking darkens the LCD and turns the step; advancing moves the frozen time."""
    text = """
import datetime
import pyotp
from freezegun import freeze_time

@pytest.mark.galh(profile="GALT")
def test_frozen(galh_token, galh_clock):
    totp = pyotp.TOTP(galh_token.secret_base32)
    with freeze_time("2030-01-01 12:00:00") as frozen:
        first = galh_token.press()
        assert totp.verify(first)
        assert datetime.datetime.now() < datetime.datetime(2030, 1, 1, 12, 0, 1)
        assert galh_token.lit
        frozen.tick(30)
        assert not galh_token.lit
        second = galh_token.press()
        assert first != second and totp.verify(second)
        galh_clock.advance(days=1)
        assert 2 == datetime.datetime.now().day == galh_clock.now().day
        assert totp.verify(galh_token.press())
        galh_token.wait_dark()
        assert datetime.datetime.now() >= datetime.datetime(2030, 1, 2, 12, 1)
"""
    run(text, f"--galh-backend={backend}").assert_outcomes(passed=1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_time_machine(run: Run, backend: str) -> None:
    """The same with time-machine, whose own time ticks or stands."""
    text = """
import datetime
import pyotp
import time_machine

@pytest.mark.parametrize("tick", [True, False])
@pytest.mark.galh(profile="GALT")
def test_travelling(galh_token, galh_clock, tick):
    totp = pyotp.TOTP(galh_token.secret_base32)
    there = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)
    with time_machine.travel(there, tick=tick) as traveller:
        first = galh_token.press()
        assert totp.verify(first) and galh_token.lit
        traveller.shift(30)
        assert not galh_token.lit
        second = galh_token.press()
        assert first != second and totp.verify(second)
        galh_clock.advance(days=1)
        assert 2 == datetime.datetime.now(datetime.UTC).day == galh_clock.now().day
        assert totp.verify(galh_token.press())
"""
    run(text, f"--galh-backend={backend}").assert_outcomes(passed=2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_entering_and_leaving_ages_nothing(run: Run, backend: str) -> None:
    """A freeze sets the clocks; what passes inside it ages, and only that."""
    text = """
from freezegun import freeze_time

@pytest.mark.galh(profile="GALT", ppm=100, start="2026-01-05T08:00:00Z")
def test_drift(galh_token, galh_clock):
    begin = galh_clock.time_ns()
    with freeze_time("2040-01-01") as frozen:
        assert 0 == round(galh_token.clock_offset_s, 6)
        frozen.tick(10_000)
        assert 1.0 == round(galh_token.clock_offset_s, 3)
        frozen.move_to("2039-01-01")
        assert 1.0 == round(galh_token.clock_offset_s, 3)
        with freeze_time("2050-01-01"):
            assert 1.0 == round(galh_token.clock_offset_s, 3)
            assert 2050 == galh_clock.now().year
        assert 2039 == galh_clock.now().year
    assert 1.0 == round(galh_token.clock_offset_s, 3)
    assert begin == galh_clock.time_ns()
"""
    run(text, f"--galh-backend={backend}").assert_outcomes(passed=1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_frozen_beyond_the_life_of_tokens(run: Run, backend: str) -> None:
    """A freeze that no token lives in is told as such, and once it is over all goes on."""
    text = """
from freezegun import freeze_time

def test_late(galh_pair):
    with freeze_time("2200-01-01"):
        with pytest.raises(Exception, match="frozen at 2200-01-01T00:00:00Z; tokens live between"):
            galh_pair.token.press()
    assert galh_pair.sign().accepted

@pytest.fixture
def late():
    with freeze_time("2200-01-01"):
        yield

def test_fails(galh_token, late):
    galh_token.press()

def test_before_1970(galh_pair):
    with freeze_time("1969-06-01"):
        assert galh_pair.sign().accepted
"""
    result = run(text, f"--galh-backend={backend}")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["no more can be told: time is frozen at 2200-01-01*"])


def test_decorated_and_asynchronous(run: Run) -> None:
    """Decorators freeze as blocks do, async tests too, with each library."""
    text = """
import datetime
import pyotp
import time_machine
from freezegun import freeze_time

@pytest.fixture
def anyio_backend():
    return "asyncio"

@freeze_time("2030-01-01")
@pytest.mark.galh(profile="GALT")
def test_decorated(galh_token):
    assert pyotp.TOTP(galh_token.secret_base32).verify(galh_token.press())

@pytest.mark.anyio
@pytest.mark.galh(profile="GALT")
async def test_async_freezegun(galh_async_token, galh_clock):
    totp = pyotp.TOTP(galh_async_token.token.secret_base32)
    with freeze_time("2030-01-01", real_asyncio=True) as frozen:
        assert totp.verify(await galh_async_token.press())
        frozen.tick(31)
        assert totp.verify(await galh_async_token.press())

@pytest.mark.anyio
@pytest.mark.galh(profile="GALT")
async def test_async_time_machine(galh_async_token, galh_clock):
    totp = pyotp.TOTP(galh_async_token.token.secret_base32)
    with time_machine.travel(datetime.datetime(2030, 1, 1), tick=False) as traveller:
        assert totp.verify(await galh_async_token.press())
        traveller.shift(31)
        assert totp.verify(await galh_async_token.press())
"""
    run(text, "-p", "anyio").assert_outcomes(passed=3)


def test_threads(run: Run) -> None:
    """A thread of the test presses the same token in the same frozen time, with each library."""
    text = """
import datetime
import threading
import pyotp
import time_machine
from freezegun import freeze_time

def in_thread(function):
    got = []
    thread = threading.Thread(target=lambda: got.append(function()))
    thread.start()
    thread.join()
    return got[0]

@pytest.mark.galh(profile="GALT")
def test_freezegun(galh_token, galh_clock):
    totp = pyotp.TOTP(galh_token.secret_base32)
    with freeze_time("2030-01-01") as frozen:
        assert totp.verify(in_thread(galh_token.press), for_time=galh_clock.now())
        frozen.tick(31)
        assert not in_thread(lambda: galh_token.lit)

@pytest.mark.galh(profile="GALT")
def test_time_machine(galh_token):
    totp = pyotp.TOTP(galh_token.secret_base32)
    with time_machine.travel(datetime.datetime(2030, 1, 1), tick=False) as traveller:
        assert totp.verify(in_thread(galh_token.press))
        traveller.shift(31)
        assert not in_thread(lambda: galh_token.lit)
"""
    run(text).assert_outcomes(passed=2)


def test_port_in_frozen_time(run: Run) -> None:
    """A program in another process meets the frozen token, and its press takes frozen time."""
    text = """
import datetime
import subprocess, sys
from freezegun import freeze_time

@pytest.mark.galh(profile="GALT")
def test_port(galh_port, galh_token):
    with freeze_time("2030-01-01") as frozen:
        command = [sys.executable, "-m", "hosttools.cli", "press", "--port", galh_port]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == galh_token.text
        frozen.tick(31)
        assert not galh_token.lit
"""
    run(text).assert_outcomes(passed=1)


def test_server_judges_by_frozen_time(run: Run) -> None:
    """The reference server lives in the frozen time too."""
    text = """
from freezegun import freeze_time

@pytest.mark.galh(profile="GALT", ppm=11.6)
def test_pair(galh_pair):
    with freeze_time("2030-01-01") as frozen:
        assert galh_pair.sign().accepted
        for _ in range(4):
            frozen.tick(100 * 86_400)
        assert 13 == galh_pair.distance
        assert not galh_pair.sign().accepted
        assert galh_pair.resync().accepted
"""
    run(text).assert_outcomes(passed=1)
