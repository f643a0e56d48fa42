"""A token in this process: the bench's own verbs, with nothing in between.

The bench lives in a thread of its own (:class:`emulator.runner.Runner`), so that ports
can serve the same token; every verb is called there, and any thread may press.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Protocol, TypeVar

from emulator import errors
from emulator.bench import Bench
from emulator.bench.button import MAX_TIMES
from emulator.results import PressResult, Ticket, View
from firmware_model.climate import steady
from firmware_model.errors import FirmwareError
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from firmware_model.stimuli import Ambient, ClockJump, Retune
from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.hand.seam import (
    DEFAULT_HOLD_S,
    DEFAULT_LIMIT_S,
    Can,
    Pressed,
    check_hold,
    check_series,
    needs,
)

T = TypeVar("T")

_BY: Final = "hand"
"""Who did it, as the journal says."""

_NOW: Final = 0  # the bench puts its own time in
_SLACK_NS: Final = 10 * SECOND


@contextlib.contextmanager
def as_host_errors() -> Iterator[None]:
    """Turn what a bench refuses into errors of the host's side.

    Raises:
        UsageError: asked for what can't be.
        StateError: its state directory is damaged or can't be written.
        BusyError: somebody else holds it.
        HostError: anything else that a bench can't.
    """
    try:
        yield
    except (errors.UsageError, FirmwareError) as e:
        raise UsageError(str(e)) from e
    except errors.StateError as e:
        raise StateError(str(e)) from e
    except errors.BusyError as e:
        raise BusyError(str(e)) from e
    except errors.EmulatorError as e:
        raise HostError(str(e)) from e


class Alive(Protocol):
    """A bench that lives: :class:`emulator.runner.Runner`, or one whose time stands."""

    bench: Bench

    def call(self, function: Callable[[], T]) -> T:
        """Run a function where the bench may be touched, and return what it returns."""

    def result(self, begin: Callable[[], Ticket[T]]) -> T:
        """Begin something there, and return its result once it is there."""


class StillBench:
    """A bench on a manual clock, in its caller's thread.

    Nothing happens on it by itself, so that it needs no thread to live in: thousands of
    presses wait for nobody.

    Args:
        bench: the bench.

    Attributes:
        bench: as given.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def call(self, function: Callable[[], T]) -> T:
        """Run a function."""
        return function()

    def result(self, begin: Callable[[], Ticket[T]]) -> T:
        """Begin something: on a manual clock its result is there at once."""
        return begin().result

    def close(self) -> None:
        """Keep the bench's time."""
        self.bench.close()


