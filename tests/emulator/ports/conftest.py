"""An event loop in a thread of its own, as a bench has, and a consumer that echoes lines."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from emulator.ports.base import Write
from emulator.ports.local import LocalPort
from emulator.ports.pty import Cut, PtyPort, cut_by_lines
from hosttools.testing import BACKSTOP_S

T = TypeVar("T")


class LoopThread:
    """Runs an event loop in a thread, and calls into it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, act: Callable[[], T]) -> T:
        """Run it in the loop and return what it returned."""

        async def run() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(BACKSTOP_S)

    def stop(self) -> None:
        """End the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(BACKSTOP_S)
        self.loop.close()


class EchoConsumer:
    """Answers each line with itself; ``hold`` holds, ``later`` waits for :meth:`finish`.

    While it waits it queues lines, as a session does during a press. ``blow N``
    answers with N bytes.
    """

    def __init__(self, write: Write) -> None:
        self.write = write
        self.lines: list[bytes] = []
        self.fed = 0
        self.held = False
        self.hang_ups = 0
        self.half = b""
        self._queue: list[bytes] = []
        self._waiting = False
        self._changed = threading.Condition()

    @property
    def backlog(self) -> int:
        """Bytes of lines that wait."""
        return sum(map(len, self._queue))

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        with self._changed:
            self.fed += len(data)
            *lines, self.half = (self.half + data).split(b"\n")
            self._queue += lines
            self._run()
            self._changed.notify_all()

    def hang_up(self) -> None:
        """Forget the client."""
        with self._changed:
            self.half = b""
            self.held = False
            self.hang_ups += 1
            self._changed.notify_all()

    def finish(self) -> None:
        """End what ``later`` began; in the loop's thread."""
        with self._changed:
            self._waiting = False
            self._run()
            self._changed.notify_all()

    def wait_for(self, truth: Callable[["EchoConsumer"], bool]) -> None:
        """Block the test until it is so."""
        with self._changed:
            assert self._changed.wait_for(lambda: truth(self), BACKSTOP_S)

    def _run(self) -> None:
        while self._queue and not self._waiting:
            line = self._queue.pop(0)
            self.lines.append(line)
            self.held = self.held or line == b"hold"
            self._waiting = line == b"later"
            if line.startswith(b"blow "):
                self.write(b"#" * int(line[5:]))
            elif line not in {b"hold", b"later"}:
                self.write(line + b"\n")


def _unheard(_: bytes) -> None:
    """Drop an answer: there is no port yet."""


class Bench:
    """A loop's ports, and the consumers made for them, in order."""

    def __init__(self, thread: LoopThread) -> None:
        self.thread = thread
        self.call = thread.call
        self.consumers: list[EchoConsumer] = []
        self._made = threading.Condition()
        self._ports: list[PtyPort | LocalPort] = []

    def pty(self, cut: Cut = cut_by_lines) -> PtyPort:
        """Open a pty. Its consumer is there at once, and in use from the first byte on."""
        echo = self.consumer(_unheard)

        def connect(write: Write) -> EchoConsumer:
            echo.write = write
            return echo

        port = self.call(lambda: PtyPort(self.thread.loop, connect, cut=cut))
        self._ports.append(port)
        return port

    def local(self, serial: str) -> LocalPort:
        """Serve ``galh://SERIAL``."""
        port = self.call(lambda: LocalPort(self.thread.loop, serial, self.consumer))
        self._ports.append(port)
        return port

    def consumer(self, write: Write) -> EchoConsumer:
        """Make a consumer, and remember it."""
        consumer = EchoConsumer(write)
        with self._made:
            self.consumers.append(consumer)
            self._made.notify_all()
        return consumer

    def nth(self, number: int) -> EchoConsumer:
        """Return the consumer made first (0), second …; wait for it if need be."""
        with self._made:
            assert self._made.wait_for(lambda: len(self.consumers) > number, BACKSTOP_S)
        return self.consumers[number]

    def close(self) -> None:
        """Close all ports."""
        for port in self._ports:
            self.call(port.close)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Give a bench without ports, and close what the test opened on it."""
    thread = LoopThread()
    bench = Bench(thread)
    yield bench
    bench.close()
    thread.stop()
