"""The databases that a store must do the same on: a plain file, and the portal's kinds."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Final, Protocol

import psycopg

from hosttools.portal.database import Database
from hosttools.portal.postgresql import LOCK
from hosttools.refserver import Policy, Store


class Shop(Protocol):
    """One database, on which stores are opened."""

    def open(self, policy: Policy | None = None, *, busy_s: float = 30.0) -> Store:
        """Open another store on it."""

    def damage(self, statement: str) -> None:
        """Run a statement past the store."""

    def held(self) -> AbstractContextManager[None]:
        """Have somebody else hold it, in a block."""


class _File:
    def __init__(self, path: Path) -> None:
        self.path = path

    def damage(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute(statement)

    @contextmanager
    def held(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")


class PlainFile(_File):
    """A file of the reference server's own."""

    def open(self, policy: Policy | None = None, *, busy_s: float = 30.0) -> Store:
        """Open another store on it."""
        return Store(self.path, policy, busy_s=busy_s)


class PortalFile(_File):
    """A file of the portal's."""

    def open(self, policy: Policy | None = None, *, busy_s: float = 30.0) -> Store:
        """Open another store on it."""
        return Store(Database(str(self.path), busy_s), policy)


class PortalPostgreSql:
    """A database of the portal's on a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def open(self, policy: Policy | None = None, *, busy_s: float = 30.0) -> Store:
        """Open another store on it."""
        return Store(Database(self.url, busy_s), policy)

    def damage(self, statement: str) -> None:
        """Run a statement past the store."""
        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute(statement.encode())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have somebody else hold it, in a block."""
        with psycopg.connect(self.url) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            yield
            other.rollback()


FILES: Final[dict[str, Callable[[Path], Shop]]] = {"plain": PlainFile, "portal": PortalFile}
KINDS: Final = (*FILES, "postgresql")
