"""Cases of a running bench, as its desk takes them."""

import threading

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.errors import UsageError
from hosttools.attached import AttachedReference
from hosttools.cases import file, replay
from hosttools.casetaker import Taker
from hosttools.manufacture import config_of
from hosttools.seedfiles import read_seeds, sample

SERIAL = "GALH12345678"
CONFIG = {seed.serial: config_of(seed) for seed in read_seeds(sample("ward.csv"))}[SERIAL]


@pytest.fixture
def bench() -> Bench:
    """A bench with one token on it."""
    bench = Bench(VirtualClock(parse_utc("2026-01-05T08:00:00Z")))
    bench.open(CONFIG)
    return bench


def test_made_in_another_thread(bench: Bench) -> None:
    """What was read is made a file elsewhere, while the bench goes on, and replays."""
    server = AttachedReference(bench)
    server.submit(SERIAL, "verify", [str(bench.press(SERIAL).result.code)])
    make = Taker(bench, server).take(title="one press")
    bench.advance(60_000_000_000)
    bench.press(SERIAL)
    made: list[bytes] = []
    thread = threading.Thread(target=lambda: made.append(make()))
    thread.start()
    thread.join()
    case = file.parse(made[0])

    assert "one press" == case.title
    assert (True, 1) == (replay(case).same, replay(case).verdicts)
    assert CONFIG.secret.reveal().hex().encode() not in made[0]


def test_no_server(bench: Bench) -> None:
    """Without a server the case has the tokens alone."""
    assert () == file.parse(Taker(bench).take()()).servers


def test_too_large(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that no file may hold is the client's error, with what to do."""
    monkeypatch.setattr(file, "MAX_BYTES", 100)
    make = Taker(bench).take()

    with pytest.raises(UsageError, match="begin at a later record"):
        make()
