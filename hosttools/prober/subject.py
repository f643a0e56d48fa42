"""A token that the server knows, with the same token in hand: press it, and submit.

It knows what a server that follows would expect next, and nothing of any server's policy.
Codes come from the token's display, as they would for a person.
"""

from collections.abc import Callable
from typing import Final

from firmware_model.oath import Key, hotp
from firmware_model.profile import SECOND, TokenType
from hosttools.hand import BenchHand, PressRefusedError
from hosttools.prober.ledger import Ledger
from hosttools.prober.world import World
from hosttools.servers import Answer, Enrolment, Outcome, Server

_FAR: Final = 3_000
"""Counters and steps, either way, that a wrong code is none of."""

_MOST_WAITS: Final = 12
LONGEST_WAIT_S: Final = 3_600
"""Throttling is waited out up to there: 1 s, 2 s, 4 s …, an hour at last."""


class Subject:
    """A token on a server.

    Args:
        server: knows the token.
        hand: holds the same token.
        enrolment: what the server knows of it.
        world: server time.
        ledger: is told of every submission.
        number: of the token within the rule, for the evidence.

    Attributes:
        serial: its serial number.
        last: the last factor (counter, time step) that the server took; ``None``: none.
        waits: how often the server's throttling was waited out.
    """

    def __init__(
        self,
        server: Server,
        hand: BenchHand,
        enrolment: Enrolment,
        world: World,
        ledger: Ledger,
        number: int,
    ) -> None:
        self.serial = enrolment.serial
        self.last: int | None = None
        self.waits = 0
        self._server = server
        self._hand = hand
        self._enrolment = enrolment
        self._world = world
        self._ledger = ledger
        self._number = number
        self._event = enrolment.token_type is TokenType.EVENT
        self._key = Key(enrolment.secret, enrolment.algorithm)
        self._next = enrolment.counter
        self._wrong_ones = 0
        self._own: frozenset[str] = frozenset()
        self._own_around: int | None = None

    @property
    def step_ns(self) -> int:
        """The time step of a time token, ns."""
        return self._enrolment.step_s * SECOND

    @property
    def next(self) -> int:
        """The factor that a server which follows expects: next counter, or time step now."""
        return self._next if self._event else self._world.steady(self.step_ns)

    def verify(self, factor: int, *, sure: bool = False, waits: bool = True) -> Answer:
        """Press until the code of a factor shows, and submit it.

        Args:
            factor: counter or time step.
            sure: whether nothing but a bug of the server's could make it refuse.
            waits: whether to wait and try again where the server throttles.
        """
        code, sent = self._light(factor), self._named(factor)
        answer = self._submit(code, sent, sure=sure, waits=waits)
        if answer.accepted:
            self.took(factor)
        return answer

    def type(self, typed: str, described: str, *, waits: bool = True) -> Answer:
        """Submit anything at all.

        Args:
            typed: what goes to the server.
            described: how the evidence calls it, without digits.
            waits: see :meth:`verify`.
        """
        return self._submit(typed, described, sure=False, waits=waits)

    def wrong(self, *, waits: bool = True) -> Answer:
        """Submit a well-formed code that is none of the token's, another each time."""
        self._wrong_ones += 1
        code = self._none_of_its_own(self._wrong_ones)
        return self._submit(code, "wrong code", sure=False, waits=waits)

    def resync(self, first: int, second: int, *, sure: bool = False) -> Answer:
        """Submit the resync form with the codes of two factors."""
        codes = self._light(first), self._light(second)
        answer = self._pair(self._server.resync, "resync", codes, (first, second), sure=sure)
        if answer.accepted:
            self.took(second)
        return answer

    def sync(self, first: int, second: int) -> Answer:
        """Submit the add form with the codes of two factors."""
        codes = self._light(first), self._light(second)
        answer = self._pair(self._server.sync, "sync", codes, (first, second), sure=True)
        if answer.accepted:
            self.took(second)
        return answer

    def code(self, factor: int) -> str:
        """Press until the code of a factor shows, and return it; it is a secret."""
        return self._light(factor)

    def unlock(self) -> None:
        """Have an operator unlock it."""
        self._server.unlock(self.serial)

    def ready(self, factor: int) -> Callable[[], Answer]:
        """Press until the code of a factor shows; return what submits it, from any thread."""
        code, sent = self._light(factor), self._named(factor)

        def submit() -> Answer:
            answer = self._server.verify(self.serial, code)
            self._enter("verify", sent, (code,), answer)
            return answer

        return submit

    def took(self, factor: int) -> None:
        """Note that the server moved past a factor."""
        self.last = factor
        if self._event:
            self._next = factor + 1

    def _light(self, factor: int) -> str:
        self._hand.wait_dark()
        if self._event:
            if self._hand.counter() != factor:
                self._hand.set_counter(factor)
        else:
            # The middle of the step: debouncing must not reach into the next.
            wanted_ns = factor * self.step_ns + self.step_ns // 2
            self._hand.shift_token_time(wanted_ns - self._hand.token_time_ns())
        pressed = self._hand.press()
        if pressed.code is None:
            raise PressRefusedError(self.serial, pressed.refused or "unknown")
        return pressed.code

    def _named(self, factor: int) -> str:
        word = "counter" if self._event else "step"
        off = factor - (self._next if self._event else self._world.now_ns() // self.step_ns)
        return f"{word} {factor} ({off:+})"

    def _submit(self, code: str, sent: str, *, sure: bool, waits: bool) -> Answer:
        answer = self._once(code, sent, sure=sure)
        for power in range(_MOST_WAITS if waits else 0):
            if answer.outcome is not Outcome.THROTTLED:
                break
            self.waits += 1
            self._world.advance(min(1 << power, LONGEST_WAIT_S) * SECOND)
            answer = self._once(code, sent, sure=sure)
        return answer

    def _once(self, code: str, sent: str, *, sure: bool) -> Answer:
        self._ledger.wait_turn()
        with self._server.expecting(Outcome.ACCEPTED if sure else Outcome.REFUSED):
            answer = self._server.verify(self.serial, code)
        self._enter("verify", sent, (code,), answer)
        return answer

    def _pair(
        self,
        submit: Callable[[str, str, str], Answer],
        did: str,
        codes: tuple[str, str],
        factors: tuple[int, int],
        *,
        sure: bool,
    ) -> Answer:
        sent = " and ".join(map(self._named, factors))
        self._ledger.wait_turn()
        with self._server.expecting(Outcome.ACCEPTED if sure else Outcome.REFUSED):
            answer = submit(self.serial, *codes)
        self._enter(did, sent, codes, answer)
        return answer

    def _enter(self, did: str, sent: str, codes: tuple[str, ...], answer: Answer) -> None:
        self._ledger.enter(did, self._number, sent, codes, answer, self._world.now_ns())

    def _none_of_its_own(self, number: int) -> str:
        digits = self._enrolment.digits
        here = self._next if self._event else self._world.now_ns() // self.step_ns
        if self._own_around is None or abs(here - self._own_around) > _FAR // 2:
            around = range(max(here - _FAR, 0), here + _FAR)
            self._own = frozenset(hotp(self._key, factor, digits) for factor in around)
            self._own_around = here
        # Far apart, so that no two are one code with a digit mistyped.
        start = number * (10**digits // 1_009)
        every = (f"{(start + i) % 10**digits:0{digits}d}" for i in range(10**digits))
        return next(code for code in every if code not in self._own)
