"""A token's whole life from a seed: the same again, byte for byte, in another process."""

import os
import subprocess
import sys

LIFE = '''
import sys
from functools import partial

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.faults import arm, read_faults
from firmware_model import GALH, Secret, configure, new_physics
from firmware_model.climate import yearly
from firmware_model.profile import TokenType
from hosttools.holder import BenchToken, Habits, life, play, recovery
from hosttools.refserver import Record, Status, Store

seed, serial = sys.argv[1], "GALH00000042"
secret, start_ns = Secret(b"12345678901234567890"), parse_utc("2026-01-01T00:00:00Z")
config = configure(serial, GALH, secret)
faults = f"""
seed = {seed}
[[fault]]
name = "cold mornings"
every = 9
temperature = {{ celsius = -18 }}
[[fault]]
name = "loose battery"
chance = 0.02
battery_out = {{ for_s = 2 }}
[[fault]]
name = "torn"
chance = 0.05
tear = {{ byte = 13 }}
"""
bench = Bench(VirtualClock(start_ns))
bench.open(config, physics=new_physics(GALH, start_ns, climate=yearly(start_ns, -5_000, 30_000)))
arm(bench, read_faults(faults))
server = Store(":memory:")
server.add(Record(serial=serial, token_type=TokenType.EVENT, secret=secret,
                  status=Status.ACTIVE))
me = Habits(pocket_bursts_per_day=1), seed, serial
for outcome in play(life(*me, start_ns, days=30), BenchToken(bench, serial),
                    partial(server.verify, serial), resync=partial(server.resync, serial),
                    recover=partial(recovery, *me)):
    print(outcome)
for record in bench.journal.since(0):
    print(record)
print(bench.look(serial).counter, server.get(serial).next_factor)
'''


def lived(seed: str, hash_seed: str) -> str:
    """Live a month in a process of its own and return all that happened."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", LIFE, seed]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


def test_same_seed_same_life() -> None:
    """The same seed gives the same life in two runs, byte for byte; another seed doesn't."""
    one = lived("7", "1")
    assert one == lived("7", "2")
    assert one != lived("8", "1")
    for word in ("Fired", "loose battery", "torn", "cold mornings", "Lit(", "NvmWrite"):
        assert word in one
