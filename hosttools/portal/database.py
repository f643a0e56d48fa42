"""The portal's database: SQLAlchemy Core on SQLite or PostgreSQL, one change at a time.

It is behind the reference server's seam too (:class:`hosttools.refserver.database.Database`),
so that a verdict, the record that was signed with it and the entry in the log are kept
together or not at all. Neither statements nor their values get into a message: there are
secrets among them.
"""

import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, Protocol

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.refserver.schema import Value

BUSY_S: Final = 30.0


class Kind(Protocol):
    """What is special of one kind of database.

    Attributes:
        name: what messages call this one; no password is in it.
        threads_share: whether there is one connection, on which threads take turns.
    """

    @property
    def name(self) -> str: ...  # noqa: D102  # see the class

    @property
    def threads_share(self) -> bool: ...  # noqa: D102  # see the class

    def engine(self) -> Engine:
        """Return what connects to it."""

    def look(self, *, make: bool) -> None:
        """See that there is something to open, or that one may be made.

        Raises:
            UsageError: there is not.
        """

    def prepare(self, at: Connection, *, make: bool) -> None:
        """Make its tables if it is empty, else check that they are ours; within a change."""

    def begin(self, at: Connection, *, writes: bool) -> None:
        """Begin a transaction; one that writes is alone with the database from now on."""

    def translated(self, error: BaseException) -> HostError:
        """Return what is raised for an error of the driver's."""


class Database:
    """One database, for any number of threads and processes.

    A block of :meth:`read` or :meth:`write` belongs to its thread; one inside of another
    is a part of it. Both give the connection, for SQLAlchemy's Core statements.

    Args:
        url: the path of an SQLite file, which is made if it is not there; ``":memory:"``,
            which keeps nothing; or the ``postgresql://`` URL of an empty database or one
            of ours.
        busy_s: how long to wait for others, seconds.
        make: whether one that is not there, or empty, is made; or else an error.

    Raises:
        UsageError: no such kind of database, nothing to open, or what it needs is not
            installed.
        StateError: it is not ours, is damaged, of a newer release, or can't be reached,
            read or written.
        BusyError: others held it for longer than ``busy_s``.
    """

    def __init__(self, url: str, busy_s: float = BUSY_S, *, make: bool = True) -> None:
        self._kind = _kind(url, busy_s)
        self.name: Final = self._kind.name
        self._busy_s = busy_s
        self._closed = False
        self._here = threading.local()
        self._turn = threading.Lock()
        self._door = threading.Condition()
        self._inside = 0
        self._kind.look(make=make)
        self._engine = self._kind.engine()
        event.listen(self._engine, "begin", self._begin)
        try:
            with self.write() as at:
                self._kind.prepare(at, make=make)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of it, once all threads have. Closing it again does nothing."""
        if getattr(self._here, "at", None) is not None:
            raise RuntimeError("closed inside of a block of its own, which would never end")
        with self._door:
            self._closed = True
            # A connection that comes back to a pool that is gone would stay open.
            self._door.wait_for(lambda: not self._inside)
            self._engine.dispose()

    def read(self) -> AbstractContextManager[Connection]:
        """Have it for reading: all that is read in the block is of one moment.

        Raises:
            UsageError: it is closed.
            StateError, BusyError: see the class.
        """
        return self._transaction(writes=False)

    def write(self) -> AbstractContextManager[Connection]:
        """Have it to oneself for a change, all of which is kept or nothing.

        Raises:
            UsageError, StateError, BusyError: see :meth:`read`.
        """
        return self._transaction(writes=True)

    def afterwards(self, tell: Callable[[], None]) -> None:
        """Call a function once the whole change of this thread's :meth:`write` is kept."""
        after: list[Callable[[], None]] = self._here.after
        after.append(tell)

    def execute(self, statement: str, values: Mapping[str, Value]) -> Sequence[tuple[object, ...]]:
        """Run one statement of the reference server's, inside of a block of this thread."""
        at: Connection = self._here.at
        result = at.execute(_text(statement), dict(values))
        return [tuple(row) for row in result] if result.returns_rows else []

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        at: Connection | None = getattr(self._here, "at", None)
        if at is not None:
            if writes and not self._here.writes:
                raise RuntimeError("a change inside of a block that reads: begin with write()")
            yield at
            return
        turn = self._turn if self._kind.threads_share else nullcontext()
        with self._entered(), turn, self._errors(), self._engine.connect() as connection:
            at = connection.execution_options(galh_writes=writes)
            with at.begin():
                self._here.at, self._here.writes, self._here.after = at, writes, []
                try:
                    yield at
                finally:
                    self._here.at = None
        for tell in self._here.after:
            tell()

    def _begin(self, at: Connection) -> None:
        self._kind.begin(at, writes=at.get_execution_options().get("galh_writes", False))

    @contextmanager
    def _entered(self) -> Iterator[None]:
        with self._door:
            if self._closed:
                raise UsageError(f"{self.name}: it is closed; open it again")
            self._inside += 1
        try:
            yield
        finally:
            with self._door:
                self._inside -= 1
                self._door.notify_all()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as e:
            raise self._kind.translated(e.orig or e) from None
        except PoolTimeoutError:
            raise BusyError(
                f"{self.name}: no connection was free for {self._busy_s} s; try again"
            ) from None
        except UnicodeDecodeError:  # it quotes what it read: a secret, perhaps
            raise StateError(
                f"{self.name}: damaged, a value can't be read; restore a copy"
            ) from None


_text = functools.cache(sqlalchemy.text)


def _kind(url: str, busy_s: float) -> Kind:
    scheme, colon, _ = url.partition("://")
    if not colon:
        from hosttools.portal.sqlite import Sqlite  # noqa: PLC0415  # the one that is asked for

        return Sqlite(url, busy_s)
    if scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        from hosttools.portal.postgresql import PostgreSql  # noqa: PLC0415  # likewise

        return PostgreSql(url, busy_s)
    raise UsageError(
        f"a database of kind {scheme}://; allowed are the path of an SQLite file, :memory:, and"
        " postgresql://USER@HOST:PORT/NAME"
    )
