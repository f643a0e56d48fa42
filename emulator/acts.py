"""What people do to a token that takes time: pressing it, waiting for it.

An act is a small script on the bench's agenda. It says when it wants to go on,
hands out the stimuli of each stage, and watches the effects; it never touches the
bench or the clock itself.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from emulator.device import Device
from emulator.results import PressResult, Ticket
from firmware_model.state import State, lcd
from firmware_model.stimuli import (
    Accepted,
    Advance,
    Edge,
    Effect,
    Extended,
    Lit,
    PowerLost,
    Refused,
    Stimulus,
)

DEFAULT_HOLD_NS: Final = 100_000_000
"""A deliberate press lasts about 100 ms (button-press study)."""


class Act(Protocol):
    """Something that takes time.

    Attributes:
        device: the token that it is done to.
        ticket: where its result will be.
        next_ns: bench time of its next stage; ``None``: it waits for an effect.
        planned_ns: the agenda's own note.
    """

    device: Device
    ticket: Ticket[Any]
    next_ns: int | None
    planned_ns: int | None

    @property
    def done(self) -> bool:
        """Whether the result is known."""

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Enter the next stage and return what is done to the token in it."""

    def notice(self, state: State, effects: Sequence[Effect]) -> None:
        """See what the token did."""

    def fail(self, now_ns: int) -> None:
        """See that the token's flash failed."""

    def give_up(self, now_ns: int) -> None:
        """See that whoever asked is gone: come to an end soon."""

    def shift(self, by_ns: int) -> None:
        """Move along with a clock that was set."""

    def resolve(self) -> None:
        """Tell who waits; called once, after the bench has come to rest."""


class Press:
    """Contact down, hold, contact up, and the button at rest again.

    Args:
        device: the token.
        at_ns: when the contact closes.
        hold_ns: for how long.
    """

    def __init__(self, device: Device, at_ns: int, hold_ns: int) -> None:
        self.device = device
        self.ticket: Ticket[PressResult] = Ticket()
        self.next_ns: int | None = at_ns
        self.planned_ns: int | None = None
        self._hold_ns = hold_ns
        self._result: PressResult | None = None
        self._stages = iter((self._down, self._up, self._rest))
        self._let_go_ns: int | None = None  # when the finger may be lifted early
        self._accepted = False
        self._resting = False

    @property
    def done(self) -> bool:
        """Whether the result is known and the button is at rest."""
        return self._resting and self._result is not None

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Enter the next stage."""
        return next(self._stages)(now_ns)

    def _down(self, now_ns: int) -> Sequence[Stimulus]:
        if self.device.state.closed:
            self._refuse("held", now_ns)
            self._come_to_rest()
            return ()
        self.next_ns = now_ns + self._hold_ns
        self._let_go_ns = now_ns + DEFAULT_HOLD_NS
        return (Edge(now_ns, closed=True),)

    def _up(self, now_ns: int) -> Sequence[Stimulus]:
        self._let_go_ns = None
        self.next_ns = now_ns + self.device.state.config.profile.debounce_ns
        return (Edge(now_ns, closed=False),)

    def _rest(self, now_ns: int) -> Sequence[Stimulus]:
        self._come_to_rest()
        if self._result is None and not self._accepted:
            self._refuse("glitch", now_ns)  # too short for the debouncer to see
        return ()

    def notice(self, state: State, effects: Sequence[Effect]) -> None:
        """Take the first code or refusal as the result.

        An accepted press ends in a code: a refusal after it is another press', and a
        code that lights before it is another press' or the next time step's.
        """
        for effect in effects:
            if self._result is not None:
                return
            if isinstance(effect, Accepted):
                self._accepted = True
            elif isinstance(effect, Lit) and self._accepted:
                self._result = PressResult(effect.code, None, effect.factor, effect.at_ns)
            elif isinstance(effect, Extended) and not self._accepted:
                self._result = PressResult(state.text, None, effect.factor, effect.at_ns)
            elif isinstance(effect, Refused) and not self._accepted:
                self._refuse(effect.reason.value, effect.at_ns)
            elif isinstance(effect, PowerLost):
                self._refuse("reset", effect.at_ns)

    def fail(self, now_ns: int) -> None:
        """Give up."""
        self._come_to_rest()
        if self._result is None:
            self._refuse("failed", now_ns)

    def give_up(self, now_ns: int) -> None:
        """Lift the finger, but not sooner than after a deliberate press."""
        if self._let_go_ns is not None and self.next_ns is not None:
            self.next_ns = min(self.next_ns, max(self._let_go_ns, now_ns))

    def shift(self, by_ns: int) -> None:
        """Move along with a clock that was set."""
        if self.next_ns is not None:
            self.next_ns += by_ns
        if self._let_go_ns is not None:
            self._let_go_ns += by_ns

    def resolve(self) -> None:
        """Tell who waits."""
        assert self._result is not None  # noqa: S101  # done says so
        self.ticket.resolve(self._result)

    def _come_to_rest(self) -> None:
        self.next_ns = None
        self._resting = True

    def _refuse(self, reason: str, at_ns: int) -> None:
        self._result = PressResult(None, reason, None, at_ns)


class Wait:
    """Waiting until the LCD is lit, or dark.

    Args:
        device: the token.
        lit: which of the two.
        until_ns: bench time at which it gives up.
    """

    def __init__(self, device: Device, *, lit: bool, until_ns: int) -> None:
        self.device = device
        self.ticket: Ticket[bool] = Ticket()
        self.until_ns = until_ns
        self.next_ns: int | None = until_ns
        self.planned_ns: int | None = None
        self._lit = lit
        self._result: bool | None = None

    @property
    def done(self) -> bool:
        """Whether it is so, or the time is over."""
        return self._result is not None

    def fulfilled_by(self, state: State) -> bool:
        """Whether a state is what is waited for."""
        return lcd(state).lit == self._lit

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Look, and give up when the time is over."""
        # The token's turn at this very moment may come after this one.
        if self.fulfilled_by(self.device.foresee(Advance(now_ns))):
            self._end(result=True)
        elif self.next_ns is not None and now_ns >= self.next_ns:
            self._end(result=False)
        return ()

    def notice(self, state: State, effects: Sequence[Effect]) -> None:  # noqa: ARG002  # protocol
        """Look."""
        if self.fulfilled_by(state):
            self._end(result=True)

    def fail(self, now_ns: int) -> None:  # noqa: ARG002  # protocol
        """Give up."""
        self._end(result=False)

    def give_up(self, now_ns: int) -> None:  # noqa: ARG002  # protocol
        """Stop waiting."""
        self._end(result=False)

    def shift(self, by_ns: int) -> None:
        """Move along with a clock that was set."""
        if self.next_ns is not None:
            self.next_ns += by_ns

    def resolve(self) -> None:
        """Tell who waits."""
        assert self._result is not None  # noqa: S101  # done says so
        self.ticket.resolve(self._result)

    def _end(self, *, result: bool) -> None:
        self.next_ns = None
        self._result = result
