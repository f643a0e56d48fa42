"""The time that a server under test lives in, as far as a prober can move it.

A server whose clock goes where it is told is taken through days at once. Any other lives
by the host's clock: the prober waits as long as it was allowed to, and says what it could
not wait for.
"""

import time
from collections.abc import Callable
from typing import Protocol

from firmware_model.profile import SECOND
from hosttools.prober.finding import NotMeasuredError
from hosttools.servers import Server
from hosttools.words import spoken


class World(Protocol):
    """Where server time comes from."""

    @property
    def movable(self) -> bool:
        """Whether time goes where it is told, also back."""

    def now_ns(self) -> int:
        """Return server time, ns since 1970, UTC."""

    def advance(self, duration_ns: int) -> None:
        """Let time pass; back if it is negative.

        Raises:
            NotMeasuredError: it would take longer than is allowed.
        """

    def steady(self, step_ns: int) -> int:
        """Return the time step that it is, once enough of it is left to submit a code in it."""


class MovedWorld:
    """Server time is what the prober says; it stands still in between.

    Args:
        server: a server that :attr:`~hosttools.servers.Can.CLOCK`.
        start_ns: server time to begin at.
    """

    movable = True

    def __init__(self, server: Server, start_ns: int) -> None:
        self._server = server
        self._now_ns = start_ns
        server.set_clock(start_ns)

    def now_ns(self) -> int:
        """Return server time."""
        return self._now_ns

    def advance(self, duration_ns: int) -> None:
        """Move the server's clock."""
        self._now_ns += duration_ns
        self._server.set_clock(self._now_ns)

    def steady(self, step_ns: int) -> int:
        """Go to the middle of the time step that it is; return which."""
        step = self._now_ns // step_ns
        self.advance(step * step_ns + step_ns // 2 - self._now_ns)
        return step


class HostWorld:
    """Server time is the host's.

    Args:
        patience_s: longest single wait.
        now_ns: the host's clock.
        sleep: waits.
    """

    movable = False

    def __init__(
        self,
        patience_s: float,
        *,
        now_ns: Callable[[], int],
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._patience_s = patience_s
        self._clock = now_ns
        self._sleep = sleep

    def now_ns(self) -> int:
        """Return the host's time."""
        return self._clock()

    def advance(self, duration_ns: int) -> None:
        """Wait."""
        seconds = duration_ns / SECOND
        if not 0 <= seconds <= self._patience_s:
            wanted = "a clock that goes back" if seconds < 0 else f"a wait of {spoken(seconds)}"
            raise NotMeasuredError(
                f"not measured: it takes {wanted}, and the server's clock can't be moved"
                f" (waits of up to {spoken(self._patience_s)} are allowed)"
            )
        self._sleep(seconds)

    def steady(self, step_ns: int) -> int:
        """Wait out the rest of a step that is nearly over."""
        margin_ns = min(3 * SECOND, step_ns // 4)
        left_ns = step_ns - self._clock() % step_ns
        if left_ns < margin_ns:
            self._sleep(left_ns / SECOND)
        return self._clock() // step_ns
