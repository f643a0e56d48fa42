"""Playing a scenario: step by step, with what is expected compared after each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from firmware_model.segments import Lcd
from hosttools.errors import HostError, NotOfferedError
from hosttools.scenarios.acts import Did, needs_of, perform
from hosttools.scenarios.check import given_of, problems_of
from hosttools.scenarios.model import Scenario, ScenarioError, Step
from hosttools.scenarios.results import Mismatch, Result, Status, StepResult
from hosttools.scenarios.steps import OF_SERVER, PRESSES, Add, Ask, Desync, Expect
from hosttools.scenarios.under_test import Opener, reference
from hosttools.scenarios.values import found, name_in
from hosttools.scenarios.world import Held, World
from hosttools.servers import Can, Outcome
from hosttools.servers.seam import clean

Progress = Callable[[int, int], object]
"""Is told how many steps are done, and of how many."""


def run(
    scenario: Scenario,
    opener: Opener | None = None,
    *,
    keep_going: bool = False,
    keep_case: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Result:
    """Play a scenario against a server.

    The same scenario against the same server gives the same result.

    Args:
        scenario: what happens.
        opener: opens the server, see :mod:`hosttools.scenarios.under_test`; ``None``:
            the reference server in this process.
        keep_going: whether to go on after a step that failed.
        keep_case: whether what does not pass leaves a case, with made-up secrets.
        progress: is told after every step.

    Returns:
        What came of it. A server that can't do a step makes it skipped; nothing is
        done then.

    Raises:
        ScenarioError: it can't be.
        HostError: the server can't be opened.
    """
    problems = problems_of(scenario)
    if problems:
        raise ScenarioError(tuple(f"{scenario.source}: {problem}" for problem in problems))
    with (opener or reference())(scenario) as bed, World(scenario, bed, told=keep_case) as world:
        lacks = _lacks(world)
        if lacks:
            steps = tuple(_not_run(n, s, scenario) for n, s in enumerate(scenario.steps, 1))
            return _result(world, Status.SKIPPED, lacks, steps)
        return _Play(world, keep_going=keep_going, keep_case=keep_case, progress=progress).play()


def _lacks(world: World) -> str:
    """Say what the server has not got; empty: nothing is missing."""
    can = world.bed.server.can
    for held in world:
        if held.spec.enrolled and Can.ENROL not in can and held.spec.sample is None:
            return (
                f"{world.bed.name} can't enrol {held.serial}, whose secret is made up;"
                " with sample, it may know the token already"
            )
    for number, step in enumerate(world.scenario.steps, 1):
        held = world.held(step.token or world.scenario.tokens[0].called)
        missing = needs_of(step.what, held.config.token_type) - can
        if isinstance(step.what, Desync) and step.what.trial and world.bed.reference is None:
            return (
                f"{world.bed.name} is not the reference server in here, which step {number} needs"
            )
        words = " and ".join(sorted(need.value for need in missing))
        if isinstance(step.what, Ask) and not missing:
            words = "" if step.what.act in world.bed.server.acts else f"the act {step.what.act!r}"
        if words:
            return f"{world.bed.name} has not got what step {number} needs: {words}"
    return ""


class _Play:
    """One run under way."""

    def __init__(
        self, world: World, *, keep_going: bool, keep_case: bool, progress: Progress
    ) -> None:
        self._world = world
        self._keep_going = keep_going
        self._keep_case = keep_case
        self._progress = progress

    def play(self) -> Result:
        """Play all of it."""
        world = self._world
        try:
            status, reason, steps = self._play()
            bad = status in {Status.FAILED, Status.BROKEN}
            case = world.case(reason) if self._keep_case and bad else None
        finally:
            self._clean_up()
        return replace(_result(world, status, reason, steps), case=case)

    def _play(self) -> tuple[Status, str, tuple[StepResult, ...]]:
        scenario = self._world.scenario
        results: list[StepResult] = []
        status, reason = Status.PASSED, ""
        try:
            self._begin()
        except HostError as e:  # of the server, before the first step
            not_run = (_not_run(n, s, scenario) for n, s in enumerate(scenario.steps, 1))
            return Status.BROKEN, str(e), tuple(not_run)
        for number, step in enumerate(scenario.steps, 1):
            if status is not Status.PASSED and not self._keep_going:
                results.append(_not_run(number, step, scenario))
                continue
            self._world.step = number
            result = self._step(number, step)
            results.append(result)
            if result.status is not Status.PASSED and status is Status.PASSED:
                status, reason = result.status, _reason(result)
            self._progress(number, len(scenario.steps))
        return status, reason, tuple(results)

    def _begin(self) -> None:
        can = self._world.bed.server.can
        for held in self._world:
            if held.spec.enrolled and Can.ENROL in can:
                self._world.enrol(held)
            held.enrolled = held.spec.enrolled
            self._world.note(held)

    def _clean_up(self) -> None:
        """Leave a server that lives on as it was found."""
        server = self._world.bed.server
        for held in self._world:
            if held.enrolled and {Can.ENROL, Can.REMOVE} <= server.can:
                try:
                    server.remove(held.serial)
                except HostError:
                    return  # it is gone; that was told before

    def _step(self, number: int, step: Step) -> StepResult:
        world = self._world
        held = world.held(step.token or world.scenario.tokens[0].called)
        named = _named(step, world.scenario)
        try:
            with world.bed.server.expecting(_outcome(step)):
                did = perform(world, held, step.what)
            moment = world.note(held, None if did.answer is None else did.answer.accepted)
            mismatches, not_compared = _compare(world, held, step, did)
        except NotOfferedError as e:
            return StepResult(number, step.do, named, step.note, Status.SKIPPED, str(e))
        except HostError as e:
            return StepResult(number, step.do, named, step.note, Status.BROKEN, str(e))
        return StepResult(
            number,
            step.do,
            named,
            step.note,
            Status.FAILED if mismatches else Status.PASSED,
            did.said,
            tuple(mismatches),
            tuple(not_compared),
            moment,
            "" if did.answer is None else did.answer.outcome.value,
            did.kind,
        )


def _outcome(step: Step) -> Outcome:
    """Return what a step's submissions should come to, for a server with a failure budget."""
    given = given_of(step.expect)
    taken = given.get("accepted") or given.get("outcome") == Outcome.ACCEPTED.value
    return Outcome.ACCEPTED if taken or isinstance(step.what, Add) else Outcome.REFUSED


