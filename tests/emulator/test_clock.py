"""The bench's clocks."""

import contextlib
import threading
import time
from datetime import UTC, datetime
from fractions import Fraction

import freezegun
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.clock import (
    MAX_RATE,
    MIN_RATE,
    STEP_TOLERANCE_NS,
    Clock,
    RealClock,
    VirtualClock,
    host_time,
    parse_utc,
)
from emulator.errors import ClockError, UsageError
from emulator.testing import HandHost

S = 1_000_000_000
START_NS = 1_767_225_600 * S
RATES = st.just(Fraction(0)) | st.fractions(MIN_RATE, MAX_RATE)


def test_both_are_clocks() -> None:
    """Either clock fits the protocol."""
    clocks: list[Clock] = [RealClock(HandHost()), VirtualClock(0)]
    assert [(c.mode, int(c.rate), c.virtual) for c in clocks] == [
        ("real", 1, False),
        ("manual", 0, True),
    ]


# Real.


def test_real_is_the_hosts_utc() -> None:
    """A real clock starts at the host's time and goes with it."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    host.pass_time(7 * S)
    assert clock.read() == (START_NS + 7 * S, 0)


def test_the_default_host_is_this_one() -> None:
    """Without a host, the clock reads this machine's."""
    before_ns = time.time_ns()
    assert before_ns <= host_time().utc_ns <= time.time_ns()
    assert abs(RealClock().read().now_ns - time.time_ns()) < 60 * S


@pytest.mark.parametrize("step_ns", [3600 * S, -3600 * S, STEP_TOLERANCE_NS + 1])
def test_a_set_host_clock_is_told_apart_from_elapsed_time(step_ns: int) -> None:
    """A step of the host's clock is reported as a setting; what elapsed is what elapsed."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    host.pass_time(2 * S)
    host.set_utc(host.utc_ns + step_ns)
    assert clock.read() == (START_NS + 2 * S, step_ns)
    assert clock.read() == (START_NS + 2 * S + step_ns, 0)


def test_a_slew_is_no_step() -> None:
    """UTC may slide from elapsed time by the tolerance before it counts as set."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    host.set_utc(host.utc_ns + STEP_TOLERANCE_NS)
    assert clock.read() == (START_NS, 0)
    host.set_utc(host.utc_ns + 1)
    assert clock.read() == (START_NS, STEP_TOLERANCE_NS + 1)


def test_a_stall_is_elapsed_time() -> None:
    """However long nobody looked, all of it elapsed."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    host.pass_time(10**6 * S)
    assert clock.read() == (START_NS + 10**6 * S, 0)


def test_freeze_and_thaw_only_set_the_clock() -> None:
    """Another source of time sets the clock; inside it, time elapses as it says."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    host.freeze("frozen", 5 * S)
    assert clock.read() == (START_NS, 5 * S - START_NS)
    host.pass_time(3 * S)
    assert clock.read() == (8 * S, 0)
    host.freeze("host", START_NS + S)
    assert clock.read() == (8 * S, START_NS + S - 8 * S)


def test_elapsed_time_never_runs_back() -> None:
    """Even a monotonic clock that goes back ages nothing and takes nothing back."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    host.monotonic_ns -= 5 * S
    assert clock.read() == (START_NS, 0)


def test_freezegun_turns_it() -> None:
    """Freezegun's freeze, tick and thaw are seen at the next reading."""
    clock = RealClock()
    with freezegun.freeze_time("2030-01-01") as frozen:
        frozen_ns = parse_utc("2030-01-01")
        assert frozen_ns == sum(clock.read())
        frozen.tick(31)
        assert clock.read() == (frozen_ns + 31 * S, 0)
        frozen.move_to("2029-01-01")
        assert parse_utc("2029-01-01") - frozen_ns - 31 * S == clock.read().set_by_ns
    reading = clock.read()
    assert reading.set_by_ns < 0
    assert abs(sum(reading) - time.time_ns()) < 60 * S


def test_freezegun_ages_no_scaled_clock() -> None:
    """Entering and leaving a freeze moves no scaled clock; a tick inside does."""
    clock = VirtualClock(0, Fraction(10**6))
    before_ns = clock.read().now_ns
    with freezegun.freeze_time("2030-01-01") as frozen:
        inside_ns = clock.read().now_ns
        frozen.tick(1)
        assert clock.read().now_ns == inside_ns + 10**6 * S
    after_ns = clock.read().now_ns
    year_ns = 366 * 86_400 * S  # 32 s of this machine
    assert before_ns <= inside_ns < before_ns + year_ns
    assert inside_ns + 10**6 * S <= after_ns < inside_ns + year_ns


