"""What a window buys an attacker: RFC 4226's formula, and attacks that are played.

The attacker has no token, knows no code and types numbers at random, on a token that its
holder doesn't use meanwhile. The attack is over when the token locks, or after a day.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from firmware_model.profile import SECOND, TokenType
from hosttools.kernel import codes, prepare
from hosttools.refserver.policy import Policy
from hosttools.study.model import DIGITS, Study
from hosttools.study.philox import key_of
from hosttools.study.shares import Share, wilson

DAY_S: Final = 86_400
PACE_S: Final = 10
"""From one try to the next, where no throttling asks for more."""
_CODES: Final = 4_000_000
"""Computed at most; further attacks share tokens, and differ in their guesses."""
_COMPARED: Final = 60_000_000
_OVERHEAD: Final = 3
"""Of a try, in comparisons."""
_AT_ONCE: Final = 8_000_000
"""Comparisons, so that the widest window takes no more memory than a narrow one."""
_FEWEST: Final = 1_000
_MOST: Final = 400_000
_KEYS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Odds:
    """What an attacker has from guessing.

    Attributes:
        tries: codes tried on one token.
        span_s: seconds from the first to the last of them.
        width: codes that are right at any time.
        formula: chance by RFC 4226 section E.2.
        simulated: share of the attacks that got in.
        attacks: how many were played.
    """

    tries: int
    span_s: int
    width: int
    formula: float
    simulated: Share
    attacks: int


def guess_chance(width: int, tries: int) -> float:
    """Return the chance of guessing by RFC 4226 section E.2: s·v / 10^Digit.

    Args:
        width: s, codes that are right at any time.
        tries: v, codes tried.
    """
    return min(width * tries / 10**DIGITS, 1.0)


def tries_of(policy: Policy, guesses: int) -> list[int]:
    """Return when an attacker tries a code, seconds from the first one.

    Args:
        policy: its lock ends the attack, its throttling slows it down.
        guesses: codes to try, in however long that takes; 0: as many as a day lets through.
    """
    times: list[int] = []
    at_s = 0
    while (len(times) < guesses if guesses else at_s < DAY_S) and not (
        policy.lock_after and len(times) >= policy.lock_after
    ):
        times.append(at_s)
        at_s += max(PACE_S, policy.throttle_ns(len(times)) // SECOND)
    return times


def odds(study: Study, policy: Policy, kind: TokenType) -> Odds | None:
    """Let an attacker guess at codes that are computed; ``None``: no such tokens.

    A time token's window moves on with time; nothing is accepted before the guess that is
    right, so no drift is learnt either.
    """
    steps = [p.profile.step_s for p in study.profiles if p.profile.token_type is kind]
    if not steps:
        return None
    times = tries_of(policy, study.guesses)
    timed = kind is TokenType.TIME
    width = policy.steps_back + policy.steps_forward + 1 if timed else policy.look_ahead + 1
    moved = [at_s // steps[0] if timed else 0 for at_s in times]
    known = width + moved[-1]
    tokens = max(min(_CODES // known, _MOST), 1)
    attacks = max(min(_COMPARED // (len(times) * (width + _OVERHEAD)), _MOST), _FEWEST)
    source = np.random.Generator(np.random.Philox(key=key_of(study.seed)[0]))
    midstates = prepare(source.integers(0, 256, (_KEYS, 20), dtype=np.uint8))
    starts = source.integers(0, 1 << 40, tokens)
    keys = source.integers(0, _KEYS, tokens)
    counters = (starts[:, None] + np.arange(known)).ravel()
    right = codes(midstates, counters, DIGITS, keys=np.repeat(keys, known)).reshape(tokens, known)
    held = np.arange(attacks)
    for first in moved:
        guess = source.integers(0, 10**DIGITS, len(held))
        pieces = -(-len(held) * width // _AT_ONCE)
        given = [
            (right[some % tokens, first : first + width] == code[:, None]).any(axis=1)
            for some, code in zip(
                np.array_split(held, pieces), np.array_split(guess, pieces), strict=True
            )
        ]
        held = held[~np.concatenate(given)]
        if not len(held):
            break
    return Odds(
        tries=len(times),
        span_s=times[-1],
        width=width,
        formula=guess_chance(width, len(times)),
        simulated=wilson(attacks - len(held), attacks),
        attacks=attacks,
    )
