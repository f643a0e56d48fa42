"""The portal's database as an SQLite file, or in memory: one connection for all threads."""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, StaticPool, create_engine
from sqlalchemy.dialects.sqlite import dialect

from hosttools.errors import HostError, UsageError
from hosttools.portal.schema import SCHEMA_VERSION, statements
from hosttools.refserver import schema as refserver
from hosttools.refserver.sqlite import MEMORY, Shape, errors, open_file, translated

PROGRAM: Final = 0x47414C50
"""SQLite's ``application_id``: "GALP"."""


class Sqlite:
    """One file, in any number of processes.

    Args:
        path: the file, created with mode 0600 if it is not there, or ``":memory:"``.
        busy_s: how long to wait for other processes, seconds.
    """

    threads_share: Final = True

    def __init__(self, path: str, busy_s: float) -> None:
        self.name = path
        self._busy_s = busy_s

    def engine(self) -> Engine:
        """Return what connects to it. The first connection checks it, and makes it."""
        return create_engine(
            "sqlite+pysqlite://",
            creator=self._connect,
            poolclass=StaticPool,
            hide_parameters=True,  # secrets are among them
        )

    def look(self, *, make: bool) -> None:
        """See that there is a file, or that one may be made."""
        if not make and self.name != MEMORY and not Path(self.name).exists():
            raise UsageError(f"no database {self.name}; galh portal serve --db makes one")

    def prepare(self, at: Connection, *, make: bool) -> None:
        """Make or check the tables: the first connection did."""

    def begin(self, at: Connection, *, writes: bool) -> None:
        """Begin a transaction; one that writes has the write lock from now on."""
        at.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def translated(self, error: BaseException) -> HostError:
        """Return what is raised for an error of the driver's."""
        return translated(self.name, error, self._busy_s)

    def _connect(self) -> sqlite3.Connection:
        script = ";\n".join(
            (
                *statements(dialect(), refserver.SQLITE),
                f"PRAGMA application_id = {PROGRAM}",
                f"PRAGMA user_version = {SCHEMA_VERSION};",
            )
        )
        shape = Shape(script, PROGRAM, SCHEMA_VERSION, upgrades={})
        with errors(self.name, self._busy_s):
            db = open_file(self.name, shape, self._busy_s)
            db.execute("PRAGMA foreign_keys = ON")
        return db
