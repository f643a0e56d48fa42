"""Faults as they fire on a bench."""

from typing import Final

import pytest

from emulator.annotations import Note
from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.faults import Fired, arm, read_faults
from emulator.ports.line import Line
from emulator.ports.linefaults import DropBytes
from emulator.testing import HandHost, pace
from firmware_model import Config, Secret, configure
from firmware_model.contact import BOUNCES, WORN_DOME
from firmware_model.products import GALH, GALT
from firmware_model.stimuli import (
    Accepted,
    BatteryIn,
    BrownOut,
    Dark,
    Lit,
    NvmWrite,
    PowerLost,
    SupplyDip,
)

MS: Final = 1_000_000
S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S  # 2026-01-01
SECRET: Final = Secret(b"12345678901234567890")
EVENT: Final = configure("GALH00004226", GALH, SECRET)
TIME: Final = configure("GALT00000001", GALT, SECRET)


def bench_with(text: str, *configs: Config) -> Bench:
    """Return a bench of tokens, an event token by default, with faults."""
    bench = Bench(VirtualClock(START_NS))
    for config in configs or (EVENT,):
        bench.open(config)
    arm(bench, read_faults(text), {serial: Line() for serial in bench.serials()})
    return bench


def fault(body: str) -> str:
    """Return a file with one fault."""
    return f'seed = 7\n[[fault]]\nname = "x"\n{body}\n'


def press(bench: Bench, times: int = 1) -> None:
    """Press each token, far enough apart that each press is accepted."""
    for _ in range(times):
        for serial in bench.serials():
            bench.press(serial)
        bench.advance(40 * S)


def causes(bench: Bench) -> list[str]:
    """Return why faults fired, in order."""
    return [r.event.cause for r in bench.journal.since(0) if isinstance(r.event, Fired)]


def after_fired(bench: Bench) -> list[object]:
    """Return what the journal holds after the first fault that fired."""
    events = [record.event for record in bench.journal.since(0)]
    first = next(i for i, event in enumerate(events) if isinstance(event, Fired))
    return list(events[first + 1 :])


# When.


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ('at = "2026-01-01T00:01:00Z"', ["at 2026-01-01T00:01:00Z"]),
        ("after_s = 90", ["90 s after it was armed"]),
        ("after_s = 0", ["at once"]),
        ("press = 3", ["press 3"]),
        ("press = 9", []),
        ("every = 2", ["press 2", "press 4", "press 6"]),
        ("every = 2\ntimes = 2", ["press 2", "press 4"]),
        ('on = "dark"', ["dark 1"]),
        ('on = "dark"\ncount = 2\ntimes = 0', ["dark 2", "dark 4", "dark 6"]),
        ("chance = 1\ntimes = 1", ["chance 1, draw 1 of stream x"]),
    ],
)
def test_when(when: str, expected: list[str]) -> None:
    """A fault fires when it says, as often as it says, and tells why."""
    bench = bench_with(fault(f"{when}\nchatter = {{}}"))
    press(bench, 6)
    assert expected == causes(bench)


def test_refused_presses_do_not_count() -> None:
    """Only a press that begins to compute a code is one."""
    bench = bench_with(fault("press = 2\nchatter = {}"))
    bench.press(EVENT.serial)
    bench.advance(S)
    bench.press(EVENT.serial)  # lit
    assert [] == causes(bench)


def test_moment() -> None:
    """A time is met to the nanosecond, whatever happens before and after."""
    bench = bench_with(fault("after_s = 0.000000001\nreset = {}"))
    press(bench)
    assert [SupplyDip(START_NS + 1), PowerLost(START_NS + 1)] == after_fired(bench)[:2]


def test_on_itself() -> None:
    """Faults that cause what they wait for come to an end within the instant."""
    loop = '[[fault]]\nname = "{}"\non = "booted"\ntimes = 0\nreset = {{}}\n'
    bench = bench_with("".join(loop.format(name) for name in "abc"))
    bench.reset(EVENT.serial)
    bench.pump()
    assert 3 == len(causes(bench))


