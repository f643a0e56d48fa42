"""What counts requests and seats."""

import pytest

from emulator.http.limits import KNOWN_CLIENTS, Limits, Rate, Seats
from emulator.http.problems import Problem


class Hands:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Read it."""
        return self.now_s


def test_a_burst_passes_and_then_one_has_to_wait() -> None:
    """So many at once; the answer says when the next one may come."""
    clock = Hands()
    rate = Rate(Limits(rate_per_s=2, burst=3), clock)
    assert [0.0, 0.0, 0.0, 0.5] == [rate.spend("10.0.0.1") for _ in range(4)]
    clock.now_s += 0.5
    assert [0.0, 0.5] == [rate.spend("10.0.0.1") for _ in range(2)]


def test_one_address_does_not_take_from_another() -> None:
    """Each has a bucket of its own."""
    rate = Rate(Limits(rate_per_s=1, burst=1), Hands())
    assert [0.0, 1.0] == [rate.spend("10.0.0.1") for _ in range(2)]
    assert rate.spend("10.0.0.2") == 0.0


def test_addresses_without_end_take_no_memory() -> None:
    """The one not seen for longest is forgotten."""
    rate = Rate(Limits(), Hands())
    for number in range(KNOWN_CLIENTS + 10):
        rate.spend(str(number))
    assert len(rate._buckets) == KNOWN_CLIENTS


def test_there_are_so_many_seats() -> None:
    """One more is refused until somebody leaves."""
    seats = Seats(1)
    with seats.take(lambda: None):
        assert seats.taken == 1
        with pytest.raises(Problem, match="as many as are allowed"), seats.take(lambda: None):
            pass
    with seats.take(lambda: None):
        pass
    assert seats.taken == 0


def test_closing_asks_everybody_to_leave() -> None:
    """Who sits is told, and nobody sits down any more."""
    seats, told = Seats(2), []
    with seats.take(lambda: told.append("a")), seats.take(lambda: told.append("b")):
        seats.close()
    assert ["a", "b"] == told
    with pytest.raises(Problem, match="shut down"), seats.take(lambda: None):
        pass
