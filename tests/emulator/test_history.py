"""States of the past and other futures."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.device import Home
from emulator.errors import ConflictError, StateError, UnknownTokenError, UsageError
from emulator.history import Drop, Insert, Move
from emulator.journal import Journal
from emulator.journallog import JournalLog
from emulator.statedir import StateDir
from emulator.testing import FaultyFlash, HandHost
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.climate import steady
from firmware_model.codec import digest
from firmware_model.state import LAST_NS, State, image, next_counter
from firmware_model.stimuli import Accepted, Ambient, ClockJump, Edge, Lit

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
EVENT, TIME = "GALH00004226", "GALT00006238"


def bench_of(clock: VirtualClock | RealClock | None = None, **more: object) -> Bench:
    """Return a bench with an event and a time token."""
    bench = Bench(clock or VirtualClock(START_NS), **more)  # type: ignore[arg-type]  # store, journal
    for serial, profile in ((EVENT, GALH), (TIME, GALT)):
        if serial not in bench.serials():
            bench.open(configure(serial, profile, SECRET))
    return bench


def live(bench: Bench, steps: list[int]) -> dict[int, dict[str, str]]:
    """Do things, and return what each token's digest was after which record."""
    seen = {}
    for what in steps:
        serial = (EVENT, TIME)[what % 2]
        if what < 8:
            bench.press(serial)
        elif what < 12:
            bench.advance((1, 40 * S, 86_400 * S, 5 * S)[what - 8])
        elif what < 14:
            bench.happen(serial, Ambient(0, steady(1000 * what)))
        elif what < 16:
            bench.reset(serial)
        else:
            bench.down(serial)
            bench.advance(S)
            bench.up(serial)
        if isinstance(_last(bench), Edge | Lit):
            continue  # more may come of it in the same instant
        seen[bench.journal.visible] = {s: bench.digest(s) for s in (EVENT, TIME)}
    return seen


def _last(bench: Bench) -> object:
    return bench.journal.read(bench.journal.visible - 1, 1)[0].event


@given(st.lists(st.integers(0, 18), max_size=25))
def test_every_moment_comes_back(steps: list[int]) -> None:
    """The state as of a record is the one that was there when it was written."""
    bench = bench_of()
    for sequence, digests in live(bench, steps).items():
        for serial, was in digests.items():
            assert was == digest(bench.state_at(serial, sequence))


def test_it_comes_back_from_disk(tmp_path: Path) -> None:
    """After a restart too, from what the process before wrote."""
    with StateDir(tmp_path / "s") as store:
        bench = bench_of(store=store)
        seen = live(bench, [0, 9, 1, 12, 9, 2, 10, 14, 9, 3])
        bench.close()
        again = bench_of(VirtualClock(bench.settled_ns), store=store)
        for sequence, digests in seen.items():
            for serial, was in digests.items():
                assert was == digest(again.state_at(serial, sequence))
        again.close()


def test_a_journal_that_forgets() -> None:
    """What is in memory can be replayed, since a busy token says now and then where it is."""
    bench = Bench(VirtualClock(START_NS), journal=Journal(100))
    bench.open(configure(EVENT, GALH, SECRET))
    digests = {}
    for _ in range(60):
        bench.press(EVENT)
        bench.advance(40 * S)
        digests[bench.journal.visible] = bench.digest(EVENT)
    newest = {n: d for n, d in digests.items() if n > bench.journal.visible - 50}
    assert newest
    for sequence, was in newest.items():
        assert was == digest(bench.state_at(EVENT, sequence))
    with pytest.raises(UsageError, match=r"too long ago|no record"):
        bench.state_at(EVENT, 1)


@pytest.mark.parametrize("sequence", [0, -1, 3, 10**9])
def test_no_such_record(sequence: int) -> None:
    """A number that no record has is refused."""
    with pytest.raises(UsageError, match="no record"):
        bench_of().state_at(EVENT, sequence)


def test_before_it_was_there() -> None:
    """A token has no past before it came on the bench."""
    with pytest.raises(UsageError, match="doesn't say where"):
        bench_of().state_at(TIME, 1)


def test_a_lit_moment() -> None:
    """The code that was lit then is lit in the state of then."""
    bench = bench_of()
    bench.press(EVENT)
    lit = _lit(bench)[0]
    bench.advance(100 * S)
    assert "755224" == bench.state_at(EVENT, lit).text


