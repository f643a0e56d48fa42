"""A case's history as acts: what was done, without what came of it.

Given to :func:`hosttools.cases.rerun` they happen again, all of them or fewer: whoever
shortens a case leaves some out. Times are absolute, so that no act is needed for
waiting; where an act is left out, the others stay where they were.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

from emulator.annotations import Placed, ServerPlaced, Stopped, Submitted
from emulator.journal import Record
from firmware_model.stimuli import Edge, Effect, Stimulus
from hosttools.cases.model import Case

CHECKPOINT: Final = "checkpoint"
"""Why a token is placed that only goes on; for any other reason a life begins."""

EFFECTS: Final = frozenset(get_args(Effect))
STIMULI: Final = frozenset(get_args(Stimulus))


@dataclass(frozen=True, slots=True)
class Place:
    """A token begins here; or, at a checkpoint, it is where it should be.

    Attributes:
        sequence: number of the record.
        serial: which token.
        placed: the record's event.
        until_ns: how far the life before this is known to have gone.
    """

    sequence: int
    serial: str
    placed: Placed
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A token's memory fails: it does nothing more. See :class:`Place`."""

    sequence: int
    serial: str
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """The button is pressed, bounces and all, and let go.

    Attributes:
        sequence: number of the first edge's record.
        serial: which token.
        edges: with the numbers of their records.
    """

    sequence: int
    serial: str
    edges: tuple[tuple[int, Edge], ...]

    @property
    def at_ns(self) -> int:
        """When it is pressed, bench time."""
        return self.edges[0][1].at_ns

    @property
    def hold_ns(self) -> int:
        """How long it is held, as far as the case goes."""
        return self.edges[-1][1].at_ns - self.at_ns


@dataclass(frozen=True, slots=True)
class Happen:
    """Anything else that is done to a token."""

    sequence: int
    serial: str
    stimulus: Stimulus


@dataclass(frozen=True, slots=True)
class Serve:
    """All that a server keeps of a token: it goes on from here."""

    sequence: int
    serial: str
    placed: ServerPlaced


@dataclass(frozen=True, slots=True)
class Submit:
    """Codes are given to a server, by counter or step; with what it said."""

    sequence: int
    serial: str
    told: Submitted


Act = Place | Stop | Press | Happen | Serve | Submit


def acts_of(case: Case) -> tuple[Act, ...]:
    """Return what was done, in order.

    Raises:
        CaseError: a state that can't be.
    """
    found: list[Act] = []
    for serial in case.serials:
        found += _of_token(case, [r for r in case.records if r.serial == serial])
    return tuple(sorted(found, key=lambda act: act.sequence))


def _of_token(case: Case, records: list[Record]) -> Iterator[Act]:
    last_ns: int | None = None  # of what the token did, in this life
    for place, (sequence, serial, event, _, _) in enumerate(records):
        if isinstance(event, Placed):
            begins = event.why != CHECKPOINT or not place
            yield Place(sequence, serial, event, last_ns if begins else None)
            last_ns = None if begins else last_ns
        elif isinstance(event, Stopped):
            yield Stop(sequence, serial, last_ns)
        elif isinstance(event, ServerPlaced):
            yield Serve(sequence, serial, event)
        elif isinstance(event, Submitted):
            yield Submit(sequence, serial, event)
        elif type(event) in EFFECTS:
            last_ns = event.at_ns
        elif type(event) in STIMULI and not isinstance(event, Edge) and not _unmade(records, place):
            yield Happen(sequence, serial, event)  # type: ignore[arg-type]  # by type
    yield from _presses(case, records)


def _presses(case: Case, records: list[Record]) -> Iterator[Press]:
    """Put the edges together that belong to one press: a contact bounces."""
    edges: list[tuple[int, Edge]] = []
    debounce_ns = 0
    for place, record in enumerate(records):
        event = record.event
        fresh = isinstance(event, Placed) and (event.why != CHECKPOINT or not place)
        if isinstance(event, Edge) and event.closed and edges:
            last = edges[-1][1]
            fresh = not last.closed and event.at_ns - last.at_ns >= debounce_ns
        if fresh and edges:
            yield Press(edges[0][0], record.serial, tuple(edges))
            edges = []
        if isinstance(event, Placed) and fresh:
            debounce_ns = case.state(event).config.profile.debounce_ns
        elif isinstance(event, Edge) and not _unmade(records, place):
            edges.append((record.sequence, event))
    if edges:
        yield Press(edges[0][0], records[0].serial, tuple(edges))


def _unmade(records: list[Record], place: int) -> bool:
    """Whether a stimulus was told and never applied: the memory failed under it."""
    after = records[place + 1].event if place + 1 < len(records) else None
    return isinstance(after, Stopped) and after.at_ns == records[place].event.at_ns
