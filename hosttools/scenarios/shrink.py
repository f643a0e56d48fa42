"""From a scenario that fails to the fewest steps, presses and waits that still fail.

Delta debugging (Zeller and Hildebrandt, 2002) over the steps, then over their numbers,
again and again until nothing more goes. What is found is minimal one by one: without any
of its steps, or with any number one smaller, it fails no more, or otherwise.

What has to stay is how it fails: the last step, what the server says there (with the
reference server, its very verdict), what is not as expected, and what came instead. Steps
before it keep what they expect of the server's answers; counters and distances are bound
to change. And what is expected stays right: if the reference server does as the scenario
says, it does so to the end, or a code that is refused the second time would be cut to one
that is taken the first time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from emulator.acts import DEFAULT_HOLD_NS
from firmware_model.profile import SECOND
from hosttools.errors import HostError, UsageError
from hosttools.scenarios import steps
from hosttools.scenarios.check import given_of, problems_of
from hosttools.scenarios.model import Scenario, Step
from hosttools.scenarios.results import Result, Status
from hosttools.scenarios.run import run
from hosttools.scenarios.steps import Expect
from hosttools.scenarios.under_test import Opener, reference
from hosttools.scenarios.values import names_in

MOST_RUNS: Final = 5_000
_TOLD_ANYWHERE: Final = frozenset({"accepted", "outcome", "kind", "winners", "refused", "locked"})
"""What may be expected of a step whatever went before it."""

_FEW: Final = 4
"""So many neighbours may only go together: a press, and what was done with its code."""

Still = Callable[[Scenario], bool]
"""Whether a scenario still shows what is looked for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How long a scenario is.

    Attributes:
        steps: how many steps.
        presses: how many presses, as far as the steps say.
        waited_s: seconds that pass on purpose.
    """

    steps: int
    presses: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What became of a failing scenario.

    Attributes:
        scenario: the small one.
        reason: how both fail.
        before: how long it was.
        after: how long it is.
        runs: how many were played to find it.
    """

    scenario: Scenario
    reason: str
    before: Cost
    after: Cost
    runs: int


def in_doubt(scenario: Scenario) -> Scenario:
    """Return a recorded scenario as one that fails: its last answer is expected to be the other.

    So that a history that ends in what somebody takes for a mistake can be shrunk.

    Raises:
        UsageError: no answer of a server is expected in it.
    """
    asked = [i for i, s in enumerate(scenario.steps) if given_of(s.expect).keys() & {"accepted"}]
    if not asked:
        raise UsageError(f"{scenario.source}: nothing was submitted; there is no answer to doubt")
    *before, last = scenario.steps[: asked[-1] + 1]
    accepted = given_of(last.expect)["accepted"]
    return replace(scenario, steps=(*before, replace(last, expect=Expect(accepted=not accepted))))


def shrink(
    scenario: Scenario,
    opener: Opener | None = None,
    *,
    most_runs: int = MOST_RUNS,
    progress: Callable[[int], object] = lambda _: None,
) -> Shrunk:
    """Shrink a scenario that fails.

    Args:
        scenario: the scenario.
        opener: opens the server; ``None``: the reference server in this process.
        most_runs: after so many it is left as small as it is by then.
        progress: is told how many runs there were.

    Raises:
        UsageError: it does not fail, or a server's trouble is all there is to it.
        ScenarioError: it can't be.
    """
    first = run(scenario, opener)
    wanted = _failure(first)
    if wanted is None:
        raise UsageError(
            f"{scenario.source} is {first.status.value}"
            + (f" ({first.reason})" if first.reason else "")
            + "; only what fails can be shrunk"
        )
    runs = 1
    cut = _cut(scenario, first)
    right = run(cut, reference()).status is Status.PASSED

    def still(tried: Scenario) -> bool:
        nonlocal runs
        if runs >= most_runs or problems_of(tried):
            return False
        runs += 1
        progress(runs)
        try:
            result = run(tried, opener)
        except HostError:
            return False
        if _failure(result) != wanted or result.failed_step is not result.steps[-1]:
            return False
        return not right or run(tried, reference()).status is Status.PASSED

    small = reduced(cut, still)
    return Shrunk(small, first.reason, cost(scenario), cost(small), runs)


