"""What does not pass leaves a case, which replays wherever it is read."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.annotations import Submitted
from hosttools.cases import load, replay, save
from hosttools.scenarios import Bed, Scenario, Status, Step, read_scenario, run
from hosttools.scenarios.library import read
from hosttools.scenarios.steps import Expect, Look
from hosttools.servers.reference import ReferenceServer

HEAD = 'version = 1\n[[token]]\nserial = "GALH00004226"\n'
TOO_FAR = (
    HEAD
    + '[[step]]\ndo = "add"\n[[step]]\ndo = "press_many"\ntimes = 12\n'
    + '[[step]]\ndo = "submit"\nexpect = {accepted = true}\n'
)


def failing(scenario: Scenario) -> Scenario:
    """Return a scenario with a step at its end that fails."""
    last = Step(what=Look(), token=scenario.tokens[0].called, expect=Expect(lcd="never"))
    return replace(scenario, steps=(*scenario.steps, last))


@pytest.mark.parametrize(
    "name",
    [
        "customer-procedure",
        "lock-out-operator",
        "race-submit",
        "recipe-time-slow",
        "recipe-torn-write",
        "replaced-token",
        "two-tokens-swapped",
    ],
)
def test_replays(name: str, tmp_path: Path) -> None:
    """Faults, races, recipes, several tokens: every submission is judged again, and the same."""
    file = tmp_path / "x.galh-case.json"
    result = run(failing(read(name)), keep_case=True)
    assert Status.FAILED is result.status
    assert result.case is not None
    save(file, result.case)
    done = replay(load(file))
    assert (True, None) == (done.same, done.first_difference)
    assert len(done.judged) == done.verdicts > 0


def test_what_failed() -> None:
    """It says what was expected and what came, what it is about, and the seed."""
    case = run(read_scenario(TOO_FAR), keep_case=True).case
    assert case is not None
    assert "step 3 (submit): accepted: expected true, got false" == case.failure
    assert "0" == case.seeds["all"]
    assert not case.own_secrets


def test_only_if_wanted() -> None:
    """What passes leaves none, nor does anything if nobody asks."""
    assert run(read("replay"), keep_case=True).case is None
    assert run(read_scenario(TOO_FAR)).case is None


def test_another_server() -> None:
    """What another server said is told by counter, and not judged again."""

    @contextlib.contextmanager
    def opened(_: Scenario) -> Iterator[Bed]:
        with ReferenceServer() as server:
            yield Bed(server, name="theirs")

    case = run(read_scenario(TOO_FAR), opened, keep_case=True).case
    assert case is not None
    told = [r.event for r in case.records if isinstance(r.event, Submitted)]
    assert [("sync", True, 0, 1), ("verify", False, 13, None)] == [
        (event.verb, event.accepted, event.factor, event.second_factor) for event in told
    ]
    done = replay(case)
    assert (True, 0) == (done.same, done.verdicts)
