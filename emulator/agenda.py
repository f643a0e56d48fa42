"""What happens next on a bench: a heap of moments, ties by order of arrival.

An actor whose moment moved later keeps its early entry, which is put right when its
turn comes; one that needs no turn any more keeps its entry too. Left alone, such
entries would pile up on a clock that seldom moves, so a heap that has doubled is
tidied: what is kept grows with the actors, not with what was done to them.
"""

import heapq
from typing import Final, Generic, Protocol, TypeVar


class Actor(Protocol):
    """Something with a next moment.

    Attributes:
        planned_ns: the earliest moment at which the agenda will look at it; the
            agenda's own note, ``None`` at first.
    """

    planned_ns: int | None

    @property
    def next_ns(self) -> int | None:
        """Bench time at which it wants its turn; ``None``: not by itself."""


A = TypeVar("A", bound=Actor)

SMALL: Final = 64
"""Entries that are not worth tidying."""


class Agenda(Generic[A]):
    """Actors by their next moment. An actor is on one agenda at most."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, A]] = []
        self._order = 0
        self._full = SMALL

    def __len__(self) -> int:
        """Count the entries, stale ones too."""
        return len(self._heap)

    def plan(self, actor: A) -> None:
        """Take note of an actor's next moment."""
        at_ns, planned_ns = actor.next_ns, actor.planned_ns
        if at_ns is None or (planned_ns is not None and planned_ns <= at_ns):
            return
        self._order += 1
        actor.planned_ns = at_ns
        heapq.heappush(self._heap, (at_ns, self._order, actor))
        if len(self._heap) > self._full:
            self.tidy()

    def next_ns(self) -> int | None:
        """Return the next moment of all."""
        while self._heap:
            at_ns, _, actor = self._heap[0]
            if actor.next_ns == at_ns == actor.planned_ns:
                return at_ns
            self.pop()
            self.plan(actor)
        return None

    def pop(self) -> A:
        """Take the actor whose turn it is; only after :meth:`next_ns` gave a time."""
        at_ns, _, actor = heapq.heappop(self._heap)
        if actor.planned_ns == at_ns:
            actor.planned_ns = None
        return actor

    def tidy(self) -> None:
        """Keep one entry of each actor that wants a turn, at the moment that it wants now."""
        stale, self._heap = sorted(self._heap), []
        for _, _, actor in stale:
            actor.planned_ns = None
        self._full = len(stale)
        for _, _, actor in stale:
            self.plan(actor)
        self._full = max(2 * len(self._heap), SMALL)
