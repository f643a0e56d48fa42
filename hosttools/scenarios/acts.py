"""What each step does, to the tokens and to the server. One function for each record of steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from emulator.results import PressResult
from firmware_model.profile import SECOND, TokenType
from hosttools.hand import Pressed
from hosttools.holder import Slip, SlipKind, habits_from_mapping, life, play, recovery, typed
from hosttools.recipes import NotApplicable, desync
from hosttools.refserver import Verdict
from hosttools.scenarios import steps
from hosttools.scenarios.toml import inline, plain
from hosttools.scenarios.values import found
from hosttools.scenarios.world import Held, World
from hosttools.servers import Answer, Can, Outcome
from hosttools.words import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """What came of a step, beside what can be looked at afterwards.

    Attributes:
        said: in a few words, for people.
        answer: what the server let on last.
        kind: the reference server's verdict; empty: none.
        refused: why a press gave no code.
        winners: how many submissions of a race were accepted.
        wrong: why the step failed by itself, whatever was expected; empty: it didn't.
        told: what the server told, as plain JSON.
    """

    said: str
    answer: Answer | None = None
    kind: str = ""
    refused: str | None = None
    winners: int | None = None
    wrong: str = ""
    told: Any = field(default=None, repr=False)


def perform(world: World, held: Held, what: steps.What) -> Did:
    """Do what a step says.

    Raises:
        NotOfferedError: the server has not got it.
        HostError: the server can't be reached, or makes no sense.
    """
    act: Callable[[World, Held, Any], Did] = _ACTS[type(what)]
    return act(world, held, what)


# The token.


def _press(world: World, held: Held, what: steps.Press) -> Did:
    if what.fresh:
        held.token.wait_dark()
    return _pressed(world, held, held.token.try_press(what.hold_ns / SECOND), what.as_)


def _press_many(world: World, held: Held, what: steps.PressMany) -> Did:
    held.token.wait_dark()
    given = held.token.hand.press_many(what.times, what.hold_ns / SECOND)
    did = _pressed(world, held, given[-1], what.as_)
    lit = sum(pressed.code is not None for pressed in given)
    said = f"{lit} codes lit" if did.refused is None else f"{lit} codes lit, then {did.refused}"
    return Did(said=said, refused=did.refused)


def _pressed(world: World, held: Held, pressed: Pressed, name: str | None) -> Did:
    if pressed.code is None:
        return Did(said=f"no code: {pressed.refused}", refused=pressed.refused)
    held.last = pressed.code
    if name is not None:
        world.codes[name] = pressed.code
    return Did(said="lit")


def _fresh_pair(held: Held) -> tuple[str, str]:
    first, second = held.token.fresh_code(), held.token.fresh_code()
    held.last = second
    return first, second


def _wait(_: World, held: Held, _what: steps.Wait) -> Did:
    held.token.wait_dark()
    return Did(said="dark")


def _advance(world: World, _: Held, what: steps.Advance) -> Did:
    if what.to_ns is not None:
        by_ns = world.scenario.start_ns + what.to_ns - world.now_ns
    elif what.at_ns is not None:
        by_ns = what.at_ns - world.now_ns
    else:
        by_ns = (what.seconds_ns or 0) + (what.days_ns or 0)
    world.advance(by_ns)
    return Did(said=f"{spoken(max(by_ns, 0) / SECOND)} later")


def _set_counter(_: World, held: Held, what: steps.SetCounter) -> Did:
    held.token.counter = what.counter
    return Did(said=f"set to {what.counter}")


def _fault(_: World, held: Held, what: steps.Fault) -> Did:
    held.token.inject(inline(what.fault))
    return Did(said="armed")


def _look(_: World, _held: Held, _what: steps.Look) -> Did:
    return Did(said="")


# The server.


def _enrol(world: World, held: Held, _: steps.Enrol) -> Did:
    world.enrol(held)
    return Did(said="known to the server")


def _remove(world: World, held: Held, _: steps.Remove) -> Did:
    world.remove(held)
    return Did(said="unknown to the server")


def _unlock(world: World, held: Held, _: steps.Unlock) -> Did:
    world.unlock(held)
    return Did(said="unlocked")


def _add(world: World, held: Held, _: steps.Add) -> Did:
    if Can.SYNC in world.bed.server.can:
        return _answered(*world.sync(held, *_fresh_pair(held)), must=True)
    did = Did(said="")
    for _code in range(2):  # each at once: a time token's first one is soon too old
        held.last = held.token.fresh_code()
        did = _answered(*world.verify(held, held.last), must=True)
        if did.wrong:
            break
    return did


def _submit(world: World, held: Held, what: steps.Submit) -> Did:
    did = Did(said="")
    for _ in range(what.times):
        did = _answered(*world.verify(held, _text(world, held, what)))
    return did


def _text(world: World, held: Held, what: steps.Submit) -> str:
    """Return what is typed."""
    if what.wrong:
        return world.wrong_code(held)
    if what.typed is not None:
        return what.typed
    code = world.code(held, what.code)
    return code if what.form is None else _FORMS[what.form](code)


def _slipped(kind: SlipKind, code: str) -> str:
    return typed([Slip(kind)], [code]) or code


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    SlipKind.TRANSPOSED.value: partial(_slipped, SlipKind.TRANSPOSED),
    SlipKind.MISTYPED.value: partial(_slipped, SlipKind.MISTYPED),
    "spaced": lambda code: f"{code[:3]} {code[3:]}",
    "shortened": lambda code: code[:-1],
    "lengthened": lambda code: f"{code}0",
}


def _race(world: World, held: Held, what: steps.Race) -> Did:
    answers = world.race(held, world.code(held, what.code), what.times)
    winners = sum(answer.accepted for answer in answers)
    return Did(said=f"{winners} of {what.times} accepted", winners=winners)


def _sync(world: World, held: Held, what: steps.Sync) -> Did:
    return _answered(*world.sync(held, *_pair(world, held, what)))


def _resync(world: World, held: Held, what: steps.Resync) -> Did:
    return _answered(*world.resync(held, *_pair(world, held, what)))


def _pair(world: World, held: Held, what: steps.Sync | steps.Resync) -> tuple[str, str]:
    if what.typed is not None:
        return what.typed
    if what.codes is None:
        return _fresh_pair(held)
    first, second = what.codes
    return world.code(held, first), world.code(held, second)


def _answered(answer: Answer, verdict: Verdict | None, *, must: bool = False) -> Did:
    said = answer.outcome.value
    if verdict is not None:
        said = verdict.operator
    elif answer.reason:
        said += f": {answer.reason}"
    return Did(
        said=said,
        answer=answer,
        kind="" if verdict is None else verdict.kind.value,
        wrong="the server does not take the token" if must and not answer.accepted else "",
    )


def _ask(world: World, held: Held, what: steps.Ask) -> Did:
    reply = world.ask(held, what)
    missing = [path for path in (what.keep or {}).values() if found(reply.told, path) is None]
    detail = found(reply.told, "detail") or found(reply.told, "message") or ""
    answer = Answer(Outcome.ACCEPTED if reply.accepted else Outcome.REFUSED, str(detail))
    for name, path in (what.keep or {}).items():
        world.kept[name] = found(reply.told, path)
    return Did(
        said=": ".join(filter(None, (answer.outcome.value, answer.reason))),
        answer=answer,
        told=reply.told,
        wrong=f"the answer has no {' and no '.join(missing)}" if missing else "",
    )


def _unpack(world: World, held: Held, what: steps.Unpack) -> Did:
    world.unpack(held, what.user, what.parcel)
    return Did(said=f"{held.serial} is in the hand")


# People.


def _desync(world: World, held: Held, what: steps.Desync) -> Did:
    server = world.bed.reference if what.trial else None
    by = None if what.by_milli is None else what.by_milli / 1_000
    try:
        reached = desync(held.token.hand, what.recipe, serial=held.serial, by=by, server=server)
    except NotApplicable as e:
        return Did(said=str(e), wrong=str(e))
    last = reached.reactions[-1].verdict if reached.reactions else None
    bad = [r for r in reached.reactions if not r.ok]
    wrong = "".join(f"{r.tried}: {r.verdict.kind.value}, not {r.expected.value}" for r in bad[:1])
    said = f"went {reached.position.token_moved:+.4g}"
    if reached.reactions:
        said += ", then " + ", ".join(r.verdict.kind.value for r in reached.reactions)
    return Did(said=said, kind="" if last is None else last.kind.value, wrong=wrong)


class _Fob:
    """A token as a holder's life wants it."""

    def __init__(self, world: World, held: Held) -> None:
        self._world = world
        self._held = held

    def now_ns(self) -> int:
        """Return bench time."""
        return self._world.now_ns

    def advance(self, by_ns: int) -> None:
        """Let it pass."""
        self._world.advance(by_ns)

    def press(self, hold_ns: int) -> PressResult:
        """Press and let go."""
        pressed = self._held.token.try_press(hold_ns / SECOND)
        return PressResult(pressed.code, pressed.refused, None, self._world.now_ns)