def test_clock_that_is_set() -> None:
    """When the host's clock is set, spans stay spans and times of day stay such."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(EVENT)
    times = '[[fault]]\nname = "y"\nat = "2026-01-01T01:00:05Z"\nbounce = {pattern = "long"}\n'
    arm(bench, read_faults(fault("after_s = 10\nchatter = {}") + times))
    host.set_utc(START_NS + 3600 * S)
    bench.pump()
    pace(bench, host, 5 * S)
    assert ["at 2026-01-01T01:00:05Z"] == causes(bench)
    pace(bench, host, 5 * S)
    assert ["at 2026-01-01T01:00:05Z", "10 s after it was armed"] == causes(bench)


# Chance.


def fired_at(seed: str, *configs: Config) -> list[tuple[str, Fired]]:
    """Return what fired in forty presses of each token."""
    bench = bench_with(
        f"seed = {seed}\n[[fault]]\nname = 'x'\nchance = 0.2\nreset = {{}}", *configs
    )
    press(bench, 40)
    return [(r.serial, r.event) for r in bench.journal.since(0) if isinstance(r.event, Fired)]


def test_seed() -> None:
    """The same seed fires at the same presses, another one at others."""
    assert fired_at("7") == fired_at("7") == fired_at('"7"')
    assert fired_at("7") != fired_at("8")
    assert 0 < len(fired_at("7")) < 40


def test_other_tokens() -> None:
    """Another token on the bench leaves a token's draws as they were."""
    together = fired_at("7", EVENT, TIME)
    assert [f.cause for s, f in together if s == EVENT.serial] == [
        f.cause for _, f in fired_at("7")
    ]
    assert [f.cause for s, f in together if s == TIME.serial] != [f.cause for _, f in fired_at("7")]


def test_shared_stream() -> None:
    """Two faults of one stream fire at the same presses."""
    bench = bench_with(
        "".join(
            f"[[fault]]\nname = '{name}'\nchance = 0.2\nstream = 'pocket'\nchatter = {{}}\n"
            for name in "ab"
        )
    )
    press(bench, 40)
    fired = [r.event for r in bench.journal.since(0) if isinstance(r.event, Fired)]
    assert [f.cause for f in fired if f.name == "a"] == [f.cause for f in fired if f.name == "b"]
    assert fired


# What.


