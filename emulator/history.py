"""What was, and what might have been: a token's states and futures, from the journal.

Replay starts where the journal last said where the token is, and applies what was done
to it since. Pure but for reading the journal; nothing in here touches a bench.
"""

import json
from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, get_args

from emulator.annotations import Placed, Removed, Stopped
from emulator.errors import StateError, UsageError
from emulator.journal import Event, Journal, Record
from firmware_model.codec import digest, from_json
from firmware_model.contact import press_edges
from firmware_model.errors import FirmwareError, StimulusError
from firmware_model.machine import step
from firmware_model.nvm import Config
from firmware_model.oath import Key
from firmware_model.profile_file import profile_from_mapping
from firmware_model.state import State, next_counter
from firmware_model.stimuli import (
    Accepted,
    Advance,
    Edge,
    Effect,
    Extended,
    Lit,
    Refused,
    ShiftTime,
    Stimulus,
)

_STIMULI: Final = frozenset(get_args(Stimulus))


class Drop(NamedTuple):
    """One press is left out: the one that a record belongs to."""

    sequence: int


class Move(NamedTuple):
    """One press comes earlier (below 0) or later."""

    sequence: int
    by_ns: int


class Insert(NamedTuple):
    """One press more."""

    at_ns: int
    hold_ns: int = 100_000_000


Change = Drop | Move | Insert


