"""So many accepted presses in a row, waiting until dark in between: one ticket for all."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from emulator.errors import EmulatorError
from emulator.results import PressResult, Ticket

T = TypeVar("T")

Presses = tuple[PressResult, ...]

_LIT: Final = frozenset({"lit", "cleared", "busy"})
"""Refusals that end by themselves when the LCD goes dark."""


class Series:
    """A series of presses.

    It ends early, with the refusal last, when a press is refused for another reason than
    that the LCD is lit, and with one for ``failed`` when the bench can't go on with it
    (a full disk). Whoever waits is told in any case.

    Args:
        times: how many accepted presses.
        press: presses once.
        wait_dark: waits until the LCD is dark; its ticket is false if it doesn't get dark.

    Attributes:
        ticket: the results, in order.
    """

    def __init__(
        self,
        times: int,
        press: Callable[[], Ticket[PressResult]],
        wait_dark: Callable[[], Ticket[bool]],
    ) -> None:
        self.ticket: Ticket[Presses] = Ticket()
        self._times = times
        self._press = press
        self._wait_dark = wait_dark
        self._results: list[PressResult] = []
        self._under_way: Ticket[Any] | None = None
        self._given_up = False

    def give_up(self) -> Ticket[Any] | None:
        """Press no more; return the press or the wait under way, to be given up too."""
        self._given_up = True
        return self._under_way

    def begin(self) -> None:
        """Press for the first time.

        Raises:
            EmulatorError: the first press can't be made.
        """
        self._under_way = ticket = self._press()
        ticket.then(self._pressed)

    def _pressed(self, result: PressResult) -> None:
        waits = result.refused in _LIT and self._times > 1
        if not waits:
            self._results.append(result)
        ended = len(self._results) == self._times or self._given_up
        if ended or (result.code is None and not waits):
            self.ticket.resolve(tuple(self._results))
            return
        self._go_on(self._wait_dark, lambda dark: self._dark(result, dark=dark), result)

    def _dark(self, last: PressResult, *, dark: bool) -> None:
        if dark:
            self._go_on(self._press, self._pressed, last)
            return
        if last.refused is not None:
            self._results.append(last)
        self.ticket.resolve(tuple(self._results))

    def _go_on(
        self, begin: Callable[[], Ticket[T]], then: Callable[[T], None], last: PressResult
    ) -> None:
        # Inside somebody else's verb, who has nothing to do with what goes wrong here.
        try:
            self._under_way = ticket = begin()
        except EmulatorError:
            failed = PressResult(None, "failed", None, last.at_ns)
            self.ticket.resolve((*self._results, failed))
        else:
            ticket.then(then)
