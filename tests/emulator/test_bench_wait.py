"""Waiting for a token's LCD."""

from fractions import Fraction
from typing import Final

import pytest

from emulator.bench import Bench
from emulator.clock import Clock, RealClock, VirtualClock
from emulator.errors import UsageError
from emulator.results import Ticket
from emulator.testing import HandHost, pace
from firmware_model import GALH, GALT, Secret, configure

MS: Final = 1_000_000
S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
CONFIG: Final = configure("GALH00004226", GALH, Secret(b"12345678901234567890"))
SERIAL: Final = CONFIG.serial
DARK_NS: Final = START_NS + GALH.debounce_ns + GALH.commit_ns + GALH.compute_ns + GALH.lit_ns


def on(clock: Clock) -> Bench:
    """Return a bench with one token."""
    bench = Bench(clock)
    bench.open(CONFIG)
    return bench


# Manual.


def test_it_goes_to_the_moment() -> None:
    """On a manual clock a wait moves the clock to the moment it waits for."""
    bench = on(VirtualClock(START_NS))
    bench.press(SERIAL)
    assert bench.wait(SERIAL, lit=False, timeout_ns=60 * S).result
    assert bench.now_ns() == DARK_NS
    assert bench.look(SERIAL).lcd.text == ""


def test_it_goes_to_the_code_of_a_button_held_down() -> None:
    """What the token comes to by itself counts, presses under way included."""
    bench = on(VirtualClock(START_NS))
    bench.down(SERIAL)
    assert bench.wait(SERIAL, lit=True, timeout_ns=S).result
    assert bench.look(SERIAL).lcd.text == "755224"
    assert bench.now_ns() == DARK_NS - GALH.lit_ns


@pytest.mark.parametrize("lit", [True, False])
def test_what_is_so_is_answered_at_once(*, lit: bool) -> None:
    """Nothing moves for what is true already, even with no time to wait."""
    bench = on(VirtualClock(START_NS))
    if lit:
        bench.press(SERIAL)
    before_ns = bench.now_ns()
    assert bench.wait(SERIAL, lit=lit, timeout_ns=0).result
    assert bench.now_ns() == before_ns


def test_what_can_not_come_fails_at_once() -> None:
    """If nothing ahead makes it true, a manual wait fails and moves nothing."""
    bench = on(VirtualClock(START_NS))
    assert not bench.wait(SERIAL, lit=True, timeout_ns=10**18).result
    assert (bench.now_ns(), bench.journal.head) == (START_NS, 1)


def test_what_comes_too_late_fails_at_once() -> None:
    """A moment past the timeout is none; the very last one is."""
    bench = on(VirtualClock(START_NS))
    bench.press(SERIAL)
    before_ns = bench.now_ns()
    assert not bench.wait(SERIAL, lit=False, timeout_ns=DARK_NS - before_ns - 1).result
    assert bench.now_ns() == before_ns
    assert bench.wait(SERIAL, lit=False, timeout_ns=DARK_NS - before_ns).result


def test_waits_that_came_true_are_forgotten() -> None:
    """Any number of waits with long timeouts leaves a bounded agenda."""
    bench = on(VirtualClock(START_NS))
    for _ in range(1000):
        assert bench.wait(SERIAL, lit=False, timeout_ns=10**17).result
    assert len(bench._engine._agenda) < 100


def test_other_tokens_go_on_meanwhile() -> None:
    """What falls due on other tokens on the way happens on the way."""
    bench = on(VirtualClock(START_NS))
    other = configure("GALT00006238", GALT, CONFIG.secret)
    bench.open(other)
    bench.press(other.serial)
    bench.press(SERIAL)
    assert bench.wait(SERIAL, lit=False, timeout_ns=60 * S).result
    assert bench.look(other.serial).mode == "asleep"


def test_a_negative_timeout() -> None:
    """Time can't be over before it began."""
    with pytest.raises(UsageError, match="-1 ns"):
        on(VirtualClock(START_NS)).wait(SERIAL, lit=True, timeout_ns=-1)


# Scaled and real.


def clocks(host: HandHost) -> list[Clock]:
    """Return the clocks that run by themselves, all at the host's pace."""
    return [RealClock(host), VirtualClock(START_NS, Fraction(1), host)]


@pytest.fixture(params=["real", "scaled"])
def running(request: pytest.FixtureRequest) -> tuple[Bench, HandHost]:
    """Return a bench on a clock that runs, and the host that lets it."""
    host = HandHost(START_NS)
    return on(clocks(host)[request.param == "scaled"]), host


def answer_times(ticket: Ticket[bool], host: HandHost) -> list[tuple[bool, int]]:
    """Return a list that gets the answer and when it came."""
    answers: list[tuple[bool, int]] = []
    ticket.then(lambda result: answers.append((result, host.monotonic_ns)))
    return answers


def test_running_clocks_answer_when_it_is_so(running: tuple[Bench, HandHost]) -> None:
    """On a clock that runs, the answer comes at the moment."""
    bench, host = running
    bench.down(SERIAL)
    answers = answer_times(bench.wait(SERIAL, lit=True, timeout_ns=S), host)
    assert answers == []
    pace(bench, host, S)
    assert answers == [(True, DARK_NS - GALH.lit_ns - START_NS)]


def test_running_clocks_time_out(running: tuple[Bench, HandHost]) -> None:
    """On a clock that runs, a wait fails when its bench time is over."""
    bench, host = running
    answers = answer_times(bench.wait(SERIAL, lit=True, timeout_ns=5 * S), host)
    pace(bench, host, 5 * S - 1)
    assert answers == []
    pace(bench, host, 1)
    assert answers == [(False, 5 * S)]
    assert bench.next_event_ns() is None


@pytest.mark.parametrize("wait_first", [True, False])
def test_the_last_moment_counts(running: tuple[Bench, HandHost], *, wait_first: bool) -> None:
    """What comes true at the very end of the timeout has come true, whoever's turn is first."""
    bench, host = running
    moment_ns = DARK_NS - GALH.lit_ns - START_NS
    if wait_first:
        ticket = bench.wait(SERIAL, lit=True, timeout_ns=moment_ns)
        bench.down(SERIAL)
    else:
        bench.down(SERIAL)
        ticket = bench.wait(SERIAL, lit=True, timeout_ns=moment_ns)
    pace(bench, host, S)
    assert ticket.result


def test_timeouts_count_bench_time() -> None:
    """At sixty times, a minute is over in a second."""
    host = HandHost()
    bench = on(VirtualClock(START_NS, Fraction(60), host))
    ticket = bench.wait(SERIAL, lit=True, timeout_ns=60 * S)
    host.pass_time(S)
    bench.pump()
    assert not ticket.result


def test_two_may_wait(running: tuple[Bench, HandHost]) -> None:
    """Several may wait for one token, each with a timeout of its own."""
    bench, host = running
    bench.down(SERIAL)
    impatient = bench.wait(SERIAL, lit=True, timeout_ns=10 * MS)
    patient = bench.wait(SERIAL, lit=True, timeout_ns=S)
    pace(bench, host, S)
    assert (impatient.result, patient.result) == (False, True)
