"""Frozen time, seen from outside: what freezegun and time-machine hold at the moment.

Both are asked for their own object, never for the host's time: freezegun's answer there
depends on who calls (it leaves out a list of modules, by looking up the stack), and a
token's thread is not the test's. Neither library is imported here: time is only frozen
by one that is.
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # freezegun's own times are naive UTC
_MICROSECOND_NS: Final = 1_000


class Freeze(Protocol):
    """Time that somebody froze."""

    @property
    def key(self) -> object:
        """What tells this freeze from another."""

    def time_ns(self) -> int:
        """Return how late it is, ns since 1970, UTC."""

    def move(self, by_ns: int) -> None:
        """Let it go forward by at least so much; both libraries count microseconds."""


class FreezegunFreeze:
    """Time frozen by freezegun, ticking by itself or not.

    Args:
        factory: freezegun's, which ``freeze_time`` hands to the test.
    """

    def __init__(self, factory: Any) -> None:  # noqa: ANN401  # one of three classes without a base
        self.key: object = factory

    def time_ns(self) -> int:
        """Return how late it is."""
        factory: Any = self.key
        # One that ticks whenever it is asked must not tick for us.
        steps = hasattr(factory, "step_width")
        now: datetime = factory.time_to_freeze if steps else factory()
        return (now - _EPOCH) // timedelta(microseconds=1) * _MICROSECOND_NS

    def move(self, by_ns: int) -> None:
        """Let it go forward."""
        factory: Any = self.key
        factory.tick(_at_least(by_ns))


class TravellerFreeze:
    """Time moved by time-machine, ticking by itself or not.

    Args:
        traveller: time-machine's, which ``travel`` hands to the test.
    """

    def __init__(self, traveller: Any) -> None:  # noqa: ANN401  # named otherwise in each major version
        self.key: object = traveller

    def time_ns(self) -> int:
        """Return how late it is."""
        traveller: Any = self.key
        now_ns: int = traveller.time_ns()
        return now_ns

    def move(self, by_ns: int) -> None:
        """Let it go forward."""
        traveller: Any = self.key
        traveller.shift(_at_least(by_ns))


def current_freeze() -> Freeze | None:
    """Return the freeze that is in force; ``None``: time goes as usual."""
    machine: Any = sys.modules.get("time_machine")
    stack = getattr(machine, "traveller_stack", None) or getattr(machine, "coordinates_stack", None)
    if stack:
        return TravellerFreeze(stack[-1])
    freezegun: Any = sys.modules.get("freezegun.api")
    factories = getattr(freezegun, "freeze_factories", None)
    return FreezegunFreeze(factories[-1]) if factories else None


CurrentFreeze = Callable[[], Freeze | None]


def _at_least(by_ns: int) -> timedelta:
    return timedelta(microseconds=-(-by_ns // _MICROSECOND_NS))