_Failure = tuple[str, str, str, tuple[tuple[str, str], ...]]


def _failure(result: Result) -> _Failure | None:
    """Return how a scenario fails: what was done, the answer, what differs, what came instead."""
    bad = result.failed_step
    if bad is None or bad.status is not Status.FAILED:
        return None
    return bad.do, bad.outcome, bad.kind, tuple((m.key, m.actual) for m in bad.mismatches)


def _cut(scenario: Scenario, result: Result) -> Scenario:
    """Leave out what comes after the failure, and expectations that can't outlive a cut."""
    bad = result.failed_step
    assert bad is not None  # noqa: S101  # it failed
    *before, last = scenario.steps[: bad.number]
    differs = frozenset(m.key for m in bad.mismatches)
    kept = [replace(step, expect=_only(step.expect, _TOLD_ANYWHERE)) for step in before]
    kept.append(replace(last, expect=_only(last.expect, differs | _TOLD_ANYWHERE)))
    return replace(scenario, steps=tuple(map(_in_seconds, kept)))


def _in_seconds(step: Step) -> Step:
    """Let days be seconds, which can be as few as are needed."""
    if not isinstance(step.what, steps.Advance) or step.what.days_ns is None:
        return step
    seconds_ns = step.what.days_ns + (step.what.seconds_ns or 0)
    return replace(step, what=steps.Advance(seconds_ns=seconds_ns))


def _only(expect: Expect | None, keys: frozenset[str]) -> Expect | None:
    kept = {key: value for key, value in given_of(expect).items() if key in keys}
    return Expect(**kept) if kept else None


def reduced(scenario: Scenario, still: Still) -> Scenario:
    """Return the smallest scenario that can be reached and still shows what is looked for.

    Args:
        scenario: shows it, in its last step, which is kept.
        still: whether another one does.
    """
    if not still(scenario):  # an expectation that was left out was part of it
        return scenario
    while True:
        before = scenario
        for phase in (_folded, _fewer, _smaller, _plainer):
            scenario = phase(scenario, still)
        if scenario == before:
            return scenario


# Steps.


def _fewer(scenario: Scenario, still: Still) -> Scenario:
    """Leave out steps: large pieces first, then a few neighbours, single ones last."""
    *kept, last = scenario.steps
    for size in _sizes(len(kept)):
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size :]
            if still(replace(scenario, steps=(*rest, last))):
                kept = rest
            else:
                at += size if size > _FEW else 1
    return replace(scenario, steps=(*kept, last))


def _sizes(count: int) -> Iterator[int]:
    size = count // 2
    while size > _FEW:
        yield size
        size //= 2
    yield from range(_FEW, 0, -1)


def _folded(scenario: Scenario, still: Still) -> Scenario:
    """Make one step of presses in a row whose codes nobody names."""
    folded: list[Step] = []
    for step in scenario.steps:
        times = _times(step)
        if folded and times and (before := _times(folded[-1])) and folded[-1].token == step.token:
            folded[-1] = replace(step, what=steps.PressMany(times=before + times))
        else:
            folded.append(step)
    tried = replace(scenario, steps=tuple(folded))
    return tried if tried != scenario and still(tried) else scenario


def _times(step: Step) -> int:
    """Return how many presses a step is, if it is nothing else; 0: it is something else."""
    if step.expect is not None:
        return 0
    if step.what == steps.Press():
        return 1
    if isinstance(step.what, steps.PressMany):
        return step.what.times if step.what == steps.PressMany(times=step.what.times) else 0
    return 0


# Numbers.

_NUMBERS: Final[dict[type[Any], tuple[tuple[str, int, int], ...]]] = {
    steps.PressMany: (("times", 1, 1),),
    steps.Submit: (("times", 1, 1),),
    steps.Race: (("times", 2, 1),),
    steps.Holder: (("days", 1, 1),),
    steps.Desync: (("by_milli", 1_000, 1_000),),
    steps.Advance: (
        ("seconds_ns", 0, SECOND),
        ("seconds_ns", 0, 1_000_000),
        ("to_ns", 0, SECOND),
    ),
}
"""By kind of step: a number's name, the least it may be, and by how much it gets smaller."""


