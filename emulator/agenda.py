"""What happens next on a bench: a heap of moments, ties by order of arrival.

Each actor has at most a few entries, however often its next moment changes: one that
moved later keeps its early entry, which is put right when its turn comes.
"""

import heapq
from typing import Generic, Protocol, TypeVar


class Actor(Protocol):
    """Something with a next moment."""

    @property
    def next_ns(self) -> int | None:
        """Bench time at which it wants its turn; ``None``: not by itself."""


A = TypeVar("A", bound=Actor)


class Agenda(Generic[A]):
    """Actors by their next moment."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, A]] = []
        self._earliest: dict[int, int] = {}
        self._order = 0

    def plan(self, actor: A) -> None:
        """Take note of an actor's next moment."""
        at_ns = actor.next_ns
        if at_ns is None:
            return
        planned = self._earliest.get(id(actor))
        if planned is not None and planned <= at_ns:
            return
        self._order += 1
        self._earliest[id(actor)] = at_ns
        heapq.heappush(self._heap, (at_ns, self._order, actor))

    def next_ns(self) -> int | None:
        """Return the next moment of all."""
        while self._heap:
            at_ns, _, actor = self._heap[0]
            if actor.next_ns == at_ns and self._earliest.get(id(actor)) == at_ns:
                return at_ns
            self._drop()
            self.plan(actor)
        return None

    def pop(self) -> A:
        """Take the actor whose turn it is; only after :meth:`next_ns` gave a time."""
        actor = self._heap[0][2]
        self._drop()
        return actor

    def _drop(self) -> None:
        at_ns, _, actor = heapq.heappop(self._heap)
        if self._earliest.get(id(actor)) == at_ns:
            del self._earliest[id(actor)]