class BenchHand:
    """A token of a bench in this process. Any thread may use it, if its bench has its own.

    Args:
        runner: lets the bench live.
        serial: which token.
        close: is called once the token is put down.

    Raises:
        UsageError: no such token.
    """

    def __init__(
        self, runner: Alive, serial: str, *, close: Callable[[], None] = lambda: None
    ) -> None:
        self.runner = runner
        self._serial = serial
        self._close = close
        with as_host_errors():
            self._profile = runner.call(lambda: runner.bench.profile(serial))
            self._type = runner.call(lambda: runner.bench.token_type(serial))
        event = self._type is TokenType.EVENT
        self.can = frozenset(Can) - (
            {Can.TOKEN_TIME, Can.SHIFT_TOKEN_TIME} if event else {Can.COUNTER, Can.SET_COUNTER}
        )
        if runner.bench.clock_mode == "real":
            self.can -= {Can.ADVANCE}

    def serial(self) -> str:
        """Return the serial number."""
        return self._serial

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""
        return self._type

    def profile_name(self) -> str:
        """Return what product it is."""
        return self._profile.name

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press and let go; return the code as it lit, or why none did."""
        check_hold(hold_s)
        bench = self.runner.bench
        return _pressed(self._result(lambda: bench.press(self._serial, _ns(hold_s))))

    def press_many(
        self,
        times: int,
        hold_s: float = DEFAULT_HOLD_S,
        *,
        limit_s: float | None = None,
    ) -> tuple[Pressed, ...]:
        """Press so many times, see :meth:`hosttools.hand.seam.Hand.press_many`."""
        lit_ns = self._profile.lit_ns
        check_series(times, hold_s, rate=self.rate(), lit_ns=lit_ns, limit_s=limit_s)
        bench, longest_s = self.runner.bench, DEFAULT_LIMIT_S if limit_s is None else limit_s
        given: list[Pressed] = []
        while len(given) < times and (not given or given[-1].refused is None):
            if given:
                self.wait_dark()
            number = min(times - len(given), MAX_TIMES)
            series = partial(bench.press_many, self._serial, number, _ns(hold_s))
            results = self._result(partial(series, limit_s=longest_s))
            given.extend(map(_pressed, results))
        return tuple(given)

    def wait_dark(self, timeout_s: float | None = None) -> None:
        """Wait until the LCD is dark; time that can be moved is moved to that moment."""
        timeout_ns = self.remaining_ns() + _SLACK_NS if timeout_s is None else _ns(timeout_s)
        bench = self.runner.bench
        if not self._result(lambda: bench.wait(self._serial, lit=False, timeout_ns=timeout_ns)):
            raise HostError(
                f"the display of {self._serial} did not go dark within {timeout_ns / SECOND:g} s"
            )

    def clock_mode(self) -> str:
        """Return ``real``, ``scaled`` or ``manual``."""
        return self.runner.bench.clock_mode

    def rate(self) -> float:
        """Return bench seconds in a second: 1 on a real clock, 0 on a manual one."""
        return float(self.runner.bench.rate)

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return self._call(self.runner.bench.now_ns)

    def down(self) -> None:
        """Close the button's contact."""
        self._call(lambda: self.runner.bench.down(self._serial))

    def up(self) -> None:
        """Open it."""
        self._call(lambda: self.runner.bench.up(self._serial))

    def lcd(self) -> Lcd:
        """Return what the LCD shows."""
        return self._look().lcd

    def remaining_ns(self) -> int:
        """Return bench time until the LCD goes dark by itself; 0 when it is dark."""
        return self._look().remaining_ns

    @needs(Can.ADVANCE)
    def advance(self, seconds: float) -> None:
        """Let bench time pass at once; a real clock refuses."""
        self._call(lambda: self.runner.bench.advance(_ns(seconds)))

    @needs(Can.COUNTER)
    def counter(self) -> int:
        """Return an event token's next counter.

        Raises:
            HostError: no power, or a memory that is broken.
        """
        counter = self._look().counter
        if counter is None:
            raise HostError(f"token {self._serial} has no counter that can be read now")
        return counter

    @needs(Can.SET_COUNTER)
    def set_counter(self, counter: int) -> None:
        """Set it."""
        self._call(lambda: self.runner.bench.set_counter(self._serial, counter))

    @needs(Can.TOKEN_TIME)
    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, ns since 1970, UTC.

        Raises:
            HostError: it has no power.
        """
        time_ns = self._look().token_time_ns
        if time_ns is None:
            raise HostError(f"token {self._serial} has no power: its clock stands")
        return time_ns

    @needs(Can.SHIFT_TOKEN_TIME)
    def shift_token_time(self, by_ns: int) -> None:
        """Have a time token's own clock gain so much at once; negative: lose."""
        self._call(lambda: self.runner.bench.happen(self._serial, ClockJump(_NOW, by_ns)))

    def reset(self) -> None:
        """Let the supply fail for an instant: RAM is lost, the memory is kept."""
        self._call(lambda: self.runner.bench.reset(self._serial))

    def temperature(self) -> float:
        """Return how warm it is around the token, °C."""
        bench = self.runner.bench
        return self._call(lambda: bench.condition(self._serial)).temperature_mc / 1000

    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm, from now on."""
        milli = _whole(celsius * 1000, "°C")
        bench = self.runner.bench
        self._call(lambda: bench.happen(self._serial, Ambient(_NOW, steady(milli))))

    def set_ppm(self, ppm: float) -> None:
        """Set the crystal's rate error at its turnover temperature, millionths."""
        bench, ppb = self.runner.bench, _whole(ppm * 1000, "ppm")

        def retune() -> None:
            crystal = bench.condition(self._serial).crystal
            tuned = crystal._replace(tolerance_ppb=ppb)
            bench.happen(self._serial, Retune(_NOW, tuned))

        self._call(retune)

    def inject(self, fault: str) -> None:
        """Arm a fault, an inline table as in a fault file."""
        self._call(lambda: self.runner.bench.inject(self._serial, fault))

    def close(self) -> None:
        """Put the token down."""
        self._close()

    def _look(self) -> View:
        return self._call(lambda: self.runner.bench.look(self._serial))

    def _call(self, function: Callable[[], T]) -> T:
        with as_host_errors():
            return self.runner.call(self._acting(function))

    def _result(self, begin: Callable[[], Ticket[T]]) -> T:
        with as_host_errors():
            return self.runner.result(self._acting(begin))

    def _acting(self, function: Callable[[], T]) -> Callable[[], T]:
        def acting() -> T:
            with self.runner.bench.acting(_BY):
                return function()

        return acting


def _pressed(result: PressResult) -> Pressed:
    return Pressed(result.code, result.refused)


def _ns(seconds: float) -> int:
    return _whole(seconds * SECOND, "ns")


def _whole(number: float, unit: str) -> int:
    if not math.isfinite(number):
        raise UsageError(f"{number} {unit}; allowed is a number")
    return round(number)
