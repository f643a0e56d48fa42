"""One part of a study: a range of its tokens, under all of its policies.

The seam for whoever spreads the work: a part depends on the study and the range alone, and
tallies of parts add up in any order, so that one process, many, and many machines give the
same numbers.
"""

from typing import Final

import numpy as np

from hosttools.study.desk import DESK, MOST_FATES
from hosttools.study.engine import run_lives
from hosttools.study.looks import outcomes
from hosttools.study.model import Study
from hosttools.study.rules import LIFE, Record
from hosttools.study.tables import Ints, Records, World, world_of
from hosttools.study.tally import SUMS, Tally

_ROUNDS: Final = MOST_FATES
"""A life is lived anew for each outcome that changes it, and has no room for more."""


def run_part(study: Study, tokens: range) -> Tally:
    """Live the lives of some tokens under each policy, and count.

    Args:
        study: the question.
        tokens: their numbers.
    """
    sums = np.zeros(len(study.policies), SUMS)
    for choice, record in zip(study.policies, sums, strict=True):
        run_policy(study, world_of(study, choice.policy), tokens, record)
    return Tally.of(study, sums)


def run_policy(study: Study, world: World, tokens: range, sums: Record) -> Records:
    """Live the lives of some tokens under one policy.

    Args:
        study: the question.
        world: of the policy.
        tokens: their numbers.
        sums: a record of :data:`~hosttools.study.tally.SUMS` to add to.

    Returns:
        What there is at the end of the last life that was lived; no more than that is kept.
    """
    desk = np.zeros(1, DESK)[0]
    lives = np.zeros(1, LIFE)
    numbers = np.arange(tokens.start, tokens.stop, dtype=np.int64)
    desk["weight"] = 1
    done = 0
    while done < len(numbers):
        desk["looked"] = 0
        done = run_lives(world, desk, sums, numbers, lives, done)
        _look(study, world, desk, sums, lives)
    return lives


def _look(study: Study, world: World, desk: Record, sums: Record, lives: Records) -> None:
    """Look at what was noted, and live again what turned out otherwise."""
    look_back = int(world.rules["look_back"][0])
    fates: dict[int, list[tuple[int, int]]] = {}
    looks: Ints = desk["looks"][: int(desk["looked"])].copy()
    for _ in range(_ROUNDS):
        first: dict[int, tuple[int, int]] = {}
        for token, look, factor in outcomes(study, looks, look_back):
            first.setdefault(token, (look, factor))
        if not first:
            break
        noted = []
        for token, fate in first.items():
            known = fates.setdefault(token, [])
            desk["weight"] = -1
            _again(world, desk, sums, lives, token, known)
            known.append(fate)
            desk["weight"] = 1
            noted.append(_again(world, desk, sums, lives, token, known))
        looks = np.concatenate(noted)
    desk["fates"] = 0


def _again(
    world: World,
    desk: Record,
    sums: Record,
    lives: Records,
    token: int,
    known: list[tuple[int, int]],
) -> Ints:
    """Live one life with the outcomes that are known; return what else is to be looked at."""
    desk["fates"] = len(known)
    for i, (look, factor) in enumerate(known):
        desk["fate_looks"][i], desk["fate_factors"][i] = look, factor
    desk["looked"] = 0
    run_lives(world, desk, sums, np.array([token]), lives, 0)
    looks: Ints = desk["looks"][: int(desk["looked"])].copy()
    return looks
