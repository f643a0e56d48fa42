"""Three servers that the project has no adapter for are driven from docs/servers.md alone."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import SECOND, TokenType
from hosttools.servers import Can, Enrolment, NotOfferedError, Outcome, Server, ServerError
from hosttools.servers.http import open_server
from hosttools.testing import BACKSTOP_S

SERIAL = "GALH12345678"
SECRET = Secret(b"12345678901234567890")
KEY = Key(SECRET)
TOKEN = Enrolment(serial=SERIAL, token_type=TokenType.EVENT, secret=SECRET)

Drive = Callable[[str], tuple[Any, Server]]


def code(counter: int) -> str:
    """Return a code of the token."""
    return hotp(KEY, counter)


def outcomes(server: Server, *codes: str) -> list[Outcome]:
    """Return what a server makes of codes, one after the other."""
    return [server.verify(SERIAL, each).outcome for each in codes]


def test_json_api(drive: Drive) -> None:
    """A JSON API is driven through all verbs of its description."""
    site, server = drive("acme")
    server.enrol(TOKEN)
    assert [Outcome.ACCEPTED, Outcome.REPLAYED] == outcomes(server, code(0), code(0))
    assert server.resync(SERIAL, code(60), code(61)).accepted
    assert [Outcome.REFUSED] * 3 + [Outcome.LOCKED] == outcomes(server, *["000000"] * 3, code(62))
    server.unlock(SERIAL)
    assert server.verify(SERIAL, code(62)).accepted
    server.set_clock(1_700_000_000 * SECOND)
    assert 1_700_000_000 == site.clock
    server.remove(SERIAL)
    assert {} == site.accounts


def test_what_a_description_offers(drive: Drive) -> None:
    """What a server can is told by the verbs of its description."""
    _, server = drive("acme")
    more = {Can.ENROL, Can.RESYNC, Can.UNLOCK, Can.REMOVE, Can.CLOCK, Can.AT_ONCE}
    assert {Can.EVENT, *more} == server.can
    assert ("acme", "127.0.0.1") == (server.name, server.host)
    with pytest.raises(NotOfferedError, match="add form"):
        server.sync(SERIAL, code(0), code(1))


def test_reason_blots_out_the_code(drive: Drive) -> None:
    """The server's own words are passed on, what was typed is not."""
    _, server = drive("acme")
    server.enrol(TOKEN)
    assert "wrong: …" == server.verify(SERIAL, "12345").reason


def test_values_keep_their_type(drive: Drive) -> None:
    """A number that stands for itself in JSON arrives as one."""
    site, server = drive("acme")
    server.enrol(Enrolment(serial=SERIAL, token_type=TokenType.EVENT, secret=SECRET, digits=8))
    (account,) = site.accounts.values()
    assert (8, 0) == (account.digits, account.counter)


def test_removed_token_is_forgotten(drive: Drive) -> None:
    """What a server gave for a token is of no use once the token is gone."""
    site, server = drive("acme")
    server.enrol(TOKEN)
    server.remove(SERIAL)
    asked = len(site.asked)
    with pytest.raises(ServerError, match=r"\{id\} of GALH12345678"):
        server.verify(SERIAL, code(0))
    assert asked == len(site.asked)


def test_at_once(drive: Drive) -> None:
    """Eight threads that send one code at once get it accepted once."""
    _, server = drive("acme")
    server.enrol(TOKEN)
    got: list[Outcome] = []
    barrier = threading.Barrier(8)

    def race() -> None:
        barrier.wait(BACKSTOP_S)
        got.append(server.verify(SERIAL, code(0)).outcome)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BACKSTOP_S)
    assert [Outcome.ACCEPTED] + [Outcome.REPLAYED] * 7 == sorted(got, key=lambda o: o.value)


def test_login_form(drive: Drive) -> None:
    """Pages with a password, a cookie and CSRF fields are driven as a browser would."""
    _, server = drive("portal")
    assert [Outcome.ACCEPTED, Outcome.REFUSED] == outcomes(server, code(0), code(20))
    assert [Outcome.REFUSED, Outcome.REFUSED] == outcomes(server, "000000", "000001")
    assert [Outcome.LOCKED] == outcomes(server, code(1))


def test_login_form_says_why(drive: Drive) -> None:
    """A reason comes out of the page, without the code that the page repeats."""
    _, server = drive("portal")
    assert "Wrong code …" == server.verify(SERIAL, "0000").reason


def test_each_log_in_is_a_new_one(drive: Drive) -> None:
    """Cookies of one submission are not there at the next."""
    site, server = drive("portal")
    outcomes(server, code(0), code(1))
    assert 2 == len(site.sessions)


def test_wrong_password_is_an_error(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A step before the last that goes wrong is no refusal, and says nothing secret."""
    drive("portal")
    monkeypatch.setenv("ALICE_PASSWORD", "wrong-password-1")
    with (
        open_server(str(tmp_path / "portal.toml")) as server,
        pytest.raises(ServerError, match=r"verify\[1\].*with 200") as caught,
    ):
        server.verify(SERIAL, code(0))
    assert "wrong-password-1" not in str(caught.value)
    assert code(0) not in str(caught.value)


def test_identity_provider(drive: Drive) -> None:
    """Basic auth, a form and answers in plain text are told apart."""
    _, server = drive("realm")
    assert [Outcome.ACCEPTED] + [Outcome.REFUSED] * 3 == outcomes(server, code(0), *["111111"] * 3)
    assert [Outcome.LOCKED] == outcomes(server, code(1))
