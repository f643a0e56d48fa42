"""How much a client may ask for, and what keeps count of it.

All figures are our defaults: generous for test suites, and a bound on memory.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from emulator.http.problems import Problem

SHUT_DOWN: Final = "it is being shut down"

KNOWN_CLIENTS: Final = 4_096
"""Addresses whose rate is remembered; the one not seen for longest is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is allowed.

    Attributes:
        body_bytes: of one request.
        head_bytes: of a request's line and headers.
        request_s: host seconds in which a request has to arrive, its body included.
        rate_per_s: requests of one address, in the long run.
        burst: requests of one address at once.
        rate_on_loopback: whether the two count for clients on this machine too.
        streams: event streams and waits open at once, of all clients.
        connections: of all clients; one more is answered 503.
        keep_alive_s: host seconds that an idle connection stays.
        heartbeat_s: host seconds between two signs of life on an event stream.
    """

    body_bytes: int = 1 << 20
    head_bytes: int = 1 << 16
    request_s: float = 60.0
    rate_per_s: float = 500.0
    burst: int = 1_000
    rate_on_loopback: bool = False
    streams: int = 256
    connections: int = 2_000
    keep_alive_s: float = 30.0
    heartbeat_s: float = 15.0


class Rate:
    """A token bucket for each address.

    Args:
        limits: how fast, and how many at once.
        clock: host seconds that pass.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = limits.rate_per_s
        self._burst = float(limits.burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, address: str) -> float:
        """Count a request of an address.

        Returns:
            0.0 if it is allowed, else in how many seconds the next one is.
        """
        now_s = self._clock()
        left, then_s = self._buckets.pop(address, (self._burst, now_s))
        left = min(self._burst, left + (now_s - then_s) * self._per_s)
        allowed = left >= 1.0
        self._buckets[address] = (left - 1.0 if allowed else left, now_s)
        if len(self._buckets) > KNOWN_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) / self._per_s


class Seats:
    """Requests that stay: event streams and waits. There are so many seats, and no more.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._calls: dict[object, Callable[[], None]] = {}
        self.closed = False

    @property
    def taken(self) -> int:
        """How many are taken."""
        return len(self._calls)

    @contextmanager
    def take(self, on_close: Callable[[], None]) -> Iterator[None]:
        """Take a seat for as long as the block runs.

        Args:
            on_close: called when the application closes: leave soon.

        Raises:
            Problem: all are taken, or the application closes (503).
        """
        self.refuse_if_closed()
        if len(self._calls) >= self._count:
            raise Problem(
                503,
                f"{self._count} event streams and waits are open, as many as are allowed;"
                " close one, or try again later",
                headers={"Retry-After": "1"},
            )
        seat = object()
        self._calls[seat] = on_close
        try:
            yield
        finally:
            del self._calls[seat]

    def refuse_if_closed(self) -> None:
        """Refuse what would stay.

        Raises:
            Problem: the application closes (503).
        """
        if self.closed:
            raise Problem(503, SHUT_DOWN, headers={"Retry-After": "1"})

    def close(self) -> None:
        """Ask all to leave, and seat nobody any more."""
        self.closed = True
        for call in list(self._calls.values()):
            call()
