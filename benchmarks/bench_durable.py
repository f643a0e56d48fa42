"""A durable press against SQLite: python benchmarks/bench_durable.py [DIRECTORY].

A press through the bench, with its model, its journal and its checkpoint, is timed in
turns with an ``UPDATE`` and ``COMMIT`` of a counter in SQLite (WAL, synchronous=FULL),
in the same directory: once with a log that grows, as in the first thousand commits of
each connection, once as it comes, where the log is then used again and a commit is
nothing but a write in place. Beside them: the counter's commit alone, the sync alone,
which is the disk's own and in all of them, and a press that is kept nowhere. The
directory must be on a real disk.
"""

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.flash import FileFlash, commit
from emulator.statedir import StateDir
from firmware_model import GALH, Secret, configure, hotp, image, manufacture
from firmware_model.nvm import SLOT_A, encode_slot
from firmware_model.oath import Key

ROUNDS: Final = 3000
SECOND: Final = 1_000_000_000
CONFIG: Final = configure("GALH00004226", GALH, Secret(b"12345678901234567890"))
GROWING: Final = "SQLite, WAL grows"
SQLITE: Final = "SQLite, as it comes"
PRESS: Final = "durable press"
COMMIT: Final = "its commit alone"
MEMORY: Final = "press, kept nowhere"
SYNC: Final = "write + fdatasync"


def presser(bench: Bench) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what presses the token, and what lets it go dark afterwards."""
    bench.open(CONFIG)
    key = Key(CONFIG.secret)
    result = bench.press(CONFIG.serial).result
    assert result.code == hotp(key, 0)
    bench.advance(31 * SECOND)
    return lambda: bench.press(CONFIG.serial), lambda: bench.advance(31 * SECOND)


def sqlite_committer(path: Path, *, grows: bool = False) -> Callable[[], object]:
    """Return what commits a counter in a database, whose log grows without end or not."""
    database = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        f"PRAGMA wal_autocheckpoint = {0 if grows else 1000}",
        "CREATE TABLE token (serial TEXT PRIMARY KEY, counter INTEGER NOT NULL)",
        f"INSERT INTO token VALUES ('{CONFIG.serial}', 0)",  # noqa: S608  # our own constant
    ):
        database.execute(statement)

    def run() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute(
            "UPDATE token SET counter = counter + 1 WHERE serial = ?", (CONFIG.serial,)
        )
        database.execute("COMMIT")

    return run


def flash_committer(path: Path) -> Callable[[], object]:
    """Return what commits a counter in an image."""
    path.write_bytes(image(manufacture(CONFIG, 0)))
    flash, slot = FileFlash(path), encode_slot(1, 1)
    return lambda: commit(flash, SLOT_A, slot)


def syncer(path: Path) -> Callable[[], object]:
    """Return what the disk takes for 32 bytes, whoever asks."""
    path.write_bytes(bytes(256))
    fd = os.open(path, os.O_RDWR)

    def run() -> None:
        os.pwrite(fd, bytes(32), SLOT_A)
        os.fdatasync(fd)

    return run


def time_in_turns(ways: Mapping[str, Callable[[], object]], after: Callable[[], None]) -> None:
    """Time each way in turns; print its median, its p99, and how much longer SQLite takes."""
    taken: dict[str, list[int]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            begin = time.perf_counter_ns()
            way()
            taken[name].append(time.perf_counter_ns() - begin)
        after()
    growing, usual = (statistics.median(taken[name]) for name in (GROWING, SQLITE))
    print(f"{ROUNDS:,} rounds          p50 µs   p99 µs    WAL grows/it    SQLite/it")
    for name, times in taken.items():
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(
            f"{name:<19} {p50 / 1000:10.1f} {p99 / 1000:8.1f}"
            f" {growing / p50:14.2f}x {usual / p50:11.2f}x"
        )


def main() -> None:
    """Check a code, time, print the table."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=directory) as name, StateDir(Path(name, "state")) as store:
        folder = Path(name)
        press, darken = presser(Bench(VirtualClock(0), store=store))
        press_in_memory, darken_in_memory = presser(Bench(VirtualClock(0)))
        ways = {
            GROWING: sqlite_committer(folder / "growing.db", grows=True),
            SQLITE: sqlite_committer(folder / "usual.db"),
            PRESS: press,
            COMMIT: flash_committer(folder / "image"),
            MEMORY: press_in_memory,
            SYNC: syncer(folder / "bytes"),
        }

        def after() -> None:
            darken()
            darken_in_memory()

        time_in_turns(ways, after)


if __name__ == "__main__":
    main()
