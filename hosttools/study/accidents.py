"""Presses that nobody meant: bursts in pockets, and of children."""

from typing import Final

from hosttools.study.compiled import compiled
from hosttools.study.desk import EXPONENTIAL, REST_NS, Now, count, moment, pressed, quantile
from hosttools.study.philox import Stream, draw
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
def due(now: Now, kind: int, burst: int, share: float, mean_ns: float) -> tuple[float, int]:
    """Return the hours' measure at which a burst begins, and when that is."""
    stream = _POCKETS if kind == POCKET else _CHILDREN
    word = draw(now.rules.k0, now.rules.k1, now.desk.token, stream, burst)[0]
    share += mean_ns * quantile(now.group, EXPONENTIAL, word)
    return share, moment(now.group, kind, share)


@compiled
def size(now: Now, kind: int, burst: int) -> int:
    """Return how many presses a burst has."""
    group = now.group
    if kind == POCKET:
        word = draw(now.rules.k0, now.rules.k1, now.desk.token, _POCKETS, burst)[1]
        return max(1, int(group.pocket_presses * quantile(group, _POCKET_COUNT, word) + 0.5))
    word = draw(now.rules.k0, now.rules.k1, now.desk.token, _CHILDREN, burst)[1]
    return max(1, int(group.child_presses * quantile(group, _CHILD_COUNT, word) + 0.5))


@compiled
def accident(now: Now, kind: int, at: int, number: int, use: int) -> int:
    """Press, unless the token is in a hand, then or before it is let go; return when the next is.

    Args:
        now: whose.
        kind: pocket or child.
        at: when.
        number: of the press, counted from the start.
        use: when the holder wants the token next.
    """
    group, life = now.group, now.life
    hold = group.pocket_hold_ns if kind == POCKET else group.child_hold_ns
    if at > life.busy and at + hold < use:
        count(now, _ACCIDENTS)
        pressed(now, at, hold)
        life.busy = at + hold
    stream = _POCKET_GAPS if kind == POCKET else _CHILD_GAPS
    gaps = now.desk.gaps[kind]
    if number & 3 == 0:  # a block has the gaps of four presses
        block = draw(now.rules.k0, now.rules.k1, now.desk.token, stream, number >> 2)
        gaps[0], gaps[1], gaps[2], gaps[3] = block
    word = gaps[number & 3]
    if kind == POCKET:
        gap = group.pocket_gap_ns * quantile(group, _POCKET_GAP, word)
    else:
        gap = group.child_gap_ns * quantile(group, _CHILD_GAP, word)
    return int(at + hold + max(int(gap), REST_NS))
