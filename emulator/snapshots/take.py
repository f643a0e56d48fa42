"""Taking a snapshot of a bench: of one token, some, or all; now, or as it was."""

from collections.abc import Collection, Mapping, Sequence

from emulator.annotations import ServerSeen
from emulator.bench import Bench
from emulator.errors import UsageError
from emulator.release import release
from emulator.serverview import ServerView
from emulator.snapshots.model import Snapshot, TokenSnapshot
from firmware_model.machine import step
from firmware_model.oath import Key
from firmware_model.state import State
from firmware_model.stimuli import Advance


def take(
    bench: Bench,
    serials: Sequence[str] | None = None,
    at: int | None = None,
    *,
    note: str = "",
) -> Snapshot:
    """Take a snapshot; the bench goes on as if nothing had been.

    What is not in a token is not in it either: who holds the button down (but that it is
    down), and armed faults.

    Args:
        bench: the bench.
        serials: which tokens; ``None``: all that are on it.
        at: as of which record of the journal; ``None``: now.
        note: what to say about it, on one line.

    Returns:
        The snapshot, secrets included: they are in memory, and not in its ``repr``.

    Raises:
        UsageError: no such token, none at all, a note that is too long, or the journal
            goes no longer back to ``at``.
        StateError: a token's flash has failed.
    """
    chosen = bench.serials() if serials is None else tuple(dict.fromkeys(serials))
    if not chosen:
        raise UsageError("a snapshot of no token; put one on the bench, or name one")
    if at is None:
        states = [bench.state(serial) for serial in chosen]
    else:
        states = [bench.state_at(serial, at) for serial in chosen]
    now_ns = max(state.now_ns for state in states)
    views = _views(bench, chosen, at)
    tokens = tuple(
        TokenSnapshot.of(_until(state, now_ns), views.get(serial))
        for serial, state in zip(chosen, states, strict=True)
    )
    return Snapshot(
        now_ns=now_ns,
        clock_mode=bench.clock_mode,
        rate=bench.rate,
        sequence=bench.journal.visible if at is None else at,
        galh=release(),
        tokens=tokens,
        note=note,
    )


def _until(state: State, now_ns: int) -> State:
    """Bring a token to the moment of all: on a real clock some µs lie between two looks."""
    if state.now_ns == now_ns:
        return state
    return step(state, Advance(now_ns), Key(state.config.secret, state.config.algorithm))[0]


def _views(
    bench: Bench, serials: Collection[str], at: int | None
) -> Mapping[str, ServerView | None]:
    """Return what servers believed of tokens then."""
    if at is None:
        return {serial: bench.server_view(serial) for serial in serials}
    until = at
    seen = bench.journal.read(
        0,
        until,
        serials=serials,
        chosen=lambda record: isinstance(record.event, ServerSeen) and record.sequence <= until,
    )
    return {r.serial: r.event.view for r in seen if isinstance(r.event, ServerSeen)}
