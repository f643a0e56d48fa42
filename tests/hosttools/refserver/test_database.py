"""The SQLite file itself: files of former releases, and several processes that open one."""

import dataclasses
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from hosttools.errors import BusyError, StateError
from hosttools.refserver import Record, Status, Store
from hosttools.refserver.database import SHAPE
from hosttools.refserver.schema import SCHEMA_VERSION

VERSION_1 = """
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
    form_mark TEXT NOT NULL
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
    counted INTEGER NOT NULL
);
INSERT INTO token VALUES ('GALH00000042', 'event', X'3132333435363738393031323334353637383930',
    'SHA1', 6, 30, 0, 'active', '10', 0, 3, 1, 0, 'ab');
INSERT INTO audit VALUES (NULL, 7, 'GALH00000042', 'verify', 'invalid', 'active', '10', NULL, 1);
PRAGMA application_id = 1195461704;
PRAGMA user_version = 1;
"""
"""A file as version 0.1 wrote it."""


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """Return a database of the former version."""
    path = tmp_path / "former.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(VERSION_1)
    return path


def version_of(path: Path) -> int:
    """Return the version that a file has."""
    with closing(sqlite3.connect(path)) as db:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        return version


def shape_of(path: Path) -> list[tuple[object, ...]]:
    """Return all columns of all tables, with their order, types and defaults."""
    with closing(sqlite3.connect(path)) as db:
        return [
            row for table in ("token", "audit") for row in db.execute(f"PRAGMA table_info({table})")
        ]


def test_brings_a_former_file_up_to_date(former: Path, event: Record) -> None:
    """Tokens and what happened to them are as they were; what is new is empty."""
    with Store(former) as store:
        record = store.get(event.serial)
        [entry] = store.audit()
        store.ship(event.serial, 8)

    assert (event.secret, Status.ACTIVE, 10, 3) == (
        record.secret, record.status, record.next_factor, record.failures,
    )  # fmt: skip
    assert ("", None, "") == (record.holder, record.expires_ns, record.replaced_by)
    assert (7, "invalid", None, "", "") == (
        entry.at_ns, entry.kind, entry.before, entry.actor, entry.said,
    )  # fmt: skip
    assert SCHEMA_VERSION == version_of(former)


def test_a_former_file_becomes_like_a_new_one(former: Path, tmp_path: Path) -> None:
    """Column by column: there is one shape of a version, not two."""
    Store(former).close()
    Store(tmp_path / "new.db").close()

    assert shape_of(tmp_path / "new.db") == shape_of(former)


def test_many_open_a_former_file_at_once(former: Path) -> None:
    """One brings it up to date, the others find it done."""
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: _status(former), range(8)))

    assert [Status.ACTIVE] * 8 == statuses


def _status(path: Path) -> Status:
    with Store(path) as store:
        return store.get("GALH00000042").status


def test_a_failed_upgrade_leaves_the_file_alone(former: Path) -> None:
    """While somebody else holds it, it stays of its version, whole."""
    before = shape_of(former)
    with closing(sqlite3.connect(former, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            Store(former, busy_s=0)
        other.execute("ROLLBACK")

    assert (before, 1) == (shape_of(former), version_of(former))


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1])
def test_refuses_other_versions(former: Path, version: int) -> None:
    """A newer one, or one that no release had, is left as it is."""
    with closing(sqlite3.connect(former)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    before = shape_of(former)
    with pytest.raises(StateError, match=f"schema version {version}; this release reads versions"):
        Store(former)

    assert before == shape_of(former)


def test_damage_stops_the_upgrade(former: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement in the middle fails: none of those before it is kept."""
    broken = {1: ("ALTER TABLE token ADD COLUMN x", "ALTER TABLE none ADD COLUMN y")}
    monkeypatch.setattr(
        "hosttools.refserver.database.SHAPE", dataclasses.replace(SHAPE, upgrades=broken)
    )
    before = shape_of(former)
    with pytest.raises(StateError):
        Store(former)

    assert before == shape_of(former)
