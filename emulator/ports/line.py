"""Lets a port misbehave on purpose: between a port and its consumer, byte by byte.

Nothing here knows what the bytes mean, and no byte is ever told: some are codes.
Nothing is left to chance.

Answers pass ``delay`` first, then what drops, garbles or cuts, in the order in which the
faults were added: so a cut also stops answers that were on their way.
"""

import asyncio
import math
from collections import deque
from dataclasses import dataclass

from emulator.ports.base import Consumer, MakeConsumer, Write
from emulator.ports.linefaults import CutLine, DelayAnswers, Direction, DropBytes, LineFault


@dataclass(slots=True, eq=False)
class _Active:
    """A fault that was added and is not over.

    Attributes:
        left: bytes or answers that it has still to touch; ``None``: any number.
        until_s: when it ends, by the loop's clock.
    """

    fault: LineFault
    left: int | None
    until_s: float = math.inf


class Line:
    """What one port's line does wrong at present.

    Made before its port; belongs to the thread of the port's loop. Times that are
    added before the port is there begin with it.
    """

    __slots__ = ("_active", "_holding", "_loop")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        # Both are empty on nearly all of thousands of lines, and an empty tuple is nobody's.
        self._active: tuple[_Active, ...] = ()
        self._holding: tuple[_Troubled, ...] = ()

    @property
    def faults(self) -> tuple[LineFault, ...]:
        """The active ones, in the order added: neither used up, timed out nor cleared."""
        self._end_done()
        return tuple(active.fault for active in self._active)

    def add(self, fault: LineFault) -> None:
        """Begin a fault; it comes after those that are active."""
        active = _Active(fault, None if isinstance(fault, CutLine) else fault.count)
        self._active += (active,)
        if self._loop is not None:
            _start(active, self._loop)

    def clear(self) -> None:
        """End all faults; answers that are held go at once."""
        self._active = ()
        for consumer in self._holding:
            consumer.release()

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the time of what was added before there was a loop."""
        if self._loop is None:
            self._loop = loop
            for active in self._active:
                _start(active, loop)

    def carry(self, data: bytes, way: Direction) -> bytes:
        """Return what is left of bytes that go one way."""
        if not self._active:
            return data
        self._end_done()
        carried = bytearray()
        # Byte by byte, so that it makes no difference how the kernel cut the data up.
        for before in data:
            byte = before
            for active in self._active:
                after = _touch(active, byte, way)
                if after is None:
                    break
                byte = after
            else:
                carried.append(byte)
        return bytes(carried)

    def delay_s(self) -> float:
        """Return how long the answer that is given now is held, in seconds."""
        if not self._active:
            return 0.0
        self._end_done()
        total_ns = 0
        for active in self._active:
            if isinstance(active.fault, DelayAnswers):
                total_ns += active.fault.by_ns
                _use_up(active)
        return total_ns / 1e9

    def holds(self, consumer: "_Troubled", *, answers: bool) -> None:
        """Note whether a consumer's answers are held: only then it is told to release them."""
        others = tuple(one for one in self._holding if one is not consumer)
        self._holding = (*others, consumer) if answers else others

    def _end_done(self) -> None:
        """Forget what is used up or timed out."""
        now_s = -math.inf if self._loop is None else self._loop.time()
        self._active = tuple(a for a in self._active if a.left != 0 and a.until_s > now_s)


def troubled(
    loop: asyncio.AbstractEventLoop, make_consumer: MakeConsumer, line: Line
) -> MakeConsumer:
    """Put a line between a port and its consumers.

    Args:
        loop: the port's loop.
        make_consumer: makes the consumers that the port would have.
        line: what goes wrong on the way; one for each port.

    Returns:
        What to give to the port instead.
    """
    line.begin(loop)
    return lambda write: _Troubled(loop, make_consumer, line, write)


@dataclass(slots=True, eq=False)
class _Held:
    """An answer that waits; without a timer, only for those before it."""

    data: bytes
    timer: asyncio.TimerHandle | None = None


class _Troubled:
    """A consumer at the end of a bad line."""

    __slots__ = ("_consumer", "_held", "_held_bytes", "_line", "_loop", "_write")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make_consumer: MakeConsumer,
        line: Line,
        write: Write,
    ) -> None:
        self._loop = loop
        self._line = line
        self._write = write
        self._held: deque[_Held] = deque()
        self._held_bytes = 0
        self._consumer: Consumer = make_consumer(self._answer)

    @property
    def backlog(self) -> int:
        """The consumer's, and what is held: so a client that floods fills no memory."""
        return self._consumer.backlog + self._held_bytes

    def feed(self, data: bytes) -> None:
        """Pass on what gets through."""
        data = self._line.carry(data, Direction.TO_TOKEN)
        if data:
            self._consumer.feed(data)

    def hang_up(self) -> None:
        """Drop what is held, as nobody is there to read it."""
        for held in self._held:
            _cancel(held)
        self._held.clear()
        self._held_bytes = 0
        self._line.holds(self, answers=False)
        self._consumer.hang_up()

    def release(self) -> None:
        """Let go of all that is held, at once."""
        for held in self._held:
            _cancel(held)
        self._send_due()

    def _answer(self, data: bytes) -> None:
        delay_s = self._line.delay_s()
        if not (delay_s or self._held):
            self._send(data)
            return
        held = _Held(data)
        if delay_s:
            held.timer = self._loop.call_later(delay_s, self._due, held)
        self._held.append(held)
        self._held_bytes += len(data)
        self._line.holds(self, answers=True)

    def _due(self, held: _Held) -> None:
        held.timer = None
        self._send_due()

    def _send_due(self) -> None:
        while self._held and self._held[0].timer is None:
            data = self._held.popleft().data
            self._held_bytes -= len(data)
            self._send(data)
        if not self._held:
            self._line.holds(self, answers=False)

    def _send(self, data: bytes) -> None:
        data = self._line.carry(data, Direction.TO_CLIENT)
        if data:
            self._write(data)


def _start(active: _Active, loop: asyncio.AbstractEventLoop) -> None:
    fault = active.fault
    if isinstance(fault, CutLine) and fault.for_ns is not None:
        active.until_s = loop.time() + fault.for_ns / 1e9


def _touch(active: _Active, byte: int, way: Direction) -> int | None:
    """Return what a fault makes of a byte; ``None`` is nothing."""
    fault = active.fault
    if isinstance(fault, CutLine):
        return None
    if isinstance(fault, DelayAnswers) or fault.direction not in {way, Direction.BOTH}:
        return byte
    if active.left == 0:
        return byte
    _use_up(active)
    return None if isinstance(fault, DropBytes) else byte ^ fault.mask


def _use_up(active: _Active) -> None:
    if active.left is not None:
        active.left -= 1


def _cancel(held: _Held) -> None:
    if held.timer is not None:
        held.timer.cancel()
        held.timer = None
