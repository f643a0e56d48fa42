"""A token in the hand and the server that knows it, while a recipe is played.

Everything that recipes do goes through here: presses, time, submissions, and telling
what happened. The token is in whatever hand there is, see ``hosttools.hand.seam``.
"""

from collections.abc import Callable
from typing import Final

from firmware_model.products import PROFILES
from firmware_model.profile import SECOND, Profile, TokenType
from hosttools.errors import HostError
from hosttools.hand import Hand
from hosttools.recipes.expectation import code_kind, pair_kind
from hosttools.recipes.model import NotApplicable, Position, Reaction
from hosttools.refserver import Kind, Record, Status, TokenServer, Verdict

DARK_S: Final = 120.0
"""Longer than any product of ours stays lit."""

_EDGE_S: Final = 0.5
"""So near the end of a step a press may fall into the next one."""

_PLAIN: Final = {TokenType.EVENT: "GALH", TokenType.TIME: "GALT"}


class Play:
    """A recipe at work.

    Args:
        token: the token.
        serial: its serial number.
        server: the server that knows it; ``None``: there is none.
        note: is told each line of the history as it happens.

    Attributes:
        token: the token.
        serial: its serial number.
        profile: what it is known to do, from its product's name.
        history: what happened so far.
        codes: read and put aside for later. Never shown.

    Raises:
        RecordError: the server has no such token.
    """

    def __init__(
        self,
        token: Hand,
        serial: str,
        server: TokenServer | None = None,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.token = token
        self.serial = serial
        self.timed = (token_type := token.token_type()) is TokenType.TIME
        self.profile: Profile = PROFILES.get(token.profile_name(), PROFILES[_PLAIN[token_type]])
        self.history: list[str] = []
        self.codes: list[str] = []
        self._server = server
        self._note = note
        # A token of which no server tells keeps the step of its profile.
        record = None if server is None else server.get(serial)
        if record is not None and record.token_type is not token_type:
            raise NotApplicable(
                f"the server knows {serial} as {record.token_type.value}-based, the token is"
                f" {token_type.value}-based; give the server that it was added to"
            )
        self.step_ns = (self.profile if record is None else record).step_s * SECOND
        self._t0_ns = (self.profile if record is None else record).t0_s * SECOND
        self._pressed_in: int | None = None
        self._begin = self._where()

    @property
    def server(self) -> TokenServer:
        """The server; asked for only by what needs one."""
        assert self._server is not None  # noqa: S101  # a recipe says that it needs one
        return self._server

    def record(self) -> Record:
        """Return what the server knows of the token."""
        return self.server.get(self.serial)

    def tell(self, text: str) -> None:
        """Add a line to the history."""
        self.history.append(text)
        if self._note is not None:
            self._note(text)

    # Where the two are.

    def off_ns(self) -> int:
        """Return what a time token's clock is ahead of the true time, ns."""
        return self.token.token_time_ns() - self.token.time_ns()

    def begin(self) -> None:
        """Count from here what token and server move."""
        self._begin = self._where()

    def gained_ns(self) -> int:
        """Return what a time token's clock gained since :meth:`begin`."""
        return self.off_ns() - self._begin[2]

    def position(self) -> Position:
        """Return where token and server are."""
        token, server, off_ns, drift = self._where()
        token_0, server_0, off_0_ns, drift_0 = self._begin
        if self.timed:
            moved = (off_ns - off_0_ns) / self.step_ns
            learnt = None if server is None else drift - drift_0
            return Position(token, server, moved, learnt, off_ns / SECOND)
        learnt = None if server is None or server_0 is None else server - server_0
        return Position(token, server, token - token_0, learnt, None)

    def _where(self) -> tuple[int, int | None, int, int]:
        now_ns = self.token.time_ns()
        record = None if self._server is None else self._server.get(self.serial)
        server = None if record is None else record.expected_factor(now_ns)
        drift = 0 if record is None else record.drift_steps
        if not self.timed:
            return self.token.counter(), server, 0, drift
        clock_ns = self.token.token_time_ns()
        return (clock_ns - self._t0_ns) // self.step_ns, server, clock_ns - now_ns, drift

    def distance(self) -> int:
        """Return how far the token is ahead of the server, in presses or steps."""
        distance = self.position().distance
        assert distance is not None  # noqa: S101  # asked for with a server only
        return distance

    # The button.

    def ready(self) -> None:
        """Wait until a press gives a new code: dark, and in another step than the last."""
        self.token.wait_dark(DARK_S)
        if not self.timed:
            return
        if self._pressed_in == self.position().token:
            self.next_step()
        for clock_ns in (self.token.time_ns(), self.token.token_time_ns()):
            if self.step_ns - (clock_ns - self._t0_ns) % self.step_ns < _EDGE_S * SECOND:
                self.token.advance(2 * _EDGE_S)

    def next_step(self) -> None:
        """Wait until a time token's clock enters its next step."""
        into_ns = (self.token.token_time_ns() - self._t0_ns) % self.step_ns
        self.token.advance((self.step_ns - into_ns) / SECOND + 0.001)

    def left_in_step_ns(self) -> int:
        """Return how long a time token's clock stays in its step."""
        return self.step_ns - (self.token.token_time_ns() - self._t0_ns) % self.step_ns

    def press(self) -> str:
        """Press, and read the code.

        Raises:
            HostError: none lit.
        """
        pressed = self.token.press()
        if pressed.code is None:
            raise HostError(f"token {self.serial} refused a press: {pressed.refused}")
        if self.timed:
            self._pressed_in = self.position().token
        return pressed.code

    def fresh_code(self) -> str:
        """Wait until a press gives a new code, press, and read it."""
        self.ready()
        return self.press()

    # The server.

    def submit(self, code: str) -> Verdict:
        """Sign with a code."""
        return self.server.verify(self.serial, code, self.token.time_ns())

    def submit_pair(self, first: str, second: str) -> Verdict:
        """Submit the resync form."""
        return self.server.resync(self.serial, first, second, self.token.time_ns())

    def reaction(self, tried: str, verdict: Verdict, expected: Kind) -> Reaction:
        """Put together what became of something tried."""
        return Reaction(tried, verdict, expected, self.position(), self.token.lcd())

    def sign(self) -> Reaction:
        """Sign with a fresh code; the distance and the policy say what must come of it.

        Once in a thousand times a code of six digits is that of a counter inside the
        window too. It is then another distance that the server tells, and the holder
        tries once more.
        """
        reaction, distance = self._sign()
        if not reaction.ok and reaction.verdict.distance not in {None, distance}:
            self.tell("a code that by chance is another counter's too; tries once more")
            reaction, _ = self._sign()
        return reaction

    def _sign(self) -> tuple[Reaction, int]:
        self.ready()
        distance = self.distance()
        expected = code_kind(distance, self.server.policy, timed=self.timed)
        verdict = self.submit(self.press())
        return self.reaction("sign with a fresh code", verdict, expected), distance

    def resync(self) -> Reaction:
        """Resync with two fresh codes in a row; expected as in :meth:`sign`."""
        self.ready()
        expected = pair_kind(self.distance(), self.server.policy, timed=self.timed)
        first = self.press()
        verdict = self.submit_pair(first, self.fresh_code())
        return self.reaction("resync with two codes", verdict, expected)

    def bring_in_step(self) -> None:
        """Begin with token and server in step: added, signed, or resynced.

        Raises:
            NotApplicable: the server takes it no more.
        """
        record = self.record()
        if record.status is Status.ASSIGNED:
            first, second = self.fresh_code(), self.fresh_code()
            verdict = self.server.sync(self.serial, first, second, self.token.time_ns())
            self.tell("added to the server with two codes")
        elif self.timed or record.status is not Status.ACTIVE or self.distance():
            verdict = self.submit(self.fresh_code())
            if verdict.kind is Kind.REPLAYED:  # of this very step: somebody pressed it before
                verdict = self.submit(self.fresh_code())
            if verdict.kind is Kind.ACCEPTED:
                self.tell("signs once: the server knows where it is")
            else:
                verdict = self.submit_pair(self.fresh_code(), self.fresh_code())
                self.tell("is out of step from before: resynced with two codes")
        else:
            return
        if not verdict.accepted:
            raise NotApplicable(
                f"token {self.serial} can't be brought in step to begin with; the server says:"
                f" {verdict.operator}"
            )
