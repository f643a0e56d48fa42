"""The bench's clock: the host's time, or virtual time at a rate.

The only place that reads the host's clock, at call time and nowhere else, so that
a frozen host clock is seen the moment it is frozen. A virtual clock jumps: what
takes no events takes no time.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

from emulator.errors import ClockError, UsageError

BILLION: Final = 1_000_000_000
STEP_TOLERANCE_NS: Final = 100_000_000
"""Host time may slide that far from elapsed time before it counts as set anew (NTP slews)."""

MAX_RATE: Final = Fraction(10**9)
"""Bench seconds in a host second; a year passes in 32 ms."""

MIN_RATE: Final = 1 / MAX_RATE
"""Slowest rate above 0; a bench second takes 32 years."""


class Reading(NamedTuple):
    """One look at a clock.

    Attributes:
        now_ns: bench time, elapsed since the last reading and nothing else.
        set_by_ns: by how much the clock has been set since (host clocks only).
            Applied after ``now_ns``; it ages nothing.
    """

    now_ns: int
    set_by_ns: int = 0


class Clock(Protocol):
    """What the bench asks of a clock."""

    @property
    def mode(self) -> str:
        """``real``, ``scaled`` or ``manual``."""

    @property
    def rate(self) -> Fraction:
        """Bench seconds in one host second; 0 moves only when told."""

    @property
    def virtual(self) -> bool:
        """Whether it can be told to jump."""

    def read(self) -> Reading:
        """Look at the clock."""

    def jump(self, to_ns: int) -> None:
        """Go to a bench time at once; never back.

        Raises:
            ClockError: a real clock.
        """

    def set_rate(self, rate: Fraction) -> None:
        """Run at another rate from now on.

        Raises:
            ClockError: a real clock.
            UsageError: neither 0 nor :data:`MIN_RATE` to :data:`MAX_RATE`.
        """


class HostTime(NamedTuple):
    """The host's two clocks in one look.

    Attributes:
        utc_ns: ns since 1970, UTC; may be set.
        monotonic_ns: ns that have passed; never set.
        source: identity of the function asked, which changes when a test freezes time.
    """

    utc_ns: int
    monotonic_ns: int
    source: object


def host_time() -> HostTime:
    """Read the host's clocks, whatever stands behind them at the moment."""
    return HostTime(time.time_ns(), time.monotonic_ns(), time.monotonic_ns)


class RealClock:
    """Bench time is the host's UTC. It can be neither advanced nor scaled.

    Elapsed time comes from the host's monotonic clock. When the host's UTC is set,
    or a test freezes or unfreezes time, the reading says by how much.

    Args:
        host: reads the host's clocks.
    """

    mode = "real"
    rate = Fraction(1)
    virtual = False

    def __init__(self, host: Callable[[], HostTime] = host_time) -> None:
        self._host = host
        self._last = host()
        self._now_ns = self._last.utc_ns

    def read(self) -> Reading:
        """Look at the clock."""
        host, last = self._host(), self._last
        same = host.source is last.source
        if same:
            self._now_ns += max(host.monotonic_ns - last.monotonic_ns, 0)
        self._last = host
        elapsed_to, set_by = self._now_ns, host.utc_ns - self._now_ns
        if same and abs(set_by) <= STEP_TOLERANCE_NS:
            set_by = 0
        self._now_ns += set_by
        return Reading(elapsed_to, set_by)

    def jump(self, to_ns: int) -> None:  # noqa: ARG002  # the protocol's argument
        """Refuse.

        Raises:
            ClockError: always.
        """
        raise ClockError("a real clock can't be advanced; serve with a manual or scaled clock")

    def set_rate(self, rate: Fraction) -> None:  # noqa: ARG002  # the protocol's argument
        """Refuse.

        Raises:
            ClockError: always.
        """
        raise ClockError("a real clock has no other rate; serve with a manual or scaled clock")


class VirtualClock:
    """Bench time that runs at a rate, and jumps when told.

    Args:
        start_ns: bench time at the start, ns since 1970, UTC.
        rate: bench seconds in a host second; 0: it moves only when told.
        host: reads the host's clocks, of which only elapsed time counts; unused at
            rate 0.

    Raises:
        UsageError: a rate out of range.
    """

    virtual = True

    def __init__(
        self,
        start_ns: int,
        rate: Fraction = Fraction(0),
        host: Callable[[], HostTime] = host_time,
    ) -> None:
        self._host = host
        self._rate = _checked(rate)
        self._start_ns = self._read_ns = start_ns
        self._anchored = host()

    @property
    def mode(self) -> str:
        """``scaled`` or ``manual``."""
        return "scaled" if self._rate else "manual"

    @property
    def rate(self) -> Fraction:
        """Bench seconds in one host second."""
        return self._rate

    def read(self) -> Reading:
        """Look at the clock."""
        if not self._rate:
            return Reading(self._start_ns)
        host, then, rate = self._host(), self._anchored, self._rate
        if host.source is not then.source or host.monotonic_ns < then.monotonic_ns:
            # Elapsed time of another kind: go on from where the last reading was.
            self._start_ns, self._anchored, then = self._read_ns, host, host
        elapsed_ns = host.monotonic_ns - then.monotonic_ns
        now_ns = self._start_ns + elapsed_ns * rate.numerator // rate.denominator
        self._read_ns = max(now_ns, self._read_ns)
        return Reading(self._read_ns)

    def jump(self, to_ns: int) -> None:
        """Go to a bench time at once; a time that is past already changes nothing."""
        if to_ns > self.read().now_ns:
            self._anchor(to_ns)

    def set_rate(self, rate: Fraction) -> None:
        """Run at another rate from now on.

        Raises:
            UsageError: a rate out of range.
        """
        now_ns = self.read().now_ns
        self._rate = _checked(rate)
        self._anchor(now_ns)

    def _anchor(self, at_ns: int) -> None:
        self._start_ns = self._read_ns = at_ns
        if self._rate:
            self._anchored = self._host()


def _checked(rate: Fraction) -> Fraction:
    if rate and not MIN_RATE <= rate <= MAX_RATE:
        given = float(max(min(rate, _HUGE), -_HUGE))
        raise UsageError(f"a clock rate of {given:g}; allowed are 0 (manual), and 1e-9 to 1e9")
    return rate


_HUGE: Final = Fraction(10**300)  # what a float can still hold


def format_utc(time_ns: int) -> str:
    """Return a time as people read it: ISO 8601, UTC, to the second.

    >>> format_utc(1767225600000000000)
    '2026-01-01T00:00:00Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time_ns // BILLION)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> int:
    """Return an ISO 8601 time as ns since 1970, UTC; one without a zone is UTC.

    Raises:
        UsageError: not a time.

    >>> parse_utc("2026-01-01T00:00:00Z")
    1767225600000000000
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):  # its zone may lead past the year 9999
        raise UsageError(
            f"{text!r} is not an ISO 8601 time; one looks like 2026-01-01T08:00:00Z"
        ) from None
    return (since.days * 86_400 + since.seconds) * BILLION + since.microseconds * 1_000