@dataclass(frozen=True, slots=True)
class Future:
    """What came of a token.

    Attributes:
        digest: of its state at the end, see :func:`firmware_model.codec.digest`.
        next_counter: event token: the next counter; ``None`` for a time token.
        lit: codes that lit: bench time, and counter or step.
        refused: presses that gave none: bench time and why.
    """

    digest: str
    next_counter: int | None
    lit: tuple[tuple[int, int], ...]
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two futures of one token from one moment on.

    Attributes:
        change: what is different in the other one.
        from_sequence: the record from which both start.
        to_ns: bench time at which they are compared.
        actual: what happened.
        other: what would have.
        diverge_ns: when they first do something different; ``None``: never.
    """

    change: Change
    from_sequence: int
    to_ns: int
    actual: Future
    other: Future
    diverge_ns: int | None


class Stretch(NamedTuple):
    """What the journal tells of a token from a place to a record.

    Attributes:
        placed: where it starts.
        records: what follows, of this token.
        until_ns: bench time of the last record of the bench that counts.
    """

    placed: Record
    records: tuple[Record, ...]
    until_ns: int


def state_at(journal: Journal, config: Config, sequence: int) -> State:
    """Return a token's state as of one record: with it, and all before it.

    Args:
        journal: the bench's.
        config: the token's, for its secret.
        sequence: number of a record, of whatever token.

    Raises:
        UsageError: no such record, or not that far back.
        StateError: the journal can't be read.
    """
    stretch = _stretch(journal, config.serial, sequence)
    state = _start(stretch, config)
    key = _key(state)
    for stimulus in _stimuli(stretch.records):
        state, _ = step(state, stimulus, key)
    if _stopped(stretch.records) is None and state.now_ns < stretch.until_ns:
        state, _ = step(state, Advance(stretch.until_ns), key)
    return state


def what_if(journal: Journal, config: Config, change: Change, to_ns: int) -> Comparison:
    """Compare what happened with what would have, had one press been another.

    Args:
        journal: the bench's.
        config: the token's, for its secret.
        change: what is different.
        to_ns: bench time up to which both run, normally now.

    Raises:
        UsageError: no such press, not that far back, or what was done to the token
            later could not have been done then.
        StateError: the journal can't be read.
    """
    sequence = change.sequence if not isinstance(change, Insert) else None
    stretch = _stretch(journal, config.serial, journal.visible, sequence, change)
    start = _start(stretch, config)
    key = _key(start)
    stimuli = _stimuli(stretch.records)
    changed = _changed(stretch, stimuli, change, start)
    if not isinstance(change, Drop):
        to_ns = max(to_ns, *(stimulus.at_ns for stimulus in changed))
    try:
        actual, seen = _run(start, stimuli, to_ns, key)
        other, would = _run(start, changed, to_ns, key)
    except StimulusError as e:
        raise UsageError(f"that could not have been: {e}") from None
    return Comparison(
        change, stretch.placed.sequence, to_ns, actual, other, _divergence(seen, would)
    )


def _stretch(
    journal: Journal,
    serial: str,
    last: int,
    needed: int | None = None,
    change: Change | None = None,
) -> Stretch:
    """Return what is told of a token up to a record.

    Args:
        journal: the bench's.
        serial: the token.
        last: number of the last record that counts.
        needed: a record that must lie behind the start; ``None``: the newest start will do.
        change: one whose moment must.
    """
    if not 1 <= last <= journal.visible:
        raise UsageError(f"no record {last}; the journal has {journal.oldest} to {journal.visible}")
    placed: Record | None = None
    end = last  # number of the last record of the life that counts
    fresh = last
    for record in journal.back(last, serial, (Placed, Removed)):
        if not isinstance(record.event, Placed):
            break
        placed, end = record, fresh
        if not _keeps(record, needed, change):
            break
        if record.event.why != "checkpoint":
            fresh = record.sequence - 1  # another life of the token begins here
    if placed is None:
        raise UsageError(
            f"the journal doesn't say where {serial} was at record {last}: it was not on the"
            f" bench, or that is too long ago (records {journal.oldest} to {journal.visible}"
            " are kept)"
        )
    told = journal.read(
        placed.sequence,
        end - placed.sequence,
        until=end,
        serials=(serial,),
        chosen=lambda record: not isinstance(record.event, Placed),
    )
    return Stretch(placed, tuple(told), _time_of(journal, serial, placed, end))


def _time_of(journal: Journal, serial: str, placed: Record, last: int) -> int:
    """Return the bench time as of a record, as a token has it."""
    width = 1
    while True:
        first = max(last - width, placed.sequence)
        for record in reversed(journal.read(first, last - first)):
            event = record.event
            if isinstance(event, ShiftTime) and record.serial == serial:
                return event.at_ns + event.by_ns
            # A clock that is set is told token by token: others' may have the time before.
            if not isinstance(event, ShiftTime | Placed):
                return event.at_ns
        if first == placed.sequence:
            return placed.event.at_ns
        width *= 8


def _keeps(record: Record, needed: int | None, change: Change | None) -> bool:
    """Whether a start lies behind what is needed, so that an earlier one is kept."""
    if isinstance(change, Insert):
        return record.event.at_ns > change.at_ns
    return needed is not None and record.sequence > needed


def _start(stretch: Stretch, config: Config) -> State:
    event = stretch.placed.event
    assert isinstance(event, Placed)  # noqa: S101  # _stretch saw to it
    if isinstance(event.state, State):
        return event.state
    try:
        profile = profile_from_mapping(json.loads(event.state)["profile"])
        # One that was given another secret since has other codes, and the same counters.
        return from_json(event.state, config.secret, {profile.name: profile}, rekey=True)
    except (FirmwareError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise StateError(
            f"record {stretch.placed.sequence} of the journal can't be read: {e}"
        ) from None


def _key(state: State) -> Key:
    return Key(state.config.secret, state.config.algorithm)


def _stopped(records: Iterable[Record]) -> Record | None:
    return next((record for record in records if isinstance(record.event, Stopped)), None)


def _stimuli(records: Sequence[Record]) -> list[Stimulus]:
    """Return what was done to a token, but for what its memory failed under."""
    end = _stopped(records)
    done = records if end is None else records[: records.index(end)]
    if end is not None and done and done[-1].event.at_ns == end.event.at_ns:
        # A stimulus is told before it is applied, and this one never was: nothing came of it.
        done = done[:-1] if type(done[-1].event) in _STIMULI else done
    events = (record.event for record in done)
    return [event for event in events if type(event) in _STIMULI]  # type: ignore[misc]  # by type


def _changed(
    stretch: Stretch, stimuli: list[Stimulus], change: Change, start: State
) -> list[Stimulus]:
    if not isinstance(change, Drop) and any(isinstance(s, ShiftTime) for s in stimuli):
        raise UsageError("the host's clock was set meanwhile; a press can only be left out")
    if isinstance(change, Insert):
        if change.hold_ns < 1:
            raise UsageError(f"a hold of {change.hold_ns} ns; allowed is 1 ns and more")
        if change.at_ns < start.now_ns:
            raise UsageError("a press before the token was there, or before what is kept of it")
        edges: Sequence[Edge] = press_edges(change.at_ns, change.hold_ns, start.physics.damage)
        return _with(stimuli, edges)
    press = _press_of(stretch, change.sequence, start.config.profile.debounce_ns)
    others = [stimulus for stimulus in stimuli if not any(stimulus is edge for edge in press)]
    if isinstance(change, Drop):
        return others
    if press[0].at_ns + change.by_ns < start.now_ns:
        raise UsageError("a press moved before the token was there, or before what is kept of it")
    return _with(others, [edge._replace(at_ns=edge.at_ns + change.by_ns) for edge in press])


def _with(stimuli: list[Stimulus], edges: Iterable[Edge]) -> list[Stimulus]:
    merged = list(stimuli)
    for edge in edges:
        insort(merged, edge, key=lambda stimulus: stimulus.at_ns)
    return merged


def _press_of(stretch: Stretch, sequence: int, debounce_ns: int) -> list[Edge]:
    """Return the edges of the press that a record belongs to: its own, or those just before."""
    presses: list[list[Edge]] = []
    chosen: list[Edge] | None = None
    for record in stretch.records:
        event: Event = record.event
        if isinstance(event, Edge):
            if presses and not presses[-1][-1].closed and not event.closed:
                continue
            fresh = not presses or (
                event.closed
                and not presses[-1][-1].closed
                and event.at_ns - presses[-1][-1].at_ns >= debounce_ns
            )
            if fresh and not event.closed:
                continue
            if fresh:
                presses.append([])
            presses[-1].append(event)
        if record.sequence == sequence:
            if presses and isinstance(event, Edge | Accepted | Refused | Lit | Extended):
                chosen = presses[-1]
            break
    if chosen is None:
        raise UsageError(
            f"record {sequence} belongs to no press of this token; take one of kind edge,"
            " accepted, lit, extended or refused"
        )
    return _complete(chosen, stretch, debounce_ns)


def _complete(press: list[Edge], stretch: Stretch, debounce_ns: int) -> list[Edge]:
    """Add the edges that come after the record that was named."""
    edges = [r.event for r in stretch.records if isinstance(r.event, Edge)]
    place = next(i for i, edge in enumerate(edges) if edge is press[-1])
    for edge in edges[place + 1 :]:
        if edge.closed and not press[-1].closed and edge.at_ns - press[-1].at_ns >= debounce_ns:
            break
        press.append(edge)
    return press


def _run(
    state: State, stimuli: Iterable[Stimulus], to_ns: int, key: Key
) -> tuple[Future, list[Effect]]:
    seen: list[Effect] = []
    for stimulus in (*stimuli, Advance(to_ns)):
        state, effects = step(state, stimulus, key)
        seen += effects
    future = Future(
        digest(state),
        next_counter(state),
        tuple((effect.at_ns, effect.factor) for effect in seen if isinstance(effect, Lit)),
        tuple(
            (effect.at_ns, effect.reason.value) for effect in seen if isinstance(effect, Refused)
        ),
    )
    return future, seen


def _divergence(first: Sequence[Effect], second: Sequence[Effect]) -> int | None:
    for one, other in zip(first, second, strict=False):
        if one != other:
            return min(one.at_ns, other.at_ns)
    longer = max(first, second, key=len)
    shared = min(len(first), len(second))
    return longer[shared].at_ns if len(longer) > shared else None
