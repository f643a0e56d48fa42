"""Snapshots as values: what they show, what they refuse."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from emulator.errors import UsageError
from emulator.serverview import ServerView
from emulator.snapshots import Snapshot, SnapshotError, TokenSnapshot
from emulator.snapshots.model import canonical
from firmware_model import GALH, Algorithm, Secret, State, configure, manufacture
from firmware_model.codec import digest
from firmware_model.machine import step
from firmware_model.oath import Key
from firmware_model.profile import Loss
from firmware_model.state import next_counter
from firmware_model.stimuli import CaseOpened

OTHER = Secret(b"another secret, 20 b")


def test_round_trip(snapshot: Snapshot) -> None:
    """A snapshot comes back from its mapping as it was, but without secrets."""
    tokens = tuple(replace(token, secret=None) for token in snapshot.tokens)
    again = Snapshot.from_mapping(json.loads(canonical(snapshot.to_mapping())))
    assert replace(snapshot, tokens=tokens) == again


def test_server_view_is_in_it(states: list[State]) -> None:
    """What a server believed of a token is part of it."""
    view = ServerView(name="ward", next_counter=3, look_ahead=10)
    token = TokenSnapshot.of(states[0], view)
    assert view == TokenSnapshot.from_mapping(token.to_mapping()).view


def test_repr_holds_no_secret(snapshot: Snapshot) -> None:
    """Neither repr nor str says the secret, nor the long state."""
    raw = states_secret(snapshot)
    for text in (repr(snapshot), str(snapshot.tokens[0]), f"{snapshot}"):
        assert raw.decode() not in text
        assert raw.hex() not in text
        assert base64.b64encode(raw).decode() not in text
        assert "slot_a" not in text


def states_secret(snapshot: Snapshot) -> bytes:
    """Return the bytes of the first token's secret."""
    secret = snapshot.tokens[0].secret
    assert secret is not None
    return secret.reveal()


def test_own_secret_is_found(snapshot: Snapshot) -> None:
    """Among several secrets the token's own is known by the name of its key."""
    token = snapshot.tokens[0]
    assert token.secret is not None
    assert token.secret == token.own_secret([OTHER, token.secret])
    assert token.own_secret([OTHER]) is None


def test_read_with_its_own_secret(snapshot: Snapshot, states: list[State]) -> None:
    """With its own secret the state is what it was."""
    for token, state in zip(snapshot.tokens, states, strict=True):
        assert token.secret is not None
        assert state == token.read(token.secret)


def test_read_with_another_secret(snapshot: Snapshot, states: list[State]) -> None:
    """With another secret counter and times stay, and so does the digest by the old key id."""
    for token, state in zip(snapshot.tokens, states, strict=True):
        other = token.read(OTHER)
        assert OTHER == other.config.secret
        assert next_counter(state) == next_counter(other)
        assert (state.now_ns, state.physics) == (other.now_ns, other.physics)
        assert token.digest != digest(other)
        assert token.digest == digest(other, key_id=token.key_id)


@pytest.mark.parametrize("length", [10, 20, 64])
def test_a_token_without_a_secret_needs_none(length: int) -> None:
    """A token that has lost its secret is itself again without one being given."""
    profile = replace(GALH, case_opened=Loss.SECRET)
    config = configure("GALH00000042", profile, Secret.again(b"x" * length))
    state = step(manufacture(config, 0), CaseOpened(0), Key(config.secret))[0]
    token = TokenSnapshot.of(state)
    own = token.own_secret([])
    assert token.erased
    assert own is not None
    assert state == token.read(own)


def test_a_profile_travels_along() -> None:
    """A token of a profile that nobody here knows is read."""
    profile = replace(GALH, name="MINE", lit_ns=7_000_000_000)
    state = manufacture(configure("GALH00000042", profile, OTHER), 0)
    token = TokenSnapshot.from_mapping(TokenSnapshot.of(state).to_mapping())
    assert profile == token.read(OTHER).config.profile


