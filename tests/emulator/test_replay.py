"""A session's journal, replayed through the pure model, ends in the same state."""

from collections.abc import Sequence
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import UsageError
from emulator.journal import Journal
from emulator.testing import HandHost
from firmware_model import GALH, GALT, Advance, Config, Key, Secret, State, configure, manufacture
from firmware_model.codec import digest
from firmware_model.machine import step
from firmware_model.stimuli import Edge, Effect, SetCounter, ShiftTime, SupplyDip

MS: Final = 1_000_000
S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
CONFIGS: Final = (configure("GALH00004226", GALH, SECRET), configure("GALT00006238", GALT, SECRET))
STIMULI: Final = (Edge, SetCounter, ShiftTime, SupplyDip)

Step = tuple[str, int, int]
STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(["press", "down", "up", "reset", "counter", "pass", "set", "wait"]),
        st.integers(0, 1),
        st.sampled_from([1, 5 * MS, 21 * MS, 30 * MS, S, 31 * S, 86_400 * S]),
    ),
    max_size=30,
)


def live(bench: Bench, steps: Sequence[Step], host: HandHost | None) -> None:
    """Do things to two tokens; on a host's clock if there is one."""
    for verb, which, by_ns in steps:
        serial = CONFIGS[which].serial
        if verb == "press":
            bench.press(serial, min(by_ns, S))
        elif verb == "down":
            bench.down(serial)
        elif verb == "up":
            bench.up(serial)
        elif verb == "reset":
            bench.reset(serial)
        elif verb == "counter":
            try:
                bench.set_counter(serial, by_ns % 97)
            except UsageError:
                continue
        elif verb == "wait":
            bench.wait(serial, lit=bool(by_ns % 2), timeout_ns=by_ns)
        elif host is None:
            bench.advance(by_ns)
        elif verb == "pass":
            host.pass_time(by_ns)
        else:
            host.set_utc(host.utc_ns - by_ns)


def replay(config: Config, journal: Journal, until_ns: int) -> tuple[State, list[Effect]]:
    """Apply the stimuli of the journal to the token as it left the factory."""
    key, state = Key(config.secret), manufacture(config, START_NS)
    seen: list[Effect] = []
    for record in journal.since(0):
        if record.serial == config.serial and isinstance(record.event, STIMULI):
            state, effects = step(state, record.event, key)
            seen += effects
    state, effects = step(state, Advance(until_ns), key)
    return state, [*seen, *effects]


def check(bench: Bench) -> None:
    """Compare each live token and its effects with the replay of its stimuli."""
    for config in CONFIGS:
        alive = bench._engine.devices[config.serial].state
        again, effects = replay(config, bench.journal, alive.now_ns)
        assert digest(again) == digest(alive)
        assert effects == [
            record.event
            for record in bench.journal.since(0)
            if record.serial == config.serial and isinstance(record.event, Effect)
        ]


def bench_on(clock: RealClock | VirtualClock) -> Bench:
    """Return a bench with both tokens."""
    bench = Bench(clock)
    for config in CONFIGS:
        bench.open(config)
    return bench


@given(STEPS)
def test_on_a_manual_clock(steps: list[Step]) -> None:
    """Replayed stimuli give the same digest and the same effects."""
    bench = bench_on(VirtualClock(START_NS))
    live(bench, steps, None)
    check(bench)


@given(STEPS)
def test_on_a_real_clock(steps: list[Step]) -> None:
    """So they do when the host's clock stalls and is set."""
    host = HandHost(START_NS)
    bench = bench_on(RealClock(host))
    live(bench, steps, host)
    bench.pump()
    check(bench)


@given(STEPS)
def test_the_journal_has_an_order(steps: list[Step]) -> None:
    """Its numbers have no gaps, and on a clock that is never set its times rise."""
    bench = bench_on(VirtualClock(START_NS))
    live(bench, steps, None)
    records = list(bench.journal.since(0))
    assert [record.sequence for record in records] == list(range(1, len(records) + 1))
    times = [record.event.at_ns for record in records]
    assert times == sorted(times)
