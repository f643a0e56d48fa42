"""A bench beside the portal: its fobs to press on a page, and both in one window."""

import asyncio
import contextlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Self

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.faults import FaultPlan, arm
from emulator.http.desk import Desk
from emulator.http.server import HttpPort
from emulator.runner import Runner
from firmware_model.profile import TokenType
from hosttools.casetaker import Taker
from hosttools.manufacture import config_of
from hosttools.portal import Portal, auditlog
from hosttools.portal.epcs.authenticator import is_app
from hosttools.portal.http.desk import PortalDesk
from hosttools.portal.onbench import BesideBench
from hosttools.recipebook import Book
from hosttools.refserver import Record, Status
from hosttools.refserver.lifecycle import TERMINAL
from hosttools.seedfiles import SeedRecord

_IN_THE_POST: Final = frozenset({Status.ORDERED, Status.SHIPPED})
_NOTE: Final = "handed out by the practice"


class FobBench:
    """A bench in a thread of its own, with a page.

    Args:
        start_ns: where its clock, which is the portal's too, begins, ns since 1970, UTC.
        rate: bench seconds in a second; 0: it moves when the page moves it.

    Attributes:
        beside: the bench as the portal has it.
    """

    def __init__(self, start_ns: int, rate: Fraction = Fraction(1)) -> None:
        self._stack = contextlib.ExitStack()

        def make_bench() -> Bench:
            bench = Bench(VirtualClock(start_ns, rate))
            arm(bench, FaultPlan())  # so that faults can be injected
            return bench

        self._runner = self._stack.enter_context(Runner(make_bench))
        self.beside = BesideBench(self._runner)

    def hand_out(self, portal: Portal) -> None:
        """Lay every fob on the bench that somebody has, in step with what the portal keeps."""
        for entry in auditlog.entries(portal, limit=1):
            self.beside.reach(entry.at_ns)
        for record in portal.tokens.list():
            nobodys = record.status in TERMINAL | _IN_THE_POST
            if not (nobodys or is_app(record.serial)):
                self.beside.put(config_of(_seed(record)), _NOTE)
        self.beside.follow(portal.tokens)

    def open(self, address: tuple[str, int], desk: PortalDesk, origin: str) -> Mapping[str, str]:
        """Serve the page, so that the portal's pages may show it.

        Args:
            address: where.
            desk: the portal's: told where the page is.
            origin: where the portal is.

        Returns:
            The addresses of the page and of both in one window, by name.

        Raises:
            UsageError, PortError: as of :meth:`emulator.http.server.HttpPort.open`.
        """
        runner = self._runner
        bench = Desk(
            bench=runner.bench,
            recipes=Book(runner.bench),
            cases=Taker(runner.bench),
            framers=frozenset({origin}),
        )
        port = asyncio.run_coroutine_threadsafe(
            HttpPort.open(bench, *address), runner.loop
        ).result()

        def close() -> None:
            asyncio.run_coroutine_threadsafe(port.close(), runner.loop).result()

        self._stack.callback(close)
        desk.fobs, desk.framers = port.url, frozenset({origin})
        return {"fobs": port.url, "window": f"{origin}/side"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _seed(record: Record) -> SeedRecord:
    event = record.token_type is TokenType.EVENT
    return SeedRecord(
        serial=record.serial,
        secret=record.secret,
        token_type=record.token_type,
        algorithm=record.algorithm,
        digits=record.digits,
        counter=record.next_factor if event else None,
        step_s=None if event else record.step_s,
        t0_s=None if event else record.t0_s,
        practice=True,
    )
