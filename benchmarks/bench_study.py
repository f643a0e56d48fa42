"""Fleet studies: presses a second on one core, with and without codes, against the object model.

``python benchmarks/bench_study.py``. That the lives are the object model's is asserted by
the differential test; here the counters of both ways are compared before they are timed.
"""

import dataclasses
from typing import Final

from benchmarks.bench_model import jump, recite
from benchmarks.timing import cpu_seconds
from hosttools.study.model import Study
from hosttools.study.part import run_part
from hosttools.study.rules import LIFE
from hosttools.study.tally import Count

TOKENS: Final = range(500)
PEER_PRESSES: Final = 2_000


def main() -> None:
    """Print the table."""
    study = Study(policies=Study().policies[:1])
    checked = dataclasses.replace(study, check_codes=True)
    assert recite(100).counter == jump(100).counter
    counts = run_part(study, TOKENS).counts[0]
    presses = int(counts[Count.PRESSES])
    assert presses > len(TOKENS)
    assert run_part(checked, TOKENS).counts[0, Count.USES] == counts[Count.USES]
    took = cpu_seconds(
        {
            "object model": lambda: jump(PEER_PRESSES),
            "SimPy": lambda: recite(PEER_PRESSES),
            "without codes": lambda: run_part(study, TOKENS),
            "codes where read": lambda: run_part(checked, TOKENS),
        }
    )
    rates = {
        name: (presses if "codes" in name else PEER_PRESSES) / seconds
        for name, seconds in took.items()
    }
    for name, rate in rates.items():
        print(
            f"{name:18} {rate / 1e6:8.3f} M presses/s, {rate / rates['object model']:7.1f} x object"
            f" model, {rate / rates['SimPy']:7.1f} x SimPy"
        )
    print(f"a token at work takes {LIFE.itemsize} bytes; one is at work at a time")


if __name__ == "__main__":
    main()
