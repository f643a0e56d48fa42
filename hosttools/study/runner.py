"""Spreads the parts of a study over processes, here or on other machines.

Every way is the same map: parts in, tallies out, added up. Nothing that is random or that
depends on who did what enters, so that all give the same numbers, and a worker that dies costs
time alone.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Protocol

from hosttools.errors import HostError
from hosttools.study.model import Study
from hosttools.study.part import run_part
from hosttools.study.tally import Tally
from hosttools.study.workdir import WorkDir

Part = tuple[Study, range]
Run = Callable[[Study, range], Tally]

PRESSES_A_PART: Final = 15_000_000
"""About: half a second of work, so that a part lost costs little and the bar moves."""
MOST_PARTS: Final = 4_096
_FALLS: Final = 5
"""Times that the pool may break without a part done in between."""


class Scheduler(Protocol):
    """Somewhere to run parts."""

    def map(self, parts: Iterable[Part]) -> Iterator[tuple[Part, Tally]]:
        """Run parts and yield each with its tally, as they get done, in any order."""


def parts_of(study: Study) -> list[Part]:
    """Cut a study into parts. How many there are changes no number."""
    habits = [group.habits for group in study.holders]
    a_day = max(h.uses_per_day + h.pocket_bursts_per_day * h.pocket_presses * 2 for h in habits)
    presses = max(1.0, a_day * 30 * study.months * len(study.policies))
    size = max(1, int(PRESSES_A_PART / presses), -(-study.count // MOST_PARTS))
    return [
        (study, range(start, min(start + size, study.count)))
        for start in range(0, study.count, size)
    ]


def run_parts(
    parts: list[Part],
    scheduler: Scheduler,
    keep: Callable[[Study], WorkDir | None],
    done: Callable[[Part], None],
) -> dict[int, Tally]:
    """Run what is not done yet, keep each part as it gets done, and add up.

    Args:
        parts: of one study or many.
        scheduler: where.
        keep: the folder of a study's parts; ``None``: they are not kept.
        done: told of every part, those that were done before too.

    Returns:
        The sums, by the identity of the study.
    """
    sums: dict[int, Tally] = {}

    def add(part: Part, tally: Tally) -> None:
        study = part[0]
        before = sums.get(id(study))
        sums[id(study)] = tally if before is None else before.merged(tally)
        done(part)

    left = []
    for part in parts:
        folder = keep(part[0])
        tally = None if folder is None else folder.load(part[1])
        if tally is None:
            left.append(part)
        else:
            add(part, tally)
    for part, tally in scheduler.map(left):
        folder = keep(part[0])
        if folder is not None:
            folder.save(part[1], tally)
        add(part, tally)
    return sums


class Here:
    """Processes on this machine.

    Args:
        workers: how many; 1: this process alone.
        run: what a part is run by.
    """

    def __init__(self, workers: int | None = None, run: Run = run_part) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))
        self._run = run

    def map(self, parts: Iterable[Part]) -> Iterator[tuple[Part, Tally]]:
        """Run parts. What a worker had that died is given to another."""
        left = list(parts)
        if self._workers == 1 or len(left) == 1:
            for study, tokens in left:
                yield (study, tokens), self._run(study, tokens)
            return
        falls = 0
        while left:
            broken, before = False, len(left)
            for part, tally in self._pool(tuple(left)):
                if tally is None:
                    broken = True
                else:
                    left.remove(part)
                    yield part, tally
            falls = 0 if len(left) < before else falls + 1
            if broken and falls >= _FALLS:
                raise HostError(
                    f"workers died {falls} times in a row with no part done; is memory short?"
                    " Try fewer --workers"
                )

    def _pool(self, parts: tuple[Part, ...]) -> Iterator[tuple[Part, Tally | None]]:
        # Forked by a clean server process: a worker has none of our threads and locks.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["hosttools.study.warm"])
        pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_quiet)
        try:
            waiting = iter(parts)
            futures: dict[Future[Tally], Part] = {}
            with contextlib.suppress(BrokenProcessPool):
                for part in waiting:
                    futures[pool.submit(self._run, *part)] = part
                    if len(futures) >= 2 * self._workers:
                        yield from self._finished(futures)
            while futures:
                yield from self._finished(futures)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _finished(futures: dict[Future[Tally], Part]) -> Iterator[tuple[Part, Tally | None]]:
        for future in wait(futures, return_when=FIRST_COMPLETED).done:
            part = futures.pop(future)
            try:
                tally = future.result()
            except BrokenProcessPool:
                yield part, None
            else:
                yield part, tally


def _quiet() -> None:
    """Leave Ctrl-C to the parent, which ends the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
