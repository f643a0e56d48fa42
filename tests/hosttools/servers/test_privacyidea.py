"""What is special of privacyIDEA, measured on it; docs/known-servers.md has it for people."""

from collections.abc import Iterator

import pytest

from hosttools.errors import UsageError
from hosttools.servers import Outcome, ServerError
from hosttools.servers.launch.privacyidea import LaunchedPrivacyIdea
from hosttools.servers.privacyidea import PrivacyIdea, open_server
from tests.hosttools.servers import real
from tests.hosttools.servers.fob import EVENT, START_NS, TIMED, Fob
from tests.hosttools.servers.measured import taken

NOW = START_NS // 30_000_000_000
DAY_NS = 86_400_000_000_000


@pytest.fixture
def server(privacyidea: LaunchedPrivacyIdea) -> Iterator[PrivacyIdea]:
    """Return a privacyIDEA that knows no token."""
    with real.emptied(privacyidea) as made:
        yield made


def test_the_window_is_half_open(server: PrivacyIdea) -> None:
    """A window of 10 is ten counters: nine may be skipped."""
    assert [0, 9] == taken(server, EVENT, [0, 9, 10])
    assert [9, 10] == taken(server, EVENT, [9, 10, 11], after=1)


def test_the_window_of_a_time_token_is_lopsided(server: PrivacyIdea) -> None:
    """180 s are six steps back, and five ahead."""
    real.with_clock(server)
    server.set_clock(START_NS)
    tried = [NOW + off for off in (-7, -6, 5, 6)]

    assert [NOW - 6, NOW + 5] == taken(server, TIMED, tried)


def test_the_resync_window_is_half_open_too(server: PrivacyIdea) -> None:
    """Of 1,000 counters the last one is 999."""
    fob = Fob(server)
    far = server.resync(fob.serial, fob.code(1_000), fob.code(1_001))
    near = server.resync(fob.serial, fob.code(999), fob.code(1_000))

    assert [False, True] == [far.accepted, near.accepted]


def test_refuses_the_code_after_a_resync_of_a_time_token(server: PrivacyIdea) -> None:
    """It books one step too many as used; the code after that one is accepted."""
    real.with_clock(server)
    server.set_clock(START_NS)
    fob = Fob(server, TIMED)
    server.set_clock(START_NS)
    ahead = NOW + 20
    pair = server.resync(fob.serial, fob.code(ahead), fob.code(ahead + 1))
    after = [server.verify(fob.serial, fob.code(ahead + step)).outcome for step in (2, 3)]

    assert pair.accepted
    assert [Outcome.REPLAYED, Outcome.ACCEPTED] == after
    assert 23 == server.view(fob.serial).step_offset


def test_locks_after_ten_failures(server: PrivacyIdea) -> None:
    """And says so from then on, to a good code too."""
    fob = Fob(server)
    for wrong in fob.wrong(10):
        assert Outcome.REFUSED is server.verify(fob.serial, wrong).outcome
    answer = server.verify(fob.serial, fob.press())

    assert Outcome.LOCKED is answer.outcome
    assert "Failcounter exceeded" == answer.reason
    assert server.view(fob.serial).locked


def test_tells_a_replay(server: PrivacyIdea) -> None:
    """Of the very last code."""
    fob = Fob(server)
    code = fob.press()
    server.verify(fob.serial, code)

    assert Outcome.REPLAYED is server.verify(fob.serial, code).outcome


def test_logs_in_again_when_its_time_is_over(server: PrivacyIdea) -> None:
    """A login is good for an hour, and clocks that are set take no heed of that."""
    real.with_clock(server)
    server.set_clock(START_NS)
    server.enrol(EVENT)
    server.set_clock(START_NS + DAY_NS)

    assert 0 == server.view(EVENT.serial).next_counter


def test_a_wrong_password_is_an_error(privacyidea: LaunchedPrivacyIdea) -> None:
    """Which does not hold it."""
    with (
        PrivacyIdea(privacyidea.url, password="quite-wrong") as server,
        pytest.raises(ServerError, match="/auth") as caught,
    ):
        server.enrol(EVENT)

    assert "quite-wrong" not in str(caught.value)


def test_is_opened_by_its_target(
    privacyidea: LaunchedPrivacyIdea, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the launcher prints it."""
    monkeypatch.setenv("GALH_PRIVACYIDEA_PASSWORD_FILE", str(privacyidea.password_file))
    real.emptied(privacyidea).close()
    with open_server(privacyidea.url) as server:
        fob = Fob(server)
        assert server.verify(fob.serial, fob.press()).accepted


@pytest.mark.parametrize("url", ["", "localhost:5000", "http://admin:pw@localhost", "ftp://x"])
def test_refuses_what_is_no_url(url: str) -> None:
    """A password in it is not shown."""
    with pytest.raises(UsageError, match="no URL") as caught:
        PrivacyIdea(url, password="x")

    assert "pw" not in str(caught.value)


def test_wants_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says where to put it: not on the command line."""
    monkeypatch.delenv("GALH_PRIVACYIDEA_PASSWORD", raising=False)
    with pytest.raises(UsageError, match="PASSWORD_FILE"):
        open_server("http://127.0.0.1:5000")


def test_nobody_there_is_an_error() -> None:
    """It names the place."""
    with (
        PrivacyIdea("http://127.0.0.1:9", password="x") as server,
        pytest.raises(ServerError, match=r"127\.0\.0\.1:9"),
    ):
        server.verify(EVENT.serial, "123456")
