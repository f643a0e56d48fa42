"""Taking a snapshot: of whom, as of when, and that nothing notices."""

import pytest

from emulator.bench import Bench
from emulator.clock import HostTime, RealClock
from emulator.errors import UsageError
from emulator.serverview import ServerView
from emulator.snapshots import take
from emulator.testing import HandHost
from firmware_model import GALH, Secret, configure
from firmware_model.codec import digest

SERIAL = "GALH00000042"
TIME_SERIAL = "GALT00000007"
S = 1_000_000_000


def test_of_the_whole_bench(bench: Bench) -> None:
    """All tokens are in it, as they are now, with the bench's time and clock."""
    bench.press(SERIAL)
    snapshot = take(bench, note="lit")
    assert (SERIAL, TIME_SERIAL) == snapshot.serials
    assert [bench.digest(serial) for serial in snapshot.serials] == [
        token.digest for token in snapshot.tokens
    ]
    assert (bench.now_ns(), "manual") == (snapshot.now_ns, snapshot.clock_mode)
    assert bench.rate == snapshot.rate
    assert (bench.journal.visible, "lit") == (snapshot.sequence, snapshot.note)
    assert snapshot.galh


def test_of_one_token(bench: Bench) -> None:
    """Only the tokens that are named are in it, each once."""
    assert (TIME_SERIAL,) == take(bench, [TIME_SERIAL, TIME_SERIAL]).serials


def test_of_a_token_that_is_not_there(bench: Bench) -> None:
    """A token that is not on the bench is an error, and so is none at all."""
    with pytest.raises(UsageError, match="GALH00000001"):
        take(bench, ["GALH00000001"])
    with pytest.raises(UsageError, match="of no token"):
        take(bench, [])


def test_nothing_notices(bench: Bench) -> None:
    """Neither journal nor tokens nor clock are other than before."""
    bench.press(SERIAL)
    before = (bench.journal.head, bench.now_ns(), bench.digest(SERIAL))
    take(bench)
    assert before == (bench.journal.head, bench.now_ns(), bench.digest(SERIAL))


def test_as_of_a_record(bench: Bench) -> None:
    """As of an earlier record every token is as it was then, at one bench time."""
    bench.press(SERIAL)
    bench.press(TIME_SERIAL)
    then, at = take(bench), bench.journal.visible
    bench.advance(40 * S)
    bench.press(SERIAL)
    again = take(bench, at=at)
    assert at == again.sequence
    assert [t.digest for t in again.tokens] == [
        digest(bench.state_at(serial, at)) for serial in again.serials
    ]
    assert then.tokens[0].key_id == again.tokens[0].key_id
    assert all(token.secret is not None for token in again.tokens)


def test_what_servers_believed(bench: Bench) -> None:
    """What a server believed of a token is in it, as of then."""
    early, late = (ServerView(name="ward", next_counter=n, look_ahead=10) for n in (0, 3))
    bench.set_server_view(SERIAL, early)
    at = bench.journal.visible
    bench.set_server_view(SERIAL, late)
    assert [late, None] == [token.view for token in take(bench).tokens]
    assert [early, None] == [token.view for token in take(bench, at=at).tokens]
    assert [None, None] == [token.view for token in take(bench, at=at - 1).tokens]


def test_at_one_moment_of_a_real_clock() -> None:
    """On a clock that runs between two looks all tokens are of the last moment."""

    class Running(HandHost):
        def __call__(self) -> HostTime:
            self.pass_time(1_000)
            return super().__call__()

    bench = Bench(RealClock(Running(1_767_225_600 * S)))
    for number in range(3):
        bench.open(configure(f"GALH0000000{number}", GALH, Secret(bytes(20))))
    snapshot = take(bench)
    states = [token.read(token.secret or Secret(bytes(20))) for token in snapshot.tokens]
    assert {snapshot.now_ns} == {state.now_ns for state in states}
    assert "real" == snapshot.clock_mode
