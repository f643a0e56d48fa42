"""Records in an SQLite file that any number of threads and processes share.

Each act reads the record, decides, writes it back and audits the verdict in
one transaction that holds SQLite's write lock from before the read: of two
submissions of one code, the second sees what the first one did. A verdict is
returned once it is on the disk (WAL, synchronous=FULL), so that no kill can
take an acceptance back. The file holds secrets: it is created with mode 0600.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from firmware_model.errors import FirmwareError
from hosttools.errors import BusyError, HostError, RecordError, StateError, UsageError
from hosttools.refserver.admin import revoke, unlock
from hosttools.refserver.forms import resync, sync
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record, serial_of
from hosttools.refserver.schema import (
    APPLICATION_ID,
    DELETE,
    FIXED,
    INSERT,
    INSERT_AUDIT,
    SCHEMA,
    SCHEMA_VERSION,
    SELECT_ALL,
    SELECT_AUDIT,
    SELECT_ONE,
    UPDATE,
    AuditEntry,
    audit_row,
    create,
    record_of,
    row_of,
)
from hosttools.refserver.verdict import Verdict
from hosttools.refserver.verify import verify

MEMORY: Final = ":memory:"
_FAR_NS: Final = 2**62  # the year 2116; SQLite's integers have 64 bits


class Store:
    """The server's tokens in one SQLite file.

    Args:
        path: the file, created if it is not there; ``":memory:"`` keeps nothing.
        policy: how the server treats its tokens.
        busy_s: how long to wait for other processes, seconds.

    Raises:
        StateError: the file is not ours, is damaged, or can't be read or written.
        BusyError: another process held it for longer than ``busy_s``.
    """

    def __init__(
        self, path: Path | str, policy: Policy | None = None, *, busy_s: float = 30.0
    ) -> None:
        self.policy = policy or Policy()
        self._path = str(path)
        self._busy_s = busy_s
        self._lock = threading.RLock()
        with self._errors():
            if self._path != MEMORY and not Path(self._path).exists():
                create(Path(self._path))
            self._db = sqlite3.connect(
                # rw: a link that leads nowhere is an error, and makes no file at its end.
                MEMORY
                if self._path == MEMORY
                else f"{Path(self._path).absolute().as_uri()}?mode=rw",
                timeout=busy_s,
                isolation_level=None,
                check_same_thread=False,
                uri=self._path != MEMORY,
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, record: Record) -> None:
        """Take a token in.

        Raises:
            RecordError: there is one with this serial number.
            StateError, BusyError: see the class.
        """
        with self._write():
            if self._find(record.serial) is not None:
                raise RecordError(
                    f"token {record.serial} is in {self._path} already; an existing"
                    " record is never replaced"
                )
            self._db.execute(INSERT, row_of(record))

    def remove(self, serial: str) -> None:
        """Forget a token. What happened to it stays in the audit.

        Raises:
            RecordError: there is none.
            StateError, BusyError: see the class.
        """
        with self._write():
            self._db.execute(DELETE, (self._load(serial).serial,))

    def get(self, serial: str) -> Record:
        """Return a token's record; the serial may have spaces and hyphens.

        Raises:
            RecordError: there is none.
            StateError, BusyError: see the class.
        """
        with self._lock, self._errors():
            return self._load(serial)

    def list(self) -> tuple[Record, ...]:
        """Return all records by serial number.

        Raises:
            StateError, BusyError: see the class.
        """
        with self._lock, self._errors():
            rows = self._db.execute(SELECT_ALL)
            return tuple(self._record(row) for row in rows)

    def verify(self, serial: str, code: str, now_ns: int) -> Verdict:
        """Hold one code against a token; see :func:`hosttools.refserver.verify`.

        Raises:
            RecordError: no such token.
            UsageError: a time that the database has no room for.
            StateError, BusyError: see the class.
        """
        return self._act(serial, now_ns, lambda r: verify(r, self.policy, code, now_ns))

    def sync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Submit the add form; see :func:`hosttools.refserver.sync`. Raises as ``verify``."""
        return self._act(serial, now_ns, lambda r: sync(r, self.policy, code1, code2, now_ns))

    def resync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Submit the resync form; see :func:`hosttools.refserver.resync`. Raises as ``verify``."""
        return self._act(serial, now_ns, lambda r: resync(r, self.policy, code1, code2, now_ns))

    def unlock(self, serial: str, now_ns: int) -> Verdict:
        """Forget all refusals of a token, as an operator. Raises as ``verify``."""
        return self._act(serial, now_ns, unlock)

    def revoke(self, serial: str, now_ns: int) -> Verdict:
        """Take a token out of use for good, as an operator. Raises as ``verify``."""
        return self._act(serial, now_ns, revoke)

    def audit(self, serial: str | None = None, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return the last verdicts, oldest first, of one token or of all.

        Raises:
            StateError, BusyError: see the class.
        """
        wanted = None if serial is None else serial_of(serial)
        if not 0 <= limit <= _FAR_NS:
            raise UsageError(f"{limit} audit entries; allowed are 0 to {_FAR_NS}")
        with self._lock, self._errors():
            rows = self._db.execute(SELECT_AUDIT, (wanted, wanted, limit)).fetchall()
        try:
            return tuple(AuditEntry.from_row(row) for row in reversed(rows))
        except (ValueError, TypeError):
            raise StateError(
                f"{self._path}: the audit table is damaged; restore the file from a copy"
            ) from None

    def _act(
        self, serial: str, now_ns: int, decide: Callable[[Record], tuple[Record, Verdict]]
    ) -> Verdict:
        if not -_FAR_NS <= now_ns <= _FAR_NS:
            raise UsageError(
                f"server time {now_ns} ns; a store takes {-_FAR_NS} to {_FAR_NS} (the year 2116)"
            )
        with self._write():
            before = self._load(serial)
            after, verdict = decide(before)
            if after != before:
                # What a token is never changes; only what became of it does.
                self._db.execute(UPDATE, (*row_of(after)[FIXED:], after.serial))
            self._db.execute(INSERT_AUDIT, audit_row(verdict, now_ns))
        return verdict

    def _load(self, serial: str) -> Record:
        wanted = serial_of(serial)
        record = self._find(wanted)
        if record is None:
            raise RecordError(f"no token {wanted} in {self._path}; add it first")
        return record

    def _find(self, serial: str) -> Record | None:
        row = self._db.execute(SELECT_ONE, (serial,)).fetchone()
        return None if row is None else self._record(row)

    def _record(self, row: tuple[object, ...]) -> Record:
        try:
            return record_of(row)
        except (FirmwareError, RecordError, ValueError, TypeError, AttributeError) as e:
            # The value itself may be a secret: name the row only.
            raise StateError(
                f"{self._path}: the record of token {row[0]!r} is damaged"
                f" ({type(e).__name__}); restore the file from a copy"
            ) from None

    def _open(self) -> None:
        if self._path == MEMORY:
            self._db.executescript(SCHEMA)
        program, version = self._pragma("application_id"), self._pragma("user_version")
        if program != APPLICATION_ID:
            raise StateError(
                f"{self._path}: empty, or a database of another program; give another path:"
                " nothing was changed"
            )
        if version != SCHEMA_VERSION:
            raise StateError(
                f"{self._path}: schema version {version}; this release reads version"
                f" {SCHEMA_VERSION}: use the release that wrote it"
            )
        if self._pragma("quick_check(1)") != "ok":
            raise StateError(f"{self._path}: damaged; restore it from a copy")
        self._db.execute("PRAGMA synchronous = FULL")

    def _pragma(self, text: str) -> object:
        value: object = self._db.execute(f"PRAGMA {text}").fetchone()[0]
        return value

    @contextmanager
    def _write(self) -> Iterator[None]:
        with self._lock, self._errors(), self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
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
            raise UsageError(f"{self._path}: {e}; open a new Store") from e
        except (sqlite3.DatabaseError, UnicodeDecodeError) as e:
            raise self._translated(e) from None
        except OSError as e:
            raise StateError(f"{self._path}: can't be created: {e.strerror}") from e

    def _translated(self, error: Exception) -> HostError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # Python's own complaint may quote what it read: a secret, perhaps
            return StateError(f"{self._path}: damaged, a value can't be read; restore a copy")
        if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return BusyError(
                f"{self._path}: other processes held it for more than {self._busy_s} s; try again"
            )
        return StateError(
            f"{self._path}: no database of ours, damaged, or not to be read or written: {error};"
            " give another path or restore a copy"
        )
