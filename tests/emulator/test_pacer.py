"""Real time as a thin wrapper: when a bench is woken, and how often."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import cast

import pytest

from emulator.bench import Bench
from emulator.clock import Clock, RealClock, VirtualClock
from emulator.errors import EmulatorError, StateError
from emulator.pacer import Pacer
from emulator.testing import HandHost
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH
from firmware_model.profile import SECOND

SERIAL = "GALH00000042"
PRESSED_NS = GALH.debounce_ns + GALH.commit_ns + GALH.compute_ns
"""From the contact to the lit LCD."""


class HandLoop:
    """An event loop whose time is a hand-moved host's: it has timers and nothing else."""

    def __init__(self, host: HandHost) -> None:
        self._host = host
        self._timers: list[HandTimer] = []
        self.wakes = 0

    def time(self) -> float:
        """Return the host's elapsed seconds."""
        return self._host.monotonic_ns / 1e9

    def call_at(self, when: float, callback: Callable[[], None]) -> "HandTimer":
        """Set a timer."""
        timer = HandTimer(when, callback)
        self._timers.append(timer)
        return timer

    def armed(self) -> list[float]:
        """Return when the timers that are set go off."""
        return sorted(t.at_s for t in self._timers if not t.cancelled)

    def sleep(self, seconds: float) -> None:
        """Let time pass and timers go off in it."""
        end_ns = self._host.monotonic_ns + round(seconds * 1e9)
        while (due := self.armed()) and round(due[0] * 1e9) <= end_ns:
            self._host.pass_time(max(round(due[0] * 1e9) - self._host.monotonic_ns, 0))
            self.run_due()
        self._host.pass_time(end_ns - self._host.monotonic_ns)

    def run_due(self) -> None:
        """Call what is due now."""
        for timer in [t for t in self._timers if not t.cancelled and t.at_s <= self.time() + 1e-9]:
            timer.cancelled = True
            self.wakes += 1
            timer.callback()


class HandTimer:
    """One timer of a hand-moved loop."""

    def __init__(self, at_s: float, callback: Callable[[], None]) -> None:
        self.at_s = at_s
        self.callback = callback
        self.cancelled = False

    def when(self) -> float:
        """Return when it goes off."""
        return self.at_s

    def cancel(self) -> None:
        """Take it back."""
        self.cancelled = True


class Paced:
    """A token on a bench that a pacer wakes."""

    def __init__(self, make_clock: Callable[[HandHost], Clock]) -> None:
        self.host = HandHost()
        self.loop = HandLoop(self.host)
        self.bench = Bench(make_clock(self.host))
        self.bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
        self.errors: list[EmulatorError] = []
        loop = cast("asyncio.AbstractEventLoop", self.loop)  # as much of one as a pacer needs
        self.pacer = Pacer(self.bench, loop, self.errors.append)


def _scaled(rate: int) -> Callable[[HandHost], Clock]:
    return lambda host: VirtualClock(0, Fraction(rate), host)


