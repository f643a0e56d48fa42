"""How long a request may be on its way."""

import asyncio
from collections.abc import Callable

from emulator.http.wire import MOST_HELD, Deadline, Together


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


class Wire(asyncio.Transport):
    """A connection that notes what goes over it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Note it."""
        self.sent.append(bytes(data))

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed


def turn(loop: asyncio.AbstractEventLoop) -> None:
    """Let the loop turn once."""
    loop.call_soon(loop.stop)
    loop.run_forever()


def test_a_head_and_its_body_are_one_packet() -> None:
    """What is written in one turn goes together; the next turn's goes by itself."""
    wire, loop = Wire(), asyncio.new_event_loop()
    together = Together(wire, loop)
    together.write(b"head ")
    together.write(b"body")
    assert [] == wire.sent
    turn(loop)
    together.write(b"more")
    turn(loop)
    loop.close()
    assert [b"head body", b"more"] == wire.sent


def test_much_goes_at_once() -> None:
    """A client's pace is felt by whoever writes much, in the same turn."""
    wire, loop = Wire(), asyncio.new_event_loop()
    together = Together(wire, loop)
    together.write(bytes(MOST_HELD))
    together.write(b"x")
    turn(loop)
    loop.close()
    assert [MOST_HELD + 1] == [len(data) for data in wire.sent]


def test_what_is_left_goes_before_the_end() -> None:
    """Closing loses nothing, and everything else is the connection's own."""
    wire, loop = Wire(), asyncio.new_event_loop()
    together = Together(wire, loop)
    together.write(b"last words")
    assert not together.is_closing()
    together.close()
    turn(loop)
    loop.close()
    assert ([b"last words"], True) == (wire.sent, together.is_closing())
