"""Putting a snapshot's tokens back on a bench.

Everything is read and checked before the first token is touched. A token that is on
the bench begins a new lineage; what it was stays where it is kept.

Time: a bench is at the snapshot's time or goes there if nothing on it is left behind,
and then every token is to the last bit what it was. Else every time of the tokens
moves along to the bench's: nothing ages, a clock that was 12 s fast is 12 s fast.
"""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from emulator.bench import Bench
from emulator.clock import format_utc
from emulator.errors import ConflictError, EmulatorError, StateError, UsageError
from emulator.snapshots.errors import SnapshotError
from emulator.snapshots.model import Snapshot, TokenSnapshot
from firmware_model.errors import StimulusError
from firmware_model.machine import step
from firmware_model.nvm import Config
from firmware_model.oath import Algorithm, Key, Secret
from firmware_model.state import State
from firmware_model.stimuli import ShiftTime

SECRET_BYTES: Final[Mapping[Algorithm, int]] = {
    Algorithm.SHA1: 20,
    Algorithm.SHA256: 32,
    Algorithm.SHA512: 64,
}
"""Length of a new secret: that of the hash's output, as RFC 4226 section 4 R6 and RFC 6238
section 5.1 advise."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a snapshot.

    Attributes:
        serials: the tokens that were put on the bench.
        rekeyed: those of them that have another secret than they had.
        moved_ns: by how much every time of theirs was moved.
    """

    serials: tuple[str, ...]
    rekeyed: tuple[str, ...]
    moved_ns: int


def start_ns(snapshot: Snapshot, resume_ns: int | None = None) -> int:
    """Return where a virtual clock starts for a snapshot to be restored as it was.

    Args:
        snapshot: the snapshot.
        resume_ns: bench time that is kept with the tokens; ``None``: none is. Time never
            runs back.
    """
    return snapshot.now_ns if resume_ns is None else max(snapshot.now_ns, resume_ns)


def restore(
    bench: Bench,
    snapshot: Snapshot,
    secrets: Mapping[str, Secret] | None = None,
    *,
    serials: Collection[str] | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> Restored:
    """Put a snapshot's tokens on a bench.

    A token's secret is, in this order: the one given, the one in the snapshot, the one
    of the token of that serial number on the bench if it is the same key, or a new one.

    Args:
        bench: the bench.
        snapshot: see :func:`emulator.snapshots.load`.
        secrets: secrets by serial number; one that is not the token's own re-keys it.
        serials: which of its tokens; ``None``: all.
        random: draws the bytes of new secrets.

    Raises:
        UsageError: no such token in the snapshot, or its times can't be moved so far.
        ConflictError: a token on the bench has another profile.
        SnapshotError: a state that can't be. In all these cases nothing has changed.
        StateError: a token can't be kept; the message says which were restored before.
    """
    tokens = _chosen(snapshot, serials)
    present = {serial: bench.config(serial) for serial in bench.serials()}
    states = {
        token.serial: _state(token, present.get(token.serial), secrets or {}, random)
        for token in tokens
    }
    for serial, state in states.items():
        if state.now_ns > snapshot.now_ns:
            raise SnapshotError(f"token {serial} of the snapshot is ahead of its time")
    now_ns = bench.now_ns()
    ahead_ns = snapshot.now_ns - now_ns
    goes_there = bench.clock_mode != "real" and ahead_ns >= 0 and present.keys() <= states.keys()
    moved_ns = 0 if goes_there else -ahead_ns
    moved = {serial: _moved(state, moved_ns) for serial, state in states.items()}
    if goes_there:
        bench.advance(ahead_ns)
    _put(bench, moved, f"restored from a snapshot of {format_utc(snapshot.now_ns)}")
    for token in tokens:
        if token.view is not None:
            bench.set_server_view(token.serial, token.view)
    rekeyed = [t.serial for t in tokens if states[t.serial].config.key_id != t.key_id]
    return Restored(tuple(states), tuple(rekeyed), moved_ns)


def _chosen(snapshot: Snapshot, serials: Collection[str] | None) -> list[TokenSnapshot]:
    if serials is None:
        return list(snapshot.tokens)
    by_serial = {token.serial: token for token in snapshot.tokens}
    for serial in serials:
        if serial not in by_serial:
            there = ", ".join(snapshot.serials[:8])
            raise UsageError(f"no token {serial!r} in the snapshot; there are {there}")
    return [by_serial[serial] for serial in dict.fromkeys(serials)]


def _state(
    token: TokenSnapshot,
    on_bench: Config | None,
    secrets: Mapping[str, Secret],
    random: Callable[[int], bytes],
) -> State:
    """Read a token with the secret that it will have."""
    given = secrets.get(token.serial)
    if given is None or token.erased:
        known = (token.secret, None if on_bench is None else on_bench.secret)
        given = token.own_secret(secret for secret in known if secret is not None)
    if given is None:
        given = Secret(random(SECRET_BYTES[token.algorithm]))
    state = token.read(given)
    if on_bench is not None and on_bench.profile != state.config.profile:
        raise ConflictError(
            f"token {token.serial} is on the bench with profile {on_bench.profile.name}, in the"
            f" snapshot with another, {state.config.profile.name}; remove it first, or use"
            " another bench"
        )
    return state


def _moved(state: State, by_ns: int) -> State:
    """Move every time of a token along; nothing ages."""
    if not by_ns:
        return state
    key = Key(state.config.secret, state.config.algorithm)
    try:
        return step(state, ShiftTime(state.now_ns, by_ns), key)[0]
    except StimulusError as e:
        raise UsageError(
            f"token {state.config.serial} can't be moved to the bench's time: {e}; start a bench"
            " at the snapshot's"
        ) from None


def _put(bench: Bench, states: Mapping[str, State], why: str) -> None:
    done: list[str] = []
    for serial, state in states.items():
        try:
            bench.put(state, why)
        except EmulatorError as e:
            raise StateError(
                f"only {len(done)} of {len(states)} tokens were restored"
                f" ({', '.join(done[:8]) or 'none'}), then {serial} failed: {e}"
            ) from e
        done.append(serial)
