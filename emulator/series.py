"""So many accepted presses in a row, waiting until dark in between: one ticket for all."""

from collections.abc import Callable
from typing import Final

from emulator.results import PressResult, Ticket

Presses = tuple[PressResult, ...]

_LIT: Final = frozenset({"lit", "cleared", "busy"})
"""Refusals that end by themselves when the LCD goes dark."""


class Series:
    """A series of presses.

    It ends early, with the refusal last, when a press is refused for another reason than
    that the LCD is lit.

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

    def begin(self) -> None:
        """Press for the first time."""
        self._press().then(self._pressed)

    def _pressed(self, result: PressResult) -> None:
        waits = result.refused in _LIT and self._times > 1
        if not waits:
            self._results.append(result)
        if len(self._results) == self._times or (result.code is None and not waits):
            self.ticket.resolve(tuple(self._results))
            return
        self._wait_dark().then(lambda dark: self._dark(result, dark=dark))

    def _dark(self, last: PressResult, *, dark: bool) -> None:
        if dark:
            self._press().then(self._pressed)
            return
        if last.refused is not None:
            self._results.append(last)
        self.ticket.resolve(tuple(self._results))
