"""A life is played on a token and a server, and every act has its outcome."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.results import PressResult
from firmware_model import GALH, Secret, configure
from firmware_model.profile import TokenType
from hosttools.errors import UsageError
from hosttools.holder import (
    Act,
    Attempt,
    BenchToken,
    Habits,
    Outcome,
    PressAct,
    Slip,
    SlipKind,
    Why,
    life,
    play,
    recovery,
)
from hosttools.refserver import Act as Asked
from hosttools.refserver import Kind, Record, Status, Store, Verdict

S = 1_000_000_000
HOLD = S // 10
LIT = 30 * S
SERIAL = "GALH00000042"
START_NS = parse_utc("2026-01-05T00:00:00Z")


@dataclass
class PaperToken:
    """A token that counts, lit for 30 s and deaf meanwhile; its code is its counter.

    Attributes:
        now: the time.
        dead: whether it shows nothing any more.
    """

    now: int = 0
    dead: bool = False
    counter: int = 0
    dark_ns: int = 0

    def now_ns(self) -> int:
        """Return the time."""
        return self.now

    def advance(self, by_ns: int) -> None:
        """Let time pass."""
        self.now += by_ns

    def press(self, hold_ns: int) -> PressResult:
        """Light the next code, unless one is lit."""
        self.now += hold_ns
        if self.dead:
            return PressResult(None, "dead", None, self.now)
        if self.now < self.dark_ns:
            return PressResult(None, "lit", None, self.now)
        self.dark_ns = self.now + LIT
        self.counter += 1
        return PressResult(f"{self.counter:06d}", None, self.counter, self.now)


@dataclass
class PaperServer:
    """A server that accepts what it is told to, and remembers what was typed.

    Attributes:
        accepts: whether to accept each submission in turn; the last goes for the rest.
        typed: what came, code or pair, with its time.
    """

    accepts: Sequence[bool] = (True,)
    typed: list[tuple[str | tuple[str, str], int]] = field(default_factory=list)

    def submit(self, code: str, now_ns: int) -> Verdict:
        """Take one code."""
        return self._answer(code, now_ns, Asked.VERIFY, Kind.ACCEPTED)

    def resync(self, code1: str, code2: str, now_ns: int) -> Verdict:
        """Take a pair."""
        return self._answer((code1, code2), now_ns, Asked.RESYNC, Kind.RESYNCED)

    def _answer(self, typed: str | tuple[str, str], now_ns: int, act: Asked, good: Kind) -> Verdict:
        accepted = self.accepts[min(len(self.typed), len(self.accepts) - 1)]
        self.typed.append((typed, now_ns))
        return Verdict(
            act=act,
            kind=good if accepted else Kind.INVALID,
            serial=SERIAL,
            token_type=TokenType.EVENT,
            status=Status.ACTIVE,
            expected=0,
        )

    @property
    def codes(self) -> list[str | tuple[str, str]]:
        """What was typed, without times."""
        return [code for code, _ in self.typed]


def use(number: int, at_s: int, *slips: SlipKind) -> list[Act]:
    """Return a use: a press, and six seconds later the code."""
    at_ns = at_s * S
    done = Attempt(at_ns + 6 * S, at_ns, number, tuple(map(Slip, slips)))
    return [PressAct(at_ns, HOLD, Why.SIGN, number), done]


def pocket(at_s: int) -> list[Act]:
    """Return an accident."""
    return [PressAct(at_s * S, HOLD, Why.POCKET)]


def played(
    acts: Iterable[Act],
    token: PaperToken | None = None,
    server: PaperServer | None = None,
    recover: Callable[[int, int], Iterable[Act]] | None = None,
) -> tuple[list[Outcome[Verdict]], PaperServer]:
    """Play acts on paper."""
    server = server or PaperServer()
    outcomes = play(
        acts, token or PaperToken(), server.submit, resync=server.resync, recover=recover
    )
    return list(outcomes), server


def test_a_use() -> None:
    """A code is read at the press, and typed at its time."""
    (pressed, signed), server = played(use(0, 100))
    assert (100 * S, 1, None, None) == (
        pressed.at_ns,
        pressed.factor,
        pressed.refused,
        pressed.verdict,
    )
    assert (106 * S, 1, True) == (signed.at_ns, signed.factor, signed.as_shown)
    assert signed.verdict is not None
    assert signed.verdict.accepted
    assert [("000001", 106 * S)] == server.typed


def test_nobody_reads_in_a_pocket() -> None:
    """The code before is the one that the holder saw, not one that lit in the pocket."""
    acts = [*use(0, 0), *pocket(100), *use(1, 200, SlipKind.PREVIOUS_CODE)]
    outcomes, server = played(acts)
    assert ["000001", "000001"] == server.codes
    assert [3, False] == [outcomes[-1].factor, outcomes[-1].as_shown]


def test_lit_by_the_pocket() -> None:
    """Who presses while a code is lit reads that code, whoever lit it."""
    outcomes, server = played([*pocket(0), *use(0, 10)])
    assert ["lit", None] == [o.refused for o in outcomes[1:]]
    assert ["000001"] == server.codes
    assert 1 == outcomes[-1].factor


def test_dead() -> None:
    """Where the token shows nothing, nothing is typed, not even an old code."""
    token = PaperToken()
    server = PaperServer()
    outcomes = play([*use(0, 0), *use(1, 100)], token, server.submit)
    next(outcomes), next(outcomes)
    token.dead = True
    pressed, signed = outcomes
    assert ("dead", None, None) == (pressed.refused, signed.as_shown, signed.verdict)
    assert ["000001"] == server.codes


def test_recovery_until_accepted() -> None:
    """After a refusal the holder goes on until something is accepted, and no further."""
    habits = Habits(retries=2, submitted_twice=0, mistyped=0, transposed=0, again_while_lit=0)
    outcomes, server = played(
        use(0, 0),
        server=PaperServer([False, False, True]),
        recover=partial(recovery, habits, 7, SERIAL),
    )
    whys = [o.act.why for o in outcomes if isinstance(o.act, PressAct)]
    assert [Why.SIGN, Why.RETRY, Why.RETRY] == whys
    assert 3 == len(server.codes)


def test_recovery_ends_in_the_form() -> None:
    """When all else is refused, the last thing is a pair of two codes; then the holder gives up."""
    habits = Habits(retries=0, submitted_twice=0, mistyped=0, transposed=0, first_twice=0)
    _, server = played(
        [*use(0, 0), *use(1, 1000)],
        server=PaperServer([False, False, True]),
        recover=partial(recovery, habits, 7, SERIAL),
    )
    assert ["000001", ("000002", "000003"), "000004"] == server.codes


def test_the_last_answer_counts() -> None:
    """Of two submits the holder reads the second answer, and reacts to nothing before it."""
    first, done = use(0, 0)
    assert isinstance(done, Attempt)
    again = Attempt(done.at_ns + S, done.pressed_ns, 0)
    recover = partial(recovery, Habits(), 7, SERIAL)
    outcomes, _ = played([first, done, again], server=PaperServer([False, True]), recover=recover)
    assert [first, done, again] == [o.act for o in outcomes]


def test_late_as_a_whole() -> None:
    """A use that has to wait for a recovery keeps its pace, and overdue accidents don't happen."""
    habits = Habits(retries=1, submitted_twice=0, too_late=0, again_while_lit=0)
    acts = [*use(0, 0), *pocket(20), *use(1, 30), *use(2, 1000)]
    outcomes, _ = played(
        acts, server=PaperServer([False, True]), recover=partial(recovery, habits, 7, SERIAL)
    )
    at = {o.act: o.at_ns for o in outcomes}
    pressed, done = acts[3:5]
    assert acts[2] not in at
    assert at[pressed] > pressed.at_ns
    assert done.at_ns - pressed.at_ns == at[done] - at[pressed]
    assert acts[-1].at_ns == at[acts[-1]]


