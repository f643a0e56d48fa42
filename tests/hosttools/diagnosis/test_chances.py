"""Chances sum to one, and the nearest is the likeliest."""

import math

import pytest

from firmware_model.profile import TokenType
from hosttools.diagnosis.chances import follow, start
from hosttools.holder import Habits

TYPES = list(TokenType)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("behind", "ahead"), [(0, 1), (0, 50_000), (300, 300)])
def test_distances_sum_to_one(kind: TokenType, behind: int, ahead: int) -> None:
    """Of all distances that are searched, one is it."""
    total = math.fsum(start(kind, d, behind, ahead) for d in range(-behind, ahead))
    assert pytest.approx(1, rel=0.1) == total


@pytest.mark.parametrize("kind", TYPES)
def test_nearer_is_likelier(kind: TokenType) -> None:
    """Each distance ahead is less likely than the one before."""
    chances = [start(kind, d, 10, 1000) for d in range(1000)]
    assert sorted(chances, reverse=True) == chances


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("timed", [False, True])
def test_gaps_sum_to_one(kind: TokenType, timed: bool) -> None:  # noqa: FBT001  # a parameter
    """Of all gaps between two codes, one is it."""
    gaps = (follow(kind, gap, Habits(), timed=timed) for gap in range(-3000, 3001))
    assert pytest.approx(1, abs=0.001) == math.fsum(gaps)


def test_the_next_press_is_the_likeliest() -> None:
    """Two codes of an event token are mostly of two presses in a row."""
    chances = {gap: follow(TokenType.EVENT, gap, Habits()) for gap in range(-5, 6)}
    assert 1 == max(chances, key=chances.__getitem__)
