"""From a journal to a scenario: what was done on the page, a port or over HTTP, again.

Stimuli become presses and waits, submissions become steps that name the code by the press
that made it. Nobody's secret is in a scenario: tokens are made anew from its seed, so that
codes have other digits and everything else is as it was.

What a journal does not tell is guessed, and noted at the step; what has no step of its
own is told as left out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from firmware_model.errors import IdentifierError
from firmware_model.identifier import identify
from firmware_model.profile import SECOND
from hosttools.benchanswers import Event
from hosttools.errors import UsageError
from hosttools.scenarios import steps
from hosttools.scenarios.model import Scenario, Step, TokenSpec
from hosttools.scenarios.steps import Expect, What

_BOUNCE_NS: Final = SECOND // 50
"""A contact that closes again so soon only bounced."""

_SOON_NS: Final = SECOND // 10
"""Time between two acts that needs no step of its own."""

_UNTOLD: Final = frozenset(
    {
        "ambient",
        "battery_in",
        "battery_out",
        "bit_rot",
        "case_opened",
        "clock_jump",
        "drain",
        "fired",
        "harm",
        "retune",
        "set_clock",
        "shift_time",
        "supply_dip",
    }
)
"""Kinds of records that change a token and have no step of their own."""

_TAKEN: Final = frozenset({"submitted", "server_seen", "set_counter", "dark"})
_ADDED: Final = 2
"""Codes that an added token has shown."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a journal.

    Attributes:
        scenario: the scenario.
        left_out: what it can't tell, in words.
    """

    scenario: Scenario
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Press:
    """A press: its edges, and what came of it."""

    event: Event
    up_ns: int | None = None
    factor: int | None = None
    refused: str | None = None


@dataclass(slots=True)
class _Token:
    """What is known of a token while its records are told again.

    Attributes:
        spec: what the scenario says of it.
        codes: the step of the press that lit each counter, or time step, the newest last.
        unused: whether its last code has not been submitted.
        added: whether the server has it in use.
        dark_ns: when its display went dark last.
        distance: how far the server said it was behind at the start, presses.
    """

    spec: TokenSpec
    codes: dict[int, int] = field(default_factory=dict)
    unused: bool = False
    added: bool = False
    dark_ns: int = -1
    distance: int = 0


def recorded(events: Iterable[Event], serials: Sequence[str] = ()) -> Recorded:
    """Make a scenario of what happened.

    Args:
        events: records of a journal, in order.
        serials: only of these tokens; empty: of all.

    Raises:
        UsageError: nothing was done to any token, or one's product is unknown.
    """
    told = [e for e in events if e.serial and (not serials or e.serial in serials)]
    acts = _acts(told)
    if not acts:
        raise UsageError("the journal tells of nothing that was done to a token")
    tape = _Tape(told)
    for act in acts:
        tape.tell(act)
    return tape.done()


def _acts(events: Sequence[Event]) -> list[_Press | Event]:
    """Return what was done, in order: presses as one, everything else as it was."""
    acts: list[_Press | Event] = []
    last: dict[str, _Press] = {}
    for event in events:
        press = last.get(event.serial)
        if event.kind == "edge" and not event.by.startswith("fault "):
            if not event.data["closed"]:
                if press is not None:
                    press.up_ns = event.at_ns
            elif press is None or (press.up_ns or event.at_ns) + _BOUNCE_NS <= event.at_ns:
                last[event.serial] = press = _Press(event)
                acts.append(press)
        elif event.kind == "lit" and press is not None and press.factor is None:
            press.factor = event.data["factor"]
        elif event.kind == "refused" and press is not None and press.refused is None:
            press.refused = event.data["reason"]
        elif event.kind in _TAKEN or event.kind in _UNTOLD or event.kind == "edge":
            acts.append(event)
    return acts


class _Tape:
    """A scenario in the making."""

    def __init__(self, told: Sequence[Event]) -> None:
        self._start_ns = self._now_ns = told[0].at_ns
        self._steps: list[Step] = []
        self._left_out = Counter[str]()
        self._tokens: dict[str, _Token] = {}
        for event in told:
            if event.serial not in self._tokens:
                self._tokens[event.serial] = _Token(_spec(event))

    def tell(self, act: _Press | Event) -> None:
        """Add the steps of one act."""
        if isinstance(act, _Press):
            self._press(self._tokens[act.event.serial], act)
            return
        token = self._tokens[act.serial]
        if act.kind == "dark":
            token.dark_ns = act.at_ns
        elif act.kind == "server_seen":
            self._seen(token, act.data["view"])
        elif act.kind == "set_counter":
            self._step(token, steps.SetCounter(counter=act.data["counter"]), act.at_ns)
        elif act.kind == "submitted":
            self._submitted(token, act)
        elif act.kind != "edge" or act.data["closed"]:
            self._left_out[f"{act.kind} of {act.serial}"] += 1

    def _press(self, token: _Token, press: _Press) -> None:
        down_ns = press.event.at_ns
        hold_ns = max((press.up_ns or down_ns + steps.Press().hold_ns) - down_ns, 1)
        if token.dark_ns == down_ns:
            self._now_ns = down_ns  # pressed as soon as it was dark, as a press waits for
        expect = None if press.refused is None else Expect(refused=press.refused)
        what = steps.Press(hold_ns=hold_ns, fresh=press.refused is None)
        self._step(token, what, down_ns, expect)
        self._now_ns = down_ns + hold_ns
        if press.factor is not None:
            token.codes[press.factor] = len(self._steps) - 1
            token.unused = True

    def _seen(self, token: _Token, view: dict[str, Any]) -> None:
        """Take from what the server said first how far the two were apart."""
        if not token.codes and not token.added and view.get("next_counter") is not None:
            token.distance = max((token.spec.counter or 0) - view["next_counter"], 0)

    def _submitted(self, token: _Token, event: Event) -> None:
        verb, factor = event.data["verb"], event.data.get("factor")
        if verb not in {"verify", "sync", "resync", "unlock"}:
            self._left_out[f"{verb} of {event.serial}"] += 1
            return
        if not token.added and verb != "sync":
            self._add(token)
        if verb == "unlock":
            self._step(token, steps.Unlock(), event.at_ns)
            return
        what, note = self._code(token, factor) if verb == "verify" else self._pair(token, factor)
        if what is None:
            self._left_out[f"{verb} of {event.serial} with codes of before"] += 1
            return
        if isinstance(what, tuple):
            what = (steps.Sync if verb == "sync" else steps.Resync)(codes=what)
        token.added = token.added or (verb == "sync" and event.data["accepted"])
        token.unused = False
        self._step(token, what, event.at_ns, Expect(accepted=event.data["accepted"]), note)

    def _code(self, token: _Token, factor: int | None) -> tuple[What | None, str]:
        """Return how the code of a counter or step is submitted, and what was guessed."""
        if factor is not None:
            name = self._name(token, factor)
            return (None if name is None else steps.Submit(code=name)), ""
        if token.unused and token.codes:
            name = self._name(token, next(reversed(token.codes)))
            return steps.Submit(code=name), "guessed: the server did not know the code"
        return steps.Submit(wrong=True), "guessed: the server did not know the code"

    def _pair(self, token: _Token, factor: int | None) -> tuple[Any, str]:
        """Return the names of a form's codes, and what was guessed."""
        lit = list(token.codes)
        first = factor if factor is not None else (lit[-2] if lit[1:] else None)
        later = [other for other in lit if first is not None and other > first]
        if first is None or first not in token.codes:
            return None, ""
        second = later[0] if later else first
        note = "" if factor is not None and later else "guessed: which codes these were"
        return (self._name(token, first), self._name(token, second)), note

    def _name(self, token: _Token, factor: int) -> str | None:
        """Return what the code of a counter or step is called; ``None``: it is not known."""
        if factor not in token.codes:
            return None
        at = token.codes[factor]
        what = self._steps[at].what
        assert isinstance(what, steps.Press)  # noqa: S101  # that is where codes come from
        name = what.as_ or f"code-{at + 1}"
        self._steps[at] = replace(self._steps[at], what=replace(what, as_=name))
        return name

    def _add(self, token: _Token) -> None:
        """Have a server that knew the token from the start know it too."""
        token.added = True
        first = [Step(what=steps.Add(), token=token.spec.serial, note="in use from the start")]
        if token.distance:
            times = steps.PressMany(times=token.distance)
            first.append(Step(what=times, token=token.spec.serial, note="ahead from the start"))
        self._steps = [*first, *self._steps]
        for other in self._tokens.values():
            other.codes = {factor: at + len(first) for factor, at in other.codes.items()}
        counter = token.spec.counter
        if counter is not None:
            token.spec = replace(token.spec, counter=max(counter - _ADDED - token.distance, 0))

    def _step(
        self, token: _Token, what: What, at_ns: int, expect: Expect | None = None, note: str = ""
    ) -> None:
        if at_ns - self._now_ns > _SOON_NS:
            self._steps.append(Step(what=steps.Advance(to_ns=at_ns - self._start_ns)))
        self._now_ns = max(self._now_ns, at_ns)
        self._steps.append(Step(what=what, token=token.spec.serial, expect=expect, note=note))

    def done(self) -> Recorded:
        """Return what has become of it."""
        scenario = Scenario(
            title=f"Recorded of {', '.join(self._tokens)}",
            tokens=tuple(token.spec for token in self._tokens.values()),
            steps=tuple(self._steps),
            start_ns=self._start_ns,
            source="journal",
        )
        left_out = (f"{what} ({times} times)" for what, times in self._left_out.items())
        return Recorded(scenario, tuple(left_out))


def _spec(event: Event) -> TokenSpec:
    """Return a token as its first record has it."""
    try:
        serial, _ = identify(event.serial)
    except IdentifierError as e:
        raise UsageError(str(e)) from None
    counter = event.data.get("counter") if event.kind == "placed" else None
    return TokenSpec(serial=serial, counter=counter)
