"""Server time: moved where it can be, waited for where it can't."""

import pytest

from firmware_model.profile import SECOND
from hosttools.prober.finding import NotMeasuredError
from hosttools.prober.world import HostWorld, MovedWorld
from tests.hosttools.prober.tiny import Tiny

STEP_NS = 30 * SECOND


class Host:
    """A host whose time passes by sleeping only."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += round(seconds * SECOND)

    def world(self, patience_s: float = 60) -> HostWorld:
        """Return its time, as a prober sees it."""
        return HostWorld(patience_s, now_ns=lambda: self.now_ns, sleep=self.sleep)


def test_moved() -> None:
    """A server's clock goes where it is told, also back, and rests in the middle of a step."""
    server = Tiny()
    world = MovedWorld(server, 1_000 * STEP_NS + 1)
    assert (1_000, 1_000 * 30 + 15) == (world.steady(STEP_NS), server.now_s)
    world.advance(-STEP_NS)
    assert (999 * 30 + 15, world.now_ns()) == (server.now_s, 999 * STEP_NS + STEP_NS // 2)


def test_host_waits() -> None:
    """Up to its patience."""
    host = Host(0)
    host.world().advance(60 * SECOND)
    assert 60 * SECOND == host.now_ns


@pytest.mark.parametrize("seconds", [61, -1])
def test_host_does_not_wait_for_ever(seconds: int) -> None:
    """Longer, or back, is not measured, and takes no time."""
    host = Host(5)
    with pytest.raises(NotMeasuredError, match="clock can't be moved"):
        host.world().advance(seconds * SECOND)
    assert 5 == host.now_ns


@pytest.mark.parametrize(("at_s", "step", "then_s"), [(0, 0, 0), (26.9, 0, 26.9), (27.1, 1, 30)])
def test_host_submits_within_a_step(at_s: float, step: int, then_s: float) -> None:
    """Three seconds have to be left of a step, else the next one is waited for."""
    host = Host(round(at_s * SECOND))
    assert step == host.world().steady(STEP_NS)
    assert round(then_s * SECOND) == host.now_ns
