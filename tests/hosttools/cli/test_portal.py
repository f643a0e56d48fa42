"""``galh portal``: served as a real process, its log verified, its accounts changed."""

import json
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from hosttools.cli.main import run
from hosttools.portal import Portal, accounts, auditlog, open_portal
from hosttools.portal.passwords import CHEAP
from hosttools.testing import Serving

if TYPE_CHECKING:
    from tests.hosttools.postgres import Cluster

Galh = Callable[..., tuple[int, str, str]]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a practice portal's database."""
    path = tmp_path / "portal.db"
    with open_portal(str(path), hashing=CHEAP):
        return path


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """Return a file with a password."""
    path = tmp_path / "password"
    path.write_text("a long password\n")
    return path


def opened(db: Path) -> Portal:
    """Open a portal that is there."""
    return open_portal(str(db), make=False, hashing=CHEAP)


def serving(*arguments: str | Path) -> Serving:
    """Start a portal on any port."""
    return Serving("--http", "127.0.0.1:0", *arguments, command="portal")


def test_serves_until_told_to_stop(db: Path) -> None:
    """Options alone are of serve; the ready line says process and URL."""
    with serving("--db", db, "--policy", "rfc-strict", "--seeds", "rfc4226.csv") as served:
        ready = {"event": "ready", "pid": served.process.pid, "http": served.http}
        assert ready == served.ready
        assert 200 == httpx.get(f"{served.http}/login").status_code
        assert (0, "", "") == served.stop(signal.SIGTERM)

    with opened(db) as portal:
        assert "rfc-strict" == portal.policy_name
        assert "GALH00004226" in [record.serial for record in portal.tokens.list()]
        assert auditlog.verify(portal).ok


def test_what_is_served_can_be_verified(db: Path) -> None:
    """While others write to it, from another process."""
    with serving("--db", db) as served:
        login = {"name": "dr.adams", "password": "practice-doctor"}
        assert httpx.post(f"{served.http}/api/v1/session", json=login).is_success
        assert 0 == run(["portal", "audit", "verify", "--db", str(db)])


def test_serves_on_postgresql(postgres: "Cluster", galh: Galh) -> None:
    """By URL."""
    url = postgres.fresh()
    with serving("--db", url) as served:
        assert 200 == httpx.get(f"{served.http}/login").status_code
    code, out, _ = galh("portal", "audit", "verify", "--db", url, "--json")

    assert (0, True) == (code, json.loads(out)["ok"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--http", "192.0.2.1:80"), "on this machine only"),
        (("--http", "127.0.0.1:0", "--allow-host", "portal.example"), "practice accounts"),
        (("--bug", "none"), "no such bug"),
        (("--clock", "late"), "--clock 'late'"),
        (("--policy", "lax"), "lax"),
        (("--db", "mysql://host/name"), "a database of kind mysql"),
    ],
)
def test_refuses(galh: Galh, arguments: tuple[str, ...], said: str) -> None:
    """What can't be, or would let others in; exit code 2."""
    code, out, err = galh("portal", "serve", *arguments)

    assert (2, "", True) == (code, out, said in err)


