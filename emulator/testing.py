"""Test doubles for whoever tests what a power cut, a kill or a clock does to a token.

They ship with the library, as its other seams do. None has randomness of its own:
what is left to chance is drawn from a source that the test hands in.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from emulator.bench import Bench
from emulator.clock import HostTime
from emulator.errors import StateError


class PowerCut(Exception):  # noqa: N818  # an event, not an error
    """The power failed in the middle of an operation; nothing after it happened."""


class Choices(Protocol):
    """Where chance comes from; a seeded :class:`random.Random` is one."""

    def randint(self, a: int, b: int) -> int:
        """Return a whole number from ``a`` to ``b``, both included."""


class Survivor(NamedTuple):
    """What a power cut leaves of one write that was not synced.

    Attributes:
        write: which one, an index into :attr:`FaultyFlash.pending`.
        length: how many of its bytes, from the first.
    """

    write: int
    length: int


class FaultyFlash:
    r"""A flash that keeps nothing for sure until it is synced.

    While the power is on, a reader sees every write, as through a page cache. What a
    power cut leaves is the synced image, and of the writes since then any, in any
    order, each torn after any byte.

    Args:
        image: what is in it, durable.

    Attributes:
        operations: writes and syncs so far.
        cut_at: the operation, counted from 1, in the middle of which the power
            fails; ``None``: never. A write that is cut may still have been made.
        failing: whether ``sync`` fails, as on a disk that reports an error.

    >>> flash = FaultyFlash(bytes(4))
    >>> flash.write(0, b"ab")
    >>> flash.read(), flash.durable, flash.surviving([Survivor(write=0, length=1)])
    (b'ab\x00\x00', b'\x00\x00\x00\x00', b'a\x00\x00\x00')
    """

    def __init__(self, image: bytes) -> None:
        self._durable = bytes(image)
        self._pending: list[tuple[int, bytes]] = []
        self.operations = 0
        self.cut_at: int | None = None
        self.failing = False

    @property
    def durable(self) -> bytes:
        """The image as of the last sync."""
        return self._durable

    @property
    def pending(self) -> Sequence[tuple[int, bytes]]:
        """The writes since then, offset and bytes, in order."""
        return tuple(self._pending)

    def read(self) -> bytes:
        """Return the whole image, writes that are not synced included."""
        return self.surviving([Survivor(i, len(data)) for i, (_, data) in enumerate(self._pending)])

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes in place; not durable yet.

        Raises:
            PowerCut: the power failed meanwhile.
        """
        self._pending.append((offset, bytes(data)))
        self._operate()

    def sync(self) -> None:
        """Make everything written durable.

        Raises:
            PowerCut: the power failed meanwhile.
            StateError: the flash is :attr:`failing`; nothing became durable.
        """
        self._operate()
        if self.failing:
            raise StateError("the flash double was told to fail")
        self._durable = self.read()
        self._pending.clear()

    def surviving(self, survivors: Sequence[Survivor]) -> bytes:
        """Return the image that is left if these got through, in this order."""
        image = bytearray(self._durable)
        for survivor in survivors:
            offset, data = self._pending[survivor.write]
            part = data[: survivor.length]
            image[offset : offset + len(part)] = part
        return bytes(image)

    def crash(self, choices: Choices) -> bytes:
        """Return an image that a power cut may leave.

        Args:
            choices: decides which writes got through, in which order, and how far.
        """
        waiting = list(range(len(self._pending)))
        survivors = []
        while waiting:
            write = waiting.pop(choices.randint(0, len(waiting) - 1))
            length = choices.randint(0, len(self._pending[write][1]))  # 0: lost
            survivors.append(Survivor(write, length))
        return self.surviving(survivors)

    def _operate(self) -> None:
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            raise PowerCut(f"in operation {self.operations}")


class HandHost:
    """A host whose clocks move when told; hand it to a clock as its ``host``.

    Args:
        utc_ns: ns since 1970, UTC.
    """

    def __init__(self, utc_ns: int = 0) -> None:
        self.utc_ns = utc_ns
        self.monotonic_ns = 0
        self.source: object = "host"

    def __call__(self) -> HostTime:
        """Read both clocks."""
        return HostTime(self.utc_ns, self.monotonic_ns, self.source)

    def pass_time(self, by_ns: int) -> None:
        """Let time pass."""
        self.utc_ns += by_ns
        self.monotonic_ns += by_ns

    def set_utc(self, utc_ns: int) -> None:
        """Set the host's clock; no time passes."""
        self.utc_ns = utc_ns

    def freeze(self, source: object, utc_ns: int) -> None:
        """Have both clocks read by another function, as a freeze of time does."""
        self.source = source
        self.utc_ns = self.monotonic_ns = utc_ns


def pace(bench: Bench, host: HandHost, by_ns: int) -> None:
    """Let host time pass, and wake the bench at each of its moments, as a pacer does.

    Args:
        bench: on a real clock that reads ``host``.
        host: the host.
        by_ns: how long.
    """
    end_ns = host.monotonic_ns + by_ns
    while (at_ns := bench.next_event_ns()) is not None:
        ahead_ns = max(at_ns - bench.settled_ns, 0)
        if host.monotonic_ns + ahead_ns > end_ns:
            break
        host.pass_time(ahead_ns)
        bench.pump()
    host.pass_time(end_ns - host.monotonic_ns)
    bench.pump()