@pytest.mark.parametrize("byte", range(33))
def test_tear(byte: int) -> None:
    """A commit is torn after exactly so many bytes, and no code of it lights."""
    bench = bench_with(fault(f"press = 2\ntear = {{byte = {byte}}}"))
    press(bench, 2)
    events = [record.event for record in bench.journal.since(0)]
    (second,) = [e.at_ns for e in events if isinstance(e, Accepted) and e.factor == 1]
    torn = [e for e in events if isinstance(e, NvmWrite) and second <= e.at_ns]
    written = [e.data for e in torn if len(e.data) < 32 or byte == 32]
    assert byte == (len(written[0]) if written else 0)
    dip = next(e for e in events if isinstance(e, SupplyDip))
    assert second + -(-byte * GALH.commit_ns // 32) == dip.at_ns
    assert [0] == [e.factor for e in events if isinstance(e, Lit)]
    assert bench.press(EVENT.serial).result.factor in {1, 2}


def test_tear_later() -> None:
    """A tear that no press triggers waits for the next commit."""
    bench = bench_with(fault("after_s = 60\ntear = {byte = 13}"))
    press(bench, 3)
    assert ["next commit, 60 s after it was armed"] == causes(bench)
    assert [13] == [len(e.data) for e in after_fired(bench) if isinstance(e, NvmWrite)][:1]


def test_tear_of_a_commit_that_failed_before() -> None:
    """A tear after the supply has failed already is told, and does nothing."""
    dip = '[[fault]]\nname = "y"\npress = 1\nreset = {delay_ms = 1}\n'
    bench = bench_with(fault("press = 1\ntear = {byte = 13}") + dip)
    press(bench)
    notes = [r.event.text for r in bench.journal.since(0) if type(r.event) is Note]
    assert ["fault x could not fire, press 1: the supply had failed before that byte"] == notes
    assert 1 == len(causes(bench))


def test_reset_in_a_phase() -> None:
    """A reset comes so long after the accepted press, and says so."""
    bench = bench_with(fault("press = 1\nreset = {delay_ms = 20}"))
    assert "reset" == bench.press(EVENT.serial).result.refused
    assert ["20 ms after press 1"] == causes(bench)


def test_battery_out_and_in() -> None:
    """The same battery comes back, and whatever it gave is gone."""
    bench = bench_with(fault("after_s = 10\nbattery_out = {for_s = 60}"))
    bench.advance(30 * S)
    assert not bench.condition(EVENT.serial).battery_present
    bench.advance(60 * S)
    assert bench.condition(EVENT.serial).battery_present
    (back,) = [r.event for r in bench.journal.since(0) if isinstance(r.event, BatteryIn)]
    assert BatteryIn(START_NS + 70 * S, GALH.quiescent_na * 10 * S) == back


def test_what_can_not_happen_now() -> None:
    """A battery that is out already can't be pulled: that is told, and the bench goes on."""
    other = '[[fault]]\nname = "y"\nafter_s = 2\nbattery_out = {}\n'
    bench = bench_with(fault("after_s = 1\nbattery_out = {}") + other)
    bench.advance(5 * S)
    notes = [r.event.text for r in bench.journal.since(0) if type(r.event) is Note]
    assert [
        f"fault y could not fire, 2 s after it was armed: {EVENT.serial} has no battery in it"
    ] == notes


@pytest.mark.parametrize("config", [EVENT, TIME])
def test_brown_out(config: Config) -> None:
    """Presses brown out from then on, until there is charge again."""
    level = '[[fault]]\nname = "y"\nafter_s = 100\nbattery_level = {percent = 90}\n'
    bench = bench_with(fault("after_s = 1\nbrown_out = {}") + level, config)
    bench.advance(2 * S)
    assert ["reset", "reset"] == [bench.press(config.serial).result.refused for _ in range(2)]
    assert any(isinstance(e, BrownOut) for e in after_fired(bench))
    bench.advance(100 * S)
    assert None is bench.press(config.serial).result.refused


def test_jam() -> None:
    """A key that jams presses the button, until it comes free."""
    bench = bench_with(fault("after_s = 1\njam = {for_s = 5}"))
    bench.advance(2 * S)
    view = bench.look(EVENT.serial)
    assert (True, "755224") == (view.pressed, view.lcd.text)
    bench.advance(5 * S)
    assert not bench.look(EVENT.serial).pressed


def test_damage_adds_up() -> None:
    """What breaks stays broken beside what was, until it is mended."""
    names = {
        "dead_segment = {digit = 0, segment = 'a'}": 1,
        "dead_segment = {digit = 1, segment = 'b'}": 2,
        "stuck_segment = {digit = 5, segment = 'g'}": 3,
        "stuck_bits = {byte = 0xd3, mask = 1, value = 0}": 4,
        "chatter = {}": 5,
        "bounce = {pattern = 'typical'}": 6,
        "mend = {}": 10,
    }
    bench = bench_with(
        "".join(f"[[fault]]\nname = '{s}'\nafter_s = {s}\n{what}\n" for what, s in names.items())
    )
    bench.advance(7 * S)
    damage = bench.condition(EVENT.serial).damage
    assert ((1, 2), (0, 0, 0, 0, 0, 64)) == (damage.dead, damage.stuck)
    assert (WORN_DOME, BOUNCES["typical"], 1) == (
        damage.chatter,
        damage.bounce,
        len(damage.cells),
    )
    bench.advance(7 * S)
    assert type(damage)() == bench.condition(EVENT.serial).damage


def test_temperature() -> None:
    """A curve begins at the moment that it fires."""
    bench = bench_with(
        fault("after_s = 3600\ntemperature_curve = {points = [[0, 20], [1, -10]], period_h = 2}")
    )
    bench.advance(3600 * S)
    warmth = []
    for _ in range(4):
        bench.advance(1800 * S)
        warmth.append(bench.condition(EVENT.serial).temperature_mc)
    assert [5_000, -10_000, 5_000, 20_000] == warmth


def test_clock() -> None:
    """A time token's clock jumps, and runs at another rate from then on."""
    drift = '[[fault]]\nname = "y"\nafter_s = 0\ncrystal = {ppm = 100}\n'
    bench = bench_with(fault("after_s = 5000\nclock_offset = {seconds = -120}") + drift, TIME)
    bench.advance(10_000 * S)
    assert START_NS + 9881 * S == bench.look(TIME.serial).token_time_ns


def test_rot() -> None:
    """Bits flip in the image."""
    bench = bench_with(fault("after_s = 1\nbit_rot = {byte = 0xc0, mask = 1}"))
    bench.advance(2 * S)
    assert NvmWrite(START_NS + S, 0xC0, b"B") in after_fired(bench)


def test_case() -> None:
    """The case is opened; what that does is up to the profile."""
    bench = bench_with(fault("after_s = 1\ncase_opened = {}"))
    bench.advance(2 * S)
    assert "CaseOpened" == type(after_fired(bench)[0]).__name__


def test_port() -> None:
    """A fault of the port begins on the token's line, and nothing happens to the token."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(EVENT)
    line = Line()
    arm(bench, read_faults(fault("press = 1\nport_drop = {count = 3}")), {EVENT.serial: line})
    assert not line.faults
    assert bench.press(EVENT.serial).result.code
    assert (DropBytes(count=3),) == line.faults


def test_fires_before_its_effects() -> None:
    """The journal has the fault, then what it does, then what comes of it."""
    bench = bench_with(fault("after_s = 1\nreset = {}"))
    bench.press(EVENT.serial)
    bench.advance(2 * S)
    kinds = [type(event) for event in after_fired(bench)]
    assert [SupplyDip, Dark, PowerLost] == kinds[:3]
