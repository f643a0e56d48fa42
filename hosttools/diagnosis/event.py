"""What the counters of an event token's codes say: how far it is, in order, replayed."""

import enum
from dataclasses import dataclass
from itertools import pairwise

from hosttools.diagnosis.explain import Explanation


class Order(enum.Enum):
    """How a code follows the one before it."""

    IN_A_ROW = "in_a_row"
    SKIPPED = "skipped"
    """Codes in between were not typed."""
    SAME = "same"
    """It is the same code again."""
    BACKWARDS = "backwards"
    """It is of an earlier press, or of an earlier step."""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """Where an event token is.

    Attributes:
        counters: of each code; ``None``: none of this token's.
        gaps: from each code that is the token's to the next one.
        next_counter: the counter that its next press uses.
        expected: the server's next counter; ``None``: not known.
        ahead: presses from there to the first code; below 0: behind.
        replayed: numbers of the codes, from 1, that lie behind what the server expects.
    """

    counters: tuple[int | None, ...]
    gaps: tuple[int, ...]
    next_counter: int
    expected: int | None
    ahead: int | None
    replayed: tuple[int, ...]


def order(gap: int) -> Order:
    """Name a gap between two codes.

    >>> order(1), order(-2)
    (<Order.IN_A_ROW: 'in_a_row'>, <Order.BACKWARDS: 'backwards'>)
    """
    if gap == 0:
        return Order.SAME
    if gap < 0:
        return Order.BACKWARDS
    return Order.IN_A_ROW if gap == 1 else Order.SKIPPED


def gaps(explanation: Explanation) -> tuple[int, ...]:
    """Return the gaps from each code that is the token's to the next one."""
    return tuple(b.factor - a.factor for a, b in pairwise(explanation.known))


def event_facts(explanation: Explanation) -> EventFacts:
    """Return where an event token is, by an explanation with at least one code of it."""
    counters = tuple(None if seen is None else seen.factor for seen in explanation.seen)
    subject = explanation.subject
    expected = subject.anchors[0] if subject.certain else None
    behind = () if expected is None else range(expected)
    return EventFacts(
        counters,
        gaps(explanation),
        max(seen.pressed for seen in explanation.known) + 1,
        expected,
        None if expected is None else explanation.known[0].factor - expected,
        tuple(number for number, counter in enumerate(counters, 1) if counter in behind),
    )
