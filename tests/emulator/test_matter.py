"""What a token is made of, over restarts, kills and versions."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import ConflictError, StateError
from emulator.happening import Happening
from emulator.matter import Matter
from emulator.slotfile import SlotFile
from emulator.statedir import StateDir
from emulator.testing import HandHost
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.cell import charge_of
from firmware_model.climate import YEAR_NS, steady, yearly
from firmware_model.crystal import Crystal
from firmware_model.damage import UNHARMED, Damage
from firmware_model.physics import new_physics
from firmware_model.profile_file import profile_from_mapping
from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    BatteryOut,
    CaseOpened,
    ClockJump,
    Drain,
    Harm,
    Retune,
)
from tests.emulator.dying import Killed, dying

S: Final = 1_000_000_000
DAY: Final = 86_400 * S
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
EVENT: Final = configure("GALH00004226", GALH, SECRET)
TIME: Final = configure("GALT00006238", GALT, SECRET)
CAPACITY: Final = charge_of(GALH.battery_uah)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a state directory with one token of each kind, on a manual clock."""
    path = tmp_path / "state"
    with StateDir(path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.open(EVENT)
        bench.open(TIME)
        bench.advance(S)
    return path


@contextlib.contextmanager
def running(path: Path) -> Any:  # noqa: ANN401  # a context manager's
    """Let a bench go on with what a state directory keeps."""
    with StateDir(path) as store:
        bench = Bench(VirtualClock(store.now_ns or START_NS), store=store)
        for serial in store.serials():
            bench.load(serial)
        yield bench


def state_of(bench: Bench, serial: str = EVENT.serial) -> tuple[object, int]:
    """Return what a token is made of, and the charge drawn."""
    state = bench._engine.devices[serial].state
    return state.physics, state.used


def do(path: Path, *stimuli: Happening, serial: str = EVENT.serial) -> tuple[object, int]:
    """Let things happen to a token, a second apart; return what it is made of then."""
    with running(path) as bench:
        for stimulus in stimuli:
            bench.happen(serial, stimulus)
            bench.advance(S)
        return state_of(bench, serial)


def after_restart(path: Path, serial: str = EVENT.serial) -> tuple[object, int]:
    """Return what a token is made of after a restart."""
    with running(path) as bench:
        return state_of(bench, serial)


# What survives.


@pytest.mark.parametrize(
    "stimuli",
    [
        (Ambient(0, steady(-5_000)),),
        (Ambient(0, yearly(START_NS, -5_000, 45_000)),),
        (Retune(0, Crystal(tolerance_ppb=11_600, ageing_ppb=2_000)),),
        (BatteryOut(0),),
        (BatteryOut(0), BatteryIn(0, CAPACITY // 2)),
        (Drain(0, CAPACITY // 2),),
        (Harm(0, Damage(dead=(0, 1), stuck=(0, 0, 2), bounce=(1, 2))),),
        (Harm(0, Damage(jammed=True)), Ambient(0, steady(1))),
    ],
)
def test_what_was_done_survives_a_restart(path: Path, stimuli: tuple[Happening, ...]) -> None:
    """Climate, crystal, battery and damage are as they were left."""
    left = do(path, *stimuli)
    assert left == after_restart(path) == after_restart(path)


def test_the_clock_goes_on_over_a_restart(path: Path) -> None:
    """Jumps, drift and temperature are in it, to the nanosecond."""
    physics, _ = do(
        path,
        Retune(0, Crystal(tolerance_ppb=11_600)),
        Ambient(0, yearly(START_NS, -5_000, 45_000)),
        ClockJump(0, -7 * S),
        serial=TIME.serial,
    )
    assert (physics, 0) == after_restart(path, TIME.serial)
    with StateDir(path) as store:
        bench = Bench(VirtualClock(START_NS + YEAR_NS), store=store)
        bench.load(TIME.serial)
        gap = bench.look(TIME.serial).token_time_ns
    with running(path) as bench:
        bench.advance(START_NS + YEAR_NS - bench.now_ns())
        assert gap == bench.look(TIME.serial).token_time_ns


def test_presses_draw_charge_that_is_kept(path: Path) -> None:
    """Each press and its lit time cost charge, which a restart does not give back."""
    with running(path) as bench:
        for _ in range(3):
            bench.press(EVENT.serial)
            bench.advance(31 * S)
        left = state_of(bench)
        assert left[1] >= 3 * (EVENT.press_charge + GALH.lcd_na * GALH.lit_ns)
    assert left == after_restart(path)


def test_a_charge_is_kept_with_a_press(path: Path) -> None:
    """The slots are written when the press is over, and the physics only when they change."""
    file = path / "tokens" / EVENT.serial / "0001.physics.json"
    before = file.stat().st_ino
    with running(path) as bench:
        bench.press(EVENT.serial)
        kept = SlotFile(file.with_name("0001.slots")).value["used"]
        assert kept == state_of(bench)[1] == EVENT.press_charge
        assert before == file.stat().st_ino
        bench.happen(EVENT.serial, Ambient(0, steady(0)))
    assert before != file.stat().st_ino


def test_a_battery_that_was_out_is_still_out(path: Path) -> None:
    """The token is off after a restart, and counts on when it gets a battery."""
    with running(path) as bench:
        bench.press(EVENT.serial)
        bench.happen(EVENT.serial, BatteryOut(0))
    with running(path) as bench:
        assert "off" == bench.look(EVENT.serial).mode
        assert "off" == bench.press(EVENT.serial).result.refused
        bench.happen(EVENT.serial, BatteryIn(0))
        assert 1 == bench.look(EVENT.serial).counter


def test_a_battery_with_more_in_it_survives_a_restart(path: Path) -> None:
    """Said to have given nothing, after a day on which it gave something."""
    with running(path) as bench:
        bench.advance(DAY)
        bench.happen(EVENT.serial, Drain(0, 0))
        before = bench.condition(EVENT.serial)
    with running(path) as bench:
        assert before == bench.condition(EVENT.serial)


def test_a_new_lineage_has_the_same_matter(path: Path) -> None:
    """What it is made of goes on in it, and changes in it only."""
    do(path, Ambient(0, steady(-5_000)))
    with running(path) as bench:
        bench.press(EVENT.serial)
        bench.set_counter(EVENT.serial, 0)
        bench.happen(EVENT.serial, Retune(0, Crystal(7)))
        left = state_of(bench)
    old = json.loads((path / "tokens" / EVENT.serial / "0001.physics.json").read_text())
    assert left == after_restart(path)
    assert GALH.crystal_ppb == old["rtc"]["crystal"]["curvature_ppb"]
    assert 0 == old["rtc"]["crystal"]["tolerance_ppb"]


def test_an_erased_token_has_no_secret_to_contradict(tmp_path: Path) -> None:
    """A seed still fits a token that lost its secret; its digits must still be the same."""
    profile = profile_from_mapping({"base": "GALH", "case_opened": "secret"})
    config = configure(EVENT.serial, profile, SECRET)
    with StateDir(tmp_path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.open(config)
        bench.happen(config.serial, CaseOpened(0))
    with StateDir(tmp_path) as store:
        bench = Bench(VirtualClock(START_NS + S), store=store)
        bench.open(config)
        assert "------" == bench.look(config.serial).lcd.text
    other = configure(EVENT.serial, profile, SECRET, digits=8)
    with StateDir(tmp_path) as store, pytest.raises(ConflictError, match="another digits than"):
        Bench(VirtualClock(START_NS + S), store=store).open(other)


# Clocks that are set.


@pytest.mark.parametrize("altered", [True, False])
def test_a_set_clock_moves_what_is_kept_along(tmp_path: Path, *, altered: bool) -> None:
    """Whether the file was written before or after the host's clock was set."""
    host = HandHost(START_NS)
    with StateDir(tmp_path) as store:
        bench = Bench(RealClock(host), store=store)
        physics = new_physics(GALT, START_NS, climate=yearly(START_NS, -5_000, 45_000))
        bench.open(TIME, physics=physics)
        host.pass_time(DAY)
        host.set_utc(host.utc_ns + 500 * DAY)
        bench.pump()
        if altered:
            bench.happen(TIME.serial, Retune(0, Crystal(9)))
        left = state_of(bench, TIME.serial)
    with StateDir(tmp_path) as store:
        bench = Bench(RealClock(host), store=store)
        bench.load(TIME.serial)
        assert left == state_of(bench, TIME.serial)


# Kills.


def test_a_kill_in_the_middle_leaves_the_old_or_the_new(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any system call while a battery is put in: never the charge of one in the other."""
    old = do(path, BatteryOut(0), BatteryIn(0, CAPACITY // 2), BatteryOut(0))
    calls, seen = 0, set()
    while True:
        left = [calls]
        with running(path) as bench, monkeypatch.context() as patch:
            for name in ("open", "pwrite", "fsync", "rename"):
                patch.setattr(os, name, dying(name, left))
            try:
                bench.happen(EVENT.serial, BatteryIn(0, 5))
            except Killed:
                pass
            else:
                break
        found = after_restart(path)
        seen.add(found == old)
        if found != old:
            assert 5 == found[1]
            with running(path) as bench:
                bench.happen(EVENT.serial, BatteryOut(0))
            old = after_restart(path)
        calls += 1
    assert calls > 3
    assert seen == {True, False}


def test_slots_that_fell_back_do_not_count(path: Path) -> None:
    """Those of an earlier revision hold another battery's charge."""
    slots = path / "tokens" / EVENT.serial / "0001.slots"
    do(path, Drain(0, CAPACITY // 2))
    before = slots.read_bytes()
    left = do(path, BatteryOut(0), BatteryIn(0, 7))
    slots.write_bytes(before)
    assert left == after_restart(path)


def test_a_disk_that_is_full_loses_nothing_that_was_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verb fails, and the next one keeps both."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with running(path) as bench:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StateError, match="No space left"):
                bench.happen(EVENT.serial, Ambient(0, steady(-5_000)))
        bench.press(EVENT.serial)
        left = state_of(bench)
    assert left == after_restart(path)


# Version 1.


def make_old(path: Path, serial: str, **values: object) -> None:
    """Turn what is kept into what version 1 kept: the token's clock in its slots."""
    (path / "format.json").write_text('{"format": "galh-state", "version": 1}')
    folder = path / "tokens" / serial
    (folder / "0001.physics.json").unlink()
    (folder / "0001.slots").unlink()
    old = {"schema": 1, "set_by_ns": 0, "at_ns": START_NS, "clock_ns": START_NS + 90 * S}
    SlotFile.create(folder / "0001.slots", {**old, "ppb": 11_600, **values})


def test_a_token_of_version_1_goes_on(path: Path) -> None:
    """Its clock runs on as it did; battery and the rest are as new."""
    make_old(path, TIME.serial)
    expected = new_physics(GALT, START_NS, tolerance_ppb=11_600, offset_ns=90 * S)
    assert (expected, 0) == after_restart(path, TIME.serial)
    assert 2 == json.loads((path / "format.json").read_text())["version"]
    with running(path) as bench:
        bench.press(TIME.serial)
        left = state_of(bench, TIME.serial)
    assert left == after_restart(path, TIME.serial)


def test_its_clock_was_set_meanwhile(path: Path) -> None:
    """Times move along with what the bench's clock was set by since."""
    make_old(path, TIME.serial, set_by_ns=-DAY)
    expected = new_physics(GALT, START_NS + DAY, tolerance_ppb=11_600, offset_ns=90 * S)
    assert (expected, 0) == after_restart(path, TIME.serial)


def test_a_kill_while_it_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it got to, the next start finds the same token."""
    make_old(path, TIME.serial)
    folder = path / "tokens" / TIME.serial
    expected = new_physics(GALT, START_NS, tolerance_ppb=11_600, offset_ns=90 * S)
    for calls in range(100):
        with monkeypatch.context() as patch:
            for name in ("open", "pwrite", "fsync", "rename"):
                patch.setattr(os, name, dying(name, [calls]))
            try:
                Matter.load(folder / "0001", GALT, 0)
            except Killed:
                continue
            break
    assert 0 < calls < 99
    assert (expected, 0) == after_restart(path, TIME.serial)


@pytest.mark.parametrize("name", ["at_ns", "clock_ns", "ppb", "set_by_ns"])
@pytest.mark.parametrize("value", [None, "1", True, 2**70])
def test_a_broken_clock_of_version_1(path: Path, name: str, value: object) -> None:
    """It is refused, and left as it is."""
    make_old(path, TIME.serial, **{name: value})
    with pytest.raises(StateError, match="no clock of version 1"):
        after_restart(path)
    assert not (path / "tokens" / TIME.serial / "0001.physics.json").exists()


# Whatever is in the file.

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**100), 2**100) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401  # JSON
    """Return the way to each value inside, and to the containers."""
    inner = value.items() if isinstance(value, dict) else ()
    return [at, *(way for key, item in inner for way in leaves(item, (*at, key)))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), JSON)
def test_any_physics(path: Path, data: st.DataObject, value: object) -> None:
    """With any value anywhere in it, a file loads, or raises a StateError."""
    file = path / "tokens" / EVENT.serial / "0001.physics.json"
    kept = file.read_bytes()
    changed = json.loads(kept)
    way = data.draw(st.sampled_from(leaves(changed)[1:]))
    inside = changed
    for key in way[:-1]:
        inside = inside[key]
    inside[way[-1]] = value
    file.write_text(json.dumps(changed))
    with contextlib.suppress(StateError):
        after_restart(path)
    file.write_bytes(kept)


def test_new_tokens_are_unharmed(path: Path) -> None:
    """Nothing is worn unless somebody asks."""
    with running(path) as bench:
        assert UNHARMED == bench.condition(EVENT.serial).damage
