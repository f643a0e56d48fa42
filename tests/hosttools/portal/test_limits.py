"""How often somebody may try."""

import contextlib

import pytest

from hosttools.portal import Portal, Refusal, Why, limits
from hosttools.refserver.http.clock import ServerClock

NS = 1_000_000_000


def take(portal: Portal, key: str = "key", most: int = 2) -> None:
    """Try once, of twice in a minute."""
    with portal.db.write() as at:
        limits.take(portal, at, key, most=most, within_s=60)


@pytest.fixture
def full(portal: Portal, clock: ServerClock) -> Portal:
    """Return a portal where the second of two attempts was 10 s after the first."""
    take(portal)
    clock.set(clock.now_ns() + 10 * NS)
    take(portal)
    return portal


def test_refuses_one_too_many(full: Portal) -> None:
    """It says for how long, and programs are told too."""
    with pytest.raises(Refusal, match="Try again in 50 s") as caught:
        take(full)

    assert (Why.TOO_MANY, 50 * NS) == (caught.value.code, caught.value.wait_ns)


def test_keys_are_apart(full: Portal) -> None:
    """What one tried is no matter of another's."""
    take(full, "another")


def test_an_attempt_is_forgotten_in_time(full: Portal, clock: ServerClock) -> None:
    """To the nanosecond, and only that one."""
    clock.set(clock.now_ns() + 50 * NS - 1)
    with pytest.raises(Refusal):
        take(full)
    clock.set(clock.now_ns() + 1)
    take(full)
    with pytest.raises(Refusal, match="10 s"):
        take(full)


def test_trying_on_does_not_make_it_longer(full: Portal, clock: ServerClock) -> None:
    """Who is over the limit waits as long as without it."""
    for _ in range(5):
        with pytest.raises(Refusal):
            take(full)
    clock.set(clock.now_ns() + 50 * NS)

    take(full)


def test_success_clears(full: Portal) -> None:
    """Or gives one back."""
    with full.db.write() as at:
        limits.give_back(at, "key")
    take(full)
    with full.db.write() as at:
        limits.clear(at, "key")
    take(full)
    take(full)


def test_is_kept_in_the_database(full: Portal) -> None:
    """A refusal in a change undoes the change; what was counted before stays."""
    with contextlib.suppress(Refusal), full.db.write() as at:
        limits.clear(at, "key")
        limits.take(full, at, "key", most=1, within_s=60)
        limits.take(full, at, "key", most=1, within_s=60)

    with pytest.raises(Refusal):
        take(full)


def test_a_clock_that_was_set_back(full: Portal, clock: ServerClock) -> None:
    """Attempts of its future do not lock anybody out."""
    clock.set(clock.now_ns() - 3600 * NS)

    take(full)


def test_long_waits_are_told_in_minutes(portal: Portal) -> None:
    """Rounded up."""
    with portal.db.write() as at:
        limits.take(portal, at, "key", most=1, within_s=301)
        with pytest.raises(Refusal, match="6 minutes"):
            limits.take(portal, at, "key", most=1, within_s=301)
