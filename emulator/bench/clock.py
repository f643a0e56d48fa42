"""Verbs of the bench's clock."""

from fractions import Fraction

from emulator.annotations import Advanced, RateSet
from emulator.bench.core import BenchCore
from emulator.clock import BILLION, format_utc
from emulator.engine import MAX_TIME_NS
from emulator.errors import UsageError


class ClockVerbs(BenchCore):
    """See :class:`emulator.bench.Bench`."""

    def now_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        self.pump()
        return self._engine.now_ns

    @property
    def settled_ns(self) -> int:
        """Bench time up to which everything has happened; the clock is not read."""
        return self._engine.now_ns

    @property
    def clock_mode(self) -> str:
        """``real``, ``scaled`` or ``manual``."""
        return self._engine.clock.mode

    @property
    def rate(self) -> Fraction:
        """Bench seconds in one host second."""
        return self._engine.clock.rate

    def advance(self, by_ns: int) -> None:
        """Let bench time pass at once, and everything that happens in it.

        Raises:
            ClockError: the clock is real.
            UsageError: a negative time, or one past the year 2115.
        """
        if by_ns < 0:
            raise UsageError(f"an advance of {by_ns / BILLION:g} s; time doesn't run back")
        self.pump()
        self._engine.clock.jump(self._engine.now_ns)  # no jump at all, but a real clock refuses
        if self._engine.now_ns + by_ns > MAX_TIME_NS:
            raise UsageError(
                f"an advance of {by_ns / BILLION:g} s from {format_utc(self._engine.now_ns)}"
                f" leads past the end of bench time, {format_utc(MAX_TIME_NS)}"
            )
        start_ns = self._engine.now_ns
        self._engine.leap(start_ns + by_ns)
        self.journal.append("", Advanced(start_ns + by_ns, start_ns))
        self._engine.settle()

    def advance_until_idle(self, limit_ns: int) -> int:
        """Let bench time pass until nothing more happens by itself.

        Until everything is dark, at rest and waited for; what is due later than the
        limit (a fault next year) is left to come.

        Args:
            limit_ns: how far to go at most.

        Returns:
            How far that was, ns.

        Raises:
            ClockError: the clock is real.
            UsageError: a negative limit.
        """
        if limit_ns < 0:
            raise UsageError(f"a limit of {limit_ns / BILLION:g} s; time doesn't run back")
        self.pump()
        start_ns = self._engine.now_ns
        self._engine.clock.jump(start_ns)  # no jump at all, but a real clock refuses
        self._engine.run_until_idle(min(start_ns + limit_ns, MAX_TIME_NS))
        if self._engine.now_ns > start_ns:
            self.journal.append("", Advanced(self._engine.now_ns, start_ns))
        self._engine.settle()
        return self._engine.now_ns - start_ns

    def set_rate(self, rate: Fraction) -> None:
        """Run at another rate from now on; 0: only when told.

        Raises:
            ClockError: the clock is real.
            UsageError: a rate out of range.
        """
        self.pump()
        self._engine.clock.set_rate(rate)
        self.journal.append("", RateSet(self._engine.now_ns, str(rate)))
        self._engine.settle()
