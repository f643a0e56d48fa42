"""The SQLite file: opened, checked, brought up to date, and locked for each change.

What is in the tables is not known here. A change holds SQLite's write lock from before its
first read, and is on the disk when it is over (WAL, synchronous=FULL).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.refserver.schema import (
    APPLICATION_ID,
    SCHEMA,
    SCHEMA_VERSION,
    UPGRADES,
    create,
)

MEMORY: Final = ":memory:"


class Database:
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
        self.path = str(path)
        self._busy_s = busy_s
        self._lock = threading.RLock()
        with self._errors():
            if self.path != MEMORY and not Path(self.path).exists():
                create(Path(self.path))
            self._db = sqlite3.connect(
                # rw: a link that leads nowhere is an error, and makes no file at its end.
                MEMORY if self.path == MEMORY else f"{Path(self.path).absolute().as_uri()}?mode=rw",
                timeout=busy_s,
                isolation_level=None,
                check_same_thread=False,
                uri=self.path != MEMORY,
            )
            try:
                self._open()
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Close the file. Closing it again does nothing."""
        with self._lock:  # SQLite crashes if another thread is at work
            self._db.close()

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        """Run one statement, inside of :meth:`read` or :meth:`write`."""
        return self._db.execute(statement, values)

    def pragma(self, text: str) -> Any:  # noqa: ANN401  # whatever SQLite says
        """Return what SQLite says of itself."""
        return self._db.execute(f"PRAGMA {text}").fetchone()[0]

    @contextmanager
    def read(self) -> Iterator[None]:
        """Have the file for reading.

        Raises:
            UsageError: it is closed.
            StateError, BusyError: see the class.
        """
        with self._lock, self._errors():
            yield

    @contextmanager
    def write(self) -> Iterator[None]:
        """Have the file to oneself for a change, all of which is kept or nothing.

        A change inside of another is a part of that one.

        Raises:
            UsageError, StateError, BusyError: see :meth:`read`.
        """
        with self.read(), self._transaction():
            yield

    def _open(self) -> None:
        if self.path == MEMORY:
            self._db.executescript(SCHEMA)
        program, version = self.pragma("application_id"), self.pragma("user_version")
        if program != APPLICATION_ID:
            raise StateError(
                f"{self.path}: empty, or a database of another program; give another path:"
                " nothing was changed"
            )
        if version != SCHEMA_VERSION and version not in UPGRADES:
            raise StateError(
                f"{self.path}: schema version {version}; this release reads versions"
                f" {min(UPGRADES)} to {SCHEMA_VERSION}: use the release that wrote it"
            )
        if self.pragma("quick_check(1)") != "ok":
            raise StateError(f"{self.path}: damaged; restore it from a copy")
        self._db.execute("PRAGMA synchronous = FULL")
        if version != SCHEMA_VERSION:
            self._upgrade()

    def _upgrade(self) -> None:
        with self._transaction():
            # Somebody else may have done it while we waited for the lock.
            while (version := self.pragma("user_version")) != SCHEMA_VERSION:
                for statement in UPGRADES[version]:
                    self._db.execute(statement)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        inside = self._db.in_transaction  # of ours: no other thread gets here meanwhile
        if inside:
            yield
            return
        # IMMEDIATE takes the write lock before the first read.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as e:
            raise UsageError(f"{self.path}: {e}; open a new Store") from e
        except (sqlite3.DatabaseError, UnicodeDecodeError) as e:
            raise self._translated(e) from None
        except OSError as e:
            raise StateError(f"{self.path}: can't be created: {e.strerror}") from e

    def _translated(self, error: Exception) -> HostError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # Python's own complaint may quote what it read: a secret, perhaps
            return StateError(f"{self.path}: damaged, a value can't be read; restore a copy")
        if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return BusyError(
                f"{self.path}: other processes held it for more than {self._busy_s} s; try again"
            )
        return StateError(
            f"{self.path}: no database of ours, damaged, or not to be read or written: {error};"
            " give another path or restore a copy"
        )
