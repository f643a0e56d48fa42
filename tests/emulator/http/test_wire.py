"""How long a request may be on its way."""

import asyncio
from collections.abc import Callable

from emulator.http.wire import Deadline


class Clockwork(asyncio.SelectorEventLoop):
    """A loop whose timers ring when they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[tuple[float, Callable[..., object], asyncio.TimerHandle]] = []

    def call_later(  # type: ignore[override]  # no arguments, no context
        self, delay: float, callback: Callable[[], object]
    ) -> asyncio.TimerHandle:
        """Keep a timer."""
        handle = asyncio.TimerHandle(delay, callback, (), self)
        self.timers.append((delay, callback, handle))
        return handle


def test_time_runs_from_the_first_call() -> None:
    """A client that sends a byte now and then gets no more of it."""
    missed: list[str] = []
    loop = Clockwork()
    deadline = Deadline(loop, 60.0, lambda: missed.append("late"))
    deadline.set()
    deadline.set()
    [(delay, ring, _)] = loop.timers
    ring()
    loop.close()
    assert (60.0, ["late"]) == (delay, missed)


def test_what_came_in_time_is_not_missed() -> None:
    """The next request has its own time."""
    loop = Clockwork()
    deadline = Deadline(loop, 60.0, lambda: None)
    deadline.set()
    deadline.clear()
    deadline.set()
    loop.close()
    assert [True, False] == [handle.cancelled() for _, _, handle in loop.timers]
