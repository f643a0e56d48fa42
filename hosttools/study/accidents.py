"""Presses that nobody meant: bursts in pockets, and of children."""

from typing import Final

from hosttools.study.compiled import compiled
from hosttools.study.desk import EXPONENTIAL, REST_NS, Now, count, moment, pressed, quantile
from hosttools.study.philox import Stream, draw
from hosttools.study.rules import Record
from hosttools.study.tables import Of, When
from hosttools.study.tally import Count

# Enums as plain numbers: compiled code has no attributes of classes.
POCKET: Final = int(When.POCKET)
CHILD: Final = int(When.CHILD)
_POCKETS: Final = int(Stream.POCKET)
_POCKET_GAPS: Final = int(Stream.POCKET_GAP)
_CHILDREN: Final = int(Stream.CHILD)
_CHILD_GAPS: Final = int(Stream.CHILD_GAP)
_POCKET_COUNT: Final = int(Of.POCKET_COUNT)
_POCKET_GAP: Final = int(Of.POCKET_GAP)
_CHILD_COUNT: Final = int(Of.CHILD_COUNT)
_CHILD_GAP: Final = int(Of.CHILD_GAP)
_ACCIDENTS: Final = int(Count.ACCIDENTS)


@compiled
def first(now: Now, kind: int, mean_ns: float) -> Record:
    """Return the pocket or the child of a new life, about to press for the first time."""
    burst = now.desk.bursts[kind]
    burst.presses = burst.bursts = burst.left = 0
    burst.share, burst.mean_ns = 0.0, mean_ns
    _due(now, kind)
    burst.at = burst.next
    return burst


@compiled
def _due(now: Now, kind: int) -> None:
    """Draw when the next burst begins, and how many presses it has."""
    group, burst = now.group, now.desk.bursts[kind]
    stream = _POCKETS if kind == POCKET else _CHILDREN
    a, b, _c, _d = draw(now.rules.k0, now.rules.k1, now.desk.token, stream, burst.bursts)
    burst.bursts += 1
    burst.share += burst.mean_ns * quantile(group, EXPONENTIAL, a)
    burst.next = moment(group, kind, burst.share)
    if kind == POCKET:
        presses = group.pocket_presses * quantile(group, _POCKET_COUNT, b)
    else:
        presses = group.child_presses * quantile(group, _CHILD_COUNT, b)
    burst.size = max(1, int(presses + 0.5))


@compiled
def accidents(now: Now, kind: int, begin: int, stop: int) -> None:
    """Press until the burst is over or something else comes; at least once.

    A token that is in a hand, or will be before it is let go, is not pressed.

    Args:
        now: whose.
        kind: pocket or child.
        begin: when the holder wants the token next.
        stop: when something else comes.
    """
    group, life, burst, spent = now.group, now.life, now.desk.bursts[kind], now.profile.spent
    if kind == POCKET:
        stream, of = _POCKET_GAPS, _POCKET_GAP
        hold, median = group.pocket_hold_ns, group.pocket_gap_ns
    else:
        stream, of = _CHILD_GAPS, _CHILD_GAP
        hold, median = group.child_hold_ns, group.child_gap_ns
    if burst.left == 0:
        burst.left = burst.size
        _due(now, kind)
    at = burst.at
    while True:
        if at > life.busy and at + hold < begin:
            count(now, _ACCIDENTS)
            pressed(now, at, hold)
            life.busy = at + hold
        word = burst.presses & 3
        if word == 0:  # a block has the gaps of four presses
            k0, k1, token = now.rules.k0, now.rules.k1, now.desk.token
            a, b, c, d = draw(k0, k1, token, stream, burst.presses >> 2)
            burst.gaps[0], burst.gaps[1], burst.gaps[2], burst.gaps[3] = a, b, c, d
        gap = median * quantile(group, of, burst.gaps[word])
        at += hold + max(int(gap), REST_NS)
        burst.presses += 1
        burst.left -= 1
        if burst.left == 0:
            at = max(at, burst.next)
            break
        if at >= stop or (now.profile.timed == 0 and life.counter >= spent):
            break
    burst.at = at
