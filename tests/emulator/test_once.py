"""Idempotency keys and series of presses."""

from pathlib import Path
from typing import Final

import pytest

from emulator.annotations import Answered, Asked
from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import KeyBusyError, KeyReusedError, StateError, UsageError
from emulator.journal import Doer, Journal
from emulator.journallog import JournalLog
from emulator.once import MOST, Once
from emulator.slotfile import SlotFile
from emulator.statedir import StateDir
from emulator.testing import HandHost, pace
from firmware_model import GALH, Secret, configure
from firmware_model.stimuli import BatteryOut, Edge

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SERIAL: Final = "GALH00004226"
CONFIG: Final = configure(SERIAL, GALH, Secret(b"12345678901234567890"))
CODES: Final = ("755224", "287082", "359152", "969429")


def virtual(store: StateDir | None = None, at_ns: int = START_NS) -> Bench:
    """Return a bench with one token."""
    bench = Bench(VirtualClock(at_ns), store=store)
    bench.open(CONFIG)
    return bench


def test_a_repeated_request_presses_once() -> None:
    """The same key and request give the same answer, and move no counter."""
    bench = virtual()
    first = bench.press_once(SERIAL, "k", "{}").result
    again = bench.press_once(SERIAL, "k", "{}").result
    assert [CODES[0]] == [press.code for press in first]
    assert first == again
    assert 1 == bench.look(SERIAL).counter


def test_a_key_is_for_one_request() -> None:
    """Another request, or another token, under the same key is refused."""
    bench = virtual()
    bench.open(configure("GALH00000001", GALH, Secret(bytes(20))))
    bench.press_once(SERIAL, "k", "{}")
    with pytest.raises(KeyReusedError, match="'k'"):
        bench.press_once(SERIAL, "k", '{"times": 2}')
    with pytest.raises(KeyReusedError):
        bench.press_once("GALH00000001", "k", "{}")
    assert 1 == bench.look(SERIAL).counter


