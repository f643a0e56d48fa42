"""A holder under load: enrols a token, lives by the holder model, and has each answer judged.

Knows nothing of Locust: what runs at the same time, and how to wait, is given.
"""

import itertools
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from emulator.streams import Stream
from firmware_model.oath import Secret
from firmware_model.profile import SECOND, TokenType
from hosttools.errors import UsageError
from hosttools.holder import Act, Attempt, Habits, PressAct, Why, life, play, recovery
from hosttools.holder.play import Outcome as Done
from hosttools.load.fob import Fob, make_config, make_token
from hosttools.load.referee import Referee, Wrong
from hosttools.load.rules import Rules, Submission, Verb
from hosttools.servers import Answer, Can, Enrolment, Outcome, Server, ServerError
from hosttools.servers.safety import BudgetError, Guarded

HABITS: Final = Habits(
    uses_per_day=20,
    pocket_bursts_per_day=4,
    pocket_presses=4,
    pocket_presses_sigma=1,
    pocket_gap_s=40,
)
"""Busier than people are, so that a run of minutes has some of everything: about one use in
twenty finds the token past a look-ahead of ten. Our default."""

TOKENS: Final = 100
"""Tokens that one holder may get through, one after another."""

_DAYS: Final = 3650
_HOLD_NS: Final = 100_000_000
_COPIES: Final = (2, 6)
_PATIENCE: Final = 20
_PATIENCE_WITHOUT_FORM: Final = 4
"""Refusals in a row after which a holder gets another token; our default."""

_SECRET_BYTES: Final = 20
_LOST: Final = Answer(Outcome.REFUSED, "no answer")
_NOT_SENT: Final = Answer(Outcome.REFUSED, "not sent")


class Sent(NamedTuple):
    """One submission, and what a report wants to know besides.

    Attributes:
        submission: with its answer.
        took_s: host seconds from wanting to send it until the answer.
        error: why there is no answer; empty: there is one.
    """

    submission: Submission
    took_s: float
    error: str


Thunk = Callable[[], Sent | None]


class Told(NamedTuple):
    """What a holder tells of one request.

    Attributes:
        what: the verb, as ``verify``.
        said: the answer in a word, as ``accepted``.
        took_s: host seconds from wanting to send it until the answer.
        error: why there is no answer; empty: there is one.
        wrong: what is wrong with the answer, if anything is.
    """

    what: str
    said: str
    took_s: float
    error: str = ""
    wrong: Wrong | None = None