def test_real_can_be_neither_advanced_nor_scaled() -> None:
    """A real clock refuses, and says which clock would not."""
    clock = RealClock(HandHost())
    with pytest.raises(ClockError, match="manual or scaled"):
        clock.jump(S)
    with pytest.raises(ClockError, match="manual or scaled"):
        clock.set_rate(Fraction(2))


# Virtual.


def test_manual_moves_only_when_told() -> None:
    """At rate 0, host time means nothing."""
    host = HandHost()
    clock = VirtualClock(START_NS, host=host)
    host.pass_time(S)
    assert clock.read() == (START_NS, 0)
    clock.jump(START_NS + 5)
    assert clock.read() == (START_NS + 5, 0)


@given(RATES, st.lists(st.integers(0, 10**12), max_size=10))
def test_a_rate_is_exact(rate: Fraction, elapsed: list[int]) -> None:
    """However often it is read, a clock is where one exact multiplication puts it."""
    host = HandHost()
    clock = VirtualClock(START_NS, rate, host)
    for by_ns in elapsed:
        host.pass_time(by_ns)
        clock.read()
    assert clock.read().now_ns == START_NS + int(sum(elapsed) * rate)


@given(
    st.lists(
        st.tuples(st.just("pass"), st.integers(0, 10**10))
        | st.tuples(st.just("jump"), st.integers(-(10**12), 10**12))
        | st.tuples(st.just("rate"), RATES)
        | st.tuples(st.just("freeze"), st.integers(0, 10**18))
        | st.tuples(st.just("back"), st.integers(0, 10**10))
    )
)
def test_virtual_time_never_runs_back(acts: list[tuple[str, int | Fraction]]) -> None:
    """Whatever is done to it and its host, a virtual clock never goes back."""
    host = HandHost()
    clock = VirtualClock(0, Fraction(3, 7), host)
    last_ns = 0
    for i, (act, value) in enumerate(acts):
        if act == "pass":
            host.pass_time(int(value))
        elif act == "jump":
            clock.jump(int(value))
        elif act == "rate":
            clock.set_rate(Fraction(value))
        elif act == "freeze":
            host.freeze(i, int(value))
        else:
            host.monotonic_ns -= int(value)
        now_ns = clock.read().now_ns
        assert last_ns <= now_ns
        last_ns = now_ns


def test_a_new_rate_holds_from_now_on() -> None:
    """What has passed at the old rate stays passed."""
    host = HandHost()
    clock = VirtualClock(0, Fraction(10), host)
    host.pass_time(S)
    clock.set_rate(Fraction(1, 2))
    assert (clock.mode, clock.rate) == ("scaled", Fraction(1, 2))
    host.pass_time(S)
    assert clock.read().now_ns == 10 * S + S // 2


@pytest.mark.parametrize(
    "rate", [Fraction(-1), MAX_RATE + 1, MIN_RATE / 2, Fraction(10**400), Fraction(-(10**400))]
)
def test_a_rate_out_of_range_is_refused(rate: Fraction) -> None:
    """The error says what is allowed; the clock keeps the rate it has."""
    with pytest.raises(UsageError, match="1e-9 to 1e9"):
        VirtualClock(0, rate)
    clock = VirtualClock(0, Fraction(5))
    with pytest.raises(UsageError, match="1e-9 to 1e9"):
        clock.set_rate(rate)
    assert clock.rate == 5


def test_threads_share_no_time() -> None:
    """A clock read in another thread reads the same host."""
    host = HandHost(START_NS)
    clock = RealClock(host)
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(clock.read().now_ns))
    thread.start()
    thread.join()
    assert seen == [START_NS]


# Text.


@example("9999-12-31T23:59:59-14:00")
@given(st.text())
def test_parse_utc_raises_only_its_own_error(text: str) -> None:
    """Any text is a time or a UsageError."""
    with contextlib.suppress(UsageError):
        parse_utc(text)


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_parse_utc_reads_any_time(moment: datetime) -> None:
    """Every ISO 8601 time with a zone is exact to the microsecond."""
    moment = moment.replace(tzinfo=None).replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    whole_us = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    assert parse_utc(moment.isoformat()) == whole_us * 1000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:59:59Z", -1),
    ],
)
def test_parse_utc_examples(text: str, seconds: int) -> None:
    """No zone means UTC; zones count."""
    assert parse_utc(text) == seconds * S