def _holder(world: World, held: Held, what: steps.Holder) -> Did:
    habits = habits_from_mapping(plain(what.habits or {}))
    person = habits, world.scenario.seed, held.serial
    acts = life(*person, world.now_ns, what.days)

    def submit(code: str, _: int) -> Answer:
        return world.verify(held, code)[0]

    def resync(first: str, second: str, _: int) -> Answer:
        return world.resync(held, first, second)[0]

    forms = Can.RESYNC in world.bed.server.can
    outcomes = play(
        acts,
        _Fob(world, held),
        submit,
        resync=resync if forms else None,
        recover=partial(recovery, *person) if forms else None,
    )
    uses = accepted = pairs = presses = 0
    for outcome in outcomes:
        if outcome.verdict is None:
            presses += outcome.refused is None
            continue
        pair = getattr(outcome.act, "pair", False)
        uses, pairs = uses + (not pair), pairs + pair
        accepted += outcome.verdict.accepted
        world.note(held, outcome.verdict.accepted)
    held.last = None  # the person has seen it, and nobody else
    return Did(
        said=f"{presses} presses, {uses} codes and {pairs} pairs submitted, {accepted} accepted"
    )


_ACTS: Final[Mapping[type[steps.What], Callable[[World, Held, Any], Did]]] = {
    steps.Press: _press,
    steps.PressMany: _press_many,
    steps.Wait: _wait,
    steps.Advance: _advance,
    steps.Enrol: _enrol,
    steps.Remove: _remove,
    steps.Unlock: _unlock,
    steps.Add: _add,
    steps.Submit: _submit,
    steps.Race: _race,
    steps.Sync: _sync,
    steps.Resync: _resync,
    steps.SetCounter: _set_counter,
    steps.Fault: _fault,
    steps.Desync: _desync,
    steps.Holder: _holder,
    steps.Ask: _ask,
    steps.Unpack: _unpack,
    steps.Look: _look,
}


def needs_of(what: steps.What, token_type: TokenType) -> frozenset[Can]:
    """Return what a server has to offer for a step."""
    timed = token_type is TokenType.TIME
    return what.needs | ({Can.TIME, Can.CLOCK} if timed else {Can.EVENT})
