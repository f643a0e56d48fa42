"""The database: changes that are whole, errors that tell what to do, and whose it is."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from hosttools.errors import BusyError, StateError, UsageError
from hosttools.portal.database import Database
from hosttools.portal.postgresql import PostgreSql
from hosttools.portal.tables import setting
from hosttools.refserver import Store

if TYPE_CHECKING:
    from tests.hosttools.postgres import Cluster


@pytest.fixture(params=["memory", "file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new database is, of each kind in turn."""
    if request.param == "memory":
        return ":memory:"
    if request.param == "file":
        return str(tmp_path / "portal.db")
    fresh: str = request.getfixturevalue("postgres").fresh()
    return fresh


def put(db: Database, name: str) -> None:
    """Keep a setting."""
    with db.write() as at:
        at.execute(insert(setting).values(name=name, value=""))


def names(db: Database) -> list[str]:
    """Return the settings that are kept."""
    with db.read() as at:
        return sorted(at.execute(select(setting.c.name)).scalars())


def test_a_change_is_whole(url: str) -> None:
    """One that fails was not made; a change in it is a part of it."""
    db = Database(url)
    put(db, "a")
    with contextlib.suppress(LookupError), db.write():
        put(db, "b")
        raise LookupError
    with db.write():
        put(db, "c")
        with db.read():
            assert ["a", "c"] == names(db)

    assert ["a", "c"] == names(db)
    db.close()


def test_a_change_in_what_reads_is_a_bug(url: str) -> None:
    """It would not be alone from its first read on."""
    db = Database(url)
    with pytest.raises(RuntimeError, match="begin with write"), db.read():
        put(db, "a")
    assert [] == names(db)
    db.close()


def test_threads_take_turns(url: str) -> None:
    """Eight threads that add to what they read lose nothing."""
    db = Database(url)
    put(db, "0")

    def add() -> None:
        for _ in range(5):
            with db.write():
                put(db, str(len(names(db))))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(str(n) for n in range(41)) == names(db)
    db.close()


def test_what_is_read_is_of_one_moment(postgres: "Cluster") -> None:
    """While others write; the next block sees what they wrote."""
    url = postgres.fresh()
    one, other = Database(url), Database(url)
    with one.read():
        before = names(one)
        put(other, "a")
        assert before == names(one)

    assert ["a"] == names(one)
    one.close()
    other.close()


def test_a_closed_one_says_so(url: str) -> None:
    """As does one that is closed twice."""
    db = Database(url)
    db.close()
    db.close()

    with pytest.raises(UsageError, match="closed"):
        names(db)


def test_closing_inside_of_a_block_is_a_bug(url: str) -> None:
    """It would wait for itself."""
    db = Database(url)
    with pytest.raises(RuntimeError, match="would never end"), db.read():
        db.close()
    assert [] == names(db)
    db.close()


def test_values_are_in_no_error(url: str) -> None:
    """There are secrets among them."""
    db = Database(url)
    put(db, "topsecret")
    with pytest.raises(StateError) as caught:
        put(db, "topsecret")

    assert "topsecret" not in str(caught.value)
    assert caught.value.__suppress_context__
    db.close()


def _plain_server(path: Path) -> None:
    Store(path).close()


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE other (x)")


def _newer(path: Path) -> None:
    Database(str(path)).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 2")


def _text(path: Path) -> None:
    path.write_text("serial,secret\n" * 1000)


