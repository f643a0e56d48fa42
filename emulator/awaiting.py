"""Waiting for an event of a token, as an act: the first effect that fits."""

from collections.abc import Collection, Sequence
from typing import Any

from emulator.device import Device
from emulator.journal import Journal, Record
from emulator.results import Ticket
from firmware_model.state import State
from firmware_model.stimuli import Advance, Effect, Lit, Stimulus


class Await:
    """Waiting until a token does something.

    Args:
        device: the token.
        kinds: the effects of which one is waited for.
        text: what the LCD has to show with it; ``None``: anything.
        until_ns: bench time at which it gives up.
        journal: finds the record.
    """

    def __init__(
        self,
        device: Device,
        kinds: Collection[type[Any]],
        text: str | None,
        until_ns: int,
        journal: Journal,
    ) -> None:
        self.device = device
        self.ticket: Ticket[Record | None] = Ticket()
        self.until_ns = until_ns
        self.next_ns: int | None = until_ns
        self.planned_ns: int | None = None
        self._kinds = kinds
        self._text = text
        self._journal = journal
        self._found: Record | None = None
        self._over = False

    @property
    def done(self) -> bool:
        """Whether it happened, or the time is over."""
        return self._over

    def fits(self, event: object) -> bool:
        """Whether an event is what is waited for."""
        if type(event) not in self._kinds:
            return False
        if self._text is None:
            return True
        shown = event.code if isinstance(event, Lit) else getattr(event, "text", None)
        return shown == self._text

    def met_by(self, state: State, effects: Sequence[Effect]) -> bool:  # noqa: ARG002  # as Wait's
        """Whether effects are what is waited for."""
        return any(self.fits(effect) for effect in effects)

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Give up when the time is over."""
        if self.next_ns is not None and now_ns >= self.next_ns:
            # What the token does at this very moment may come after this turn.
            _, effects = self.device.ahead(Advance(now_ns), self.device.state)
            if self.met_by(self.device.state, effects):
                self.next_ns = None
            else:
                self._end()
        return ()

    def notice(self, state: State, effects: Sequence[Effect]) -> None:  # noqa: ARG002  # protocol
        """See whether it happened."""
        for effect in effects:
            if not self._over and self.fits(effect):
                self._found = self._journal.record_of(effect)
                self._end()

    def fail(self, now_ns: int) -> None:  # noqa: ARG002  # protocol
        """Give up."""
        self._end()

    def give_up(self, now_ns: int) -> None:  # noqa: ARG002  # protocol
        """Stop waiting."""
        self._end()

    def shift(self, by_ns: int) -> None:
        """Move along with a clock that was set."""
        if self.next_ns is not None:
            self.next_ns += by_ns

    def resolve(self) -> None:
        """Tell who waits."""
        self.ticket.resolve(self._found)

    def _end(self) -> None:
        self.next_ns = None
        self._over = True
