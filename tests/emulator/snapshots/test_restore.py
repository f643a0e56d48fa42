"""Restoring: the same again, on this bench or another, with these secrets or others."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import ConflictError, StateError, UsageError
from emulator.serverview import ServerView
from emulator.snapshots import (
    Restored,
    Snapshot,
    SnapshotError,
    SnapshotKey,
    load,
    restore,
    save,
    start_ns,
    take,
)
from emulator.statedir import StateDir
from emulator.testing import HandHost
from firmware_model import GALH, GALT, Mode, Secret, configure
from firmware_model.codec import digest, to_json
from firmware_model.damage import Damage
from firmware_model.physics import new_physics
from firmware_model.state import token_time
from firmware_model.stimuli import BatteryOut, BitRot, Drain, Harm

SERIAL = "GALH00000042"
TIME_SERIAL = "GALT00000007"
MS = 1_000_000
S = 1_000 * MS
HOUR = 3_600 * S
OTHER = Secret(b"another secret, 20 b")


def fresh(snapshot: Snapshot) -> Bench:
    """Return an empty bench at a snapshot's time."""
    return Bench(VirtualClock(start_ns(snapshot)))


def left_out(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot without its secrets."""
    return replace(snapshot, tokens=tuple(replace(t, secret=None) for t in snapshot.tokens))


def debouncing(bench: Bench, serial: str) -> None:
    """Close the contact just now."""
    bench.down(serial)
    bench.advance(5 * MS)


def computing(bench: Bench, serial: str) -> None:
    """Hold the button until the token computes."""
    bench.down(serial)
    bench.advance(40 * MS)


def lit(bench: Bench, serial: str) -> None:
    """Press."""
    bench.press(serial)
    bench.advance(3 * S)


def error(bench: Bench, serial: str) -> None:
    """Lose both counter slots."""
    for offset in (0xC8, 0xE8):
        bench.happen(serial, BitRot(0, offset, 1))
    bench.reset(serial)


def empty(bench: Bench, serial: str) -> None:
    """Drain the battery until nothing works."""
    bench.happen(serial, Drain(0, GALH.battery_uah * 3_600 * S * 1_000))
    bench.press(serial)


def idle(_bench: Bench, _serial: str) -> None:
    """Do nothing."""


SITUATIONS: list[Callable[[Bench, str], None]] = [
    idle,
    debouncing,
    computing,
    lit,
    lambda bench, serial: bench.happen(serial, BatteryOut(0)),
    lambda bench, serial: bench.happen(serial, Harm(0, Damage(dead=(3,), jammed=True))),
    error,
    empty,
]


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("sealed", [True, False])
def test_the_same_on_another_bench(
    bench: Bench,
    situation: Callable[[Bench, str], None],
    tmp_path: Path,
    passphrase: Callable[[str], SnapshotKey],
    *,
    sealed: bool,
) -> None:
    """Through a file, to a fresh bench at its time: the same digests, and the same futures."""
    for serial in bench.serials():
        situation(bench, serial)
    path = tmp_path / "bug.galh-snapshot.json"
    save(path, take(bench), key=passphrase("open sesame"))
    snapshot = load(path, passphrase("open sesame") if sealed else None)
    other = fresh(snapshot)
    result = restore(other, snapshot)
    keys = {token.serial: token.key_id for token in snapshot.tokens}
    for wait_ns in (0, 2 * S, 100 * S):
        for some in (bench, other):
            some.advance(wait_ns)
        for serial, key_id in keys.items():
            assert bench.digest(serial) == digest(other.state(serial), key_id=key_id)
            mine, theirs = bench.look(serial), other.look(serial)
            assert mine.counter == theirs.counter
            assert not sealed or mine.lcd == theirs.lcd
    assert Restored(snapshot.serials, () if sealed else snapshot.serials, 0) == result


def test_all_modes_are_tried(bench: Bench) -> None:
    """The situations above are of as many modes as it says."""
    seen = set()
    for situation in SITUATIONS:
        some = Bench(VirtualClock(bench.now_ns()))
        some.open(bench.config(SERIAL))
        situation(some, SERIAL)
        seen.add(some.state(SERIAL).mode)
    modes = {Mode.ASLEEP, Mode.DEBOUNCING, Mode.COMPUTING, Mode.LIT, Mode.OFF, Mode.ERROR}
    assert modes <= seen


def test_as_it_was_at_a_record(bench: Bench) -> None:
    """A snapshot as of an earlier record brings back what was then."""
    bench.press(SERIAL)
    at = bench.journal.visible
    was = digest(bench.state_at(SERIAL, at))
    bench.advance(40 * S)
    bench.press(SERIAL)
    snapshot = take(bench, [SERIAL], at)
    other = fresh(snapshot)
    restore(other, snapshot)
    assert was == other.digest(SERIAL)
    assert 1 == other.look(SERIAL).counter


def test_server_view_comes_back(bench: Bench) -> None:
    """What a server believed of a token is believed again."""
    view = ServerView(name="ward", next_counter=3)
    bench.set_server_view(SERIAL, view)
    snapshot = take(bench)
    other = fresh(snapshot)
    restore(other, snapshot)
    assert view == other.server_view(SERIAL)


# Time.


def test_to_a_later_bench(bench: Bench) -> None:
    """On a later bench all times move along: nothing ages, and drift and the code stay."""
    physics = new_physics(GALT, bench.now_ns(), tolerance_ppb=4_000, offset_ns=12 * S)
    bench.open(configure("GALT00000012", GALT, OTHER), physics=physics)
    bench.press("GALT00000012")
    bench.advance(10 * S)
    was, snapshot = bench.state("GALT00000012"), take(bench)
    remaining_ns = bench.look("GALT00000012").remaining_ns
    bench.advance(1_000 * HOUR)
    assert 1_000 * HOUR == restore(bench, snapshot).moved_ns
    now = bench.state("GALT00000012")
    assert token_time(was) - was.now_ns == token_time(now) - now.now_ns
    assert was.factor == now.factor
    assert remaining_ns == bench.look("GALT00000012").remaining_ns
    assert was.used == now.used


def test_to_an_earlier_bench_with_nobody_left_behind(bench: Bench) -> None:
    """A virtual bench goes to the snapshot's time if all of its tokens come back."""
    start = bench.now_ns()
    bench.advance(HOUR)
    snapshot = take(bench)
    other = Bench(VirtualClock(start))
    other.open(bench.config(SERIAL))
    assert 0 == restore(other, snapshot).moved_ns
    assert snapshot.now_ns == other.now_ns()
    assert [t.digest for t in snapshot.tokens] == [other.digest(s) for s in snapshot.serials]


def test_to_an_earlier_bench_with_others_on_it(bench: Bench) -> None:
    """Tokens that don't come back are left in their time; those that do are moved."""
    start = bench.now_ns()
    bench.advance(HOUR)
    snapshot = take(bench, [SERIAL])
    other = Bench(VirtualClock(start))
    other.open(bench.config(TIME_SERIAL))
    assert -HOUR == restore(other, snapshot).moved_ns
    assert start == other.now_ns()


def test_to_an_earlier_real_bench(bench: Bench) -> None:
    """A real clock doesn't jump: the tokens are moved."""
    start = bench.now_ns()
    bench.advance(HOUR)
    snapshot = take(bench)
    other = Bench(RealClock(HandHost(start)))
    assert -HOUR == restore(other, snapshot).moved_ns
    assert start == other.now_ns()
    assert 0 == other.look(SERIAL).counter


def test_the_start_of_a_bench(bench: Bench) -> None:
    """A bench starts at the snapshot's time, but never before what is kept."""
    snapshot = take(bench)
    now_ns = snapshot.now_ns
    assert now_ns == start_ns(snapshot) == start_ns(snapshot, now_ns - 5)
    assert now_ns + 5 == start_ns(snapshot, now_ns + 5)


# Secrets.


def test_tokens_on_the_bench_know_their_secrets(bench: Bench) -> None:
    """A token that is on the bench goes on with the same key, without the file's."""
    bench.press(SERIAL)
    snapshot = take(bench)
    bench.advance(40 * S)
    bench.press(SERIAL)
    secrets = [bench.config(serial).secret for serial in snapshot.serials]
    assert () == restore(bench, left_out(snapshot)).rekeyed
    assert secrets == [bench.config(serial).secret for serial in snapshot.serials]
    assert 1 == bench.look(SERIAL).counter


def test_token_of_another_key_on_the_bench(bench: Bench) -> None:
    """A token of the same serial number and another key doesn't lend its secret."""
    snapshot = left_out(take(bench, [SERIAL]))
    other = fresh(snapshot)
    other.open(configure(SERIAL, GALH, OTHER))
    assert (SERIAL,) == restore(other, snapshot).rekeyed
    assert OTHER != other.config(SERIAL).secret


def test_new_secrets_are_drawn(bench: Bench) -> None:
    """A new secret has the length of its hash, and comes from the source that is given."""
    snapshot = left_out(take(bench, [SERIAL]))
    other = fresh(snapshot)
    restore(other, snapshot, random=lambda count: b"R" * count)
    assert Secret(b"R" * 20) == other.config(SERIAL).secret


def test_secrets_that_are_given(bench: Bench) -> None:
    """A secret that is given counts, be it the token's own or another one."""
    snapshot = left_out(take(bench))
    own = bench.config(SERIAL).secret
    other = fresh(snapshot)
    result = restore(other, snapshot, {SERIAL: own, TIME_SERIAL: OTHER})
    assert (TIME_SERIAL,) == result.rekeyed
    assert [own, OTHER] == [other.config(serial).secret for serial in snapshot.serials]


def test_rekeyed_token_goes_on(bench: Bench) -> None:
    """A re-keyed token shows codes of its new key from the counter where it was."""
    bench.press(SERIAL)
    snapshot = left_out(take(bench, [SERIAL]))
    other = fresh(snapshot)
    restore(other, snapshot, {SERIAL: Secret(b"12345678901234567890")})
    other.advance(40 * S)
    # RFC 4226 appendix D, counter 1.
    assert "287082" == other.press(SERIAL).result.code


# All or nothing.


def test_some_of_its_tokens(bench: Bench) -> None:
    """Only the tokens that are asked for come back."""
    snapshot = take(bench)
    other = fresh(snapshot)
    assert (TIME_SERIAL,) == restore(other, snapshot, serials=[TIME_SERIAL]).serials
    assert (TIME_SERIAL,) == other.serials()
    with pytest.raises(UsageError, match="no token 'GALH00000001' in the snapshot"):
        restore(other, snapshot, serials=["GALH00000001"])


def test_one_that_is_damaged(bench: Bench) -> None:
    """If one token can't be read, none is restored, and no time passes."""
    bench.advance(HOUR)
    snapshot = take(bench)
    last = replace(snapshot.tokens[1], digest="0" * 64)
    other = Bench(VirtualClock(snapshot.now_ns - HOUR))
    with pytest.raises(SnapshotError, match="than its digest says"):
        restore(other, replace(snapshot, tokens=(snapshot.tokens[0], last)))
    assert () == other.serials()
    assert snapshot.now_ns - HOUR == other.now_ns()


def test_one_that_is_ahead(bench: Bench) -> None:
    """A token later than its snapshot is refused."""
    snapshot = take(bench)
    with pytest.raises(SnapshotError, match="ahead of its time"):
        restore(bench, replace(snapshot, now_ns=snapshot.now_ns - 1))


def test_another_profile(bench: Bench) -> None:
    """A token that is another product by now is not overwritten."""
    snapshot = take(bench, [SERIAL])
    other = fresh(snapshot)
    other.open(configure(SERIAL, replace(GALH, name="MINE"), OTHER))
    with pytest.raises(ConflictError, match="on the bench with profile MINE"):
        restore(other, snapshot)
    assert OTHER == other.config(SERIAL).secret


def test_moved_out_of_time(bench: Bench) -> None:
    """Times that can't be moved are refused before anything happens."""
    snapshot = take(bench, [SERIAL])
    state = bench.state(SERIAL)
    state = state._replace(physics=new_physics(GALH, -4_000_000_000 * S))
    old = replace(snapshot.tokens[0], state=to_json(state), digest=digest(state))
    other = Bench(RealClock(HandHost(-4_500_000_000 * S)))
    with pytest.raises(UsageError, match="can't be moved to the bench's time"):
        restore(other, replace(snapshot, tokens=(old,)))
    assert () == other.serials()


# Kept tokens.


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateDir]:
    """Return a state directory."""
    with StateDir(tmp_path / "state") as made:
        yield made