@pytest.mark.parametrize("make", [_plain_server, _foreign, _newer, _text, Path.touch, Path.mkdir])
def test_refuses_a_file_that_is_not_ours(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """It stays as it was."""
    path = tmp_path / "portal.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(StateError) as caught:
        Database(str(path))

    assert (74, True) == (caught.value.exit_code, str(path) in str(caught.value))
    assert before == (path.read_bytes() if path.is_file() else None)


def test_a_file_is_its_owners(tmp_path: Path) -> None:
    """Whatever the umask."""
    db = Database(str(tmp_path / "portal.db"))
    put(db, "a")
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    db.close()

    assert {0o600} == modes


def test_refuses_another_programs_database(postgres: "Cluster") -> None:
    """Nothing is added to it."""
    url = postgres.fresh()
    name = url.rpartition("/test_")[2].partition("?")[0]
    postgres.run(f"test_{name}", "CREATE TABLE other (x INTEGER)")

    with pytest.raises(StateError, match="another program"):
        Database(url)
    postgres.run(f"test_{name}", "SELECT x FROM other")


def test_refuses_another_encoding(postgres: "Cluster") -> None:
    """Not all that people write could be kept."""
    made = "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    postgres.run("postgres", f"CREATE DATABASE latin {made}")

    with pytest.raises(StateError, match="encoding is LATIN1; give one of UTF8"):
        Database(postgres.url("latin"))


def test_a_change_sees_what_was_left_before(postgres: "Cluster") -> None:
    """Also if the database would have it read what was there when it began to wait."""
    url = postgres.fresh()
    name = url.partition("@/")[2].partition("?")[0]
    level = "SET default_transaction_isolation = 'serializable'"
    postgres.run("postgres", f"ALTER DATABASE {name} {level}")
    db = Database(url)

    with db.write() as at:
        assert "read committed" == at.execute(text("SHOW transaction_isolation")).scalar()
    with db.read() as at:
        assert "repeatable read" == at.execute(text("SHOW transaction_isolation")).scalar()
    db.close()


def test_a_statement_that_took_too_long_is_busy(postgres: "Cluster") -> None:
    """As a server may have a limit of its own."""
    db = Database(postgres.fresh())
    too_long = "SET LOCAL statement_timeout = 1; SELECT pg_sleep(60)"
    with pytest.raises(BusyError), db.read() as at:
        at.exec_driver_sql(too_long)
    db.close()


def test_refuses_a_newer_version(postgres: "Cluster") -> None:
    """It is for the release that wrote it."""
    url = postgres.fresh()
    db = Database(url)
    with db.write() as at:
        at.execute(text("UPDATE galh_portal SET version = 2"))
    db.close()

    with pytest.raises(StateError, match="schema version 2; this release reads version 1"):
        Database(url)


@pytest.mark.parametrize("version", [0, 2])
def test_refuses_a_file_of_another_version(tmp_path: Path, version: int) -> None:
    """Older or newer, it is for the release that wrote it, and stays as it was."""
    path = tmp_path / "portal.db"
    Database(str(path)).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()

    said = f"schema version {version}; this release reads version 1: use the release that wrote it"
    with pytest.raises(StateError, match=said) as caught:
        Database(str(path))
    assert (74, before) == (caught.value.exit_code, path.read_bytes())


def test_makes_nothing_unless_told(postgres: "Cluster") -> None:
    """An empty database stays empty."""
    url = postgres.fresh()
    with pytest.raises(UsageError, match="is empty"):
        Database(url, make=False)
    with pytest.raises(UsageError, match="is empty"):
        Database(url, make=False)


def test_a_server_that_is_not_there(postgres: "Cluster", tmp_path: Path) -> None:
    """It says what to see to; a password in the URL is not shown."""
    for url in (
        f"postgresql://me:topsecret@/name?host={tmp_path}",
        f"postgresql://me@/name?password=topsecret&host={tmp_path}",
        postgres.url("no_such_database"),
    ):
        with pytest.raises(StateError, match="can't be reached") as caught:
            Database(url)
        assert (74, False) == (caught.value.exit_code, "topsecret" in str(caught.value))


def test_an_ended_connection_is_told_and_replaced(postgres: "Cluster") -> None:
    """A server that was restarted is found again."""
    url = postgres.fresh()
    db = Database(url)
    with pytest.raises(StateError, match="can't be reached"), db.read() as at:
        at.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert [] == names(db)
    db.close()


def test_busy_after_the_wait(postgres: "Cluster") -> None:
    """Whoever waits for too long for another is told to try again."""
    url = postgres.fresh()
    one, other = Database(url), Database(url, busy_s=0)
    with one.write(), pytest.raises(BusyError) as caught:
        put(other, "a")

    assert 75 == caught.value.exit_code
    put(other, "a")
    one.close()
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:topsecret@host/name",
        "postgresql://me:topsecret@host:port/name",
        "postgresql://me:topsecr\u00e8t@host/name",
    ],
)
def test_refuses_urls_that_can_not_be(url: str) -> None:
    """What is allowed is told; the password is not."""
    with pytest.raises(UsageError, match="postgresql://USER@HOST:PORT/NAME") as caught:
        Database(url)

    assert "topsecr" not in str(caught.value)


@given(rest=st.text(max_size=20))
def test_any_url_is_taken_or_refused(rest: str) -> None:
    """Whatever follows the scheme."""
    try:
        assert PostgreSql(f"postgresql://{rest}", 0).name.startswith("postgresql://")
    except UsageError as error:
        assert "it looks like" in str(error)  # noqa: PT017  # raising is allowed
