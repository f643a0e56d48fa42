"""The clock of a test: stands still, goes when told, and follows time that is frozen.

One clock for tokens, server and test. Outside of a freeze it stands where it began until
somebody waits, presses or advances. Inside ``freeze_time`` or ``travel`` it is the
frozen time: what passes there passes here, and what passes here (a press takes its
0.1 s) passes there. Entering and leaving a freeze, and turning one back, sets the clock;
that ages nothing, as with any clock that is set.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from emulator.bench import Bench
from emulator.clock import Reading
from emulator.errors import ClockError
from emulator.runner import Runner
from hosttools.errors import NotOfferedError
from hosttools.hand.bench import as_host_errors
from hosttools.pytest_plugin.freezes import CurrentFreeze, current_freeze

BILLION: Final = 1_000_000_000


class Moved(NamedTuple):
    """How a clock moved since it was last asked.

    Attributes:
        elapsed_ns: what passed.
        set_by_ns: by how much it was set besides.
    """

    elapsed_ns: int = 0
    set_by_ns: int = 0


class FollowingClock:
    """A manual clock that follows freezes; the bench's clock in a test.

    Belongs to the bench's thread.

    Args:
        start_ns: where it stands at first, ns since 1970, UTC.
        freeze: tells the freeze in force.
        moved: is told how it moved, each time that it did.
    """

    mode = "manual"
    rate = Fraction(0)
    virtual = True

    def __init__(
        self,
        start_ns: int,
        freeze: CurrentFreeze = current_freeze,
        moved: Callable[[Moved], object] = lambda _: None,
    ) -> None:
        self._now_ns = start_ns
        self._outside_ns = start_ns  # where it goes on when the freeze ends
        self._freeze = freeze
        self._key: object = None
        self._moved = moved

    def read(self) -> Reading:
        """Look at the clock, and at the freeze that it follows."""
        freeze, before_ns = self._freeze(), self._now_ns
        if self._key is None and freeze is not None:
            self._outside_ns = before_ns
        if freeze is None:
            moved = Moved(0, self._outside_ns - before_ns if self._key is not None else 0)
            self._key = None
        else:
            by_ns = freeze.time_ns() - before_ns
            passes = self._key is freeze.key and by_ns >= 0
            moved = Moved(by_ns, 0) if passes else Moved(0, by_ns)
            self._key = freeze.key
        self._now_ns += moved.elapsed_ns + moved.set_by_ns
        if moved != Moved():
            self._moved(moved)
        return Reading(before_ns + moved.elapsed_ns, moved.set_by_ns)

    def jump(self, to_ns: int) -> None:
        """Go to a bench time, and take the freeze along."""
        by_ns = to_ns - self._now_ns
        if by_ns <= 0:
            return
        freeze = self._freeze()
        if freeze is not None:
            freeze.move(by_ns)
        self._now_ns = to_ns
        self._moved(Moved(by_ns, 0))

    def set_rate(self, rate: Fraction) -> None:
        """Refuse any but 0: a test's time goes when the test says so.

        Raises:
            ClockError: another rate.
        """
        if rate:
            raise ClockError("the clock of a test goes when it is told; advance() it")


class GalhClock:
    """The time that a test's tokens and server live in.

    Args:
        runner: lets the test's bench live.

    Attributes:
        runner: as given.
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def __repr__(self) -> str:
        return f"<GalhClock {self.now().isoformat()}>"

    @property
    def _bench(self) -> Bench:
        return self.runner.bench

    def advance(self, seconds: float = 0.0, **more: float) -> None:
        """Let time pass at once, frozen time too.

        Args:
            seconds: how much.
            more: the rest, as of :class:`datetime.timedelta`: ``days=365``.

        Raises:
            NotOfferedError: the token is real, and so is its time.
            UsageError: a negative time, or one past the year 2115.
        """
        by = timedelta(seconds=seconds, **more)
        self.pass_ns(by // timedelta(microseconds=1) * 1_000)

    def pass_ns(self, by_ns: int) -> None:
        """Let time pass at once, to the nanosecond; raises as :meth:`advance`."""
        if self._bench.clock_mode == "real":
            raise NotOfferedError("a real token's time can't be moved")
        with as_host_errors():
            self.runner.call(lambda: self._bench.advance(by_ns))

    def time_ns(self) -> int:
        """Return how late it is, ns since 1970, UTC."""
        with as_host_errors():
            return self.runner.call(self._bench.now_ns)

    def time(self) -> float:
        """Return how late it is as :func:`time.time` does, for ``for_time`` of pyotp."""
        return self.time_ns() / BILLION

    def now(self) -> datetime:
        """Return how late it is, UTC, to the microsecond below."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.time_ns() // 1_000)