def test_press_lights_in_its_time() -> None:
    """On a real clock a press is lit once its milliseconds are over, and not before."""
    paced = Paced(RealClock)
    ticket = paced.bench.press(SERIAL, hold_ns=PRESSED_NS // 2)
    paced.loop.sleep((PRESSED_NS - 1_000_000) / 1e9)
    assert not ticket.done

    paced.loop.sleep(0.001)

    assert ticket.result.code == "755224"


def test_lcd_goes_dark_by_itself() -> None:
    """A lit token goes dark at its moment though nobody asks for anything."""
    paced = Paced(RealClock)
    paced.bench.press(SERIAL)
    wait = paced.bench.wait(SERIAL, lit=True, timeout_ns=SECOND)
    paced.loop.sleep(1)
    assert wait.done

    dark = paced.bench.wait(SERIAL, lit=False, timeout_ns=60 * SECOND)
    paced.loop.sleep(30)

    assert dark.result


def test_nothing_to_come_sets_no_timer() -> None:
    """A token at rest wakes nobody."""
    paced = Paced(RealClock)
    paced.bench.look(SERIAL)

    assert paced.loop.armed() == []


def test_stall_is_caught_up_at_once() -> None:
    """After a stall one wake-up does everything that is due, not one each."""
    paced = Paced(RealClock)
    ticket = paced.bench.press(SERIAL)
    paced.host.pass_time(100 * SECOND)
    paced.loop.run_due()

    assert ticket.result.code == "755224"
    assert not paced.bench.look(SERIAL).lcd.lit
    assert paced.loop.wakes == 1
    assert paced.loop.armed() == []


def test_scaled_clock_is_paced_by_its_rate() -> None:
    """At 60 bench seconds a second, 30 seconds of light are half a second."""
    paced = Paced(_scaled(60))
    paced.bench.press(SERIAL)
    dark = paced.bench.wait(SERIAL, lit=False, timeout_ns=60 * SECOND)
    paced.loop.sleep(0.49)
    assert not dark.done

    paced.loop.sleep(0.02)

    assert dark.result


def test_faster_clock_wakes_earlier() -> None:
    """A rate set while something is to come brings its wake-up forward."""
    paced = Paced(_scaled(1))
    paced.bench.press(SERIAL)
    dark = paced.bench.wait(SERIAL, lit=False, timeout_ns=60 * SECOND)
    paced.bench.set_rate(Fraction(100))
    paced.loop.sleep(0.31)

    assert dark.done


def test_slower_clock_wakes_later() -> None:
    """A rate set lower puts the moment off; an early wake-up does no harm."""
    paced = Paced(_scaled(100))
    paced.bench.press(SERIAL)
    dark = paced.bench.wait(SERIAL, lit=False, timeout_ns=60 * SECOND)
    paced.bench.set_rate(Fraction(1))
    paced.loop.sleep(29)
    assert not dark.done

    paced.loop.sleep(2)

    assert dark.done


def test_advanced_clock_wakes_earlier() -> None:
    """Advancing a scaled clock brings what is to come nearer."""
    paced = Paced(_scaled(1))
    paced.bench.press(SERIAL)
    dark = paced.bench.wait(SERIAL, lit=False, timeout_ns=60 * SECOND)
    paced.bench.advance(20 * SECOND)
    paced.loop.sleep(10.2)

    assert dark.done


def test_stopped_clock_sets_no_timer() -> None:
    """At rate 0 nobody is woken; set going again, the moment comes."""
    paced = Paced(_scaled(1))
    paced.bench.press(SERIAL)
    paced.bench.set_rate(Fraction(0))
    assert paced.loop.armed() == []

    paced.bench.set_rate(Fraction(1))
    paced.loop.sleep(31)

    assert paced.loop.wakes >= 1
    assert not paced.bench.look(SERIAL).lcd.lit


def test_many_looks_set_one_timer() -> None:
    """However often a lit token is looked at, one timer waits for its dark moment."""
    paced = Paced(RealClock)
    paced.bench.press(SERIAL)
    paced.loop.sleep(1)
    for _ in range(100):
        paced.host.pass_time(1_000_000)
        paced.bench.look(SERIAL)

    assert len(paced.loop.armed()) == 1


def test_closed_wakes_no_more() -> None:
    """A closed pacer takes its timer back and sets none again."""
    paced = Paced(RealClock)
    paced.bench.press(SERIAL)
    paced.pacer.close()
    paced.bench.look(SERIAL)

    assert paced.loop.armed() == []


def test_bench_that_stops_tells() -> None:
    """What stops the bench in a wake-up is handed on, not raised into the loop."""
    paced = Paced(RealClock)
    paced.bench.press(SERIAL)
    error = StateError("no space left")

    def fail() -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paced.bench, "pump", fail)
        paced.loop.sleep(0.03)

    assert [error] == paced.errors
