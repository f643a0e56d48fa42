"""A bench to open in a browser: alive in this process, stopped and started at will."""

import asyncio
from collections.abc import Callable, Coroutine
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.faults import FaultPlan, arm
from emulator.http.desk import Desk
from emulator.http.server import HttpPort
from emulator.runner import Runner
from firmware_model import GALH, GALT, Secret, configure
from hosttools.attached import AttachedReference
from hosttools.recipebook import Book
from tests.heldport import hold

T = TypeVar("T")

SECOND_NS: Final = 1_000_000_000
START_NS: Final = 1_767_225_600_000_000_000
SECRET: Final = Secret(b"12345678901234567890")
EVENT: Final = "GALH00004226"
"""Its first codes are those of RFC 4226: 755224, 287082, 359152."""
TIMED: Final = "GALT00006238"


class House:
    """A bench in a thread of its own, served over HTTP with all that can be attached.

    Args:
        more: tokens besides the two, for lists that are long.
        rate: of its clock; 0: manual.
        snapshots: folder for them.
        bearer: token that the API wants; ``None``: none.
        attached: whether the reference server is.
    """

    def __init__(
        self,
        *,
        more: int = 0,
        rate: int = 0,
        snapshots: Path | None = None,
        bearer: str | None = None,
        attached: bool = True,
    ) -> None:
        self._runner = Runner(lambda: _bench(more, rate))
        self._snapshots = snapshots
        self._bearer = bearer
        self._attached = attached
        self._run = "first"
        self._place = hold()  # while nothing is served too
        self.port: int = self._place.getsockname()[1]
        self._served = self._open()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def call(self, act: Callable[[Bench], T]) -> T:
        """Do something to the bench, in its thread, as another client would."""
        return self._runner.call(lambda: act(self._runner.bench))

    def stop(self) -> None:
        """End the server; the bench lives on."""
        self._wait(self._served.close())

    def start(self) -> None:
        """Serve the same bench at the same address."""
        self._served = self._open()

    def begin_anew(self) -> None:
        """Serve another bench, which knows nothing of the one before, at the same address."""
        self._runner.close()
        self._runner = Runner(lambda: _bench(0, 0))
        self._run = "second"
        self._served = self._open()

    def close(self) -> None:
        """End server and bench."""
        self.stop()
        self._runner.close()
        self._place.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> HttpPort:
        bench = self._runner.bench
        server = self._runner.call(lambda: AttachedReference(bench)) if self._attached else None
        desk = Desk(
            bench=bench,
            recipes=Book(bench, server),
            server=server,
            bearer=self._bearer,
            snapshots=self._snapshots,
            run=self._run,
        )
        return self._wait(HttpPort.open(desk, "127.0.0.1", self.port))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._runner.loop).result()


def _bench(more: int, rate: int) -> Bench:
    bench = Bench(VirtualClock(START_NS, Fraction(rate)))
    for serial, profile in [(EVENT, GALH), (TIMED, GALT)]:
        bench.open(configure(serial, profile, SECRET))
    for number in range(more):
        bench.open(configure(f"GALH{90_000_000 + number}", GALH, SECRET))
    bench.faults = arm(bench, FaultPlan())
    return bench
