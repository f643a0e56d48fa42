"""Who is logged in, for how long, and how often somebody may guess."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hosttools.errors import UsageError
from hosttools.portal import Portal, Refusal, Why, auditlog, open_portal, sessions
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import CLIENT_LOGINS, IDLE_S, LOGIN_S, LOGINS, LONGEST_S, SEEN_S
from hosttools.portal.tables import session as table
from hosttools.refserver.http.clock import ServerClock

NS = 1_000_000_000
ADAMS = ("dr.adams", "practice-doctor")


def refusal(portal: Portal, name: str, password: str, client: str = "") -> Refusal:
    """Return what a login is refused with."""
    with pytest.raises(Refusal) as caught:
        sessions.log_in(portal, name, password, client=client)
    return caught.value


def later(clock: ServerClock, seconds: float) -> None:
    """Set the portal's clock forward."""
    clock.set(clock.now_ns() + round(seconds * NS))


def test_a_session_is_found_by_its_token(portal: Portal) -> None:
    """And by nothing else."""
    token, session = sessions.log_in(portal, *ADAMS)

    assert session == sessions.find(portal, token)
    assert session == sessions.require(portal, token)
    for other in (None, "", token[:-1], session.id_digest):
        assert sessions.find(portal, other) is None


def test_the_token_is_kept_nowhere(tmp_path: Path) -> None:
    """Neither it nor the csrf token is in the file, nor in a repr."""
    with open_portal(str(tmp_path / "portal.db"), hashing=CHEAP) as portal:
        token, session = sessions.log_in(portal, *ADAMS)
        data = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert session.id_digest.encode() in data
    assert (False, False) == (token.encode() in data, session.csrf.encode() in data)
    assert session.csrf not in repr(session)


def test_a_token_has_256_bits(portal: Portal) -> None:
    """And each is another."""
    tokens = {sessions.log_in(portal, *ADAMS)[0] for _ in range(5)}

    assert ({64}, 5) == ({len(token) for token in tokens}, len(tokens))


def test_csrf_belongs_to_the_session(portal: Portal) -> None:
    """Another session of the same account has another."""
    one, other = (sessions.log_in(portal, *ADAMS)[1] for _ in range(2))

    assert one.csrf != other.csrf


def test_a_login_replaces_the_former_token(portal: Portal) -> None:
    """A token that somebody planted before the login is of no use after it."""
    former, _ = sessions.log_in(portal, "clark", "practice-staff")
    token, _ = sessions.log_in(portal, *ADAMS, former=former)

    assert sessions.find(portal, former) is None
    assert sessions.find(portal, token) is not None


def test_wrong_logins_are_all_alike(portal: Portal) -> None:
    """An unknown name and a wrong password read the same; the operator knows."""
    wrong, unknown = refusal(portal, "dr.adams", "wrong"), refusal(portal, "nobody", "wrong")

    assert (wrong.code, wrong.user, str(wrong)) == (unknown.code, unknown.user, str(unknown))
    assert ("dr.adams: disabled, or a wrong password", "no account of this name") == (
        wrong.operator, unknown.operator,
    )  # fmt: skip


def test_what_is_no_name_is_not_logged(portal: Portal) -> None:
    """It may be a password, typed into the wrong field."""
    refusal(portal, "hunter2 hunter2", "")

    entry = auditlog.entries(portal)[-1]
    assert ("login refused", "") == (entry.act, entry.subject)


def test_an_idle_session_ends(portal: Portal, clock: ServerClock) -> None:
    """Use keeps it alive."""
    token, _ = sessions.log_in(portal, *ADAMS)
    for _ in range(3):
        later(clock, IDLE_S - 1)
        assert sessions.find(portal, token) is not None
    later(clock, IDLE_S)

    assert sessions.find(portal, token) is None


