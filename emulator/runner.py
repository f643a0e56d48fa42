"""A bench alive in this process: an event loop in a thread of its own.

For who wants tokens in the same process: tests, the demo, ``galh://``. Everything
that touches the bench runs in that thread, through :meth:`Runner.call`.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Self, TypeVar

from emulator.bench import Bench
from emulator.errors import EmulatorError
from emulator.pacer import Pacer

T = TypeVar("T")


class Runner:
    """A thread that lets a bench live.

    Args:
        make_bench: makes the bench; called in the thread, which owns it.

    Attributes:
        bench: the bench, for use inside :meth:`call` only.
        loop: the event loop, for ports.

    Raises:
        EmulatorError: whatever making the bench raised.
    """

    def __init__(self, make_bench: Callable[[], Bench]) -> None:
        self.loop = asyncio.new_event_loop()
        self.failure: EmulatorError | None = None
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
            Exception: whatever the function raises.
        """

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result()

    def close(self) -> None:
        """Keep the bench's time and end the thread."""
        try:
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
        self.loop.run_forever()
        self.loop.close()

    def _stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