def test_a_password_is_not_for_the_command_line(
    galh: Galh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where others can read it; from the environment it is taken, and not shown."""
    for url in ("postgresql://a:topsecret@/x", "postgresql://a@/x?password=topsecret"):
        code, _, err = galh("portal", "audit", "list", "--db", url)
        assert (2, True, False) == (code, "PGPASSWORD" in err, "topsecret" in err)

    monkeypatch.setenv("GALH_PORTAL_DB", f"postgresql://a:topsecret@/x?host={tmp_path}")
    code, _, err = galh("portal", "audit", "list")
    assert (74, True, False) == (code, "can't be reached" in err, "topsecret" in err)


def test_verifies(galh: Galh, db: Path) -> None:
    """0 if all is as it was written, 1 if not, and which entry it is."""
    code, out, _ = galh("portal", "audit", "verify", "--db", db)
    assert (0, True) == (code, out.startswith("ok: "))

    with closing(sqlite3.connect(db)) as other, other:
        other.execute("UPDATE log SET actor = 'nobody' WHERE number = 3")
    code, out, _ = galh("portal", "audit", "verify", "--db", db)
    assert (1, True) == (code, out.startswith("WRONG: entry 3 was changed"))
    code, out, _ = galh("portal", "audit", "verify", "--db", db, "--json")
    found = json.loads(out)
    assert (1, False, 3, "changed") == (code, found["ok"], found["number"], found["wrong"])


def test_verifies_against_an_anchor(galh: Galh, db: Path, tmp_path: Path) -> None:
    """It was taken out before; one that is there is never overwritten."""
    out = tmp_path / "anchor.json"
    assert 0 == galh("portal", "audit", "anchor", "--db", db, "--out", out)[0]
    assert 0o600 == out.stat().st_mode & 0o777
    assert 74 == galh("portal", "audit", "anchor", "--db", db, "--out", out)[0]
    assert 0 == galh("portal", "audit", "verify", "--db", db, "--anchor", out)[0]

    galh("portal", "reset", "--db", db, "--yes")
    with opened(db) as portal, portal.db.write() as at:
        for _ in range(20):
            auditlog.append(portal, at, "dr.adams", "act")
    code, said, _ = galh("portal", "audit", "verify", "--db", db, "--anchor", out)
    assert (1, True) == (code, "written anew" in said)


@pytest.mark.parametrize("text", ["", "{}", "\xff"])
def test_refuses_what_is_no_anchor(galh: Galh, db: Path, tmp_path: Path, text: str) -> None:
    """Exit code 2: that says nothing of the log."""
    path = tmp_path / "anchor.json"
    path.write_bytes(text.encode("latin-1"))

    assert 2 == galh("portal", "audit", "verify", "--db", db, "--anchor", path)[0]


def test_lists_and_exports(galh: Galh, db: Path, tmp_path: Path) -> None:
    """For people, for programs, and all of it in a file."""
    out = tmp_path / "log.jsonl"
    _, text, _ = galh("portal", "audit", "list", "--db", db, "--subject", "dr.adams")
    _, listed, _ = galh("portal", "audit", "list", "--db", db, "--json")
    galh("portal", "audit", "export", "--db", db, "--out", out)
    head, *exported = (json.loads(line) for line in out.read_text().splitlines())

    assert "account added  dr.adams  role=doctor" in text
    assert len(exported) == head["number"]
    for one, other in zip(json.loads(listed), exported, strict=True):
        assert one.items() <= other.items()


def test_verifies_an_export(galh: Galh, db: Path, tmp_path: Path) -> None:
    """Without the database, by the key that it names, and against an anchor of before."""
    out, anchor = tmp_path / "log.jsonl", tmp_path / "anchor.json"
    galh("portal", "audit", "anchor", "--db", db, "--out", anchor)
    galh("portal", "audit", "export", "--db", db, "--out", out)
    _, there, _ = galh("portal", "audit", "verify", "--db", db, "--json")
    check = ("portal", "audit", "verify", "--export")
    code, said, _ = galh(*check, out, "--anchor", anchor, "--json")
    found = json.loads(said)
    assert (0, True, json.loads(there)["key"]) == (code, found["ok"], found["key"])

    changed = tmp_path / "changed.jsonl"
    changed.write_text(out.read_text().replace('"clark"', '"nobody"', 1))
    code, said, _ = galh(*check, changed)
    assert (1, True) == (code, "was changed after it was written" in said)
    assert 2 == galh(*check, tmp_path / "nothing")[0]
    assert 2 == galh(*check, anchor, "--anchor", out)[0]


def test_verifies_nothing_unless_told_what(galh: Galh) -> None:
    """Neither a database nor a file."""
    code, _, err = galh("portal", "audit", "verify")

    assert (2, True) == (code, "--export FILE" in err)


def test_accounts_are_made_and_changed(galh: Galh, db: Path, password: Path) -> None:
    """With passwords from files; the log says that an operator did it."""
    made = ("--role", "admin", "--full-name", "B. Boss", "--email", "b@practice.example")
    galh("portal", "accounts", "add", "boss", "--db", db, *made, "--password-file", password)
    galh("portal", "accounts", "passwd", "clark", "--db", db, "--password-file", password)
    galh("portal", "accounts", "disable", "davis", "--db", db)
    _, listed, _ = galh("portal", "accounts", "list", "--db", db, "--json")
    _, text, _ = galh("portal", "accounts", "list", "--db", db)
    found = {account["name"]: account for account in json.loads(listed)}

    assert ("b@practice.example", True) == (found["boss"]["email"], found["davis"]["disabled"])
    assert "davis  admin  Dana Davis  disabled" in text
    assert ("password" in listed, "a long password" in text) == (False, False)
    galh("portal", "accounts", "enable", "davis", "--db", db)
    with opened(db) as portal:
        assert accounts.check_login(portal, "boss", "a long password")
        assert accounts.check_login(portal, "clark", "a long password")
        assert not accounts.find(portal, "davis").disabled
        assert "operator" == auditlog.entries(portal, "boss")[0].actor


def test_nobody_is_asked_without_a_terminal(galh: Galh, db: Path) -> None:
    """It says which option there is."""
    code, _, err = galh("portal", "accounts", "passwd", "clark", "--db", db)

    assert (2, True) == (code, "--password-file" in err)


def test_commands_make_no_database(galh: Galh, tmp_path: Path) -> None:
    """A mistyped path is an error."""
    code, _, err = galh("portal", "audit", "verify", "--db", tmp_path / "none.db")

    assert (2, True, []) == (code, "no database" in err, list(tmp_path.iterdir()))


def test_reset(galh: Galh, db: Path, password: Path) -> None:
    """All is as in the beginning; what is somebody's own is left alone."""
    galh("portal", "accounts", "passwd", "clark", "--db", db, "--password-file", password)
    assert 0 == galh("portal", "reset", "--db", db, "--yes")[0]
    with opened(db) as portal:
        assert accounts.check_login(portal, "clark", "practice-staff")
        assert "started over" == auditlog.entries(portal)[0].act
        assert auditlog.verify(portal).ok

    own = db.with_name("own.db")
    open_portal(str(own), fill=False, hashing=CHEAP).close()
    code, _, err = galh("portal", "reset", "--db", own, "--yes")
    assert (2, True) == (code, "nothing was removed" in err)


def test_help_of_the_group(galh: Galh) -> None:
    """Which commands there are; a wrong one is told."""
    code, out, _ = galh("portal", "--help")
    assert (0, True) == (
        code,
        all(f"  {n}" in out for n in ("accounts", "audit", "reset", "serve")),
    )
    assert 2 == galh("portal", "nope")[0]


def test_without_the_extra(galh: Galh, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=f"sqlalchemy.{name}")

    monkeypatch.setattr("hosttools.cli.portal.importlib.import_module", missing)
    code, _, err = galh("portal", "serve")

    assert (2, True) == (code, "pip install 'galh-emulator[portal]'" in err)
