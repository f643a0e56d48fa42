"""What people do to a token that takes time: pressing it, waiting for it.

An act is a small script on the bench's agenda. It says when it wants to go on,
hands out the stimuli of each stage, and watches the effects; it never touches the
bench or the clock itself.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from emulator.device import Device
from emulator.results import PressResult, Ticket
from firmware_model.contact import press_edges
from firmware_model.damage import worn
from firmware_model.readings import read, readable
from firmware_model.segments import encode
from firmware_model.state import State, contrast, lcd
from firmware_model.stimuli import (
    Accepted,
    Advance,
    BrownOut,
    CommitFailed,
    Dark,
    Edge,
    Effect,
    Exhausted,
    Extended,
    Lit,
    PowerLost,
    Refused,
    Shown,
    Stimulus,
)
from firmware_model.table import Mode

DEFAULT_HOLD_NS: Final = 100_000_000
"""A deliberate press lasts about 100 ms (button-press study)."""


_FAILURES: Final[Mapping[type[Effect], str]] = {
    CommitFailed: "error",
    Exhausted: "off",
    BrownOut: "reset",
    PowerLost: "reset",
}
"""What a press is refused for when the token fails under it."""


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
    """A finger goes down, holds, and lifts, and the button comes to rest again.

    The contact bounces and chatters as the token's damage has it.

    Args:
        device: the token.
        at_ns: when the contact closes first.
        hold_ns: how long after that the finger lifts.
    """

    def __init__(self, device: Device, at_ns: int, hold_ns: int) -> None:
        self.device = device
        self.ticket: Ticket[PressResult] = Ticket()
        self.next_ns: int | None = at_ns
        self.planned_ns: int | None = None
        self._begin_ns = at_ns
        self._last_ns = at_ns  # of the last edge so far
        self._up_ns = at_ns + hold_ns  # when the finger lifts
        self._edges: deque[Edge] | None = None  # those still to come; None: not begun
        self._result: PressResult | None = None
        self._mode = device.state.mode  # as last seen
        self._accepted = False
        self._resting = False

    @property
    def done(self) -> bool:
        """Whether the result is known and the button is at rest."""
        return self._resting and self._result is not None

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Let the contact go over, or see that the button is at rest."""
        if self._edges is None:
            if self.device.state.closed:
                self._refuse("held", now_ns)
                self._come_to_rest()
                return ()
            self._edges = deque(self._swing())
        if not self._edges:
            self._rest(now_ns)
            return ()
        edge = self._edges.popleft()
        self._last_ns = edge.at_ns
        self._plan()
        return (Edge(now_ns, edge.closed),)

    def _swing(self) -> tuple[Edge, ...]:
        damage = self.device.state.physics.damage
        return press_edges(self._begin_ns, self._up_ns - self._begin_ns, damage)

    def _plan(self) -> None:
        """Go on at the next edge; after the last one, once the debouncer believes it."""
        if self._edges:
            self.next_ns = self._edges[0].at_ns
        else:
            self.next_ns = self._last_ns + self.device.state.config.profile.debounce_ns

    def _rest(self, now_ns: int) -> None:
        self._come_to_rest()
        if self._result is None and not self._accepted:
            # Without power nobody looks; else it was too short for the debouncer to see.
            self._refuse("off" if self.device.state.mode is Mode.OFF else "glitch", now_ns)

    def notice(self, state: State, effects: Sequence[Effect]) -> None:
        """Take the first code or refusal as the result.

        An accepted press ends in a code: a refusal after it is another press', and a
        code that lights before it is another press' or the next time step's. Only a
        supply or a memory that fails comes in between.
        """
        for effect in effects:
            if self._result is not None:
                return
            if isinstance(effect, Accepted):
                self._accepted = True
            elif isinstance(effect, Lit) and self._accepted:
                self._result = as_read(state, effect.code, effect.factor, effect.at_ns)
            elif isinstance(effect, Extended) and not self._accepted:
                self._result = as_read(state, state.text, effect.factor, effect.at_ns)
            elif isinstance(effect, Refused) and not self._accepted:
                self._refuse(effect.reason.value, effect.at_ns)
            elif type(effect) in _FAILURES:
                self._refuse(_FAILURES[type(effect)], effect.at_ns)
            elif isinstance(effect, Shown) and self._accepted:
                self._refuse("weak battery", effect.at_ns)  # Err in the place of the code
        if self._mode is Mode.MENU and state.button and not (self._result or self._accepted):
            turned = [effect for effect in effects if isinstance(effect, Shown | Dark)]
            if turned:
                self._refuse("menu", turned[0].at_ns)
        self._mode = state.mode

    def fail(self, now_ns: int) -> None:
        """Give up."""
        self._come_to_rest()
        if self._result is None:
            self._refuse("failed", now_ns)

    def give_up(self, now_ns: int) -> None:
        """Lift the finger, but not sooner than after a deliberate press."""
        up_ns = max(self._begin_ns + DEFAULT_HOLD_NS, now_ns, self._last_ns + 1)
        if self._edges and up_ns < self._up_ns:
            self._up_ns = up_ns
            self._edges = deque(edge for edge in self._swing() if edge.at_ns > self._last_ns)
            self._plan()

    def shift(self, by_ns: int) -> None:
        """Move along with a clock that was set."""
        self._begin_ns += by_ns
        self._last_ns += by_ns
        self._up_ns += by_ns
        if self._edges:
            self._edges = deque(Edge(edge.at_ns + by_ns, edge.closed) for edge in self._edges)
        if self.next_ns is not None:
            self.next_ns += by_ns

    def resolve(self) -> None:
        """Tell who waits."""
        assert self._result is not None  # noqa: S101  # done says so
        self.ticket.resolve(self._result)

    def _come_to_rest(self) -> None:
        self.next_ns = None
        self._resting = True

    def _refuse(self, reason: str, at_ns: int) -> None:
        self._result = PressResult(None, reason, None, at_ns)


def as_read(state: State, code: str, factor: int, at_ns: int) -> PressResult:
    """Return what a reader makes of a code on this token's LCD."""
    segments = encode(code)
    seen = worn(segments, state.physics.damage)
    taken = code if seen == segments else read(seen)
    if not readable(contrast(state)) or not taken.isdecimal():
        return PressResult(None, "unreadable", None, at_ns)
    return PressResult(taken, None, factor, at_ns)


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

    def met_by(self, state: State, effects: Sequence[Effect]) -> bool:  # noqa: ARG002  # as others' of its kind
        """Whether a state is what is waited for."""
        return lcd(state).lit == self._lit

    def proceed(self, now_ns: int) -> Sequence[Stimulus]:
        """Look, and give up when the time is over."""
        # The token's turn at this very moment may come after this one.
        if self.met_by(self.device.foresee(Advance(now_ns)), ()):
            self._end(result=True)
        elif self.next_ns is not None and now_ns >= self.next_ns:
            self._end(result=False)
        return ()

    def notice(self, state: State, effects: Sequence[Effect]) -> None:
        """Look."""
        if self.met_by(state, effects):
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
