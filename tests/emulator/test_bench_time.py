"""Time on a bench: advances, clocks that are set, gaps while nobody ran it."""

from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.device import Device, Home
from emulator.engine import MAX_TIME_NS
from emulator.errors import ClockError, ConflictError, UsageError
from emulator.statedir import StateDir
from emulator.testing import HandHost, pace
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.physics import new_physics
from firmware_model.profile_file import profile_from_mapping
from firmware_model.stimuli import ShiftTime, Stimulus

MS: Final = 1_000_000
S: Final = 1_000_000_000
DAY: Final = 86_400 * S
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
EVENT: Final = configure("GALH00004226", GALH, SECRET)
TIME: Final = configure("GALT00006238", GALT, SECRET)
PPB: Final = 11_574
"""A second a day."""

FAST: Final = new_physics(GALT, START_NS, tolerance_ppb=PPB)


def real(store: StateDir | None = None) -> tuple[Bench, HandHost]:
    """Return a bench with one token of each kind, the time token fast by a second a day."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host), store=store)
    bench.open(EVENT)
    bench.open(TIME, physics=FAST)
    return bench, host


def off_ns(bench: Bench) -> int:
    """Return how far the time token's clock is from bench time."""
    view = bench.look(TIME.serial)
    assert view.token_time_ns is not None
    return view.token_time_ns - bench.now_ns()


# Advances.


def test_years_cost_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten years of five thousand tokens, one of them lit, cost the one event in them."""
    bench = Bench(VirtualClock(START_NS))
    for i in range(5000):
        bench.open(configure(f"GALH{i:08}", GALH, SECRET))
    bench.press("GALH00000000")
    begin_ns = bench.now_ns()
    applied: list[str] = []
    apply = Device.apply

    def counted(device: Device, stimulus: Stimulus, home: Home | None = None) -> object:
        applied.append(device.serial)
        return apply(device, stimulus, home)

    monkeypatch.setattr(Device, "apply", counted)
    for _ in range(10):
        bench.advance(365 * DAY)
    assert applied == ["GALH00000000"]
    assert bench.now_ns() == begin_ns + 3650 * DAY


def test_an_advance_lets_everything_happen() -> None:
    """What falls due on the way has happened when it is over."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(EVENT)
    bench.down(EVENT.serial)
    bench.advance(DAY)
    assert (bench.look(EVENT.serial).counter, bench.look(EVENT.serial).lcd.text) == (1, "")


def test_advances_add_up() -> None:
    """Many short advances come to the same as one long one."""
    benches = [Bench(VirtualClock(START_NS)) for _ in range(2)]
    for bench in benches:
        bench.open(TIME, physics=FAST)
        bench.press(TIME.serial)
    benches[0].advance(1000 * S)
    for _ in range(1000):
        benches[1].advance(S)
    assert benches[0].look(TIME.serial) == benches[1].look(TIME.serial)


def test_what_time_can_not_do() -> None:
    """It neither runs back nor past the last time, and a refused advance moves nothing."""
    bench = Bench(VirtualClock(START_NS))
    for by_ns in (-1, MAX_TIME_NS - START_NS + 1, 10**30):
        with pytest.raises(UsageError):
            bench.advance(by_ns)
    assert bench.now_ns() == START_NS


def test_a_real_clock_is_not_advanced() -> None:
    """Real time can be neither advanced, not even by nothing, nor scaled."""
    bench, _ = real()
    with pytest.raises(ClockError):
        bench.advance(0)
    with pytest.raises(ClockError):
        bench.set_rate(Fraction(2))
    assert (bench.clock_mode, int(bench.rate)) == ("real", 1)


def test_a_scaled_clock_advances_and_goes_on() -> None:
    """An advance is on top of the time that passes by itself."""
    host = HandHost()
    bench = Bench(VirtualClock(START_NS, Fraction(10), host))
    bench.advance(DAY)
    host.pass_time(S)
    assert bench.now_ns() == START_NS + DAY + 10 * S
    bench.set_rate(Fraction(0))
    host.pass_time(S)
    assert (bench.now_ns(), bench.clock_mode) == (START_NS + DAY + 10 * S, "manual")


def test_time_ends() -> None:
    """A clock that races past the last time finds the bench standing there, refusing."""
    host = HandHost()
    bench = Bench(VirtualClock(START_NS, Fraction(10**9), host))
    frugal = profile_from_mapping({"base": "GALH", "quiescent_na": 0})
    bench.open(configure(EVENT.serial, frugal, SECRET))  # no battery lasts so long
    bench.open(TIME)
    bench.press(TIME.serial)
    host.pass_time(100 * S)
    assert bench.now_ns() == MAX_TIME_NS
    assert bench.press(EVENT.serial).result.code == "755224"
    with pytest.raises(UsageError, match="last time"):
        bench.press(EVENT.serial)
    assert bench.look(EVENT.serial).counter == 1


@pytest.mark.parametrize("start_ns", [MAX_TIME_NS + 1, -MAX_TIME_NS - 1])
def test_no_bench_starts_outside_time(start_ns: int) -> None:
    """A start at a time that no token lives in is refused."""
    with pytest.raises(UsageError, match="between the years"):
        Bench(VirtualClock(start_ns))


def test_a_host_outside_time() -> None:
    """A host clock set to a time that no token lives in moves the bench to the edge."""
    bench, host = real()
    host.set_utc(2**63)
    bench.pump()
    assert bench.now_ns() == MAX_TIME_NS


# The host's clock is set.