def one_by_one(thunks: Sequence[Thunk]) -> list[Sent | None]:
    """Do one thing after another, where nothing runs at the same time."""
    return [thunk() for thunk in thunks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the holders of one process share.

    Attributes:
        server: the server under test.
        rules: how it has to answer.
        tell: is told of every request.
        seed: of all decisions.
        base: number of the first token.
        habits: of everybody.
        timed: share of holders with a time token, 0 to 1.
        race: probability that something is submitted several times at once.
        tidy: whether tokens are removed at the end.
        at_once: does several things at the same time.
        gate: is held while the server is asked.
        now_ns: the host's clock, ns since 1970, UTC.
        sleep: waits host seconds.
        draw: gives random bytes, for secrets.
    """

    server: Server
    rules: Rules
    tell: Callable[[Told], object]
    seed: int
    base: int
    habits: Habits = HABITS
    timed: float = 0.0
    race: float = 0.1
    tidy: bool = True
    at_once: Callable[[Sequence[Thunk]], list[Sent | None]] = one_by_one
    gate: AbstractContextManager[object] = field(default_factory=nullcontext)
    now_ns: Callable[[], int] = time.time_ns
    sleep: Callable[[float], object] = time.sleep
    draw: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)


class Person:
    """A holder, and the token that they have.

    Args:
        place: where they live.
        number: which holder, from 0: their decisions follow from the seed and this.

    Attributes:
        serial: their token's serial number; empty: they have none now.
    """

    def __init__(self, place: Place, number: int) -> None:
        self._place = place
        self._number = number
        self._stream = Stream(place.seed, f"load/{number}")
        timed = self._stream.child("timed").chance(place.timed)
        self._type = TokenType.TIME if timed else TokenType.EVENT
        self._races = self._stream.child("race")
        self._pauses = self._stream.child("pause")
        self._tokens = itertools.cycle(range(TOKENS))
        self._refused = 0
        self._fob: Fob | None = None
        self._referee: Referee | None = None
        self._life: Iterator[Done[Answer]] = iter(())
        self.serial = ""

    def pause_s(self, mean_s: float) -> float:
        """Return how long they wait until they do something again, seconds."""
        return self._pauses.exponential(mean_s)

    def act(self) -> None:
        """Live on until something was submitted; get a token first, if they have none."""
        if self._fob is None:
            self.begin()
            return
        for done in self._life:
            if isinstance(done.act, Attempt):
                break
        else:
            self.end()  # the token's battery, or its holder's time
        if self._refused >= (_PATIENCE if self._offers(Can.RESYNC) else _PATIENCE_WITHOUT_FORM):
            self.end()

    def begin(self) -> None:
        """Get a token: enrol it, and add it with two codes where the server wants that.

        If that fails, there is none, and another is tried next time.
        """
        place = self._place
        number = place.base + self._number * TOKENS + next(self._tokens)
        config = make_config(self._type, number, Secret(place.draw(_SECRET_BYTES)))
        enrolment = Enrolment.of_token(config)
        begun_s, error = time.perf_counter(), ""
        try:
            with place.gate:
                place.server.enrol(enrolment)
        except ServerError as e:
            error = str(e)
        said = "failed" if error else "done"
        place.tell(Told("enrol", said, time.perf_counter() - begun_s, error))
        if error:
            return
        token = make_token(config, place.now_ns, place.sleep)
        self.serial, self._refused = config.serial, 0
        self._fob = Fob(token, "counter" if self._type is TokenType.EVENT else "step")
        self._referee = Referee(place.rules, enrolment)
        if self._offers(Can.SYNC):
            first, second = self.press(), self.press()
            if not (first and second and self.submit(Verb.SYNC, first, second).accepted):
                self.end()
                return
        self._life = play(
            life(place.habits, place.seed, self.serial, token.now_ns(), _DAYS),
            self._fob,
            lambda code, _: self._type_in(Verb.VERIFY, code),
            resync=lambda one, two, _: self._type_in(Verb.RESYNC, one, two),
            recover=self._recover,
        )

    def end(self) -> None:
        """Put the token away, and have the server forget it."""
        serial, self.serial, self._fob, self._referee = self.serial, "", None, None
        if not (serial and self._place.tidy and self._offers(Can.REMOVE)):
            return
        with suppress(ServerError), self._place.gate:
            self._place.server.remove(serial)  # what stays there has a secret that nobody has

    def press(self) -> str | None:
        """Press once the LCD is dark; return the code, if one lit. It is a secret.

        Raises:
            UsageError: they have no token.
        """
        fob, _ = self._held()
        fob.advance(round(self._place.habits.lit_s * SECOND) + SECOND)
        return fob.press(_HOLD_NS).code

    def submit(self, verb: Verb, *codes: str, copies: int = 1) -> Answer:
        """Submit codes, several times at once if wanted, and have the answers judged.

        Returns:
            The acceptance, if there was one; else one of the refusals.

        Raises:
            UsageError: they have no token.
        """
        fob, referee = self._held()
        what, tell = fob.call(codes), self._place.tell
        with self._expecting(referee, verb, codes):
            tried = self._place.at_once([partial(self._once, verb, codes, what)] * copies)
        sent = [one for one in tried if one is not None]
        if not sent:
            return _NOT_SENT
        wrong = referee.judge([one.submission for one in sent])
        for submission, took_s, error in sent[:-1]:
            tell(Told(verb.value, submission.said, took_s, error))
        submission, took_s, error = sent[-1]
        tell(Told(verb.value, submission.said, took_s, error, wrong))
        if wrong is not None:
            self.end()
        answers = [one.submission.answer or _LOST for one in sent]
        answer = next((each for each in answers if each.accepted), answers[0])
        self._refused = 0 if answer.accepted else self._refused + 1
        return answer

    def _type_in(self, verb: Verb, *codes: str) -> Answer:
        if self._fob is None:  # it was put away in the middle of a use
            return _LOST
        raced = self._offers(Can.AT_ONCE) and self._races.chance(self._place.race)
        return self.submit(verb, *codes, copies=self._races.between(*_COPIES) if raced else 1)

    def _recover(self, use: int, at_ns: int) -> Iterable[Act]:
        acts = recovery(self._place.habits, self._place.seed, self.serial, use, at_ns)
        if self._offers(Can.RESYNC):
            return acts
        return itertools.takewhile(lambda act: not _of_a_form(act), acts)

    def _once(self, verb: Verb, codes: tuple[str, ...], what: str) -> Sent | None:
        """Submit codes once; return nothing if the failure budget forbids it."""
        server, serial = self._place.server, self.serial
        answer, error, begun_s = None, "", time.perf_counter()
        with self._place.gate:
            began_ns = self._place.now_ns()
            try:
                answer = _FORMS[verb](server)(serial, *codes)
            except ServerError as e:
                error = str(e)
            except BudgetError as e:
                self._place.tell(Told(verb.value, "not sent", 0.0, str(e)))
                return None
            ended_ns = self._place.now_ns()
        took_s = time.perf_counter() - begun_s
        return Sent(Submission(verb, codes, what, began_ns, ended_ns, answer), took_s, error)

    def _expecting(
        self, referee: Referee, verb: Verb, codes: tuple[str, ...]
    ) -> AbstractContextManager[None]:
        """Tell a server with a failure budget whether this may fail; others need no look ahead."""
        server, now_ns = self._place.server, self._place.now_ns()
        if not isinstance(server, Guarded):
            return nullcontext()
        sure = referee.sure(Submission(verb, codes, "", now_ns, now_ns, None))
        return server.expecting(Outcome.ACCEPTED if sure else Outcome.REFUSED)

    def _held(self) -> tuple[Fob, Referee]:
        if self._fob is None or self._referee is None:
            raise UsageError(f"holder {self._number} has no token now; call begin() first")
        return self._fob, self._referee

    def _offers(self, what: Can) -> bool:
        return what in self._place.server.can


_FORMS: Final[Mapping[Verb, Callable[[Server], Callable[..., Answer]]]] = {
    Verb.SYNC: lambda server: server.sync,
    Verb.VERIFY: lambda server: server.verify,
    Verb.RESYNC: lambda server: server.resync,
}


def _of_a_form(act: Act) -> bool:
    return isinstance(act, PressAct) and act.why is Why.RESYNC