def test_kept_as_a_new_lineage(store: StateDir) -> None:
    """The image that says which counters were used stays; the restored one is beside it."""
    bench = Bench(VirtualClock(0), store=store)
    bench.open(configure(SERIAL, GALH, OTHER))
    snapshot = take(bench)
    bench.press(SERIAL)
    first = (store.path / "tokens" / SERIAL / "0001.nvm").read_bytes()
    restore(bench, snapshot)
    bench.close()
    assert first == (store.path / "tokens" / SERIAL / "0001.nvm").read_bytes()
    again = Bench(VirtualClock(store.now_ns or 0), store=store)
    again.load(SERIAL)
    assert 0 == again.look(SERIAL).counter


def test_full_disk(store: StateDir, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full half-way, the error says which tokens are back."""
    snapshot = take(bench)
    other = Bench(VirtualClock(snapshot.now_ns), store=store)
    create = StateDir.create

    def full(self: StateDir, state: object) -> object:
        if self.serials():
            raise StateError("No space left on device")
        return create(self, state)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(StateDir, "create", full)
    with pytest.raises(StateError, match=rf"only 1 of 2 .*\({SERIAL}\), then {TIME_SERIAL}"):
        restore(other, snapshot)
    assert (SERIAL,) == other.serials()


@given(presses=st.lists(st.integers(0, 60 * S), max_size=6), later_ns=st.integers(0, 1_000 * HOUR))
def test_moved_tokens_live_on_alike(presses: list[int], later_ns: int) -> None:
    """However much later a snapshot is restored, the same presses do the same."""
    bench = Bench(VirtualClock(0))
    bench.open(configure(SERIAL, GALH, OTHER))
    for wait_ns in presses:
        bench.advance(wait_ns)
        bench.press(SERIAL)
    snapshot = take(bench)
    later = Bench(VirtualClock(snapshot.now_ns + later_ns))
    restore(later, snapshot)
    for some in (bench, later):
        some.advance(17 * S)
    mine, theirs = (some.press(SERIAL).result for some in (bench, later))
    assert replace(mine, at_ns=0) == replace(theirs, at_ns=0)
    assert later_ns == theirs.at_ns - mine.at_ns
