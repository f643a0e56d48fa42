"""How long scenarios of many presses take, beside the same presses on a bare bench."""

import time
from collections.abc import Callable

from emulator.bench import Bench
from emulator.clock import VirtualClock
from hosttools.hand import sample_config
from hosttools.scenarios import read_scenario, run

PRESSES = 10_000
HEAD = 'version = 1\n[[token]]\nserial = "GALH00004226"\nsample = "GALH00004226"\n'
SCENARIOS = {
    "press_many": f'[[step]]\ndo = "press_many"\ntimes = {PRESSES}\n',
    "as many steps": '[[step]]\ndo = "press"\n' * PRESSES,
    "a year of a holder": '[[step]]\ndo = "add"\n[[step]]\ndo = "holder"\ndays = 365\n',
}


def seconds(act: Callable[[], object]) -> float:
    """Return how long something takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def bare() -> None:
    """Press on a bench, and nothing else."""
    bench = Bench(VirtualClock(0))
    bench.open(sample_config("GALH00004226"))
    assert len(bench.press_many("GALH00004226", PRESSES).result) == PRESSES
    bench.close()


def main() -> None:
    """Print the table."""
    peer = seconds(bare)
    print(f"{PRESSES:,} presses on a bare bench: {peer:.2f} s")
    for name, steps in SCENARIOS.items():
        scenario = read_scenario(HEAD + steps)
        took = seconds(lambda scenario=scenario: run(scenario))  # type: ignore[misc]  # a default binds it
        print(f"{name:<20}{took:6.2f} s  {took / peer:5.1f} x")


if __name__ == "__main__":
    main()
