"""Several processes that do one thing at the same moment."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final

ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
"""Where pytest finds the packages, its children do too."""


def run_at_once(command: Sequence[str], processes: int) -> Counter[str]:
    """Start processes, let go all of them at once, and count what they print.

    Args:
        command: says ``ready``, waits for the end of its standard input, then works.
        processes: how many.
    """
    gate, release = os.pipe()
    running = [
        subprocess.Popen(command, stdin=gate, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        for _ in range(processes)
    ]
    os.close(gate)
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    os.close(release)  # the end of everybody's standard input
    printed = Counter(process.communicate()[0].strip() for process in running)
    assert {process.returncode for process in running} == {0}
    return printed
