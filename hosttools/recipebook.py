"""The desync recipes as buttons: played on a token of a running bench.

A recipe is a conversation that blocks: it presses, waits, reads. So it runs in a thread
of its own, over a line to the token as any other client has one, while the bench goes on
in its loop.
"""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Final, TypeVar

from emulator.annotations import Note
from emulator.bench import Bench
from emulator.errors import BusyError
from emulator.http.desk import RecipeInfo
from emulator.ports.local import LocalPort
from emulator.scpi.session import Session
from firmware_model.profile import TokenType
from hosttools.attached import AttachedReference, ServerElsewhere, as_bench_errors
from hosttools.hand import PortToken
from hosttools.recipes import RECIPES, Reached, Recipe, desync, recipe

T = TypeVar("T")

LABELS: Final = {
    "hotp-inside": "pocket, inside the window",
    "hotp-edge": "edge of the look-ahead",
    "hotp-ahead": "pocket",
    "hotp-beyond": "past the resync window",
    "server-ahead": "server ahead",
    "resync-gap": "a press between two codes",
    "replay": "the last code once more",
    "double-submit": "resync form sent twice",
    "torn-write": "torn write",
    "time-slow": "slow clock",
    "time-fast": "fast clock",
    "stale-code": "code typed too late",
    "same-step": "two presses in one step",
}
"""What a button calls a recipe, each otherwise; its number comes behind it."""

_numbers: Final = itertools.count(1)  # of the lines that recipes had in this process


class Book:
    """The recipes of a bench.

    A recipe that a token can be played without a server leaves it out of step, for the
    holder to find out; one that hands codes to the server goes through to the server's
    reactions, and begins in step.

    Args:
        bench: belongs to the loop that :meth:`play` is awaited in.
        server: the attached server; ``None``: there is none, and recipes that need one
            are refused.
    """

    def __init__(self, bench: Bench, server: AttachedReference | None = None) -> None:
        self._bench = bench
        self._server = server
        self._playing: str | None = None

    def names(self, token_type: TokenType) -> Sequence[RecipeInfo]:
        """Return the recipes for a type of token that can be played here, in their order."""
        return [
            _info(chosen)
            for chosen in RECIPES.values()
            if chosen.token_type is token_type
            and (self._server is not None or not chosen.needs_server)
        ]

    async def play(self, serial: str, name: str, by: float | None = None) -> dict[str, Any]:
        """Play a recipe to its end.

        Args:
            serial: on which token.
            name: which.
            by: its number; ``None``: its default.

        Returns:
            ``recipe``, ``serial``, ``by``, ``history`` (lines), ``token`` and ``server``
            (next counters, or the step that the token's clock is in and the one that the
            server expects; ``None`` without a server), ``distance`` (presses or steps that
            the token is ahead of the server), and ``reactions``: what the server said to
            what was tried, each ``tried``, ``kind``, ``message``.

        Raises:
            UsageError: no such token or recipe, a number out of range, or it would take
                too long on this clock.
            ConflictError: not applicable to this token, on this clock, or without a server.
            BusyError: a recipe is being played on this bench: one at a time, since each
                lets bench time pass.
        """
        with as_bench_errors():
            chosen = recipe(name)
            number = chosen.by(by)
        self._bench.profile(serial)  # or there is no such token
        if self._playing is not None:
            raise BusyError(
                f"a recipe is being played on {self._playing}, and recipes move the clock that"
                " all tokens share; wait until it is done"
            )
        if self._server is not None:
            self._server.enrol(serial)
        self._playing = serial
        try:
            with as_bench_errors():
                return await self._play(chosen, serial, number)
        finally:
            self._playing = None

    async def _play(self, chosen: Recipe, serial: str, number: float | None) -> dict[str, Any]:
        loop, by = asyncio.get_running_loop(), f"recipe {chosen.name}"
        run = _Run(self._bench, loop, by)
        server = None
        if self._server is not None and chosen.needs_server:
            server = ServerElsewhere(self._server, run)
        session = partial(Session, self._bench, serial, client=by)
        port = LocalPort(loop, f"RECIPE{next(_numbers)}", session)

        def in_thread() -> Reached:
            with PortToken(port.url) as token:
                return desync(
                    token,
                    chosen.name,
                    serial=serial,
                    by=number,
                    server=server,
                    note=lambda text: run(lambda: self._note(serial, text)),
                )

        title = f"recipe {_titled(chosen, number)}"
        with self._bench.acting(by):
            self._note(serial, title)
        try:
            reached = await asyncio.to_thread(in_thread)
            told = self._told(reached)
            ending = "done" if told["distance"] is None else f"done, token {told['distance']:+d}"
        except BaseException:
            ending = "broken off"
            raise
        finally:
            port.close()  # a thread that was not waited for finds its line dead, and ends
            with self._bench.acting(by):
                self._note(serial, f"{title}: {ending}")
        return told

    def _note(self, serial: str, text: str) -> None:
        self._bench.annotate(serial, Note(self._bench.now_ns(), text))

    def _told(self, reached: Reached) -> dict[str, Any]:
        token, server = reached.position.token, reached.position.server
        if server is None and self._server is not None:
            record = self._server.enrol(reached.serial)
            server = record.expected_factor(self._bench.now_ns())
        return {
            "recipe": reached.recipe.name,
            "serial": reached.serial,
            "by": reached.by,
            "history": list(reached.history),
            "token": token,
            "server": server,
            "distance": None if server is None else token - server,
            "reactions": [
                {
                    "tried": reaction.tried,
                    "kind": reaction.verdict.kind.value,
                    "message": reaction.verdict.operator,
                }
                for reaction in reached.reactions
            ],
        }


class _Run:
    """Calls functions in a bench's loop from another thread.

    Args:
        bench: the bench.
        loop: its loop.
        by: who does it, for the journal.
    """

    def __init__(self, bench: Bench, loop: asyncio.AbstractEventLoop, by: str) -> None:
        self._bench = bench
        self._loop = loop
        self._by = by

    def __call__(self, function: Callable[[], T]) -> T:
        """Call a function, and return what it returns."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                with self._bench.acting(self._by):
                    future.set_result(function())
            except BaseException as error:  # noqa: BLE001  # who called gets it, whatever it is
                future.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return future.result()


def _info(chosen: Recipe) -> RecipeInfo:
    number = chosen.number
    title = _titled(chosen, None if number is None else number.default)
    if number is None:
        return RecipeInfo(chosen.name, title, None, None, 0, 0)
    return RecipeInfo(chosen.name, title, number.unit, number.default, number.low, number.high)


def _titled(chosen: Recipe, number: float | None) -> str:
    """Return what a person reads, such as ``pocket: 37 presses``."""
    label = LABELS[chosen.name]
    if number is None or chosen.number is None or number == 1:
        return label
    return f"{label}: {number:,g} {chosen.number.unit}"