def test_no_recovery() -> None:
    """Without a recovery a refusal is left at that."""
    outcomes, _ = played([*use(0, 0), *use(1, 100)], server=PaperServer([False]))
    assert 4 == len(outcomes)


def test_a_pair_needs_a_form() -> None:
    """A pair without a form to submit is an error that says what to give."""
    server = PaperServer([False])
    recover = partial(recovery, Habits(retries=0), 7, SERIAL)
    with pytest.raises(UsageError, match="nowhere to go; give play a resync"):
        list(play(use(0, 0), PaperToken(), server.submit, recover=recover))


@pytest.fixture
def bench() -> Bench:
    """A bench on a manual clock with a token of the RFC 4226 secret."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
    return bench


def store() -> Store:
    """Return a server that knows this token."""
    server = Store(":memory:")
    secret = Secret(b"12345678901234567890")
    record = Record(serial=SERIAL, token_type=TokenType.EVENT, secret=secret, status=Status.ACTIVE)
    server.add(record)
    return server


def on_bench(bench: Bench, habits: Habits, days: int) -> list[Outcome[Verdict]]:
    """Play a life on a bench against the reference server."""
    with store() as server:
        return list(
            play(
                life(habits, 7, SERIAL, START_NS, days),
                BenchToken(bench, SERIAL),
                partial(server.verify, SERIAL),
                resync=partial(server.resync, SERIAL),
                recover=partial(recovery, habits, 7, SERIAL),
            )
        )


def test_on_a_bench(bench: Bench) -> None:
    """A rough life loses sync again and again, and each time the resync form finds it."""
    rough = Habits(pocket_bursts_per_day=5, uses_per_day=3)
    outcomes = on_bench(bench, rough, 60)
    kinds = {o.verdict.kind for o in outcomes if o.verdict}
    assert {Kind.ACCEPTED, Kind.OUT_OF_SYNC, Kind.RESYNCED} <= kinds
    assert Status.LOCKED not in {o.verdict.status for o in outcomes if o.verdict}
    lit = sum(o.factor is not None for o in outcomes if isinstance(o.act, PressAct))
    assert lit == bench.look(SERIAL).counter


def test_a_careful_life_stays_in_sync(bench: Bench) -> None:
    """Who makes no mistake and has no pocket is never refused."""
    careful = Habits(
        pocket_bursts_per_day=0,
        child_bursts_per_year=0,
        transposed=0,
        mistyped=0,
        previous_code=0,
        submitted_twice=0,
    )
    outcomes = on_bench(bench, careful, 14)
    assert {Kind.ACCEPTED} == {o.verdict.kind for o in outcomes if o.verdict}


def test_same_life_same_outcomes() -> None:
    """The same seed gives the same outcomes, byte for byte."""
    texts = []
    for _ in range(2):
        bench = Bench(VirtualClock(START_NS))
        bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
        texts.append(repr(on_bench(bench, Habits(), 14)).encode())
    assert texts[0] == texts[1]


def test_outcomes_hold_no_codes(bench: Bench) -> None:
    """No outcome shows the digits of the code that lit."""
    first_code = "755224"  # RFC 4226, appendix D
    text = repr(on_bench(bench, Habits(), 2))
    assert "Outcome" in text
    assert first_code not in text