def test_a_host_clock_that_was_set() -> None:
    """The past before a clock was set comes back by the clock of then."""
    host = HandHost(START_NS)
    bench = bench_of(RealClock(host))
    host.pass_time(10 * S)
    bench.pump()
    before = bench.digest(TIME)
    bench.happen(TIME, Ambient(0, steady(5000)))
    was, sequence = bench.digest(TIME), bench.journal.visible
    assert before != was
    host.set_utc(host.utc_ns - 3_600 * S)
    bench.pump()
    assert was == digest(bench.state_at(TIME, sequence))


# Forks.


def test_a_fork_goes_on_from_then() -> None:
    """A copy as of a record goes on from there, beside the original, which is left alone."""
    bench = bench_of()
    first = bench.press(EVENT).result
    then = bench.journal.visible
    bench.advance(40 * S)
    bench.press(EVENT)
    bench.advance(40 * S)
    name = bench.fork(EVENT, at=then)
    assert f"{EVENT}F1" == name
    copy = bench.look(name)
    assert copy.lcd.lit
    assert (1, 2) == (copy.counter, bench.look(EVENT).counter)
    bench.advance(40 * S)
    assert bench.press(name).result.factor == 1
    assert first.factor == 0
    assert f"{EVENT}F2" == bench.fork(EVENT)


def test_a_fork_of_a_time_token_keeps_its_offset() -> None:
    """Its clock is off by as much as it was then."""
    bench = bench_of()
    then = bench.journal.visible
    bench.advance(1000 * S)
    name = bench.fork(TIME, at=then)
    assert bench.look(TIME).token_time_ns == bench.look(name).token_time_ns


def test_names_of_forks() -> None:
    """A fork's name can be chosen, but not one that is taken or none."""
    bench = bench_of()
    assert "SPARE1" == bench.fork(EVENT, name="SPARE1")
    with pytest.raises(ConflictError, match="SPARE1"):
        bench.fork(EVENT, name="SPARE1")
    with pytest.raises(UsageError, match="allowed are"):
        bench.fork(EVENT, name="a/b")
    with pytest.raises(UnknownTokenError):
        bench.fork("GALH00000000")


def test_a_fork_is_kept(tmp_path: Path) -> None:
    """A fork has a place of its own in the store."""
    with StateDir(tmp_path / "s") as store:
        bench = bench_of(store=store)
        bench.press(EVENT)
        name = bench.fork(EVENT)
        bench.advance(40 * S)
        bench.press(name)
        bench.close()
        again = Bench(VirtualClock(bench.settled_ns), store=store)
        again.load(name)
        again.load(EVENT)
        assert (2, 1) == (again.look(name).counter, again.look(EVENT).counter)
        again.close()


# Other futures.


def _lit(bench: Bench) -> list[int]:
    return [r.sequence for r in bench.journal.since(0) if isinstance(r.event, Lit)]


def pressed(times: int, gap_s: int = 40) -> Bench:
    """Return a bench whose event token was pressed."""
    bench = bench_of()
    for _ in range(times):
        bench.press(EVENT)
        bench.advance(gap_s * S)
    return bench


def test_nothing_happens_to_the_token() -> None:
    """The token is as it was after somebody asked what might have been."""
    bench = pressed(3)
    before, head = bench.digest(EVENT), bench.journal.head
    comparison = bench.what_if(EVENT, Drop(_lit(bench)[1]))
    assert (before, head) == (bench.digest(EVENT), bench.journal.head)
    assert before == comparison.actual.digest


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_press_left_out(which: int) -> None:
    """Without one press there is one code less, and the counter is one behind."""
    bench = pressed(3)
    comparison = bench.what_if(EVENT, Drop(_lit(bench)[which]))
    assert (3, 2) == (comparison.actual.next_counter, comparison.other.next_counter)
    assert [0, 1, 2] == [factor for _, factor in comparison.actual.lit]
    assert [0, 1] == [factor for _, factor in comparison.other.lit]
    assert comparison.diverge_ns is not None


def test_any_record_of_a_press_names_it() -> None:
    """Both edges, the acceptance and the code name the same press."""
    bench = pressed(2)
    names = [r for r in bench.journal.since(2) if r.serial == EVENT][:5]
    futures = {
        bench.what_if(EVENT, Drop(r.sequence)).other
        for r in names
        if isinstance(r.event, Edge | Lit)
    }
    assert 1 == len(futures)


def test_a_press_moved() -> None:
    """A press moved into the lit time of the one before gives no code."""
    bench = pressed(2)
    comparison = bench.what_if(EVENT, Move(_lit(bench)[1], -30 * S))
    assert 1 == comparison.other.next_counter
    assert ["lit"] == [why for _, why in comparison.other.refused]
    same = bench.what_if(EVENT, Move(_lit(bench)[1], 0))
    assert (None, same.actual) == (same.diverge_ns, same.other)