def test_every_algorithm() -> None:
    """The algorithm is known without reading the state."""
    for algorithm in Algorithm:
        config = configure("GALH00000042", GALH, OTHER, algorithm=algorithm)
        assert algorithm is TokenSnapshot.of(manufacture(config, 0)).algorithm


@pytest.mark.parametrize("note", ["x" * 501, "two\nlines", "\x1b[31mred"])
def test_note(snapshot: Snapshot, note: str) -> None:
    """A note is short and printable, so that a list of snapshots is one."""
    with pytest.raises(UsageError, match="note"):
        replace(snapshot, note=note)


def changed(snapshot: Snapshot, **changes: object) -> dict[str, Any]:
    """Return a snapshot's mapping with parts replaced."""
    mapping: dict[str, Any] = snapshot.to_mapping()
    return mapping | changes


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"clock": {"mode": "sundial", "rate": "1"}}, "unknown clock mode"),
        ({"clock": {"mode": "real", "rate": "1/0"}}, "wrong type"),
        ({"clock": {"mode": "real", "rate": "1e9"}}, "clock rate"),
        ({"clock": None}, "wrong type"),
        ({"now_ns": 2**62 * 3}, "now_ns must be"),
        ({"now_ns": True}, "now_ns must be"),
        ({"sequence": -1}, "sequence must be"),
        ({"galh": "\x1b"}, "release"),
        ({"note": 5}, "note"),
        ({"tokens": []}, "without tokens"),
        ({"tokens": {}}, "without tokens"),
        ({"tokens": [5]}, "wrong type"),
        ({"tokens": [{}]}, "missing"),
    ],
)
def test_impossible_snapshot(snapshot: Snapshot, change: dict[str, Any], complaint: str) -> None:
    """A snapshot that can't be is refused with the reason."""
    with pytest.raises(SnapshotError, match=complaint):
        Snapshot.from_mapping(changed(snapshot, **change))


def test_token_that_is_in_it_twice(snapshot: Snapshot) -> None:
    """A token can be in a snapshot once."""
    tokens = [snapshot.tokens[0].to_mapping()] * 2
    with pytest.raises(SnapshotError, match="twice"):
        Snapshot.from_mapping(changed(snapshot, tokens=tokens))


@pytest.mark.parametrize(
    ("server", "complaint"),
    [([], "server view"), (["name"], "wrong type"), (5, "wrong type"), ({"name": ""}, "server")],
)
def test_impossible_view(snapshot: Snapshot, server: object, complaint: str) -> None:
    """A server view that can't be is refused."""
    token = snapshot.tokens[0].to_mapping() | {"server": server}
    with pytest.raises(SnapshotError, match=complaint):
        TokenSnapshot.from_mapping(token)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"counter": 5}, "than its digest says"),
        ({"mode": "LIT"}, "damaged"),
        ({"profile": {}}, "damaged"),
        ({"profile": None}, "damaged"),
        ({"profile": {"base": "GALH"}}, "damaged"),
    ],
)
def test_impossible_state(snapshot: Snapshot, change: dict[str, Any], complaint: str) -> None:
    """A state that can't be, or another than the digest's, is refused when it is read."""
    mapping = snapshot.tokens[0].to_mapping()
    mapping["state"] |= change
    with pytest.raises(SnapshotError, match=complaint):
        TokenSnapshot.from_mapping(mapping).read(OTHER)


def test_view_of_the_other_type(states: list[State]) -> None:
    """A server view with steps for an event token, or a counter for a time token, is refused."""
    views = (ServerView(name="ward", step_offset=3), ServerView(name="ward", next_counter=3))
    for state, view in zip(states, views, strict=True):
        with pytest.raises(SnapshotError, match="of the other token type"):
            TokenSnapshot.of(state, view).read(OTHER)
