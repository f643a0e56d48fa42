"""Waiting for events, idle clocks, tokens that come and go."""

from pathlib import Path
from typing import Final

import pytest

from emulator.annotations import Advanced, Placed, RateSet, Removed, ServerSeen
from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import ClockError, UnknownTokenError, UsageError
from emulator.serverview import ServerView
from emulator.statedir import StateDir
from emulator.testing import HandHost
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.stimuli import Dark, Lit

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SERIAL, TIMED = "GALH00004226", "GALT00006238"
CONFIG: Final = configure(SERIAL, GALH, Secret(b"12345678901234567890"))
CLOCKED: Final = configure(TIMED, GALT, Secret(b"12345678901234567890"))


def virtual(store: StateDir | None = None) -> Bench:
    """Return a bench with two tokens."""
    bench = Bench(VirtualClock(START_NS), store=store)
    bench.open(CONFIG)
    bench.open(CLOCKED)
    return bench


def real() -> tuple[Bench, HandHost]:
    """Return a bench on a host's clock."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(CONFIG)
    return bench, host


def test_what_happened_already_counts() -> None:
    """A late waiter finds what it waits for after its cursor."""
    bench = virtual()
    bench.press(SERIAL)
    found = bench.await_event(SERIAL, {"lit"}, after=0, timeout_ns=0).result
    assert found is not None
    assert isinstance(found.event, Lit)
    later = bench.await_event(SERIAL, {"lit"}, after=found.sequence, timeout_ns=S)
    assert later.result is None


def test_a_manual_clock_runs_to_the_moment() -> None:
    """If the token comes to it by itself, the clock goes there, and no further."""
    bench = virtual()
    bench.press(SERIAL)
    found = bench.await_event(SERIAL, {"dark"}, after=0, timeout_ns=100 * S).result
    assert found is not None
    assert isinstance(found.event, Dark)
    assert found.event.at_ns == bench.now_ns()


def test_a_manual_clock_moves_for_nothing() -> None:
    """If nothing ahead can make it true it fails at once, and moves nothing."""
    bench = virtual()
    assert bench.await_event(SERIAL, {"lit"}, after=0, timeout_ns=100 * S).result is None
    assert START_NS == bench.now_ns()


def test_on_a_real_clock() -> None:
    """It comes when somebody presses, or not in time."""
    bench, host = real()
    ticket = bench.await_event(SERIAL, {"lit", "refused"}, after=0, timeout_ns=5 * S)
    bench.press(SERIAL)
    assert not ticket.done
    host.pass_time(S)
    bench.pump()
    assert ticket.result is not None
    never = bench.await_event(SERIAL, {"dark"}, after=0, timeout_ns=5 * S)
    host.pass_time(6 * S)
    bench.pump()
    assert never.result is None


def test_a_text() -> None:
    """What the LCD has to show can be named."""
    bench = virtual()
    bench.press(SERIAL)
    assert bench.await_event(SERIAL, {"lit"}, after=0, timeout_ns=0, text="755224").result
    assert not bench.await_event(SERIAL, {"lit"}, after=0, timeout_ns=0, text="000000").result


@pytest.mark.parametrize("kinds", [{"edge"}, {"note"}, {"nonsense"}])
def test_what_a_token_does_not_do(kinds: set[str]) -> None:
    """Only what a token does can be waited for in bench time."""
    with pytest.raises(UsageError):
        virtual().await_event(SERIAL, kinds, after=0, timeout_ns=0)


def test_until_idle() -> None:
    """Time goes on until the last token is dark, and no further."""
    bench = virtual()
    bench.press(SERIAL)
    bench.advance(5 * S)
    bench.press(TIMED)
    gone_ns = bench.advance_until_idle(3600 * S)
    assert not any(bench.look(serial).lcd.lit for serial in (SERIAL, TIMED))
    assert 29 * S < gone_ns < 31 * S
    assert 0 == bench.advance_until_idle(3600 * S)


def test_until_idle_has_a_limit() -> None:
    """What comes later than the limit is left to come."""
    bench = virtual()
    bench.press(SERIAL)
    assert 0 == bench.advance_until_idle(S)
    assert bench.look(SERIAL).lcd.lit
    with pytest.raises(UsageError):
        bench.advance_until_idle(-1)
    with pytest.raises(ClockError):
        real()[0].advance_until_idle(S)


def test_clock_changes_are_told() -> None:
    """The journal says who advanced the clock and by how much, and who set its rate."""
    bench = virtual()
    with bench.acting("http"):
        bench.advance(5 * S)
        bench.set_rate(bench.rate + 60)
    advanced, rate = list(bench.journal.since(2))
    assert (Advanced(START_NS + 5 * S, START_NS), "http") == (advanced.event, advanced.by)
    assert (RateSet(START_NS + 5 * S, "60"), "") == (rate.event, rate.serial)


def test_a_token_leaves(tmp_path: Path) -> None:
    """A token that is taken off is unknown, and comes back as it was; a forgotten one new."""
    with StateDir(tmp_path / "s") as store:
        bench = virtual(store)
        bench.press(SERIAL)
        bench.remove(SERIAL)
        assert isinstance(bench.journal.read(bench.journal.visible - 1, 1)[0].event, Removed)
        with pytest.raises(UnknownTokenError):
            bench.look(SERIAL)
        bench.open(CONFIG)
        assert 1 == bench.look(SERIAL).counter
        bench.remove(SERIAL, forget=True)
        assert (TIMED,) == store.serials()
        bench.open(CONFIG)
        assert 0 == bench.look(SERIAL).counter
        bench.close()


def test_who_waits_for_a_token_that_leaves_is_told() -> None:
    """A press or a wait under way ends."""
    bench, _ = real()
    press = bench.press(SERIAL)
    wait = bench.wait(SERIAL, lit=True, timeout_ns=S)
    bench.remove(SERIAL)
    assert ("failed", False) == (press.result.refused, wait.result)


def test_a_state_is_put_back(tmp_path: Path) -> None:
    """A token put back into an earlier state is a new lineage; the old files stay."""
    with StateDir(tmp_path / "s") as store:
        bench = virtual(store)
        bench.press(SERIAL)
        bench.advance(40 * S)
        then = bench.state(SERIAL)
        bench.press(SERIAL)
        bench.advance(40 * S)
        used = (store.path / "tokens" / SERIAL / "0001.nvm").read_bytes()
        bench.put(then, "restored")
        assert 1 == bench.look(SERIAL).counter
        assert used == (store.path / "tokens" / SERIAL / "0001.nvm").read_bytes()
        assert 1 == bench.press(SERIAL).result.factor
        placed = [r.event for r in bench.journal.since(0) if isinstance(r.event, Placed)]
        assert ["new", "new", "restored"] == [event.why for event in placed]
        with pytest.raises(UsageError, match="ahead"):
            bench.put(then._replace(now_ns=bench.now_ns() + 1), "tomorrow")
        bench.close()


def test_a_servers_view(tmp_path: Path) -> None:
    """What a server said last is known, told, and remembered by the next process."""
    view = ServerView(name="ours", next_counter=3, look_ahead=10, resync_window=1000)
    with StateDir(tmp_path / "s") as store:
        bench = virtual(store)
        assert bench.server_view(SERIAL) is None
        bench.set_server_view(SERIAL, view)
        assert ServerSeen(START_NS, view) == bench.journal.read(2, 1)[0].event
        bench.close()
        again = Bench(VirtualClock(START_NS), store=store)
        again.load(SERIAL)
        assert view == again.server_view(SERIAL)
        again.close()


def test_a_view_of_the_wrong_kind() -> None:
    """A counter of a time token, and steps of an event token, are refused."""
    bench = virtual()
    with pytest.raises(UsageError, match="step_offset"):
        bench.set_server_view(TIMED, ServerView(name="x", next_counter=1))
    with pytest.raises(UsageError, match="next_counter"):
        bench.set_server_view(SERIAL, ServerView(name="x", step_offset=1))


@pytest.mark.parametrize(
    "data",
    [
        {"name": "x"},
        {"name": "x", "next_counter": 1, "step_offset": 1},
        {"name": "", "next_counter": 1},
        {"name": "x", "next_counter": -1},
        {"name": "x", "next_counter": 1, "look_ahead": -1},
        {"name": "x", "next_counter": True},
        {"name": "x", "next_counter": 1, "locked": 1},
        {"name": "x", "next_counter": 1, "colour": "red"},
        {"next_counter": 1},
    ],
)
def test_views_that_can_not_be(data: dict[str, object]) -> None:
    """A view that says too little, too much or nonsense is refused."""
    with pytest.raises(UsageError):
        ServerView.from_mapping(data)
