"""A token killed with -9 while it is pressed as fast as possible."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from firmware_model import Key, Secret, hotp

HERE: Final = Path(__file__).parent
DURING_START: Final = 0.2
"""Share of the kills that come while the process starts."""

KEY: Final = Key(Secret(b"12345678901234567890"))


def run_and_kill(path: Path, lines: int, spin: int) -> Iterator[list[str]]:
    """Start the presser, kill it after some lines, and yield every line it wrote.

    Args:
        path: its state directory.
        lines: how many to read before the kill, the first that says it is ready included.
        spin: how long to dally then, in steps of an idle loop.
    """
    command = [sys.executable, str(HERE / "presser.py"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        seen = [child.stdout.readline() for _ in range(lines)]
        for _ in range(spin):
            pass
        child.kill()
        seen += child.stdout.read().splitlines(keepends=True)
        assert child.stderr.read() == b""
    assert child.returncode == -9
    for line in seen:
        if line.endswith(b"\n"):  # whole
            yield line.decode().split()


def torture(path: Path, kills: int) -> None:
    """Kill and restart; nothing repeats, nothing goes back, and it always starts."""
    choices = random.Random(kills)  # noqa: S311  # no secret
    lit: list[int] = []
    clock_ns = 0
    for _ in range(kills):
        if choices.random() < DURING_START:
            said = list(run_and_kill(path, 0, choices.randint(0, 3_000_000)))
        else:
            said = list(run_and_kill(path, choices.randint(1, 12), choices.randint(0, 20_000)))
        if not said:
            continue
        (word, counter, start_ns), *presses = said
        assert word == "ready"
        assert not lit or int(counter) > lit[-1]
        assert clock_ns <= int(start_ns)
        clock_ns = int(start_ns)
        for factor, code, now_ns in presses:
            assert code == hotp(KEY, int(factor))
            assert int(factor) >= int(counter)
            assert clock_ns < int(now_ns)
            clock_ns = int(now_ns)
            lit.append(int(factor))
    assert lit == sorted(set(lit))
    # A kill may take a code away that nobody has read: at most one, and a torn slot's.
    assert lit[-1] - len(lit) < 2 * kills


def test_killed_ten_times(tmp_path: Path) -> None:
    """Ten kills at random moments: no code twice, no counter or time back."""
    torture(tmp_path / "state", 10)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_killed_two_hundred_times(tmp_path: Path) -> None:
    """So it is with two hundred."""
    torture(tmp_path / "state", 200)