def _smaller(scenario: Scenario, still: Still) -> Scenario:
    for at, step in enumerate(scenario.steps):
        for name, low, unit in _NUMBERS.get(type(step.what), ()):
            value = getattr(scenario.steps[at].what, name)
            if value is None or value <= low:
                continue
            scenario = _least(scenario, still, at, name, (low, unit))
    return scenario


def _least(
    scenario: Scenario, still: Still, at: int, name: str, bounds: tuple[int, int]
) -> Scenario:
    """Make one number as small as it goes: by halves, then by one and one."""
    low, unit = bounds
    value = getattr(scenario.steps[at].what, name)
    passes, fails = low - unit, value
    while fails - passes > unit:
        middle = passes + max((fails - passes) // unit // 2, 1) * unit
        tried = _with(scenario, at, {name: max(middle, low)})
        if still(tried):
            fails = max(middle, low)
            scenario = tried
        else:
            passes = middle
    return scenario


def _with(scenario: Scenario, at: int, values: dict[str, int]) -> Scenario:
    changed = list(scenario.steps)
    what: Any = changed[at].what
    what = replace(what, **values)
    if what == steps.PressMany(times=1):
        what = steps.Press()
    changed[at] = replace(changed[at], what=what)
    return replace(scenario, steps=tuple(changed))


# What is left.


def _plainer(scenario: Scenario, still: Still) -> Scenario:
    """Leave out tokens, names, notes and settings that nothing depends on."""
    for change in _PLAINER:
        tried = change(scenario)
        if tried != scenario and still(tried):
            scenario = tried
    return scenario


def _without_tokens(scenario: Scenario) -> Scenario:
    used = {scenario.token(step.token).serial for step in scenario.steps if step.token}
    kept = [t for t in scenario.tokens if t.serial in used or not used]
    needed = {token.same_secret_as for token in kept}
    return replace(
        scenario, tokens=tuple(t for t in scenario.tokens if t in kept or t.serial in needed)
    )


def _of_the_only_token(scenario: Scenario) -> Scenario:
    """Let steps not say whose they are, if there is one token."""
    if len(scenario.tokens) > 1:
        return scenario
    return replace(scenario, steps=tuple(replace(step, token="") for step in scenario.steps))


def _without_notes(scenario: Scenario) -> Scenario:
    return replace(scenario, steps=tuple(replace(step, note="") for step in scenario.steps))


def _without_names(scenario: Scenario) -> Scenario:
    used = set(_names_used(scenario))
    changed = []
    for step in scenario.steps:
        what: Any = step.what
        if isinstance(what, steps.PRESSES) and what.as_ not in used:
            what = replace(what, as_=None)
        changed.append(replace(step, what=what))
    return replace(scenario, steps=tuple(changed))


def _names_used(scenario: Scenario) -> Iterator[str]:
    for step in scenario.steps:
        if isinstance(step.what, steps.Submit | steps.Race) and step.what.code is not None:
            yield step.what.code
        elif isinstance(step.what, steps.Sync | steps.Resync):
            yield from step.what.codes or ()
        elif isinstance(step.what, steps.Ask):
            yield from names_in(step.what.given or {})
            yield from names_in((step.expect.told if step.expect else None) or {})


def _plain_presses(scenario: Scenario) -> Scenario:
    changed = []
    for step in scenario.steps:
        what: Any = step.what
        if isinstance(what, steps.PRESSES):
            what = replace(what, hold_ns=DEFAULT_HOLD_NS)
        changed.append(replace(step, what=what))
    return replace(scenario, steps=tuple(changed))


_PLAINER: Final = (
    _without_tokens,
    _of_the_only_token,
    _without_notes,
    _without_names,
    _plain_presses,
)


def cost(scenario: Scenario) -> Cost:
    """Return how long a scenario is."""
    presses, waited_ns = 0, 0
    for step in scenario.steps:
        what = step.what
        if isinstance(what, steps.Press):
            presses += 1
        elif isinstance(what, steps.PressMany):
            presses += what.times
        elif isinstance(what, steps.Add) or (
            isinstance(what, steps.Sync | steps.Resync) and what.codes is what.typed is None
        ):
            presses += 2
        elif isinstance(what, steps.Advance):
            waited_ns += (what.seconds_ns or 0) + (what.days_ns or 0)
    return Cost(len(scenario.steps), presses, waited_ns / SECOND)
