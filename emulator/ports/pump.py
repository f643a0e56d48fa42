"""Moves bytes between one non-blocking descriptor and a consumer, in bounded memory.

What every port does alike: read, feed, write at once, keep what did not fit.
A client that floods and never reads is read no further once its unread answers
or its undone lines are above the high-water mark; the kernel then stops it.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from emulator.ports.base import Consumer, MakeConsumer

HIGH_WATER: Final = 64 * 1024
"""Bytes of unread answers, or of undone lines, above which a client is not read."""

CHUNK: Final = 4096
"""Most bytes fed at once: bounds what one feed can answer beyond the mark."""

_RECHECK_S: Final = 0.01


class Pump:
    """One descriptor's bytes.

    The consumer need not tell when its backlog shrinks: the pump looks after
    every answer and, only while the backlog is what holds it, every 10 ms. So
    no consumer can make a port stall by forgetting to call.

    Args:
        loop: the loop that everything here runs in.
        fd: the descriptor, non-blocking.
        recv: reads at most so many bytes; ``b""`` or ``OSError`` is the end.
        send: writes what fits, and returns how much that was.
        arrived: gets what was read, and feeds it.
        ended: is told that reading or writing found the end.
        make_consumer: makes the consumer, given :meth:`write`.

    Attributes:
        consumer: who takes the bytes.
    """

    __slots__ = (
        "_arrived",
        "_ended",
        "_fd",
        "_loop",
        "_reading",
        "_recv",
        "_send",
        "_stopped",
        "_timer",
        "_unsent",
        "consumer",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        fd: int,
        *,
        recv: Callable[[int], bytes],
        send: Callable[[bytes | bytearray], int],
        arrived: Callable[[bytes], None],
        ended: Callable[[], None],
        make_consumer: MakeConsumer,
    ) -> None:
        self._loop = loop
        self._fd = fd
        self._recv = recv
        self._send = send
        self._arrived = arrived
        self._ended = ended
        self._unsent = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._reading = False
        self._stopped = False
        self.consumer: Consumer = make_consumer(self.write)
        self.resume()

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait here for the client to read."""
        return len(self._unsent)

    @property
    def reading(self) -> bool:
        """Whether the client is read at present."""
        return self._reading

    def write(self, data: bytes) -> None:
        """Send an answer: at once as far as it fits, the rest when there is room."""
        if self._stopped:
            return
        if not self._unsent:
            try:
                sent = self._send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                # Reading finds the end too, in its order after what was sent.
                return
            if sent == len(data):
                if not self._reading:
                    self.resume()
                return
            data = data[sent:]
            self._loop.add_writer(self._fd, self._writable)
        self._unsent += data
        self._balance()

    def take_rest(self) -> bytes:
        """Read what was already sent, whatever the marks say: the kernel holds less than this."""
        rest = bytearray()
        while len(rest) < HIGH_WATER and (data := self._read()):
            rest += data
        return bytes(rest)

    def discard(self) -> None:
        """Drop the answers that wait to be sent; reading goes on if they stopped it."""
        if self._unsent:
            self._unsent.clear()
            self._loop.remove_writer(self._fd)
            self.resume()

    def pause(self) -> None:
        """Stop reading."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._fd)

    def resume(self) -> None:
        """Read again, unless a mark says no."""
        if not self._full():
            if not (self._reading or self._stopped):
                self._reading = True
                self._loop.add_reader(self._fd, self._readable)
        elif self.consumer.backlog > HIGH_WATER and self._timer is None and not self._stopped:
            self._timer = self._loop.call_later(_RECHECK_S, self._recheck)

    def stop(self) -> None:
        """Leave the descriptor alone for good; answers are dropped from here on."""
        self._stopped = True
        self.pause()
        self.discard()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _full(self) -> bool:
        return len(self._unsent) > HIGH_WATER or self.consumer.backlog > HIGH_WATER

    def _balance(self) -> None:
        if self._full():
            self.pause()
        if not self._reading:
            self.resume()

    def _recheck(self) -> None:
        self._timer = None
        self._balance()

    def _read(self) -> bytes:
        try:
            return self._recv(CHUNK)
        except OSError:
            return b""

    def _readable(self) -> None:
        try:
            data = self._recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._ended()
            return
        self._arrived(data)
        if self._full():
            self._balance()

    def _writable(self) -> None:
        try:
            sent = self._send(self._unsent)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._ended()
            return
        del self._unsent[:sent]
        if not self._unsent:
            self._loop.remove_writer(self._fd)
        if not self._reading:
            self.resume()
