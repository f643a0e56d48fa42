"""Compares codes where it matters: what was typed wrong, or belongs to another counter.

The compiled loop knows codes by their factors. Six digits are shared by one counter in a
million, so what was typed wrong may be right by chance, and a right code may be another
counter's too. Here the codes are computed, and only here; no digit leaves.
"""

from typing import Final, NamedTuple

import numpy as np

from firmware_model.oath import Algorithm
from hosttools.holder.acts import Slip, SlipKind
from hosttools.holder.slips import NEIGHBOURS
from hosttools.kernel import codes, prepare
from hosttools.study.model import DIGITS, Study
from hosttools.study.philox import Stream, draw, key_of
from hosttools.study.rules import Fate
from hosttools.study.spans import found_in
from hosttools.study.tables import Ints

SECRET_BYTES: Final = 20


class Outcome(NamedTuple):
    """A code that turned out to be another one than was meant.

    Attributes:
        token: its number.
        look: which look of its life.
        factor: what the server takes it for, or a :class:`~hosttools.study.rules.Fate`.
    """

    token: int
    look: int
    factor: int


def secret_of(study: Study, token: int, born: int) -> bytes:
    """Return the made-up secret of a holder's token.

    Args:
        study: for its seed.
        token: the holder's number.
        born: how many tokens they had before.
    """
    k0, k1 = key_of(study.seed)
    words = [
        word
        for block in range(2)
        for word in draw(k0, k1, token, int(Stream.SECRET), 2 * born + block)
    ]
    return b"".join(word.to_bytes(4, "big") for word in words)[:SECRET_BYTES]


def outcomes(study: Study, looks: Ints, look_back: int) -> list[Outcome]:
    """Compute the codes that looks ask for, and return those that change something.

    Args:
        study: for its seed, and its products' digits.
        looks: a row each, see :data:`hosttools.study.desk.LOOK`.
        look_back: how far behind the server tells old codes.

    Returns:
        In the order of the looks. The first of each token is right; what comes after it is
        to be asked again, as its life goes another way.
    """
    if not len(looks):
        return []
    tokens, borns, factors, typos = looks[:, 0], looks[:, 2], looks[:, 3], looks[:, 4]
    nexts, highs = looks[:, 5], looks[:, 7]
    # Looks come life by life.
    fresh = np.flatnonzero((np.diff(tokens, prepend=-1) != 0) | (np.diff(borns, prepend=-1) != 0))
    keys = np.repeat(np.arange(len(fresh)), np.diff(fresh, append=len(looks)))
    midstates = prepare(
        [secret_of(study, int(tokens[row]), int(borns[row])) for row in fresh], Algorithm.SHA1
    )
    wanted = codes(midstates, factors.copy(), DIGITS, keys=keys)
    slipped = np.flatnonzero(typos)
    wanted[slipped] = keyed(wanted[slipped].astype(np.int64), typos[slipped])
    # A right code in the window: only one between the last accepted code and it would come
    # before it. A used one: only one in the window would make another verdict. What was
    # typed wrong, or lies ahead of the window, may be any that the server knows.
    shown_right = typos == 0
    right = shown_right & (looks[:, 6] <= factors) & (factors <= highs)
    used = shown_right & (factors < nexts) & (factors >= nexts - look_back)
    lows = np.maximum(nexts - np.where(right | used, 1, look_back), 0)
    ends = np.where(right, factors - 1, np.maximum(highs, nexts - 1))
    # What a clock has passed since the last code is in no window.
    apart = np.flatnonzero(looks[:, 6] > nexts)
    rows = np.concatenate([np.arange(len(looks)), apart])
    lows = np.concatenate([lows, looks[apart, 6]])
    ends = np.concatenate([ends, ends[apart]])
    ends[apart] = nexts[apart] - 1
    found: dict[int, list[int]] = {}
    for window, hits in found_in(midstates, keys[rows], lows, ends, wanted[rows]):
        row = int(rows[window])
        found.setdefault(row, [int(factors[row])] if shown_right[row] else []).extend(hits)
    made = (_outcome(looks[row], hits, look_back) for row, hits in sorted(found.items()))
    return [outcome for outcome in made if outcome is not None]


def _outcome(look: Ints, hits: list[int], look_back: int) -> Outcome | None:
    """Return what the server makes of a code, unless it is what the loop took it for.

    As :func:`hosttools.refserver.verify.verify` has it: the last accepted code is a replay
    whatever else it is; then the factor nearest to the expected one; then a replay.
    """
    token, ordinal, _born, factor, typo, lowest, low, high, e = (int(number) for number in look)
    accepted = [hit for hit in hits if low <= hit <= high]
    behind = [hit for hit in hits if lowest - look_back <= hit < lowest]
    if lowest - 1 in behind:
        accepted = []
    if accepted:
        made = min(accepted, key=lambda hit: (abs(hit - e), hit))
    else:
        made = int(Fate.REPLAY) if behind else int(Fate.REFUSE)
    thought = int(Fate.REFUSE)
    if not typo and low <= factor <= high:
        thought = factor
    elif not typo and factor in behind:
        thought = int(Fate.REPLAY)
    return None if made == thought else Outcome(token, ordinal, made)


_KINDS: Final = (SlipKind.TRANSPOSED, SlipKind.MISTYPED)
_KEYPAD: Final = np.array(
    [
        [int(NEIGHBOURS[str(key)][i % len(NEIGHBOURS[str(key)])]) for i in range(12)]
        for key in range(10)
    ]
)
"""The neighbour of each key, by which of them modulo those that there are."""


def slip_of(typo: int) -> Slip:
    """Return a slip of the fingers from the number that the loop has for it."""
    return Slip(_KINDS[(typo & 3) - 1], (typo >> 2) & 0x3FF, typo >> 12)


def keyed(shown: Ints, typos: Ints) -> Ints:
    """Return what fingers make of codes, as :mod:`hosttools.holder.slips` has it for one.

    Args:
        shown: codes, as numbers.
        typos: what goes wrong with each, as the loop has it; 0: nothing.
    """
    powers = 10 ** np.arange(DIGITS - 1, -1, -1)
    digits = shown[:, None] // powers % 10
    kind, where, which = typos & 3, typos >> 2 & 0x3FF, typos >> 12
    swap = np.flatnonzero(kind == 1)
    for i in range(DIGITS - 1):
        left = (where[swap] + i) % (DIGITS - 1)
        differ = digits[swap, left] != digits[swap, left + 1]
        rows, place = swap[differ], left[differ]
        digits[rows, place], digits[rows, place + 1] = digits[rows, place + 1], digits[rows, place]
        swap = swap[~differ]
    rows = np.flatnonzero(kind == 2)  # noqa: PLR2004  # _KINDS, from 1
    place = where[rows] % DIGITS
    digits[rows, place] = _KEYPAD[digits[rows, place], which[rows] % 12]
    typed: Ints = (digits * powers).sum(axis=1)
    return typed
