"""Interleaved timing: machines are noisy, ratios within one run are not."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Final

REPEATS: Final = 15


def cpu_seconds(
    contestants: Mapping[str, Callable[[], object]], repeats: int = REPEATS
) -> dict[str, float]:
    """Return the median CPU seconds of each contestant.

    Args:
        contestants: functions without arguments, by name.
        repeats: rounds; in each, everybody runs once, so that a slow moment of the
            machine hits all of them.
    """
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, run in contestants.items():
            begin = time.process_time()
            run()
            spent[name].append(time.process_time() - begin)
    return {name: statistics.median(times) for name, times in spent.items()}
