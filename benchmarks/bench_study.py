"""Fleet studies on one core: presses a second, with and without codes, and bytes a token.

``python benchmarks/bench_study.py``. That the lives are the object model's is asserted by
the differential test; here the counters of both ways are compared before they are timed.
"""

import dataclasses
import tracemalloc
from collections.abc import Callable
from typing import Final

from benchmarks.bench_model import jump, recite
from benchmarks.timing import cpu_seconds
from hosttools.study.model import ProfileShare, Study
from hosttools.study.part import run_part
from hosttools.study.tally import Count, Tally

TOKENS: Final = range(500)
PEER_PRESSES: Final = 2_000
GOALS: Final = {"without codes": 20e6, "codes where read": 10e6}
"""Presses a second that are asked for."""
MOST_BYTES: Final = 100
"""A token may take."""
MORE: Final = 10
"""Times as many months, to tell what each takes."""


def main() -> None:
    """Print the table."""
    study = Study(policies=Study().policies[:1])
    timed = dataclasses.replace(study, profiles=(ProfileShare(name="GALT"),))
    studies = {
        "without codes": study,
        "codes where read": checked(study),
        "of time tokens, without codes": timed,
        "of time tokens, codes where read": checked(timed),
    }
    presses = {name: presses_of(asked) for name, asked in studies.items()}
    assert recite(100).counter == jump(100).counter
    assert min(presses.values()) > len(TOKENS)
    took = cpu_seconds(
        {
            "object model": lambda: jump(PEER_PRESSES),
            "SimPy": lambda: recite(PEER_PRESSES),
            **{name: _run(asked) for name, asked in studies.items()},
        }
    )
    rates = {name: presses.get(name, PEER_PRESSES) / took[name] for name in took}
    for name, rate in rates.items():
        goal = f", {rate / GOALS[name]:.2f} of the goal" if name in GOALS else ""
        print(
            f"{name:32} {rate / 1e6:8.3f} M presses/s, {rate / rates['object model']:7.1f} x object"
            f" model, {rate / rates['SimPy']:7.1f} x SimPy{goal}"
        )
    short, long = (dataclasses.replace(study, months=months) for months in (12, 12 * MORE))
    years = cpu_seconds({"short": _run(short), "long": _run(long)}, repeats=5)
    times = years["long"] / years["short"]
    print(f"{MORE} times the years: {presses_of(long) / presses_of(short):.1f} times the presses,")
    print(f"{times:.1f} times the time")
    print(f"one token more takes {bytes_of_a_token():.0f} bytes; allowed are {MOST_BYTES}")


def checked(study: Study) -> Study:
    """Return a study that computes codes."""
    return dataclasses.replace(study, check_codes=True)


def _run(study: Study) -> Callable[[], Tally]:
    return lambda: run_part(study, TOKENS)


def presses_of(study: Study) -> int:
    """Return how often the buttons of the tokens are pressed."""
    return int(run_part(study, TOKENS).counts[0, Count.PRESSES])


def bytes_of_a_token() -> float:
    """Return by how much the most memory that is held grows with each token."""
    study = checked(Study(months=1))
    few, many, peaks = 10_000, 40_000, []  # few fill what is held at a time already
    for tokens in (few, many):
        tracemalloc.start()
        run_part(study, range(tokens))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return (peaks[1] - peaks[0]) / (many - few)


if __name__ == "__main__":
    main()