@pytest.mark.parametrize("step_ns", [DAY, -DAY, 3650 * DAY])
def test_a_set_clock_ages_nothing(step_ns: int) -> None:
    """Setting the host's clock changes no lit time, no drift and no offset to UTC."""
    bench, host = real()
    pace(bench, host, 10 * DAY)
    for serial in (EVENT.serial, TIME.serial):
        bench.press(serial)
    pace(bench, host, 10 * S)
    before = [bench.look(serial) for serial in (EVENT.serial, TIME.serial)]
    off = off_ns(bench)
    host.set_utc(host.utc_ns + step_ns)
    after = [bench.look(serial) for serial in (EVENT.serial, TIME.serial)]
    assert bench.now_ns() == host.utc_ns
    assert off_ns(bench) == off
    assert [view.remaining_ns for view in after] == [view.remaining_ns for view in before]
    assert after[0].lcd == before[0].lcd
    assert [type(r.event) for r in bench.journal.since(0)].count(ShiftTime) == 2
    pace(bench, host, 30 * S)
    assert bench.look(EVENT.serial).lcd.text == ""


def test_a_clock_set_during_a_press() -> None:
    """A press and a wait under way move along with the clock."""
    bench, host = real()
    press = bench.press(EVENT.serial)
    wait = bench.wait(EVENT.serial, lit=False, timeout_ns=20 * S)
    pace(bench, host, 10 * MS)
    host.set_utc(host.utc_ns - 400 * DAY)
    bench.pump()
    pace(bench, host, 200 * MS)
    assert press.result.code == "755224"
    assert press.result.at_ns == START_NS - 400 * DAY + 78 * MS
    assert wait.result


def test_elapsed_time_drifts() -> None:
    """A second a day is a second a day, wherever the host's clock is set meanwhile."""
    bench, host = real()
    for step_ns in (0, 100 * DAY, -200 * DAY):
        host.set_utc(host.utc_ns + step_ns)
        pace(bench, host, 10 * DAY)
    assert off_ns(bench) == 30 * DAY * PPB // 10**9


# Nobody ran it.


def test_a_gap_is_elapsed_time(tmp_path: Path) -> None:
    """While the process was down the battery stayed in: the clock drifted on."""
    with StateDir(tmp_path) as store:
        bench, _ = real(store)
        bench.close()
    with StateDir(tmp_path) as store:
        bench = Bench(RealClock(HandHost(START_NS + 20 * DAY)), store=store)
        bench.load(TIME.serial)
        assert off_ns(bench) == 20 * DAY * PPB // 10**9


@pytest.mark.parametrize("loaded", [True, False])
def test_a_clock_set_back_while_down(tmp_path: Path, *, loaded: bool) -> None:
    """A host clock set back over the checkpoint ages nothing, of any token kept."""
    with StateDir(tmp_path) as store:
        bench, host = real(store)
        pace(bench, host, 20 * DAY)
        off = off_ns(bench)
        bench.close()
    for _ in range(2 if not loaded else 1):
        with StateDir(tmp_path) as store:
            bench = Bench(RealClock(HandHost(START_NS - 300 * DAY)), store=store)
            if loaded:
                bench.load(TIME.serial)
            bench.close()
    with StateDir(tmp_path) as store:
        bench = Bench(RealClock(HandHost(START_NS - 300 * DAY)), store=store)
        bench.load(TIME.serial)
        assert off_ns(bench) == off


def test_a_clock_set_while_running_is_kept(tmp_path: Path) -> None:
    """Tokens, on the bench or not, wake with the clock that was set meanwhile."""
    with StateDir(tmp_path) as store:
        bench, host = real(store)
        bench.close()
    with StateDir(tmp_path) as store:
        host = HandHost(START_NS)
        bench = Bench(RealClock(host), store=store)
        pace(bench, host, 5 * DAY)
        host.set_utc(host.utc_ns + 1000 * DAY)
        bench.close()
    with StateDir(tmp_path) as store:
        bench = Bench(RealClock(HandHost(START_NS + 1005 * DAY)), store=store)
        bench.load(TIME.serial)
        assert off_ns(bench) == 5 * DAY * PPB // 10**9


def test_virtual_time_resumes_at_its_checkpoint(tmp_path: Path) -> None:
    """A later start is a gap; an earlier one is refused and changes nothing."""
    with StateDir(tmp_path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.open(TIME, physics=FAST)
        bench.advance(DAY)
    with StateDir(tmp_path) as store:
        assert store.now_ns == START_NS + DAY
        with pytest.raises(ConflictError, match="before the checkpoint"):
            Bench(VirtualClock(START_NS + DAY - 1), store=store)
        assert store.now_ns == START_NS + DAY
        bench = Bench(VirtualClock(START_NS + 2 * DAY), store=store)
        bench.load(TIME.serial)
        assert off_ns(bench) == 2 * DAY * PPB // 10**9


def test_every_press_and_advance_is_a_checkpoint(tmp_path: Path) -> None:
    """What was answered has been kept: the next process starts no earlier."""
    with StateDir(tmp_path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.open(EVENT)
        kept = []
        bench.press(EVENT.serial).then(lambda _: kept.append(store.now_ns))
        assert kept == [bench.now_ns()]
        bench.advance(S)
        assert store.now_ns == bench.now_ns()


def test_close_keeps_the_time(tmp_path: Path) -> None:
    """A bench that was only looked at keeps its time when it is closed."""
    with StateDir(tmp_path) as store:
        bench, host = real(store)
        host.pass_time(DAY)
        bench.close()
        assert store.now_ns == START_NS + DAY
