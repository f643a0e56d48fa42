"""How likely it is, before a code was seen, that a token is so far from where it should be.

All in here are our defaults: nobody has counted. They need not be right to the digit. A
code of six digits weighs a million times more; they decide between explanations that
the digits can't tell apart, and there the nearest should win.
"""

import math
from typing import Final

from firmware_model.profile import TokenType
from hosttools.holder.habits import Habits

FOREIGN: Final = 0.02
"""That a code is none of the tokens searched, and no slip of one: another fob, a guess."""

BEHIND: Final = 0.05
"""That a code of an event token was used or skipped before."""

LIFE: Final = {TokenType.EVENT: 15_000, TokenType.TIME: 120}
"""Distance from where it is ever rarer: the codes in a fob's life (Symantec's VIP fob); an
hour of 30 s steps, which a poor crystal takes ten years for."""

_GAMMA: Final = 0.5772156649
_BACK: Final = 0.01
_SKIPPED: Final = 0.10
_SAME_STEP: Final = 0.10
_ON_TIME: Final = 0.80


def start(token_type: TokenType, distance: int, behind: int, ahead: int) -> float:
    """Return the probability of a distance, of all that are searched.

    Every power of ten is about as likely as the next, up to :data:`LIFE`.

    Args:
        token_type: event or time.
        distance: presses or steps from where it was expected; below 0: behind.
        behind: how many are searched behind.
        ahead: how many are searched ahead, that at 0 included.
    """
    life = LIFE[token_type]
    late = (BEHIND if token_type is TokenType.EVENT else 0.5) if behind else 0.0
    if distance < 0:
        return late * _near(-distance - 1, behind, life)
    return (1 - late) * _near(distance, ahead, life)


def _near(distance: int, count: int, life: int) -> float:
    """Return 1 / ((1 + d)(1 + d/life)), of all d below ``count`` together 1."""
    if count < 1:
        return 0.0
    total = (_harmonic(count) - _harmonic(life + count - 1) + _harmonic(life - 1)) * life
    return life * (life - 1) / ((1 + distance) * (life + distance) * total)


def _harmonic(n: int) -> float:
    return math.log(n) + _GAMMA + 1 / (2 * n)


def follow(token_type: TokenType, gap: int, habits: Habits, *, timed: bool = False) -> float:
    """Return the probability that a code is followed by one so far on.

    Args:
        token_type: event or time.
        gap: presses, or steps; beyond those that went by if each code is ``timed``.
        habits: how often the first code is typed twice.
        timed: whether it is known when each code was shown.
    """
    far = 1 / (abs(gap) * (abs(gap) + 1)) if gap else 0.0  # of all gaps together 1
    if timed:
        return far * (1 - _ON_TIME) / 2 if gap else _ON_TIME
    if gap < 0:
        return _BACK * far
    if token_type is TokenType.TIME:
        return (1 - _SAME_STEP - _BACK) * far if gap else _SAME_STEP
    if gap > 1:
        return _SKIPPED / (gap * (gap - 1))
    return max(1 - habits.first_twice - _SKIPPED - _BACK, 0) if gap else habits.first_twice
