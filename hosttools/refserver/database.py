"""The seam to a database, and the plain SQLite file behind it.

What is in the tables is not known here. Whoever keeps more than tokens puts another
database behind the seam, which must hold to the same: a change is alone from its first
read on, and on the disk when it is over.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from hosttools.refserver.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, UPGRADES, Value
from hosttools.refserver.sqlite import Shape, errors, open_file, transaction

SHAPE: Final = Shape(SCHEMA, APPLICATION_ID, SCHEMA_VERSION, UPGRADES)


class Database(Protocol):
    """What a :class:`hosttools.refserver.Store` keeps its records in, for any number of threads.

    What is done in a block of :meth:`write` is alone with the database from its first read
    on, and is kept for good when the block ends, or, if it raises, not at all. A change
    inside of another is a part of that one.
    """

    @property
    def name(self) -> str:
        """What messages call it; no password is in it."""

    def read(self) -> AbstractContextManager[object]:
        """Have it for reading.

        Raises:
            UsageError: it is closed.
            StateError: it is foreign, damaged, or can't be read or written.
            BusyError: others held it for too long.
        """

    def write(self) -> AbstractContextManager[object]:
        """Have it to oneself for a change. Raises as :meth:`read`."""

    def afterwards(self, tell: Callable[[], None]) -> None:
        """Call a function once the whole change of this thread's :meth:`write` is kept.

        It is called in this thread, when the database is free again; if nothing is kept, never.
        """

    def execute(self, statement: str, values: Mapping[str, Value]) -> Sequence[tuple[object, ...]]:
        """Run one statement, inside of :meth:`read` or :meth:`write`, and return its rows.

        Args:
            statement: in the SQL that SQLite and PostgreSQL share, values as ``:name``.
            values: by name.
        """

    def close(self) -> None:
        """Let go of it. Closing it again does nothing."""


class SqliteFile:
    """One file, for any number of threads.

    Args:
        path: the file, created if it is not there; ``":memory:"`` keeps nothing.
        busy_s: how long to wait for other processes, seconds.

    Raises:
        StateError: the file is not ours, is damaged, is of a newer release, or can't be
            read or written.
        BusyError: another process held it for longer than ``busy_s``.
    """

    def __init__(self, path: Path | str, busy_s: float) -> None:
        self.name = str(path)
        self._busy_s = busy_s
        self._lock = threading.RLock()
        self._after: list[Callable[[], None]] = []
        with errors(self.name, busy_s):
            self._db = open_file(self.name, SHAPE, busy_s)

    def close(self) -> None:
        """Close the file. Closing it again does nothing."""
        with self._lock:  # SQLite crashes if another thread is at work
            self._db.close()

    def afterwards(self, tell: Callable[[], None]) -> None:
        """Call a function once the whole change is kept, see :class:`Database`."""
        self._after.append(tell)

    def execute(self, statement: str, values: Mapping[str, Value]) -> Sequence[tuple[object, ...]]:
        """Run one statement, inside of :meth:`read` or :meth:`write`, and return its rows."""
        return self._db.execute(statement, values).fetchall()

    @contextmanager
    def read(self) -> Iterator[None]:
        """Have the file for reading.

        Raises:
            UsageError: it is closed.
            StateError, BusyError: see the class.
        """
        with self._lock, errors(self.name, self._busy_s):
            yield

    @contextmanager
    def write(self) -> Iterator[None]:
        """Have the file to oneself for a change, all of which is kept or nothing.

        A change inside of another is a part of that one.

        Raises:
            UsageError, StateError, BusyError: see :meth:`read`.
        """
        with self.read():
            inside = self._db.in_transaction
            try:
                with transaction(self._db):
                    yield
            except BaseException:
                self._after.clear()
                raise
            if inside:
                return
            after, self._after = self._after, []
        for tell in after:
            tell()
