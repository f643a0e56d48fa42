"""Start-up of ``galh --help`` against a Python that does nothing: python benchmarks/bench_cli.py.

In turns; what counts is the median of the differences, one from each turn.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

TURNS: Final = 40
GOAL_MS: Final = 60


def milliseconds(command: list[str]) -> float:
    """Run a command and return how long it took."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # ours
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Time in turns, and print the table."""
    script = Path(sys.executable).with_name("galh")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "galh --help": [str(script), "--help"],
    }
    shown = subprocess.run(commands["galh --help"], check=True, capture_output=True, text=True)  # noqa: S603  # ours
    assert "Usage: galh" in shown.stdout
    for command in commands.values():
        milliseconds(command)  # warm up
    times = [[milliseconds(command) for command in commands.values()] for _ in range(TURNS)]
    print(f"{'start to end, ' + str(TURNS) + ' turns':28}{'median ms':>12}")
    for name, taken in zip(commands, zip(*times, strict=True), strict=True):
        print(f"  {name:26}{statistics.median(taken):12.1f}")
    more = statistics.median(ours - bare for bare, ours in times)
    print(f"  {'difference':26}{more:12.1f}   goal: at most {GOAL_MS}")


if __name__ == "__main__":
    main()