def test_a_press_more() -> None:
    """One more press in a gap is one more code."""
    bench = pressed(2)
    comparison = bench.what_if(EVENT, Insert(START_NS + 35 * S))
    assert START_NS + 35 * S < (comparison.diverge_ns or 0)
    assert 2 == comparison.actual.next_counter
    assert [0, 1] == [f for _, f in comparison.other.lit]
    later = bench.what_if(EVENT, Insert(START_NS + 75 * S))
    assert 3 == later.other.next_counter


def test_no_such_press() -> None:
    """What is no press can be neither left out nor moved."""
    bench = pressed(1)
    for change in (Drop(1), Drop(10**6), Move(2, 5)):
        with pytest.raises(UsageError, match=r"no press|no record"):
            bench.what_if(EVENT, change)
    with pytest.raises(UsageError, match="before"):
        bench.what_if(EVENT, Insert(0))


def test_a_state_is_not_told_with_its_secret() -> None:
    """What is placed shows no secret in its repr."""
    bench = bench_of()
    (record,) = bench.journal.read(0, 1)
    assert "1234567890" not in repr(record)
    assert isinstance(bench.state(EVENT), State)


def test_a_clock_set_back_ages_nothing() -> None:
    """As of the last record, a token is what it is now, also after the host's clock was set."""
    host = HandHost(START_NS)
    bench = bench_of(RealClock(host), journal=Journal(capacity=8))
    bench.press(EVENT)
    host.pass_time(S)
    bench.pump()
    host.set_utc(START_NS - 3600 * S)
    bench.pump()
    assert bench.digest(EVENT) == digest(bench.state_at(EVENT, bench.journal.visible))


def test_no_press_is_added_where_the_clock_was_set() -> None:
    """Times before and after are not in one order: a press can only be left out then."""
    host = HandHost(START_NS)
    bench = bench_of(RealClock(host))
    host.pass_time(S)
    bench.pump()
    host.set_utc(START_NS - 3600 * S)
    bench.down(EVENT)
    with pytest.raises(UsageError, match="can only be left out"):
        bench.what_if(EVENT, Insert(START_NS))


@pytest.mark.parametrize(
    "change", [Insert(10**20), Insert(START_NS, 0), Insert(START_NS, -5), Move(3, 10**20)]
)
def test_presses_that_cannot_be(change: Insert | Move) -> None:
    """A time past all times, and a hold that is none, are refused."""
    bench = bench_of()
    bench.press(EVENT)
    with pytest.raises(UsageError):
        bench.what_if(EVENT, change)


def test_what_could_not_have_been_done() -> None:
    """A counter that was set would have met a busy token: there is no such future."""
    bench = bench_of()
    bench.advance(60 * S)
    at_ns = bench.now_ns()
    bench.set_counter(EVENT, 50)
    with pytest.raises(UsageError, match="could not have been"):
        bench.what_if(EVENT, Insert(at_ns - 30_000_000))


def test_what_the_memory_failed_under_is_not_replayed() -> None:
    """A counter that could not be set is not set in the past either."""
    bench = bench_of()
    bench.press(EVENT)
    device = bench._engine.devices[EVENT]  # its flash fails by hand
    flash = FaultyFlash(image(device.state))
    flash.failing = True
    device._home = Home(flash)
    with pytest.raises(StateError):
        bench.set_counter(EVENT, 77)
    assert 1 == next_counter(bench.state_at(EVENT, bench.journal.visible))


def test_a_fork_past_the_end_of_time() -> None:
    """A token whose clock would leave the years there are can't be brought to the present."""
    bench = bench_of()
    bench.happen(TIME, ClockJump(0, LAST_NS - START_NS - S))
    then = bench.journal.visible
    bench.advance(86_400 * S)
    with pytest.raises(UsageError, match="can't be moved"):
        bench.fork(TIME, at=then)


def test_the_past_of_an_idle_token_is_near(tmp_path: Path) -> None:
    """However much others did since: only the token's own records are read from the disk."""
    with StateDir(tmp_path / "state") as store:
        journal = Journal(capacity=10, log=JournalLog(store.path / "journal", segment=4096))
        bench = bench_of(store=store, journal=journal)
        bench.press(TIME)
        bench.advance(S)
        then, was = bench.journal.visible, bench.digest(TIME)
        for _ in range(50):
            bench.press(EVENT)
            bench.advance(31 * S)
        assert was == digest(bench.state_at(TIME, then))
        assert bench.digest(TIME) == digest(bench.state_at(TIME, bench.journal.visible))
        (found,) = bench.journal.back(bench.journal.visible, TIME, (Accepted,))
        assert found.sequence < then
