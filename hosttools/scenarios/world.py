"""The tokens of a scenario, alive on one bench, and the server that knows them.

Bench time is manual and begins where the scenario says. Codes are in here and nowhere
else: they go from a token to the server by their names.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar

from emulator.annotations import Submitted
from emulator.serverview import ServerView
from emulator.streams import Stream
from firmware_model.nvm import Config
from firmware_model.oath import MAX_COUNTER, Key, hotp
from firmware_model.profile import SECOND, TokenType
from firmware_model.stimuli import Lit
from hosttools.cases import Case, take
from hosttools.errors import HostError
from hosttools.hand import BenchHand, Token, open_still_bench
from hosttools.hand.bench import as_host_errors
from hosttools.refserver import Verdict
from hosttools.scenarios.model import Scenario, ScenarioError, TokenSpec
from hosttools.scenarios.results import Moment
from hosttools.scenarios.steps import Ask
from hosttools.scenarios.tokens import configs_of, physics_of
from hosttools.scenarios.under_test import Bed
from hosttools.scenarios.values import SERIAL, name_in
from hosttools.servers import Answer, Can, Enrolment, Outcome, Reply, ServerError

T = TypeVar("T")

_REACH: Final = 12_000
"""How far round a token a wrong code is none of its own: further than servers search."""


@dataclass(slots=True)
class Held:
    """One token in the hand.

    Attributes:
        spec: what the scenario says of it.
        config: what it is made of.
        token: the token itself.
        last: its last code; ``None``: nobody has read one.
        enrolled: whether the server knows it.
    """

    spec: TokenSpec
    config: Config
    token: Token
    last: str | None = field(default=None, repr=False)
    enrolled: bool = False

    @property
    def serial(self) -> str:
        """Its serial number."""
        return self.config.serial

    @property
    def timed(self) -> bool:
        """Whether it is a time token."""
        return self.config.token_type is TokenType.TIME

    def factor(self) -> int | None:
        """Return its next counter, or the steps that its clock is ahead of bench time."""
        try:
            if not self.timed:
                return self.token.counter
            own_ns, now_ns = self.token.hand.token_time_ns(), self.token.now_ns
        except HostError:  # without power, or its memory is broken
            return None
        t0_ns = self.config.t0_s * SECOND
        return (own_ns - t0_ns) // self.config.step_ns - (now_ns - t0_ns) // self.config.step_ns


class World:
    """What a scenario plays in. Close it.

    Args:
        scenario: the scenario; it has been checked.
        bed: the server under test.
        told: whether the journal tells what the server says, so that a case can be taken.

    Attributes:
        scenario: as given.
        bed: likewise.
        codes: what codes are called.
        kept: what was kept of answers, by name.
        moments: where tokens and server were so far.
        step: number of the step under way.
    """

    def __init__(self, scenario: Scenario, bed: Bed, *, told: bool = False) -> None:
        self.scenario = scenario
        self.bed = bed
        self.codes: dict[str, str] = {}
        self.kept: dict[str, Any] = {}
        self.moments: list[Moment] = []
        self.step = 0
        self._held: dict[str, Held] = {}
        self._wrong = Stream(scenario.seed, "scenario/wrong")
        made = []
        for spec, config in zip(scenario.tokens, configs_of(scenario), strict=True):
            if isinstance(config, str):
                raise ScenarioError((config,))
            made.append((spec, config))
        self._alive = open_still_bench(
            [(config, physics_of(spec, config, scenario.start_ns)) for spec, config in made],
            scenario.start_ns,
        )
        for spec, config in made:
            token = Token(BenchHand(self._alive, config.serial))
            self._held[config.serial] = Held(spec, config, token)
        self._told = told
        if told:
            bed.tell(self._alive.bench)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._alive.close()

    @property
    def now_ns(self) -> int:
        """Bench time, ns since 1970, UTC."""
        return self._alive.bench.now_ns()

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    def held(self, called: str) -> Held:
        """Return a token by what steps call it."""
        return self._held[self.scenario.token(called).serial]

    def advance(self, by_ns: int) -> None:
        """Let time pass for all tokens."""
        with as_host_errors():
            self._alive.bench.advance(max(by_ns, 0))

    # The server.

    def enrol(self, held: Held) -> None:
        """Make a token known."""
        self._set_clock()
        self.bed.server.enrol(Enrolment.of_token(held.config, user=held.spec.user))
        held.enrolled = True

    def remove(self, held: Held) -> None:
        """Make a token unknown."""
        self.bed.server.remove(held.serial)
        held.enrolled = False

    def unlock(self, held: Held) -> None:
        """Have its failures forgotten."""
        self._set_clock()
        self.bed.server.unlock(held.serial)

    def verify(self, held: Held, code: str) -> tuple[Answer, Verdict | None]:
        """Submit one code; return the answer, and the reference server's verdict."""
        return self._ask(held, "verify", code)

    def sync(self, held: Held, code1: str, code2: str) -> tuple[Answer, Verdict | None]:
        """Submit the add form."""
        return self._ask(held, "sync", code1, code2)

    def resync(self, held: Held, code1: str, code2: str) -> tuple[Answer, Verdict | None]:
        """Submit the resync form."""
        return self._ask(held, "resync", code1, code2)

    def ask(self, held: Held, what: Ask) -> Reply:
        """Have one of the server's further acts done."""
        self._set_clock()
        given = {key: self.meant(held, value) for key, value in (what.given or {}).items()}
        return self.bed.server.ask(what.act, what.user, given)

    def meant(self, held: Held, value: Any) -> Any:  # noqa: ANN401  # plain values
        """Return what a value of a scenario stands for."""
        if isinstance(value, list):
            return [self.meant(held, one) for one in value]
        name = name_in(value)
        if name is None:
            return value.replace("$$", "$", 1) if isinstance(value, str) else value
        if name == SERIAL:
            return held.serial
        return self.kept[name] if name in self.kept else self.code(held, name)

    def unpack(self, held: Held, user: str, parcel: str) -> None:
        """Have a fob that was sent take a token's place in the hand."""
        number = self.kept.get(parcel)
        if type(number) is not int:
            raise HostError(f"{parcel} is no number of an order; keep one by that name")
        self._set_clock()
        config = self.bed.server.unpack(user, number)
        with as_host_errors():
            self._alive.bench.open(config)
        held.config, held.last, held.enrolled = config, None, True
        held.token = Token(BenchHand(self._alive, config.serial))

    def race(self, held: Held, code: str, times: int) -> list[Answer]:
        """Submit one code so many times at once."""
        self._set_clock()
        with ThreadPoolExecutor(times) as pool:
            asked = [pool.submit(self.bed.server.verify, held.serial, code) for _ in range(times)]
            return [future.result() for future in asked]

    def _ask(self, held: Held, verb: str, *codes: str) -> tuple[Answer, Verdict | None]:
        self._set_clock()
        self.bed.forget_verdict()
        try:
            answer: Answer = getattr(self.bed.server, verb)(held.serial, *codes)
        except ServerError:
            if held.enrolled:
                raise
            return Answer(Outcome.REFUSED, "a token that the server does not know"), None
        if self._told and self.bed.reference is None:
            self._tell(held, verb, codes, answer)
        return answer, self.bed.verdict

    def _tell(self, held: Held, verb: str, codes: tuple[str, ...], answer: Answer) -> None:
        """Have the journal tell what another server than ours said, in no words of its own."""
        first, second = (*(self._lit_at(held, code) for code in codes), None)[:2]
        self._alive.bench.annotate(
            held.serial,
            Submitted(
                at_ns=self.now_ns,
                server=self.bed.name,
                verb=verb,
                accepted=answer.accepted,
                reason=answer.outcome.value,
                factor=first,
                second_factor=second,
            ),
        )

    def _lit_at(self, held: Held, code: str) -> int | None:
        """Return the counter or step of a code that a token has shown."""
        journal = self._alive.bench.journal
        for record in journal.back(journal.visible, held.serial, (Lit,)):
            if isinstance(record.event, Lit) and record.event.code == code:
                return record.event.factor
        return None

    def case(self, failure: str) -> Case:
        """Return all that happened so far as a case, which replays elsewhere.

        Args:
            failure: what is not as expected.
        """
        scenario = self.scenario
        with as_host_errors():
            return take(
                self._alive.bench,
                servers=self.bed.keeps,
                title=scenario.title or scenario.source,
                failure=failure,
                seed=scenario.seed,
            )

    def _set_clock(self) -> None:
        if Can.CLOCK in self.bed.server.can:
            self.bed.server.set_clock(self.now_ns)

    def view(self, held: Held) -> ServerView | None:
        """Return what the server believes of a token, if it tells."""
        if Can.VIEW not in self.bed.server.can or not held.enrolled:
            return None
        self._set_clock()
        return self.bed.server.view(held.serial)

    def note(self, held: Held, accepted: bool | None = None) -> Moment:  # noqa: FBT001  # three states
        """Note where a token and the server are, and return it."""
        moment = Moment(
            self.step, self.now_ns, held.serial, held.factor(), self.view(held), accepted
        )
        self.moments.append(moment)
        return moment

    # Codes.

    def code(self, held: Held, name: str | None) -> str:
        """Return a code by its name; without one, the last of a token."""
        code = held.last if name is None else self.codes.get(name)
        if code is None:
            raise HostError(f"{name or 'the last code'} was never read: its press gave no code")
        return code

    def wrong_code(self, held: Held) -> str:
        """Return a well-formed code that is none of a token's, as far as servers look."""
        key, digits = Key(held.config.secret, held.config.algorithm), held.config.digits
        if held.timed:
            step_ns = held.config.step_ns
            middle = (self.now_ns - held.config.t0_s * SECOND) // step_ns
        else:
            middle = held.factor() or held.config.first_counter
        low = max(middle - _REACH, 0)
        while True:
            code = f"{self._wrong.below(10**digits):0{digits}d}"
            factors = range(low, min(middle + _REACH, MAX_COUNTER))
            if not any(hotp(key, factor, digits) == code for factor in factors):
                return code
