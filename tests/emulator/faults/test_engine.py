"""Arming faults: what can't come true is refused, and what is armed can be listed and cleared."""

from typing import Final

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import UsageError
from emulator.faults import Fault, FaultEngine, FaultPlan, arm, check, read_faults
from emulator.faults.whats import Tear, WeakenBattery
from emulator.faults.whens import AtPress
from emulator.ports.line import Line
from firmware_model import Secret, configure
from firmware_model.products import GALH, GALT
from firmware_model.profile_file import profile_from_mapping

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
EVENT: Final = configure("GALH00004226", GALH, SECRET)
TIME: Final = configure("GALT00000042", GALT, SECRET)


def engine() -> tuple[Bench, FaultEngine]:
    """Return a bench of two tokens with a fault engine."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(EVENT)
    bench.open(TIME)
    return bench, arm(bench, FaultPlan())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("tear = {byte = 1}", f"tear, token {TIME.serial}: a time token commits nothing"),
        ("clock_offset = {seconds = 1}", f"clock_offset, token {EVENT.serial}: an event token has"),
        ("crystal = {ppm = 1}", "name a time token by its serial"),
        ("dead_segment = {digit = 6, segment = 'a'}", "it has no digit 6; allowed are 0 to 5"),
        ("stuck_segment = {digit = 7, segment = 'a'}", "it has no digit 7; allowed are 0 to 5"),
        ("serial = 'GALH99999999'\nmend = {}", "no token GALH99999999; there are GALH00004226, "),
    ],
)
def test_check(body: str, message: str) -> None:
    """A fault that a token can't have is refused, with its name and what is allowed."""
    plan = read_faults(f"[[fault]]\nname = 'x'\npress = 1\n{body}")
    with pytest.raises(UsageError, match="faults: fault 'x': ") as caught:
        check(plan, [EVENT, TIME])
    assert message in str(caught.value)


def test_check_profile() -> None:
    """What a profile's figures rule out is refused."""
    small = {"base": "GALH", "name": "SMALL"}
    quick = configure("GALH1", profile_from_mapping({**small, "commit_ns": 31}), SECRET)
    frugal = configure("GALH1", profile_from_mapping({**small, "active_na": 0}), SECRET)
    for config, what in ((quick, Tear(1)), (frugal, WeakenBattery())):
        with pytest.raises(UsageError, match="token GALH1"):
            check(FaultPlan((Fault(name="x", when=AtPress(1), what=what),)), [config])


def test_python_values() -> None:
    """A fault made in Python is checked like one from a file."""
    with pytest.raises(UsageError, match="tear: byte: 33 is out of range"):
        Fault(name="x", when=AtPress(1), what=Tear(33))


def test_over() -> None:
    """A time that is over is refused: the fault would never fire."""
    plan = read_faults("[[fault]]\nname = 'x'\nat = '2025-12-31T23:59:59Z'\nmend = {}")
    bench, _ = engine()
    with pytest.raises(UsageError, match="2025-12-31T23:59:59Z is over; it is 2026-01-01"):
        arm(bench, plan)


def test_no_port() -> None:
    """A fault of a port is refused where a token has none, and nothing is armed."""
    plan = read_faults(
        "[[fault]]\nname = 'y'\nafter_s = 0\nreset = {}\n"
        "[[fault]]\nname = 'x'\npress = 1\nport_cut = {}"
    )
    bench, _ = engine()
    with pytest.raises(UsageError, match="'x': port_cut: token GALH00004226 has no port here"):
        arm(bench, plan, {TIME.serial: Line()})
    assert 2 == bench.journal.head  # both were placed


def test_every_token() -> None:
    """A fault without a serial number is armed on each token, by itself."""
    bench, _ = engine()
    faults = arm(bench, read_faults("[[fault]]\nname = 'x'\npress = 2\nreset = {}"))
    assert ("x: reset",) == faults.fault_list(EVENT.serial) == faults.fault_list(TIME.serial)
    bench.press(EVENT.serial)
    bench.press(TIME.serial)
    assert ("x: reset",) == faults.fault_list(EVENT.serial)


def test_inject() -> None:
    """A fault that is injected through the bench fires, and is gone from the list then."""
    bench, _ = engine()
    assert "injected 1" == bench.inject(EVENT.serial, "tear 13")
    assert "mine" == bench.inject(EVENT.serial, "{name = 'mine', press = 9, mend = {}}")
    assert ("injected 1: tear", "mine: mend") == tuple(bench.fault_list(EVENT.serial))
    assert "reset" == bench.press(EVENT.serial).result.refused
    assert ("mine: mend",) == tuple(bench.fault_list(EVENT.serial))
    assert () == tuple(bench.fault_list(TIME.serial))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clock_offset 5", "an event token has no clock"),
        ("port_drop 5", "has no port here"),
        ("{name = 'mine', press = 1, mend = {}}", "is called 'mine' already"),
        ("{serial = 'GALT00000042', press = 1, mend = {}}", "a fault of GALT00000042, injected"),
        ("{at = '2020-01-01T00:00:00Z', mend = {}}", "is over"),
    ],
)
def test_inject_impossible(text: str, message: str) -> None:
    """An injected fault that can't come true is refused, and not armed."""
    bench, faults = engine()
    bench.inject(EVENT.serial, "{name = 'mine', press = 9, mend = {}}")
    with pytest.raises(UsageError) as caught:
        bench.inject(EVENT.serial, text)
    assert message in str(caught.value)
    assert ("mine: mend",) == faults.fault_list(EVENT.serial)


def test_clear() -> None:
    """What is cleared fires no more; what has begun still ends."""
    bench, faults = engine()
    bench.inject(EVENT.serial, "battery_out 60")
    bench.inject(EVENT.serial, "tear 5")
    bench.inject(EVENT.serial, "{every = 1, reset = {}}")
    faults.clear_faults(EVENT.serial)
    assert () == faults.fault_list(EVENT.serial)
    assert not bench.condition(EVENT.serial).battery_present
    bench.advance(61 * S)
    assert "755224" == bench.press(EVENT.serial).result.code
    assert {} == bench._engine._acts


def test_clear_line() -> None:
    """Clearing a token's faults ends those of its port."""
    bench, _ = engine()
    line = Line()
    faults = arm(bench, FaultPlan(), {EVENT.serial: line})
    bench.inject(EVENT.serial, "port_cut")
    assert 1 == len(line.faults)
    faults.clear_faults(EVENT.serial)
    assert not line.faults


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ("bars", "it has no time bars"),
        ("extended", "a press while lit is ignore with its profile"),
        ("commit_failed", "a time token writes nothing"),
    ],
)
def test_an_effect_that_never_comes(effect: str, message: str) -> None:
    """A fault that waits for what its token never does is refused."""
    plan = read_faults(f"[[fault]]\nname = 'x'\non = '{effect}'\nmend = {{}}")
    with pytest.raises(UsageError, match=message):
        check(plan, [EVENT, TIME])
