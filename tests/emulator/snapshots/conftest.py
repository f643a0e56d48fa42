"""Snapshots to write and read, without a bench."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.snapshots import Snapshot, SnapshotKey, TokenSnapshot
from firmware_model import GALH, GALT, Secret, State, configure, manufacture

RAW = b"N7w#K2q!vR9zL4x@P6t$"
NOW_NS = 1_767_225_600_000_000_000


@pytest.fixture
def states() -> list[State]:
    """Return an event and a time token, just made."""
    return [
        manufacture(configure("GALH00000042", GALH, Secret(RAW)), NOW_NS),
        manufacture(configure("GALT00000007", GALT, Secret(RAW[::-1])), NOW_NS),
    ]


@pytest.fixture
def snapshot(states: list[State]) -> Snapshot:
    """Return a snapshot of both."""
    return Snapshot(
        now_ns=NOW_NS,
        clock_mode="scaled",
        rate=Fraction(1, 3),
        sequence=17,
        galh="0.1.0",
        note="before the third resync: it fails",
        tokens=tuple(TokenSnapshot.of(state) for state in states),
    )


@pytest.fixture
def passphrase() -> Callable[[str], SnapshotKey]:
    """Return what makes a key of a passphrase, at a cost that a test can pay."""
    return lambda text: SnapshotKey.from_passphrase(text, n=2)


SERIAL = "GALH00000042"
TIME_SERIAL = "GALT00000007"


@pytest.fixture
def bench() -> Bench:
    """Return an event and a time token on a manual clock."""
    made = Bench(VirtualClock(NOW_NS))
    made.open(configure(SERIAL, GALH, Secret(RAW)))
    made.open(configure(TIME_SERIAL, GALT, Secret(RAW[::-1])))
    return made