def test_an_old_session_ends(portal: Portal, clock: ServerClock) -> None:
    """However much it is used."""
    token, _ = sessions.log_in(portal, *ADAMS)
    for _ in range(LONGEST_S // (IDLE_S // 2) - 1):
        later(clock, IDLE_S // 2)
        assert sessions.find(portal, token) is not None
    later(clock, IDLE_S // 2)

    with pytest.raises(Refusal) as caught:
        sessions.require(portal, token)
    assert Why.NOT_LOGGED_IN is caught.value.code


def test_a_clock_set_back_ends_sessions(portal: Portal, clock: ServerClock) -> None:
    """By more than a host's clock is corrected by."""
    token, _ = sessions.log_in(portal, *ADAMS)
    later(clock, -SEEN_S)
    assert sessions.find(portal, token) is not None
    later(clock, -1)

    assert sessions.find(portal, token) is None


def test_over_sessions_are_swept(portal: Portal, clock: ServerClock) -> None:
    """The table does not grow for ever."""
    for _ in range(3):
        sessions.log_in(portal, *ADAMS)
    later(clock, IDLE_S + 1)
    sessions.log_in(portal, *ADAMS)

    with portal.db.read() as at:
        assert 1 == len(at.execute(select(table)).all())


def test_logging_out(portal: Portal) -> None:
    """Ends this session; everywhere: all of the account."""
    (one, first), (two, _), (three, _) = (sessions.log_in(portal, *ADAMS) for _ in range(3))
    other, _ = sessions.log_in(portal, "clark", "practice-staff")
    sessions.log_out(portal, first)
    assert [False, True, True] == [bool(sessions.find(portal, t)) for t in (one, two, three)]

    found = sessions.require(portal, two)
    sessions.log_out_everywhere(portal, found)
    assert [False, False, True] == [bool(sessions.find(portal, t)) for t in (two, three, other)]


def test_a_name_is_guessed_so_often(portal: Portal, clock: ServerClock) -> None:
    """Then even the right password waits, from wherever; unknown names are no different."""
    for name in ("dr.adams", "nobody"):
        for number in range(LOGINS):
            assert Why.WRONG_LOGIN is refusal(portal, name, "wrong", f"10.0.0.{number}").code
        assert Why.TOO_MANY is refusal(portal, name, "practice-doctor", "10.0.1.1").code

    later(clock, LOGIN_S)
    assert sessions.log_in(portal, *ADAMS)


def test_an_address_guesses_so_often(portal: Portal) -> None:
    """Whatever names it tries; others are not kept out."""
    for number in range(CLIENT_LOGINS):
        assert Why.WRONG_LOGIN is refusal(portal, f"name{number}", "wrong", "10.0.0.1").code
    assert Why.TOO_MANY is refusal(portal, *ADAMS, client="10.0.0.1").code

    assert sessions.log_in(portal, *ADAMS, client="10.0.0.2")


def test_right_logins_do_not_count(portal: Portal) -> None:
    """Neither for the name nor for the address."""
    for _ in range(LOGINS + CLIENT_LOGINS):
        sessions.log_in(portal, *ADAMS, client="10.0.0.1")


def test_changing_ones_password(portal: Portal) -> None:
    """The old one is asked for; all other sessions end."""
    token, session = sessions.log_in(portal, *ADAMS)
    other, _ = sessions.log_in(portal, *ADAMS)
    with pytest.raises(Refusal) as caught:
        sessions.change_password(portal, session, "wrong", "another password")
    assert Why.WRONG_FACTOR is caught.value.code
    with pytest.raises(UsageError):
        sessions.change_password(portal, session, ADAMS[1], "short")
    sessions.change_password(portal, session, ADAMS[1], "another password")

    assert (True, False) == tuple(bool(sessions.find(portal, t)) for t in (token, other))
    assert sessions.log_in(portal, "dr.adams", "another password")


def test_old_passwords_are_guessed_so_often(portal: Portal) -> None:
    """A session that was left open is no way to find the password."""
    _, session = sessions.log_in(portal, *ADAMS)
    for _ in range(LOGINS):
        with pytest.raises(Refusal, match="not your password"):
            sessions.change_password(portal, session, "wrong", "another password")

    with pytest.raises(Refusal) as caught:
        sessions.change_password(portal, session, ADAMS[1], "another password")
    assert Why.TOO_MANY is caught.value.code


def test_device_management_is_open_for_a_while(portal: Portal, clock: ServerClock) -> None:
    """For this session alone, and until the moment itself."""
    token, session = sessions.log_in(portal, *ADAMS)
    other, _ = sessions.log_in(portal, *ADAMS)
    now_ns = clock.now_ns()
    proven = sessions.prove(portal, session, now_ns + 1)

    assert (True, False) == (proven.proven(now_ns), proven.proven(now_ns + 1))
    assert proven == sessions.find(portal, token)
    assert not sessions.require(portal, other).proven(now_ns)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text())
def test_any_cookie_may_come(portal: Portal, token: str) -> None:
    """It is no session, and no error."""
    assert sessions.find(portal, token) is None
