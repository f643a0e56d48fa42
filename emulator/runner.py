"""A bench alive in this process: an event loop in a thread of its own.

For who wants tokens in the same process: tests, the demo, ``galh://``. Everything
that touches the bench runs in that thread, through :meth:`Runner.call`.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

from emulator.bench import Bench
from emulator.errors import EmulatorError, UsageError
from emulator.pacer import Pacer
from emulator.results import Ticket

T = TypeVar("T")


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose timers go on while a test freezes time.

    What freezes ``time.monotonic`` is meant for the program under test; ports and the
    pacer sleep in the host's time.
    """

    def time(self) -> float:
        """Return the loop's time, seconds."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)


class Runner:
    """A thread that lets a bench live.

    Args:
        make_bench: makes the bench; called in the thread, which owns it.

    Attributes:
        bench: the bench, for use inside :meth:`call` only.
        loop: the event loop, for ports.
        failure: what stopped the bench, once its state directory failed.

    Raises:
        EmulatorError: whatever making the bench raised.
    """

    def __init__(self, make_bench: Callable[[], Bench]) -> None:
        self.loop: asyncio.AbstractEventLoop = _Loop()
        self.failure: EmulatorError | None = None
        self._ended = False
        self._waiting: set[Future[Any]] = set()
        self._lock = threading.Lock()  # of the two above
        self._thread = threading.Thread(target=self._run, name="galh-bench", daemon=True)
        self._thread.start()
        try:
            self.bench = self.call(make_bench)
            self._pacer = self.call(lambda: Pacer(self.bench, self.loop, self._failed))
        except BaseException:
            self._stop()
            raise

    def call(self, function: Callable[[], T]) -> T:
        """Run a function in the bench's thread and return what it returns.

        Raises:
            UsageError: the thread has ended, or ends before it comes to the function.
            Exception: whatever the function raises.
        """
        if threading.current_thread() is self._thread:
            return function()  # waiting for ourselves would take for ever
        return self._wait(lambda future: _settle(future, function))

    def result(self, begin: Callable[[], Ticket[T]]) -> T:
        """Begin something in the bench's thread, and return its result once it is there.

        Not for the bench's own thread, where nothing would happen meanwhile.

        Raises:
            UsageError: the thread has ended, or ends before there is a result.
            Exception: whatever ``begin`` raises.
        """
        return self._wait(lambda future: _promise(future, begin))

    def _wait(self, start: Callable[[Future[T]], None]) -> T:
        future: Future[T] = Future()
        with self._lock:
            if self._ended:
                raise _ended()
            self._waiting.add(future)
            self.loop.call_soon_threadsafe(start, future)
        try:
            return future.result()
        finally:
            with self._lock:
                self._waiting.discard(future)

    def close(self) -> None:
        """Keep the bench's time and end the thread. A second call does nothing.

        Raises:
            StateError: the time can't be kept; the thread has ended all the same.
        """
        try:
            if not self._ended:
                self.call(self._pacer.close)
                self.call(self.bench.close)
        finally:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _failed(self, error: EmulatorError) -> None:
        self.failure = error

    def _run(self) -> None:
        try:
            self.loop.run_forever()
        finally:
            with self._lock:
                self._ended = True
                left = [future for future in self._waiting if not future.done()]
            for future in left:
                future.set_exception(_ended())
            self.loop.close()

    def _stop(self) -> None:
        with self._lock:
            if not self._ended:
                self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()


def _settle(future: Future[T], function: Callable[[], T]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  # who called gets it, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)


def _promise(future: Future[T], begin: Callable[[], Ticket[T]]) -> None:
    try:
        begin().then(future.set_result)
    except BaseException as error:  # noqa: BLE001  # who asked gets it, whatever it is
        future.set_exception(error)


def _ended() -> UsageError:
    return UsageError("the bench has ended: its runner was closed; make a new one")
