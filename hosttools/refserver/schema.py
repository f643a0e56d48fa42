"""How records and verdicts lie in the SQLite file, and how a new file is made.

A change here needs a new ``SCHEMA_VERSION``, and the statements in ``UPGRADES`` that
lead there from the one before. What is in the audit has neither digits nor secrets.
"""

import os
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Verdict

SCHEMA_VERSION: Final = 2
APPLICATION_ID: Final = 0x47414C48  # "GALH"

# Factors reach 2**64 and SQLite's integers don't: they are kept as text.
SCHEMA: Final = f"""
CREATE TABLE token (
    serial TEXT PRIMARY KEY,
    token_type TEXT NOT NULL,
    secret BLOB NOT NULL,
    algorithm TEXT NOT NULL,
    digits INTEGER NOT NULL,
    step_s INTEGER NOT NULL,
    t0_s INTEGER NOT NULL,
    status TEXT NOT NULL,
    next_factor TEXT NOT NULL,
    drift_steps INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    resync_failures INTEGER NOT NULL,
    throttled_until_ns INTEGER NOT NULL,
    form_mark TEXT NOT NULL,
    holder TEXT NOT NULL DEFAULT '',
    expires_ns INTEGER,
    replaced_by TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    serial TEXT NOT NULL,
    act TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    expected TEXT NOT NULL,
    factor TEXT,
    counted INTEGER NOT NULL,
    before TEXT,
    actor TEXT NOT NULL DEFAULT '',
    said TEXT NOT NULL DEFAULT ''
);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""

UPGRADES: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        "ALTER TABLE token ADD COLUMN holder TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE token ADD COLUMN expires_ns INTEGER",
        "ALTER TABLE token ADD COLUMN replaced_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE audit ADD COLUMN before TEXT",
        "ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE audit ADD COLUMN said TEXT NOT NULL DEFAULT ''",
        "PRAGMA user_version = 2",
    ),
}
"""What brings a file of a former version to the next one, in one transaction."""

INSERT: Final = "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
SELECT_ONE: Final = "SELECT * FROM token WHERE serial = ?"
SELECT_ALL: Final = "SELECT * FROM token WHERE serial > ? ORDER BY serial LIMIT ?"
FIXED: Final = 7
"""Columns of a token, from the left, that never change."""
UPDATE: Final = (
    "UPDATE token SET status = ?, next_factor = ?, drift_steps = ?, failures = ?,"
    " resync_failures = ?, throttled_until_ns = ?, form_mark = ?, holder = ?, expires_ns = ?,"
    " replaced_by = ? WHERE serial = ?"
)
DELETE: Final = "DELETE FROM token WHERE serial = ?"
INSERT_AUDIT: Final = "INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
SELECT_AUDIT: Final = "SELECT * FROM audit WHERE ? IS NULL OR serial = ? ORDER BY id DESC LIMIT ?"

_T = TypeVar("_T")
_Row = tuple[str | int | bytes | None, ...]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One verdict as it was kept: neither digits nor secrets.

    Attributes:
        at_ns: server time, ns since 1970, UTC.
        serial: the token's serial number.
        act: what was asked, a value of :class:`Act`.
        kind: what became of it, a value of :class:`Kind`.
        status: the token's status afterwards, a value of :class:`Status`.
        expected: where the server was: its next counter, or the step it expected.
        factor: counter or step of the (first) code; ``None`` if it is not known.
        counted: whether it counted as a failure.
        before: the token's status before; ``None``: the server did not know it, or the
            entry is of a release that did not keep it.
        actor: who did it; empty: the holder, whose name the server does not know.
        said: what an operator reads of it; empty in entries of older releases.
    """

    at_ns: int
    serial: str
    act: str
    kind: str
    status: str
    expected: int
    factor: int | None
    counted: bool
    before: str | None
    actor: str
    said: str

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Read a row of the table."""
        _, at_ns, serial, act, kind, status, expected, factor, counted, *more = row
        before, actor, said = more
        return cls(
            at_ns=at_ns,
            serial=serial,
            act=act,
            kind=kind,
            status=status,
            expected=int(expected),
            factor=None if factor is None else int(factor),
            counted=bool(counted),
            before=before,
            actor=actor,
            said=said,
        )

    @property
    def distance(self) -> int | None:
        """Presses or steps that the code was ahead of the server; negative: behind."""
        return None if self.factor is None else self.factor - self.expected


def audit_row(verdict: Verdict, now_ns: int, before: Status | None, actor: str) -> _Row:
    """Return what is kept of a verdict; arguments as of :class:`AuditEntry`."""
    return (
        now_ns,
        verdict.serial,
        verdict.act.value,
        verdict.kind.value,
        verdict.status.value,
        str(verdict.expected),
        None if verdict.factor is None else str(verdict.factor),
        verdict.counted,
        None if before is None else before.value,
        actor,
        verdict.operator,
    )


def create(path: Path) -> None:
    """Make an empty database, mode 0600. If somebody else makes it first, theirs stays.

    Raises:
        OSError: the folder is not there or can't be written.
        sqlite3.Error: the database can't be written.
    """
    # It gets its name once it is complete: nobody ever opens half of one.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    os.close(handle)
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.executescript(SCHEMA)
            db.execute("PRAGMA journal_mode = WAL")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def row_of(record: Record) -> _Row:
    """Return a record as the columns of its row."""
    return (
        record.serial,
        record.token_type.value,
        record.secret.reveal(),
        record.algorithm.value,
        record.digits,
        record.step_s,
        record.t0_s,
        record.status.value,
        str(record.next_factor),
        record.drift_steps,
        record.failures,
        record.resync_failures,
        record.throttled_until_ns,
        record.form_mark,
        record.holder,
        record.expires_ns,
        record.replaced_by,
    )


def record_of(row: tuple[object, ...]) -> Record:
    """Read a row back.

    Raises:
        ValueError, TypeError, RecordError: it is damaged.
    """
    serial, token_type, secret, algorithm, digits, step_s, t0_s, status, factor, *rest = row
    drift, failures, resync_failures, throttled, mark, holder, expires_ns, replaced_by = rest
    return Record(
        serial=_a(str, serial),
        token_type=TokenType(token_type),
        secret=_secret(_a(bytes, secret)),
        algorithm=Algorithm(algorithm),
        digits=_a(int, digits),
        step_s=_a(int, step_s),
        t0_s=_a(int, t0_s),
        status=Status(status),
        next_factor=int(_a(str, factor)),
        drift_steps=_a(int, drift),
        failures=_a(int, failures),
        resync_failures=_a(int, resync_failures),
        throttled_until_ns=_a(int, throttled),
        form_mark=_a(str, mark),
        holder=_a(str, holder),
        expires_ns=None if expires_ns is None else _a(int, expires_ns),
        replaced_by=_a(str, replaced_by),
    )


def _secret(raw: bytes) -> Secret:
    return Secret.again(raw)


def _a(wanted: type[_T], value: object) -> _T:
    if not isinstance(value, wanted):
        raise TypeError
    return value
