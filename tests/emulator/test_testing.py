"""The doubles that ship with the emulator."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import StateError
from emulator.flash import Flash, commit
from emulator.testing import FaultyFlash, HandHost, PowerCut, Survivor

WRITES = st.lists(st.tuples(st.integers(0, 7), st.binary(min_size=1, max_size=4)), max_size=4)


def test_it_is_a_flash() -> None:
    """With no fault asked for, it is as good as any."""
    flash: Flash = FaultyFlash(bytes(8))
    commit(flash, 2, b"ab")
    assert flash.read() == b"\0\0ab\0\0\0\0"


@given(WRITES, WRITES, st.randoms(use_true_random=False))
def test_what_is_synced_stays(
    synced: list[tuple[int, bytes]], since: list[tuple[int, bytes]], choices: random.Random
) -> None:
    """A crash changes no byte that no write since the last sync was for."""
    flash = FaultyFlash(bytes(12))
    for offset, data in synced:
        flash.write(offset, data)
    flash.sync()
    durable = flash.durable
    for offset, data in since:
        flash.write(offset, data)
    left = flash.crash(choices)
    touched = {at for offset, data in since for at in range(offset, offset + len(data))}
    assert [left[i] for i in range(12) if i not in touched] == [
        durable[i] for i in range(12) if i not in touched
    ]


def test_a_crash_loses_tears_and_reorders() -> None:
    """Over many crashes everything that may be left of two writes is left."""
    left = set()
    for seed in range(500):
        flash = FaultyFlash(bytes(2))
        flash.write(0, b"ab")
        flash.write(0, b"cd")
        left.add(flash.crash(random.Random(seed)))  # noqa: S311  # no secret
    assert left == {
        *(b"\0\0", b"a\0", b"ab", b"c\0", b"cd"),
        *(b"cb",),  # the second torn over the first
        *(b"ad",),  # the first, late and torn, over the second
    }


def test_a_crash_is_repeatable() -> None:
    """The same choices leave the same."""

    def crash() -> bytes:
        flash = FaultyFlash(bytes(64))
        for i in range(8):
            flash.write(8 * i, bytes([i + 1]) * 8)
        return flash.crash(random.Random(7))  # noqa: S311  # no secret

    assert crash() == crash()


def test_survivors_can_be_named() -> None:
    """A test that counts every case says itself what got through."""
    flash = FaultyFlash(bytes(4))
    flash.write(0, b"ab")
    flash.write(2, b"cd")
    assert list(flash.pending) == [(0, b"ab"), (2, b"cd")]
    assert flash.surviving([Survivor(1, 2), Survivor(0, 1)]) == b"a\0cd"


def test_power_fails_in_the_operation_asked_for() -> None:
    """The write that is cut may have been made; a sync that is cut was not."""
    flash = FaultyFlash(bytes(2))
    flash.cut_at = 2
    flash.write(0, b"a")
    with pytest.raises(PowerCut):
        flash.sync()
    assert (flash.durable, len(flash.pending)) == (b"\0\0", 1)
    with pytest.raises(PowerCut):
        flash.write(1, b"b")


def test_a_failing_sync_makes_nothing_durable() -> None:
    """A disk that reports an error has kept nothing for sure."""
    flash = FaultyFlash(bytes(2))
    flash.failing = True
    with pytest.raises(StateError):
        commit(flash, 0, b"a")
    assert flash.durable == b"\0\0"


def test_the_host_moves_when_told() -> None:
    """Both clocks pass time together, and are set apart."""
    host = HandHost(100)
    host.pass_time(5)
    host.set_utc(7)
    assert host() == (7, 5, "host")
