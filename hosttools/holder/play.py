"""Plays a holder's life: presses a token, reads it, types, submits.

The only part of the holder that touches anything. It needs a token whose time it can
move (a bench on a manual clock), and a server as plain functions. Codes pass through
and are kept nowhere: an outcome holds counters and steps.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from emulator.bench import Bench
from emulator.results import PressResult
from hosttools.errors import UsageError
from hosttools.holder.acts import ACCIDENTS, Act, Attempt, PressAct, Slip
from hosttools.holder.slips import typed, typed_pair

_MEMORY: Final = 8
"""Codes that a holder may still remember; the code before the last is all they ever type."""


class Said(Protocol):
    """What a server said to a submission: the reference server's verdict, or any other's."""

    @property
    def accepted(self) -> bool:
        """Whether it took it."""


S = TypeVar("S", bound=Said)


class Token(Protocol):
    """A token in somebody's hand, in a world whose time goes on when told."""

    def now_ns(self) -> int:
        """Return the time, ns since 1970, UTC."""

    def advance(self, by_ns: int) -> None:
        """Let time pass."""

    def press(self, hold_ns: int) -> PressResult:
        """Press and let go; return what could be read, or why nothing."""


@dataclass(frozen=True, slots=True)
class BenchToken:
    """One token of a bench on a manual clock.

    Attributes:
        bench: the bench.
        serial: the token's serial number.
    """

    bench: Bench
    serial: str

    def now_ns(self) -> int:
        """Return bench time."""
        return self.bench.now_ns()

    def advance(self, by_ns: int) -> None:
        """Let bench time pass, for all tokens of the bench."""
        self.bench.advance(by_ns)

    def press(self, hold_ns: int) -> PressResult:
        """Press and let go."""
        return self.bench.press(self.serial, hold_ns).result


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """What came of one act. It holds no digits.

    Attributes:
        act: what was planned.
        at_ns: when it was done; later than planned if the holder was still busy.
        factor: counter or step of the code that lit, or that the LCD showed before it
            was typed; ``None`` if there was none, or if the token doesn't tell.
        refused: why a press gave no code.
        as_shown: whether what was typed is what the LCD showed; ``None`` for a press,
            and where there was nothing to type.
        verdict: what the server said; ``None`` if nothing was submitted.
    """

    act: Act
    at_ns: int
    factor: int | None = None
    refused: str | None = None
    as_shown: bool | None = None
    verdict: S | None = None


def play(
    acts: Iterable[Act],
    token: Token,
    submit: Callable[[str, int], S],
    *,
    resync: Callable[[str, str, int], S] | None = None,
    recover: Callable[[int, int], Iterable[Act]] | None = None,
) -> Iterator[Outcome[S]]:
    """Play acts on a token and a server, one by one, as the outcomes are asked for.

    Args:
        acts: a life, or any acts in time.
        token: the token. Its time is moved to each act. A use that begins late, as the
            holder was still busy, is late as a whole; an accident that is overdue, as
            the token was in the hand, doesn't happen and has no outcome.
        submit: submits one code at a time in ns; a server's ``verify`` of this token.
        resync: submits a pair; needed for acts with pairs, as those of a recovery.
        recover: makes the acts that follow a use whose last answer was a refusal, from
            its number and the time; ``None``: the holder leaves it at that.

    Raises:
        UsageError: a pair, and no ``resync``.
    """
    holder = _Holder(token, submit, resync)
    for act in acts:
        # A refusal is final once the next press comes: a second submit may still follow it.
        if recover is not None and isinstance(act, PressAct):
            yield from _recovered(holder, recover)
        yield from holder.do(act)
    if recover is not None:
        yield from _recovered(holder, recover)


def _recovered(
    holder: "_Holder[S]", recover: Callable[[int, int], Iterable[Act]]
) -> Iterator[Outcome[S]]:
    use = holder.refused
    if use is None:
        return
    for act in recover(use, holder.token.now_ns()):
        if isinstance(act, PressAct) and holder.refused is None:
            return
        yield from holder.do(act)
    holder.refused = None  # given up


class _Holder(Generic[S]):
    """What the holder has seen, and whether they are behind their plan.

    Attributes:
        token: the token.
        refused: the number of the use that ended without an acceptance, if the last
            one did.
    """

    def __init__(
        self,
        token: Token,
        submit: Callable[[str, int], S],
        resync: Callable[[str, str, int], S] | None,
    ) -> None:
        self.token = token
        self.refused: int | None = None
        self._submit = submit
        self._resync = resync
        self._seen: deque[str | None] = deque(maxlen=_MEMORY)
        self._lit: PressResult | None = None  # the last code that lit, whoever pressed
        self._factor: int | None = None  # of the code that was seen last
        self._done = True  # a use has been submitted, and none has begun since
        self._late_ns = 0

    def do(self, act: Act) -> Iterator[Outcome[S]]:
        """Do one act, unless it is an accident that is overdue."""
        if isinstance(act, Attempt):
            yield self._attempt(act)
        elif act.why not in ACCIDENTS:
            yield self._press(act)
        elif self._go_to(act.at_ns):
            yield self._outcome_of(act)

    def _press(self, act: PressAct) -> Outcome[S]:
        if self._done:
            self._done = False
            self._late_ns = max(0, self.token.now_ns() - act.at_ns)
        self._go_to(act.at_ns + self._late_ns)
        outcome = self._outcome_of(act)
        # A press that is ignored while lit leaves the code where it can be read.
        shows = self._lit if outcome.refused in {None, "lit"} else None
        self._seen.append(None if shows is None else shows.code)
        self._factor = None if shows is None else shows.factor
        return outcome

    def _outcome_of(self, act: PressAct) -> Outcome[S]:
        at_ns = self.token.now_ns()
        result = self.token.press(act.hold_ns)
        if result.code is not None:
            self._lit = result
        return Outcome(act, at_ns, result.factor, result.refused)

    def _attempt(self, act: Attempt) -> Outcome[S]:
        self._go_to(act.at_ns + self._late_ns)
        self._done = True
        now_ns = self.token.now_ns()
        fields = self._typed(act.slips, pair=act.pair)
        if fields is None:
            self.refused = act.use
            return Outcome(act, now_ns, self._factor)
        verdict = self._send(fields, now_ns)
        self.refused = None if verdict.accepted else act.use
        as_shown = fields == self._typed((), pair=act.pair)
        return Outcome(act, now_ns, self._factor, None, as_shown, verdict)

    def _typed(self, slips: Sequence[Slip], *, pair: bool) -> tuple[str, ...] | None:
        if pair:
            return typed_pair(slips, self._seen)
        code = typed(slips, self._seen)
        return None if code is None else (code,)

    def _send(self, fields: tuple[str, ...], now_ns: int) -> S:
        if len(fields) == 1:
            return self._submit(fields[0], now_ns)
        if self._resync is None:
            raise UsageError("a pair of codes has nowhere to go; give play a resync")
        first, second = fields
        return self._resync(first, second, now_ns)

    def _go_to(self, at_ns: int) -> bool:
        """Let time pass until then; return whether it is not past already."""
        ahead_ns = at_ns - self.token.now_ns()
        if ahead_ns > 0:
            self.token.advance(ahead_ns)
        return ahead_ns >= 0
