"""Real time, as a thin wrapper round the bench's loop.

Sleeps until the bench's next moment has come, then lets everything happen that is
due, in one go: after a stall there is one wake-up to catch up, not a burst of them.
"""

import asyncio
from collections.abc import Callable

from emulator.bench import Bench
from emulator.errors import EmulatorError


class Pacer:
    """Wakes a bench when its time has come.

    Args:
        bench: belongs to the loop's thread.
        loop: the event loop.
        on_error: called with what stopped the bench (its state directory failed).
    """

    def __init__(
        self,
        bench: Bench,
        loop: asyncio.AbstractEventLoop,
        on_error: Callable[[EmulatorError], None],
    ) -> None:
        self._bench = bench
        self._loop = loop
        self._on_error = on_error
        self._timer: asyncio.TimerHandle | None = None
        bench.on_schedule(self._schedule)
        self._schedule()

    def close(self) -> None:
        """Wake it no more."""
        self._bench.on_schedule(lambda: None)
        self._disarm()

    def _schedule(self) -> None:
        at_ns = self._bench.next_event_ns()
        if at_ns is None or not (rate := self._bench.rate):
            self._disarm()
            return
        delay_s = max(at_ns - self._bench.settled_ns, 0) / float(rate) / 1e9
        wake_at = self._loop.time() + delay_s
        # One that is set already comes in time, or too early, which harms nobody. It would
        # come too late for an earlier moment, a faster clock, or one that was advanced.
        if self._timer is None or wake_at < self._timer.when():
            self._disarm()
            self._timer = self._loop.call_at(wake_at, self._wake)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        self._timer = None
        try:
            self._bench.pump()
        except EmulatorError as e:
            self._on_error(e)
        self._schedule()
