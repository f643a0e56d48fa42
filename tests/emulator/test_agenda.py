"""What happens next."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from emulator.agenda import SMALL, Agenda


@dataclass(eq=False)
class Actor:
    """Wants its turn at a moment."""

    next_ns: int | None = None
    planned_ns: int | None = None


def test_turns_come_in_order() -> None:
    """The earliest first; at one moment, whoever was there first."""
    agenda: Agenda[Actor] = Agenda()
    late, first, second = Actor(9), Actor(5), Actor(5)
    for actor in (late, first, second):
        agenda.plan(actor)
    turns = []
    while agenda.next_ns() is not None:
        turns.append(actor := agenda.pop())
        actor.next_ns = None
    assert turns == [first, second, late]


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 50)), max_size=300))
def test_it_knows_the_next_moment(changes: list[tuple[int, int | None]]) -> None:
    """However moments change, the next one is the smallest of all."""
    agenda: Agenda[Actor] = Agenda()
    actors = [Actor() for _ in range(5)]
    for which, at_ns in changes:
        actors[which].next_ns = at_ns
        agenda.plan(actors[which])
        moments = [a.next_ns for a in actors if a.next_ns is not None]
        assert agenda.next_ns() == min(moments, default=None)


def test_an_actor_that_changes_its_mind_needs_no_memory() -> None:
    """A flood of changes leaves a bounded number of entries, though no time passes."""
    agenda: Agenda[Actor] = Agenda()
    actors = [Actor() for _ in range(10)]
    for i in range(10_000):
        actor = actors[i % 10]
        actor.next_ns = None if i % 3 == 0 else 10**9 - i
        agenda.plan(actor)
        agenda.next_ns()
    assert len(agenda) <= SMALL


def test_actors_that_are_done_are_forgotten() -> None:
    """Those that want no turn any more do not pile up behind one that waits."""
    agenda: Agenda[Actor] = Agenda()
    agenda.plan(Actor(1))
    for _ in range(10_000):
        done = Actor(10**9)
        agenda.plan(done)
        done.next_ns = None
    assert len(agenda) <= SMALL
    assert agenda.next_ns() == 1
