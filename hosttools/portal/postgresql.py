"""The portal's database on a PostgreSQL server, through psycopg 3."""

from typing import Final

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import ArgumentError

from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.portal.schema import SCHEMA_VERSION, statements
from hosttools.refserver import schema as refserver

LOCK: Final = 0x47414C50
"""The advisory lock that whoever changes anything holds."""
VERSION_TABLE: Final = "galh_portal"
CONNECTIONS: Final = 16

_BUSY: Final = frozenset({"40001", "40P01", "53300", "55P03", "57014"})
"""SQLSTATEs: serialisation, deadlock, too many connections, lock_timeout, statement_timeout."""
_CONNECTION: Final = ("08", "28", "3D", "57P")
"""Classes of SQLSTATEs: no connection, no access, no such database, shut down."""


class PostgreSql:
    """One database of a server.

    Args:
        url: where it is; a password in it is never shown.
        busy_s: how long to wait for others, seconds.

    Raises:
        UsageError: no such URL, or psycopg is not installed.
    """

    threads_share: Final = False

    def __init__(self, url: str, busy_s: float) -> None:
        try:
            if not (url.isascii() and url.isprintable()):
                raise ValueError  # noqa: TRY301  # one message for all that can be wrong
            self._url = make_url(url).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError):  # what they say quotes the URL
            raise UsageError(
                "a database URL that can't be read; it looks like postgresql://USER@HOST:PORT/NAME,"
                " with %XX for what is not ASCII"
            ) from None
        host = self._url.host or self._url.query.get("host") or "the local socket"
        port = f":{self._url.port}" if self._url.port else ""
        self.name = f"postgresql://{host}{port}/{self._url.database or ''}"
        self._busy_s = busy_s

    def engine(self) -> Engine:
        """Return what connects to it."""
        try:
            return create_engine(
                self._url,
                hide_parameters=True,  # secrets are among them
                # Whatever the server's default is: what is read after the wait for the lock
                # must be what its last holder left.
                isolation_level="READ COMMITTED",
                pool_size=CONNECTIONS,
                max_overflow=0,
                pool_timeout=self._busy_s,
                pool_pre_ping=True,
            )
        except ModuleNotFoundError:
            raise UsageError(
                f"{self.name} needs psycopg: pip install 'galh-emulator[postgres]'"
            ) from None

    def look(self, *, make: bool) -> None:
        """Do nothing: the server knows its databases."""

    def prepare(self, at: Connection, *, make: bool) -> None:
        """Make the tables in an empty database, or check that they are ours."""
        names = inspect(at).get_table_names()
        if not names and not make:
            raise UsageError(f"{self.name} is empty; galh portal serve --db fills one")
        encoding = at.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise StateError(
                f"{self.name}: its encoding is {encoding}; give one of UTF8 (createdb -E UTF8 -T"
                " template0): nothing was changed"
            )
        if not names:
            for statement in statements(at.dialect, refserver.POSTGRESQL):
                at.exec_driver_sql(statement)
            at.exec_driver_sql(f"CREATE TABLE {VERSION_TABLE} (version BIGINT NOT NULL)")
            at.execute(
                text(f"INSERT INTO {VERSION_TABLE} VALUES (:version)"),  # noqa: S608  # a constant
                {"version": SCHEMA_VERSION},
            )
            return
        if VERSION_TABLE not in names:
            raise StateError(
                f"{self.name}: a database of another program; give an empty one (createdb):"
                " nothing was changed"
            )
        version = at.exec_driver_sql(f"SELECT version FROM {VERSION_TABLE}").scalar()  # noqa: S608  # a constant
        if version != SCHEMA_VERSION:
            raise StateError(
                f"{self.name}: schema version {version}; this release reads version"
                f" {SCHEMA_VERSION}: use the release that wrote it, or give an empty database"
                " (createdb): nothing was changed"
            )

    def begin(self, at: Connection, *, writes: bool) -> None:
        """Begin a transaction; one that writes is alone with the database from now on."""
        if writes:
            at.exec_driver_sql(f"SET LOCAL lock_timeout = {round(self._busy_s * 1000) or 1}")
            at.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        else:
            at.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def translated(self, error: BaseException) -> HostError:
        """Return what is raised for an error of the driver's: its detail may be a secret."""
        code = getattr(error, "sqlstate", None)
        said = getattr(getattr(error, "diag", None), "message_primary", None)
        if code in _BUSY:
            return BusyError(
                f"{self.name}: others held it for more than {self._busy_s} s, or all its"
                " connections are taken; try again"
            )
        if code is None or code.startswith(_CONNECTION):
            return StateError(
                f"{self.name}: can't be reached ({said or 'no answer'}); see that the server"
                " runs, and that user, password and database are right"
            )
        return StateError(f"{self.name}: {said or code}; see its log, or restore a copy")
