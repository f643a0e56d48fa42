"""A file of SQLite: made, opened, checked, brought up to date; its errors in our words.

What is in its tables is not known here: a :class:`Shape` says it.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hosttools.errors import BusyError, HostError, StateError, UsageError

MEMORY: Final = ":memory:"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file of one program is.

    Attributes:
        script: what a new one begins with; it ends with program and version.
        program: SQLite's ``application_id``.
        version: SQLite's ``user_version``, of the newest.
        upgrades: the statements that lead from a former version to the next.
    """

    script: str
    program: int
    version: int
    upgrades: Mapping[int, tuple[str, ...]]


def pragma(db: sqlite3.Connection, text: str) -> Any:  # noqa: ANN401  # whatever SQLite says
    """Return what SQLite says of a file."""
    return db.execute(f"PRAGMA {text}").fetchone()[0]


def open_file(name: str, shape: Shape, busy_s: float) -> sqlite3.Connection:
    """Open a file; one that is not there is made. Call it within :func:`errors`.

    Args:
        name: its path, or ``":memory:"``.
        shape: what it is, or is going to be.
        busy_s: how long to wait for other processes, seconds.

    Returns:
        A connection for all threads, in autocommit.

    Raises:
        StateError: it is not of this program, is damaged, or of a newer release.
    """
    if name != MEMORY and not Path(name).exists():
        _create(Path(name), shape.script)
    db = sqlite3.connect(
        # rw: a link that leads nowhere is an error, and makes no file at its end.
        MEMORY if name == MEMORY else f"{Path(name).absolute().as_uri()}?mode=rw",
        timeout=busy_s,
        isolation_level=None,
        check_same_thread=False,
        uri=name != MEMORY,
    )
    try:
        if name == MEMORY:
            db.executescript(shape.script)
        _check(db, name, shape)
        db.execute("PRAGMA synchronous = FULL")
        if pragma(db, "user_version") != shape.version:
            with transaction(db):
                # Somebody else may have done it while we waited for the lock.
                while (version := pragma(db, "user_version")) != shape.version:
                    for statement in shape.upgrades[version]:
                        db.execute(statement)
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Have a file to oneself for a change; one inside of another is a part of that."""
    inside = db.in_transaction  # of ours: no other thread gets here meanwhile
    if inside:
        yield
        return
    # IMMEDIATE takes the write lock before the first read.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def errors(name: str, busy_s: float) -> Iterator[None]:
    """Say in our words what SQLite and the file system complain of; arguments as above.

    Raises:
        UsageError: the file is closed.
        BusyError: other processes held it for too long.
        StateError: anything else.
    """
    try:
        yield
    except sqlite3.ProgrammingError as e:
        raise UsageError(f"{name}: {e}; open it again") from e
    except (sqlite3.DatabaseError, UnicodeDecodeError) as e:
        raise translated(name, e, busy_s) from None
    except OSError as e:
        raise StateError(f"{name}: can't be created: {e.strerror}") from e


def translated(name: str, error: BaseException, busy_s: float) -> HostError:
    """Return what is raised for an error of SQLite's; arguments as above."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # Python's own complaint may quote what it read: a secret, perhaps
        return StateError(f"{name}: damaged, a value can't be read; restore a copy")
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusyError(f"{name}: other processes held it for more than {busy_s} s; try again")
    return StateError(
        f"{name}: no database of ours, damaged, or not to be read or written: {error};"
        " give another path or restore a copy"
    )


def _check(db: sqlite3.Connection, name: str, shape: Shape) -> None:
    if pragma(db, "application_id") != shape.program:
        raise StateError(
            f"{name}: empty, or a database of another program; give another path:"
            " nothing was changed"
        )
    version = pragma(db, "user_version")
    if version != shape.version and version not in shape.upgrades:
        oldest = min((*shape.upgrades, shape.version))
        read = f"s {oldest} to {shape.version}" if shape.upgrades else f" {shape.version}"
        raise StateError(
            f"{name}: schema version {version}; this release reads version{read}: use the release"
            " that wrote it, or give another path: nothing was changed"
        )
    if pragma(db, "quick_check(1)") != "ok":
        raise StateError(f"{name}: damaged; restore it from a copy")


def _create(path: Path, script: str) -> None:
    """Make an empty database, mode 0600. If somebody else makes it first, theirs stays.

    Args:
        path: the file.
        script: what it begins with.

    Raises:
        OSError: the folder is not there or can't be written.
        sqlite3.Error: the database can't be written.
    """
    # It gets its name once it is complete: nobody ever opens half of one.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    os.close(handle)
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.executescript(script)
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
