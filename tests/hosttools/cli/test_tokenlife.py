"""``galh token order`` to ``history``: a token's life, told and led on the command line."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.oath import Key, hotp
from hosttools.refserver import Status, Store

Galh = Callable[..., tuple[int, str, str]]
SERIAL = "GALH12345678"
OTHER = "GALH00000042"


@pytest.fixture
def db(tmp_path: Path, galh: Galh) -> Path:
    """Return a database with two tokens on order."""
    path = tmp_path / "server.db"
    code, out, _ = galh(
        "token", "order", "ward.csv", SERIAL, OTHER, "--db", path, "--at", "2026-01-05T08:00:00Z"
    )
    assert (0, f"{SERIAL}  taken in, on order\n{OTHER}  taken in, on order\n") == (code, out)
    return path


def test_a_life_is_led_and_told(db: Path, galh: Galh) -> None:
    """Each act says what became of it, and the history all of them."""
    options = ("--db", db, "--actor", "help desk", "--at", "2026-01-06T08:00:00Z")
    for act in (("ship", SERIAL), ("assign", SERIAL, "alice"), ("replace", SERIAL, OTHER)):
        assert 0 == galh("token", *act, *options)[0]

    assert (
        f"{SERIAL}  replaced, holder alice, replaced by {OTHER}\n"
        "2026-01-05T08:00:00Z  operator      ordered               order: taken in, on order\n"
        "2026-01-06T08:00:00Z  help desk     ordered -> shipped    ship: shipped\n"
        "2026-01-06T08:00:00Z  help desk     shipped -> assigned   assign: assigned to alice\n"
        "2026-01-06T08:00:00Z  help desk     assigned -> replaced  replace: replaced by"
        f" {OTHER}\n"
    ) == galh("token", "history", SERIAL, "--db", db)[1]


def test_history_as_json(db: Path, galh: Galh) -> None:
    """With --json, one object; --limit looks at the last acts only."""
    galh("token", "ship", SERIAL, "--db", db)
    told = json.loads(galh("token", "history", SERIAL, "--db", db, "--limit", "1", "--json")[1])

    assert (SERIAL, "shipped") == (told["serial"], told["status"])
    assert ["ship"] == [event["act"] for event in told["events"]]


def test_a_refusal_is_exit_code_1(db: Path, galh: Galh) -> None:
    """What is possible instead goes to standard error, and nothing changes."""
    code, out, err = galh("token", "assign", SERIAL, "alice", "--db", db)

    assert (1, "") == (code, out)
    assert (
        f"{SERIAL}  no assign of a token that is ordered; possible: ship, revoke, replace, expire\n"
    ) == err


def test_acts_as_json(db: Path, galh: Galh) -> None:
    """The verdicts, in the order of the tokens; a refused one among them."""
    code, out, _ = galh("token", "ship", SERIAL, OTHER, "--db", db, "--json")
    again, refused, _ = galh("token", "ship", SERIAL, "--db", db, "--json")

    assert (0, [SERIAL, OTHER]) == (code, [told["serial"] for told in json.loads(out)])
    assert (1, [False]) == (again, [told["accepted"] for told in json.loads(refused)])


def test_all_tokens_or_none(db: Path, galh: Galh) -> None:
    """One that is not there stops the act for all; so does one that is there already."""
    assert 2 == galh("token", "ship", SERIAL, "GALH99999999", "--db", db)[0]
    assert 2 == galh("token", "order", "ward.csv", "--db", db)[0]

    with Store(db) as store:
        assert [Status.ORDERED, Status.ORDERED] == [record.status for record in store.list()]


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ("unlock", Status.ASSIGNED),
        ("revoke", Status.REVOKED),
        ("expire", Status.EXPIRED),
    ],
)
def test_what_an_operator_does(tmp_path: Path, galh: Galh, act: str, status: Status) -> None:
    """An enrolled token is in its holder's hands, and is taken out of them."""
    db = tmp_path / "server.db"
    galh("token", "enrol", "ward.csv", SERIAL, "--db", db)
    assert 0 == galh("token", act, "galh 1234-5678", "--db", db)[0]

    with Store(db) as store:
        assert status is store.get(SERIAL).status


def test_a_reset_asks_for_two_codes(
    tmp_path: Path, galh: Galh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come from standard input, a line each, and are in nothing that is printed."""
    db = tmp_path / "server.db"
    galh("token", "enrol", "ward.csv", SERIAL, "--db", db)
    with Store(db) as store:
        key = Key(store.get(SERIAL).secret)
    typed = [hotp(key, counter) for counter in (1234, 1235)]

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed[0]}\n{typed[1]}\n"))
    code, out, err = galh("token", "reset", SERIAL, "--db", db)

    assert 0 == code
    assert (
        f"{SERIAL}  reset by an operator, assigned: counter 1234, then counter 1235"
        " (server was at 0, 1234 presses ahead)\n"
    ) == out
    assert not any(code in out + err for code in typed)
    with Store(db) as store:
        assert 1236 == store.get(SERIAL).next_factor


@pytest.mark.parametrize("act", [("history",), ("ship",), ("assign", "alice"), ("replace", OTHER)])
def test_only_an_intake_makes_a_database(tmp_path: Path, galh: Galh, act: tuple[str, ...]) -> None:
    """Everything else wants one that is there."""
    code, _, err = galh("token", act[0], SERIAL, *act[1:], "--db", tmp_path / "none.db")

    assert 2 == code
    assert "no such file; galh token order or enrol makes it" in err
    assert [] == list(tmp_path.iterdir())


def test_a_token_that_is_in_no_file(tmp_path: Path, galh: Galh) -> None:
    """Nothing is made of a serial number that the seed file hasn't got."""
    code, _, err = galh("token", "order", "ward.csv", "GALH1", "--db", tmp_path / "server.db")

    assert (2, True) == (code, "no token GALH1" in err)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options", [("--at", "yesterday"), ("--at", "2200-01-01T00:00:00Z"), ("--actor", "")]
)
def test_refuses_odd_options(db: Path, galh: Galh, options: tuple[str, ...]) -> None:
    """No time, a time that there is no room for, nobody."""
    assert 2 == galh("token", "ship", SERIAL, "--db", db, *options)[0]


def test_no_secret_is_told(db: Path, galh: Galh) -> None:
    """Neither as text nor as JSON."""
    with Store(db) as store:
        secret = store.get(SERIAL).secret.reveal()
    told = galh("token", "ship", SERIAL, "--db", db, "--json")[1]
    told += galh("token", "history", SERIAL, "--db", db, "--json")[1]

    assert secret.hex() not in told.lower()
