"""What the pytest plugin costs a run that does not use it, against the same run without.

Goal: at most 20 ms.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 21
GOAL_MS = 20
TEST = "def test_nothing(): pass\n"
ALONE = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Without what else is installed here: other people's plugins take a second to load."""


def cpu_seconds() -> float:
    """Return what processes that have ended took of the CPU."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder: str, *arguments: str) -> float:
    """Return what a run of one empty test takes of the CPU, ms: waiting for others is no cost."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, folder]
    begin = cpu_seconds()
    done = subprocess.run(  # noqa: S603  # our own command
        command, check=True, capture_output=True, cwd=folder, text=True, env=ALONE
    )
    took = (cpu_seconds() - begin) * 1000
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    return took


def main() -> None:
    """Print the medians and what lies between them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text(TEST, encoding="utf-8")
        run(folder)
        ours = ("-p", "hosttools.pytest_plugin")
        pairs = [(run(folder), run(folder, *ours)) for _ in range(ROUNDS)]
    without, having = (statistics.median(times) for times in zip(*pairs, strict=True))
    adds = statistics.median(b - a for a, b in pairs)
    print(f"{'pytest, one empty test':<34}{'median':>10}")
    print(f"{'without the plugin':<34}{without:>7.0f} ms")
    print(f"{'with it':<34}{having:>7.0f} ms")
    print(f"{'it adds':<34}{adds:>7.1f} ms   goal: at most {GOAL_MS} ms")


if __name__ == "__main__":
    main()