def test_one_under_way() -> None:
    """A request that is still under way is neither answered nor begun again."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(CONFIG)
    ticket = bench.press_once(SERIAL, "k", "{}")
    with pytest.raises(KeyBusyError, match="under way"):
        bench.press_once(SERIAL, "k", "{}")
    host.pass_time(S)
    bench.pump()
    assert ticket.done
    assert ticket.result == bench.press_once(SERIAL, "k", "{}").result


def test_the_key_stands_before_the_press() -> None:
    """The journal has the request before its first edge, each with the key and who asked."""
    bench = virtual()
    with bench.acting("http 127.0.0.1"):
        bench.press_once(SERIAL, "k", "{}")
    events = [r for r in bench.journal.since(1) if isinstance(r.event, Asked | Edge | Answered)]
    assert [Asked, Edge, Edge, Answered] == [type(r.event) for r in events]
    assert {("http 127.0.0.1", "k")} == {(r.by, r.key) for r in events}


def test_it_survives_a_restart(tmp_path: Path) -> None:
    """Another process answers a repeated request with the same codes, and presses nothing."""
    with StateDir(tmp_path / "s") as store:
        bench = virtual(store)
        first = bench.press_once(SERIAL, "k", "{}", 3).result
        bench.close()
        again = virtual(store, bench.settled_ns)
        assert first == again.press_once(SERIAL, "k", "{}", 3).result
        assert 3 == again.look(SERIAL).counter
        with pytest.raises(KeyReusedError):
            again.press_once(SERIAL, "k", "other")
        again.close()


def test_one_that_was_never_answered(tmp_path: Path) -> None:
    """A request whose process died in it is answered as interrupted, and presses nothing."""
    with StateDir(tmp_path / "s") as store:
        bench = virtual(store)
        with bench.journal.acting(Doer("http", "k")):
            bench._once.ask("k", SERIAL, "{}", START_NS)
        bench.press(SERIAL)  # as far as it came
        bench.close()
        again = virtual(store, bench.settled_ns)
        (press,) = again.press_once(SERIAL, "k", "{}").result
        assert (None, "interrupted") == (press.code, press.refused)
        assert 1 == again.look(SERIAL).counter
        again.close()


def test_a_request_that_can_not_be() -> None:
    """One that is refused before it began leaves its key free."""
    bench = virtual()
    for key, times, hold in (("", 1, 1), ("x" * 256, 1, 1), ("k", 0, 1), ("k", 1, 0)):
        with pytest.raises(UsageError, match="allowed are"):
            bench.press_once(SERIAL, key, "{}", times, hold)
    assert CODES[0] == bench.press_once(SERIAL, "k", "{}").result[0].code


def test_old_keys_go() -> None:
    """So many keys are remembered, the newest."""
    once = Once(virtual().journal)
    for number in range(MOST + 1):
        once.ask(str(number), SERIAL, "", 0)
    assert once.find("0", SERIAL, "") is None
    assert once.find(str(MOST), SERIAL, "") is not None


# Series.


def test_many_accepted_presses() -> None:
    """So many presses are accepted, whatever was lit before, and wait for the dark in between."""
    bench = virtual()
    bench.press(SERIAL)
    presses = bench.press_many(SERIAL, 3).result
    assert list(CODES[1:]) == [press.code for press in presses]
    assert START_NS + 90 * S < bench.now_ns() < START_NS + 95 * S


def test_one_press_is_one_press() -> None:
    """A single press does not wait: while lit it is refused."""
    bench = virtual()
    bench.press(SERIAL)
    assert ["lit"] == [press.refused for press in bench.press_many(SERIAL, 1).result]


def test_a_series_ends_early() -> None:
    """What waiting does not help ends it, as its last result."""
    bench = virtual()
    bench.happen(SERIAL, BatteryOut(0))
    assert ["off"] == [press.refused for press in bench.press_many(SERIAL, 5).result]


def test_a_long_series_does_not_recurse() -> None:
    """A thousand presses in a row need no deeper stack than one."""
    bench = virtual()
    presses = bench.press_many(SERIAL, 1001).result
    assert list(range(1001)) == [press.factor for press in presses]
    assert 1001 == bench.look(SERIAL).counter


def test_a_series_on_a_real_clock() -> None:
    """It says how long it would take, and is refused past the limit."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(CONFIG)
    with pytest.raises(UsageError, match="3000 s"):
        bench.press_many(SERIAL, 101)
    ticket = bench.press_many(SERIAL, 2)
    for _ in range(200):
        host.pass_time(S // 2)
        bench.pump()
    assert list(CODES[:2]) == [press.code for press in ticket.result]


def test_a_disk_that_fails_in_a_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits is told of the press that came, and that it went no further."""
    host = HandHost(START_NS)
    with StateDir(tmp_path / "state") as store:
        bench = Bench(RealClock(host), store=store)
        bench.open(CONFIG)
        ticket = bench.press_once(SERIAL, "k", "{}", 3)

        def full(_: SlotFile, __: object) -> None:
            raise StateError("no space")

        monkeypatch.setattr(SlotFile, "put", full)
        for _ in range(10):
            with pytest.raises(StateError):
                pace(bench, host, S)
        monkeypatch.undo()
        bench.pump()
        assert [None, "failed"] == [press.refused for press in ticket.result]
        assert ticket.result == bench.press_once(SERIAL, "k", "{}", 3).result


def test_a_key_from_many_records_ago(tmp_path: Path) -> None:
    """A restart remembers keys from further back than the last segments of the journal."""
    with StateDir(tmp_path / "state") as store:
        log = JournalLog(store.path / "journal", segment=4096)
        bench = Bench(VirtualClock(START_NS), store=store, journal=Journal(log=log))
        bench.open(CONFIG)
        first = bench.press_once(SERIAL, "k", "{}").result
        for _ in range(40):
            bench.advance(40 * S)
            bench.press(SERIAL)
        now_ns = bench.now_ns()
        bench.close()
        log.close()
    with StateDir(tmp_path / "state") as store:
        bench = virtual(store, now_ns)
        assert first == bench.press_once(SERIAL, "k", "{}").result
        assert 41 == bench.look(SERIAL).counter
        bench.close()


def test_a_series_that_nobody_waits_for() -> None:
    """A series whose asker is gone ends with the press or the wait under way."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(CONFIG)
    ticket = bench.press_many(SERIAL, 4)
    host.pass_time(S)
    bench.pump()
    bench.give_up(SERIAL, ticket)
    assert [CODES[0]] == [press.code for press in ticket.result]
    other = bench.press_many(SERIAL, 4)
    bench.give_up(SERIAL, other)
    for _ in range(80):
        host.pass_time(S)
        bench.pump()
    assert 1 == bench.look(SERIAL).counter
    assert other.done
