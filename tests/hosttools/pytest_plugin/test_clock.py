"""The clock of a test: elapsed time passes, a freeze that comes or goes sets it."""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import Reading
from emulator.errors import ClockError
from hosttools.pytest_plugin.clock import FollowingClock, Moved
from hosttools.pytest_plugin.freezes import current_freeze


@dataclass
class HandFreeze:
    """A freeze that is moved by hand; counts microseconds, as the libraries do."""

    now_ns: int
    key: object = field(default_factory=object)

    def time_ns(self) -> int:
        """Return how late it is."""
        return self.now_ns

    def move(self, by_ns: int) -> None:
        """Let it go forward."""
        self.now_ns += -(-by_ns // 1_000) * 1_000


class Host:
    """A host whose time somebody freezes."""

    def __init__(self) -> None:
        self.freeze: HandFreeze | None = None
        self.moves: list[Moved] = []
        self.clock = FollowingClock(1_000, lambda: self.freeze, self.moves.append)


def test_stands_until_it_jumps() -> None:
    """Without a freeze it stands, and goes where it is told, never back."""
    host = Host()
    host.clock.jump(5_000)
    host.clock.jump(4_000)

    assert Reading(5_000) == host.clock.read()
    assert [Moved(4_000)] == host.moves


def test_freeze_sets_it_and_its_end_sets_it_back() -> None:
    """Entering and leaving a freeze elapses nothing."""
    host = Host()
    host.freeze = HandFreeze(9_000_000)
    assert Reading(1_000, 8_999_000) == host.clock.read()
    host.freeze.now_ns += 70_000
    assert Reading(9_070_000) == host.clock.read()
    host.freeze = None
    assert Reading(9_070_000, -9_069_000) == host.clock.read()
    assert Reading(1_000) == host.clock.read()


def test_another_freeze_sets_it() -> None:
    """A freeze within a freeze is another, and so is the one it returns to."""
    host = Host()
    host.freeze = outer = HandFreeze(10_000)
    host.clock.read()
    host.freeze = HandFreeze(90_000)
    assert Reading(10_000, 80_000) == host.clock.read()
    host.freeze = outer
    assert Reading(90_000, -80_000) == host.clock.read()


def test_a_freeze_turned_back_sets_it() -> None:
    """Time that is moved back has not passed."""
    host = Host()
    host.freeze = HandFreeze(10_000)
    host.clock.read()
    host.freeze.now_ns = 4_000

    assert Reading(10_000, -6_000) == host.clock.read()


def test_jump_takes_the_freeze_along() -> None:
    """What passes here passes in the freeze, which never falls behind."""
    host = Host()
    host.freeze = HandFreeze(10_000)
    host.clock.read()
    host.clock.jump(10_001)

    assert 11_000 == host.freeze.now_ns
    assert Reading(11_000) == host.clock.read()


def test_has_no_rate() -> None:
    """It can't run by itself."""
    host = Host()
    host.clock.set_rate(Fraction(0))

    with pytest.raises(ClockError, match="goes when it is told"):
        host.clock.set_rate(Fraction(1))


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.integers(0, 10**12)),
        st.tuples(st.just("leave"), st.just(0)),
        st.tuples(st.just("tick"), st.integers(-(10**9), 10**9)),
        st.tuples(st.just("jump"), st.integers(0, 10**9)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=30,
)


@given(ACTS)
def test_readings_add_up(acts: list[tuple[str, int]]) -> None:
    """Whatever is frozen, ticked and jumped: what was told adds up to where the clock is."""
    host = Host()
    now_ns = 1_000
    for act, value in [*acts, ("read", 0)]:
        if act == "enter":
            host.freeze = HandFreeze(value)
        elif act == "leave":
            host.freeze = None
        elif act == "tick" and host.freeze is not None:
            host.freeze.now_ns = max(host.freeze.now_ns + value, 0)
        reading = host.clock.read()
        now_ns = reading.now_ns + reading.set_by_ns
        if act == "jump":
            host.clock.jump(now_ns + value)
            now_ns += value

    assert now_ns == 1_000 + sum(move.elapsed_ns + move.set_by_ns for move in host.moves)
    assert all(move.elapsed_ns >= 0 for move in host.moves)
    if host.freeze is not None:
        assert host.freeze.now_ns == now_ns


def test_nothing_is_frozen() -> None:
    """Without a library that freezes, there is no freeze."""
    assert current_freeze() is None
