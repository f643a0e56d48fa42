"""Presses a kept token as fast as it can and prints what lit, until it is killed.

    python presser.py DIR

Each line is one press, written with a single system call once its code lit:
counter, code, bench time.
"""

import os
import sys
from pathlib import Path

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.statedir import StateDir
from firmware_model import Secret, configure
from firmware_model.profile_file import profile_from_mapping

PROFILE = profile_from_mapping({"base": "GALH", "press_while_lit": "new_code"})
CONFIG = configure("GALH00004226", PROFILE, Secret(b"12345678901234567890"))


def main() -> None:
    """Press until the end."""
    with StateDir(Path(sys.argv[1])) as store:
        start_ns = 1_767_225_600_000_000_000 if store.now_ns is None else store.now_ns
        bench = Bench(VirtualClock(start_ns), store=store)
        bench.open(CONFIG)
        os.write(1, f"ready {bench.look(CONFIG.serial).counter} {start_ns}\n".encode())
        while True:
            result = bench.press(CONFIG.serial).result
            os.write(1, f"{result.factor} {result.code} {bench.now_ns()}\n".encode())


if __name__ == "__main__":
    main()
