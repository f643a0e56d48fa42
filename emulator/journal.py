"""What happened on the bench, in order: one gap-free sequence.

A stimulus is appended before it is applied, an effect only once the state that it
announces is there; both can be read from outside only when everything has come to
rest and is kept. Whoever wants to know what happened reads this and nothing else.
Codes are credentials until they are used: records hold counters and steps, and an
effect's ``repr`` leaves the digits out.

The newest records are in memory; with a log, all of them are on disk too. What a token
is about to commit to its memory is in the log before it is committed, see
:meth:`Journal.flush`: so no kill leaves a counter that moved for a reason unknown.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Final, NamedTuple, Protocol, get_args

from emulator.annotations import Annotation
from firmware_model.stimuli import Effect, Stimulus

__all__ = ["DEFAULT_CAPACITY", "Doer", "Event", "Journal", "Log", "Record"]

DEFAULT_CAPACITY: Final = 100_000

Event = Stimulus | Effect | Annotation

_EFFECTS: Final = frozenset(get_args(Effect))


class Doer(NamedTuple):
    """Who does what happens now.

    Attributes:
        by: the client, such as ``pty``, ``tcp 127.0.0.1:40512``, ``fault dropped``; empty:
            it happens by itself.
        key: idempotency key of the request.
    """

    by: str = ""
    key: str | None = None


NOBODY: Final = Doer()


class Record(NamedTuple):
    """One entry.

    Attributes:
        sequence: its number, from 1, without gaps.
        serial: the token it is about; empty: the bench.
        event: a stimulus, an effect, or an annotation.
        by: who did it, see :class:`Doer`; effects follow from what was done, and have none.
        key: idempotency key of what was asked, in stimuli and what belongs to them.
    """

    sequence: int
    serial: str
    event: Event
    by: str = ""
    key: str | None = None


class Log(Protocol):
    """Where all records are, see ``emulator.journallog``."""

    @property
    def head(self) -> int:
        """Number of the newest record; 0 before the first."""

    @property
    def oldest(self) -> int:
        """Number of the oldest record."""

    def write(self, records: Collection[Record]) -> None:
        """Add records that no kill can tear.

        Raises:
            StateError: they can't be written; none of them is.
        """

    def read(self, cursor: int, serials: Collection[str] | None = None) -> Iterator[Record]:
        """Return the records after number ``cursor``, oldest first; only of some tokens if given.

        Raises:
            StateError: they can't be read.
        """

    def back(self, before: int, serial: str, kinds: Collection[type[Event]]) -> Iterator[Record]:
        """Return a token's records of some kinds with numbers below one, newest first.

        Raises:
            StateError: they can't be read.
        """


class Journal:
    """The records of a bench.

    Args:
        capacity: how many are kept in memory; older ones go, their numbers stay used.
        log: keeps all of them; ``None``: nothing does. Numbers go on from its own.

    Attributes:
        doer: who does what happens now.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY, log: Log | None = None) -> None:
        self._records: deque[Record] = deque(maxlen=capacity)
        self._log = log
        self._head = self._visible = 0 if log is None else log.head
        self._unwritten: list[Record] = []
        self._readers: dict[int, Callable[[], None]] = {}
        self._readers_so_far = 0
        self.doer = NOBODY

    @property
    def head(self) -> int:
        """Number of the newest record; 0 before the first."""
        return self._head

    @property
    def visible(self) -> int:
        """Number of the newest record that can be read from outside."""
        return self._visible

    @property
    def capacity(self) -> int:
        """How many records are kept in memory."""
        capacity = self._records.maxlen
        assert capacity is not None  # noqa: S101  # __init__ gave one
        return capacity

    @property
    def oldest(self) -> int:
        """Number of the oldest record that can still be read; head + 1 if there is none."""
        if self._log is not None and self._log.head:
            return self._log.oldest
        return self._in_memory

    @property
    def _in_memory(self) -> int:
        return self._head + 1 - len(self._records)

    def append(self, serial: str, event: Event) -> None:
        """Add a record; it can be read from outside once it is published."""
        self._head += 1
        if type(event) in _EFFECTS:
            record = Record(self._head, serial, event)
        else:
            record = Record(self._head, serial, event, *self.doer)
        self._records.append(record)
        if self._log is not None:
            self._unwritten.append(record)

    def record_of(self, event: Event) -> Record | None:
        """Return the record of an event that was appended just now."""
        for record in reversed(self._records):
            if record.event is event:
                return record
        return None

    @contextlib.contextmanager
    def acting(self, doer: Doer) -> Iterator[None]:
        """Have what is appended meanwhile say who did it."""
        before, self.doer = self.doer, doer
        try:
            yield
        finally:
            self.doer = before

    def flush(self) -> None:
        """See that every record so far survives a kill.

        Raises:
            StateError: they can't be written; they are tried again the next time.
        """
        if self._unwritten and self._log is not None:
            self._log.write(self._unwritten)
            self._unwritten.clear()

    def publish(self) -> None:
        """Let every record so far be read from outside, and tell who reads.

        Raises:
            StateError: the log can't be written; nothing more can be read then.
        """
        if self._visible == self._head:
            return
        self.flush()
        self._visible = self._head
        for callback in tuple(self._readers.values()):
            callback()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have a callback whenever there is more to be read; returns what ends that.

        The callback runs in the bench's thread, and must neither block nor raise.
        """
        number = self._readers_so_far = self._readers_so_far + 1
        self._readers[number] = callback
        return lambda: self._readers.pop(number, None) and None

    def since(self, cursor: int) -> Iterator[Record]:
        """Return the records after number ``cursor`` that are still in memory, oldest first.

        Those of this moment that are published: what is appended while they are read
        comes next time.
        """
        behind = self._head - self._visible
        count = min(max(self._visible - cursor, 0), max(len(self._records) - behind, 0))
        newest = islice(reversed(self._records), behind, behind + count)
        return reversed(list(newest))

    def read(
        self,
        cursor: int,
        limit: int,
        *,
        until: int | None = None,
        serials: Collection[str] | None = None,
        chosen: Callable[[Record], bool] | None = None,
    ) -> list[Record]:
        """Return records after number ``cursor``, oldest first, from the log if need be.

        Args:
            cursor: the last number that is known.
            limit: most records.
            until: number of the last one that counts; ``None``: the newest.
            serials: only of these tokens; ``None``: all, the bench's own too.
            chosen: only those for which it is true.

        Raises:
            StateError: the log can't be read.
        """
        found: list[Record] = []
        last = self._visible if until is None else min(until, self._visible)
        for record in self._after(cursor, serials):
            if record.sequence > last or len(found) >= limit:
                break
            if serials is not None and record.serial not in serials:
                continue
            if chosen is None or chosen(record):
                found.append(record)
        return found

    def back(self, last: int, serial: str, kinds: Collection[type[Event]]) -> Iterator[Record]:
        """Return a token's records of some kinds up to number ``last``, newest first.

        Raises:
            StateError: the log can't be read.
        """
        oldest = self._in_memory
        for record in tuple(islice(reversed(self._records), max(self._head - last, 0), None)):
            if record.serial == serial and type(record.event) in kinds:
                yield record
        if self._log is not None and oldest > 1:
            self.flush()
            yield from self._log.back(min(oldest, last + 1), serial, kinds)

    def _after(self, cursor: int, serials: Collection[str] | None) -> Iterator[Record]:
        if self._log is not None and cursor + 1 < self._in_memory:
            self.flush()
            return self._log.read(cursor, serials)
        return self.since(cursor)
