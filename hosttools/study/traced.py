"""One life of a study, act by act, for whoever wants to see or check what the loop did."""

import numpy as np

from hosttools.study.desk import DESK, LOOK, Traced
from hosttools.study.engine import live
from hosttools.study.looks import Outcome, outcomes
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.rules import LIFE
from hosttools.study.tables import Ints, Records, world_of
from hosttools.study.tally import SUMS


def trace(study: Study, choice: PolicyChoice, token: int) -> tuple[list[Traced], Records]:
    """Live one life and write it down.

    Args:
        study: the question.
        choice: one of its policies.
        token: the holder's number.

    Returns:
        The acts, and the record of :data:`~hosttools.study.rules.LIFE` at the end.
    """
    world = world_of(study, choice.policy)
    known: list[Outcome] = []
    while True:
        desk, life = np.zeros(1, DESK)[0], np.zeros(1, LIFE)
        desk["token"], desk["weight"], desk["tracing"] = token, 1, 1
        desk["fates"] = len(known)
        for i, outcome in enumerate(known):
            desk["fate_looks"][i], desk["fate_factors"][i] = outcome.look, outcome.factor
        live(world, desk, np.zeros(1, SUMS)[0], life[0])
        looks: Ints = desk["looks"][: int(desk["looked"])].reshape(-1, LOOK)
        fresh = outcomes(study, looks, choice.policy.look_back)
        if not fresh:
            rows = desk["trace"][: int(desk["traced"])].tolist()
            return [Traced(*row) for row in rows], life
        known.append(fresh[0])
