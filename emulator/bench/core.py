"""What all verbs of a bench stand on: the engine, the journal, and the way to a token."""

import contextlib
from collections.abc import Callable
from typing import Any

from emulator.annotations import Annotation, Removed, ServerSeen
from emulator.clock import Clock
from emulator.device import Device
from emulator.engine import Engine
from emulator.errors import StateError, UnknownTokenError, UsageError
from emulator.happening import FaultControl
from emulator.journal import Doer, Journal
from emulator.journallog import JournalLog
from emulator.once import Once
from emulator.results import Ticket
from emulator.series import Series
from emulator.serverview import ServerView
from emulator.shelf import Shelf
from emulator.statedir import StateDir
from firmware_model.profile import TokenType


class BenchCore:
    """The bench without its verbs, see :class:`emulator.bench.Bench`."""

    def __init__(
        self, clock: Clock, *, store: StateDir | None = None, journal: Journal | None = None
    ) -> None:
        self._log: JournalLog | None = None
        if journal is None and store is not None:
            self._log = JournalLog(store.path / "journal")
        self.journal = journal if journal is not None else Journal(log=self._log)
        self.faults: FaultControl | None = None
        self.traffic = True
        self._shelf = Shelf(store)
        self._engine = Engine(clock, store, self.journal)
        self._once = Once(self.journal)
        self._series: dict[Ticket[Any], Series] = {}  # those under way
        self._server_views: dict[str, ServerView] = {}
        if self._log is not None:
            self._recall(self._log)

    def _recall(self, log: JournalLog) -> None:
        """Remember what an earlier process was asked, and what servers said."""
        records = list(log.tail("asked", "answered", "server_seen", "removed"))
        self._once.recall(records)
        for record in records:
            if isinstance(record.event, ServerSeen):
                self._server_views[record.serial] = record.event.view
            elif isinstance(record.event, Removed):
                self._server_views.pop(record.serial, None)

    def acting(self, by: str, key: str | None = None) -> contextlib.AbstractContextManager[None]:
        """Have the journal say who does what is begun meanwhile, even if it ends later.

        Args:
            by: the client, such as ``pty`` or ``http 127.0.0.1``.
            key: idempotency key of its request.
        """
        return self.journal.acting(Doer(by, key))

    def annotate(self, serial: str, event: Annotation) -> None:
        """Have the journal tell something that is neither stimulus nor effect.

        Args:
            serial: the token that it is about; empty: the bench.
            event: what.

        A log that can't be written shows at the next verb.
        """
        self.journal.append(serial, event)
        self._publish()

    def _publish(self) -> None:
        with contextlib.suppress(StateError):
            self.journal.publish()

    def server_view(self, serial: str) -> ServerView | None:
        """Return what a server said last of a token; ``None``: none has.

        Raises:
            UnknownTokenError: no such token.
        """
        self._device(serial)
        return self._server_views.get(serial)

    def set_server_view(self, serial: str, view: ServerView) -> None:
        """Note what a server believes of a token.

        Raises:
            UnknownTokenError: no such token.
            UsageError: a counter of a time token, or steps of an event token.
        """
        timed = self._device(serial).state.config.token_type is TokenType.TIME
        if timed == (view.step_offset is None):
            needed = "step_offset" if timed else "next_counter"
            raise UsageError(f"the server's view of {serial} needs {needed}")
        self.pump()
        self._server_views[serial] = view
        self.annotate(serial, ServerSeen(self._engine.now_ns, view))

    def failure(self, serial: str) -> str | None:
        """Return why a token does nothing more; ``None``: it lives.

        Raises:
            UnknownTokenError: no such token.
        """
        error = self._device(serial).failure
        return None if error is None else str(error)

    def pump(self) -> None:
        """Catch up with the clock: let everything happen that is due, in one go."""
        self._engine.pump()

    def next_event_ns(self) -> int | None:
        """Return the bench time of the next thing that happens by itself."""
        return self._engine.next_event_ns()

    def on_schedule(self, callback: Callable[[], None]) -> None:
        """Have a callback whenever the next moment may have changed."""
        self._engine.on_schedule = callback

    def close(self) -> None:
        """Keep the bench's time. The store stays open: it belongs to who opened it."""
        try:
            self._engine.close()
        finally:
            if self._log is not None:
                self._log.close()

    def _device(self, serial: str) -> Device:
        try:
            return self._engine.devices[serial]
        except KeyError:
            on_bench = ", ".join(list(self._engine.devices)[:8]) or "none"
            raise UnknownTokenError(
                f"no token {serial!r} on this bench; there are {on_bench}"
            ) from None

    def _ready(self, serial: str) -> Device:
        device = self._device(serial)
        self.pump()
        if device.failure is not None:
            raise device.failure
        return device
