"""Starting with 10,000 tokens: python benchmarks/bench_startup.py [TOKENS [DIRECTORY]].

Tokens made in memory, made to be kept, and taken from where they are kept, on a shelf
(which is all of a start but putting them on a bench), beside what else would keep as
much: SQLite with one row for each token and one commit, and a file for each token, synced
by itself. Each runs once, as a start does; ratios are to SQLite. The directory must be on
a real disk. ext4 makes files slowly for a minute after it has removed thousands, so wait
that long before doing this twice.
"""

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.shelf import Shelf
from emulator.statedir import StateDir
from firmware_model import GALH, Secret, configure, image, manufacture

TOKENS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
CONFIGS: Final = [
    configure(f"GALH{number:08}", GALH, Secret(number.to_bytes(20, "big")))
    for number in range(TOKENS)
]
SAMPLED: Final = max(TOKENS // 20, 1)
"""Files synced by themselves: a twentieth of the tokens, as all take half a minute."""


def in_memory() -> None:
    """Make the tokens; nothing is kept."""
    made = Shelf(None).make_many([(config, None) for config in CONFIGS], 0)
    assert [config.serial for config in CONFIGS] == [state.config.serial for state, _ in made]


def on_a_bench() -> None:
    """Make the tokens and put them on a bench."""
    bench = Bench(VirtualClock(0))
    for config in CONFIGS:
        bench.open(config)


def to_be_kept(path: Path) -> None:
    """Make the tokens, and keep them."""
    with StateDir(path) as store:
        Shelf(store).make_many([(config, None) for config in CONFIGS], 0)


def from_where_they_are_kept(path: Path) -> None:
    """Take the tokens."""
    with StateDir(path) as store:
        shelf = Shelf(store)
        secrets = [shelf.take(serial, 0, None)[0].config.secret for serial in store.serials()]
    assert [config.secret for config in CONFIGS] == secrets


def rows_in_sqlite(path: Path, images: list[bytes]) -> None:
    """Keep as many images in a database, with one commit."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = FULL")
    with database:
        database.execute("CREATE TABLE token (serial TEXT PRIMARY KEY, image BLOB NOT NULL)")
        serials = (config.serial for config in CONFIGS)
        database.executemany("INSERT INTO token VALUES (?, ?)", zip(serials, images, strict=True))
    assert database.execute("SELECT count(*) FROM token").fetchone() == (TOKENS,)
    database.close()


def synced_files(folder: Path, images: list[bytes]) -> None:
    """Keep some images in a file each, synced by itself."""
    folder.mkdir()
    for config, data in zip(CONFIGS[:SAMPLED], images, strict=False):
        fd = os.open(folder / config.serial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(fd, data)
        os.fsync(fd)
        os.close(fd)


def main() -> None:
    """Time each once, and print the table."""
    directory = Path(sys.argv[2]) if len(sys.argv) > 2 else None  # noqa: PLR2004  # an argument
    images = [image(manufacture(config, 0)) for config in CONFIGS]
    with tempfile.TemporaryDirectory(dir=directory) as name:
        folder = Path(name)
        ways: dict[str, tuple[int, Callable[[], None]]] = {
            "SQLite, one commit": (TOKENS, lambda: rows_in_sqlite(folder / "db", images)),
            "a synced file each": (SAMPLED, lambda: synced_files(folder / "files", images)),
            "made in memory": (TOKENS, in_memory),
            "made on a bench": (TOKENS, on_a_bench),
            "made to be kept": (TOKENS, lambda: to_be_kept(folder / "state")),
            "taken from there": (TOKENS, lambda: from_where_they_are_kept(folder / "state")),
        }
        taken: dict[str, float] = {}
        for what, (count, run) in ways.items():
            begin = time.perf_counter()
            run()
            taken[what] = (time.perf_counter() - begin) * TOKENS / count
    peer = taken["SQLite, one commit"]
    print(f"{f'{TOKENS:,} tokens':24}{'s':>8}{'µs each':>10}{'times SQLite':>14}")
    for what, seconds in taken.items():
        print(f"  {what:22}{seconds:8.2f}{1e6 * seconds / TOKENS:10.0f}{seconds / peer:14.1f}")


if __name__ == "__main__":
    main()