def _not_run(number: int, step: Step, scenario: Scenario) -> StepResult:
    return StepResult(number, step.do, _named(step, scenario), step.note, Status.NOT_RUN)


def _named(step: Step, scenario: Scenario) -> str:
    """Return what the token of a step is called; empty: it is about none of several."""
    return step.token or (scenario.tokens[0].called if len(scenario.tokens) == 1 else "")


def _reason(result: StepResult) -> str:
    what = "; ".join(map(str, result.mismatches)) or result.said
    plain = {"", Outcome.ACCEPTED.value, Outcome.REFUSED.value}
    told = "" if result.outcome in plain else f" ({result.outcome})"
    return f"step {result.number} ({result.do}): {what}{told}"


def _result(world: World, status: Status, reason: str, steps: tuple[StepResult, ...]) -> Result:
    scenario = world.scenario
    return Result(
        scenario.title,
        scenario.source,
        world.bed.name,
        status,
        reason,
        steps,
        tuple(world.moments),
    )


# Comparing.


def _compare(world: World, held: Held, step: Step, did: Did) -> tuple[list[Mismatch], list[str]]:
    """Return what is not as expected, and what can't be told."""
    mismatches, not_compared = [], []
    given = given_of(step.expect)
    if did.wrong:
        mismatches.append(Mismatch("", "the step to be done", did.wrong))
    if isinstance(step.what, PRESSES) and did.refused is not None and "refused" not in given:
        mismatches.append(Mismatch("", "a code", did.said))
    for key, expected in given.items():
        if key == "told":
            mismatches += _told(world, held, expected, did)
            continue
        actual = _ACTUAL[key](world, held, did)
        if actual is None and (key in OF_SERVER or key == "kind"):
            not_compared.append(key)
        elif key == "lcd":
            mismatches += _lcd(expected, actual)
        elif not _fits(expected, actual):
            mismatches.append(Mismatch(key, _shown(expected), _shown(actual)))
    return mismatches, not_compared


def _fits(expected: Any, actual: Any) -> bool:  # noqa: ANN401  # each key has its own type
    if isinstance(expected, tuple):
        low, high = expected
        return isinstance(actual, int) and low <= actual <= high
    return bool(expected == actual)


def _shown(value: Any) -> str:  # noqa: ANN401  # each key has its own type
    if isinstance(value, tuple):
        low, high = value
        return str(low) if low == high else f"{low} to {high}"
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lcd(expected: str, lcd: Lcd) -> list[Mismatch]:
    """Compare what the display shows; its digits may be a code that nobody has used yet."""
    if expected in {"dark", "lit"}:
        actual = "lit" if lcd.lit else "dark"
        return [] if actual == expected else [Mismatch("lcd", expected, actual)]
    if lcd.text == expected:
        return []
    return [Mismatch("lcd", "what is given", "something else" if lcd.lit else "dark")]


def _told(world: World, held: Held, expected: Mapping[str, Any], did: Did) -> list[Mismatch]:
    """Compare what stands in an answer; what is remembered may be a code, and is not shown."""
    mismatches = []
    for path, value in expected.items():
        wanted, actual = world.meant(held, value), found(did.told, path)
        if wanted != actual or type(wanted) is not type(actual):
            shown = _shown(wanted) if name_in(value) is None else f"what {value} is"
            mismatches.append(Mismatch(path, shown, clean(_shown(actual))))
    return mismatches


def _view(world: World, held: Held, key: str) -> Any:  # noqa: ANN401  # each has its own type
    view = world.view(held)
    return None if view is None else getattr(view, key)


_ACTUAL: Final[Mapping[str, Callable[[World, Held, Did], Any]]] = {
    "accepted": lambda _w, _h, did: None if did.answer is None else did.answer.accepted,
    "outcome": lambda _w, _h, did: None if did.answer is None else did.answer.outcome.value,
    "kind": lambda _w, _h, did: did.kind or None,
    "winners": lambda _w, _h, did: did.winners,
    "told": lambda _w, _h, did: did.told,
    "refused": lambda _w, _h, did: did.refused,
    "lcd": lambda _w, held, _d: held.token.lcd,
    "counter": lambda _w, held, _d: held.factor(),
    "next": lambda world, held, _d: _view(world, held, "next_counter"),
    "drift": lambda world, held, _d: _view(world, held, "step_offset"),
    "distance": lambda world, _h, _d: world.moments[-1].distance,
    "locked": lambda world, held, _d: _view(world, held, "locked"),
}
assert _ACTUAL.keys() == Expect.__dataclass_fields__.keys()  # noqa: S101  # else one is never compared
