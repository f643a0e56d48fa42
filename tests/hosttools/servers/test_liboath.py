"""What is special of liboath, measured on it; docs/known-servers.md has it for people."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hosttools.servers import Can, Outcome
from hosttools.servers.liboath import LibOath, open_server
from tests.hosttools.servers import real
from tests.hosttools.servers.fob import EVENT, SECOND_OF_ONE_USER, START_NS, TIMED, Fob
from tests.hosttools.servers.measured import taken


@pytest.fixture
def server() -> Iterator[LibOath]:
    """Return liboath with a window of 3."""
    with real.liboath(window=3) as made:
        yield made


def test_the_window_of_a_new_token_is_inclusive(server: LibOath) -> None:
    """A window of 3 takes four counters."""
    assert [0, 1, 2, 3] == taken(server, EVENT, range(6))


def test_the_window_of_a_used_token_is_one_less(server: LibOath) -> None:
    """It searches from the last code on, which is good no more: of four, three are left."""
    assert [1, 2, 3] == taken(server, EVENT, range(6), after=1)

    fob = Fob(server)
    before = server.view(fob.serial).look_ahead
    server.verify(fob.serial, fob.press())
    assert [3, 2] == [before, server.view(fob.serial).look_ahead]


def test_the_window_of_a_time_token_is_inclusive(server: LibOath) -> None:
    """A window of 3 takes three steps to either side."""
    real.with_clock(server)
    now = START_NS // 30_000_000_000
    server.set_clock(START_NS)

    assert [now + off for off in range(-3, 4)] == taken(server, TIMED, range(now - 5, now + 6))


def test_takes_a_code_of_any_token_of_a_user(server: LibOath) -> None:
    """It knows users, no serial numbers."""
    first, second = Fob(server), Fob(server, SECOND_OF_ONE_USER)

    assert Can.APART not in server.can
    assert server.verify(first.serial, second.press()).accepted


def test_tells_a_replay(server: LibOath) -> None:
    """By a code of its own."""
    fob = Fob(server)
    code = fob.press()
    server.verify(fob.serial, code)

    assert Outcome.REPLAYED is server.verify(fob.serial, code).outcome


def test_survives_many_at_once(server: LibOath) -> None:
    """One is accepted at least, and the file is whole afterwards.

    That it is one at most is liboath's to see to, and it does not: it looks before it locks.
    """
    fob = Fob(server)
    code = fob.press()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: server.verify(fob.serial, code), range(20)))

    assert any(answer.accepted for answer in answers)
    assert 1 == server.view(fob.serial).next_counter


def test_asks_a_file_of_somebody_else(tmp_path: Path) -> None:
    """A user of it goes by the name, and it stays when the server is closed."""
    real.liboath().close()  # skips where there is none
    path = tmp_path / "users.oath"
    with open_server(f"{path},window=2") as server:
        fob = Fob(server)
        assert server.verify(EVENT.holder, fob.press()).accepted

    assert EVENT.holder in path.read_text(encoding="utf-8")
