"""Shrinking: what fails is cut to what is needed for that, and nothing more goes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hosttools.errors import UsageError
from hosttools.refserver import Policy
from hosttools.scenarios import Scenario, Status, Step, read_scenario, reference, run
from hosttools.scenarios.model import TokenSpec
from hosttools.scenarios.pytestfile import pytest_source
from hosttools.scenarios.shrink import Cost, cost, reduced, shrink
from hosttools.scenarios.steps import Advance, Expect, Look, Press, PressMany, Submit

STORY = """
version = 1
title = "Too far \\"ahead\\" \\\\ "
[[token]]
serial = "GALH00004226"
name = "a"
[[token]]
serial = "GALH00004227"
name = "b"
""" + "".join(
    f"[[step]]\n{step}\n"
    for step in (
        'do = "add"\ntoken = "a"\nexpect = {next = 2}',
        'do = "add"\ntoken = "b"',
        'do = "press"\ntoken = "a"\nhold_s = 2',
        'do = "submit"\ntoken = "a"\nexpect = {accepted = true, next = 3}',
        'do = "advance"\ndays = 3.5',
        *['do = "press"\ntoken = "a"'] * 5,
        'do = "press_many"\ntoken = "a"\ntimes = 37\nnote = "in a pocket"',
        'do = "wait"\ntoken = "a"',
        'do = "press"\ntoken = "b"',
        'do = "submit"\ntoken = "b"\nexpect = {accepted = true}',
        'do = "press"\ntoken = "a"\nas = "last"',
        'do = "submit"\ntoken = "a"\ncode = "last"\nexpect = {accepted = true}',
        'do = "resync"\ntoken = "a"',
    )
)


@pytest.mark.parametrize("look_ahead", [0, 4, 10])
def test_to_the_minimum(look_ahead: int) -> None:
    """Past the look-ahead: added, just so many presses, and the code that is refused."""
    small = shrink(read_scenario(STORY), reference(Policy(look_ahead=look_ahead)))
    steps = [step.do for step in small.scenario.steps]
    assert ["add", "press_many" if look_ahead else "press", "press", "submit"] == steps
    assert 2 + look_ahead + 2 == small.after.presses
    assert 0 == small.after.waited_s
    assert ["GALH00004226"] == [token.serial for token in small.scenario.tokens]
    assert {""} == {step.token for step in small.scenario.steps}
    assert "accepted: expected true, got false" in small.reason


def test_minimal_one_by_one() -> None:
    """Without any of its steps, or with one press fewer, it fails no more in that way."""
    small = shrink(read_scenario(STORY)).scenario
    first = run(small)
    assert first.failed_step is not None
    for at, step in enumerate(small.steps[:-1]):
        fewer = [small.steps[:at] + small.steps[at + 1 :]]
        if isinstance(step.what, PressMany):
            less = replace(step, what=PressMany(times=step.what.times - 1))
            fewer.append((*small.steps[:at], less, *small.steps[at + 1 :]))
        for steps in fewer:
            try:
                again = run(replace(small, steps=steps))
            except UsageError:
                continue  # a code that nobody reads any more
            bad = again.failed_step
            assert bad is None or bad.kind != first.failed_step.kind


def test_waits() -> None:
    """A wait that is needed stays, to the second as short as it goes."""
    text = """
    version = 1
    [[token]]
    serial = "GALT00000042"
    [[step]]
    do = "add"
    [[step]]
    do = "advance"
    days = 1
    [[step]]
    do = "press"
    [[step]]
    do = "advance"
    days = 2.5
    [[step]]
    do = "submit"
    expect = {accepted = true}
    """
    small = shrink(read_scenario(text))
    (wait,) = [step.what for step in small.scenario.steps if isinstance(step.what, Advance)]
    assert ("add", "press") == tuple(step.do for step in small.scenario.steps)[:2]
    reach_s = 30 * (Policy().resync_steps + 1)
    assert reach_s - 60 < small.after.waited_s < reach_s + 1
    assert None is wait.days_ns


def test_passing() -> None:
    """What passes can't be shrunk."""
    passing = replace(read_scenario(STORY), steps=read_scenario(STORY).steps[:2])
    with pytest.raises(UsageError, match="is passed; only what fails can be shrunk"):
        shrink(passing)


def test_most_runs() -> None:
    """It ends after so many runs, with what it has by then."""
    small = shrink(read_scenario(STORY), most_runs=5)
    assert 5 == small.runs
    assert Status.FAILED is run(small.scenario).status


def test_pytest(tmp_path: Path) -> None:
    """As a pytest module it fails as the scenario does."""
    small = shrink(read_scenario(STORY))
    file = tmp_path / "test_small.py"
    file.write_text(pytest_source(small), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "galh", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "step 4 (submit): accepted: expected true, got false" in done.stdout
    compile(pytest_source(small, "privacyidea:http://x"), "test_small.py", "exec")


LAST = Step(what=Look(), expect=Expect(locked=True))


@settings(max_examples=50)
@given(st.lists(st.integers(1, 400), max_size=12), st.integers(0, 1_500), st.data())
def test_reduced(sizes: list[int], needed: int, data: st.DataObject) -> None:
    """Of presses of which so many are needed, so many are left, however they were made."""
    noise = st.sampled_from([Step(what=Advance(days_ns=10**15)), Step(what=Press())])
    steps = [Step(what=PressMany(times=size)) for size in sizes]
    steps += data.draw(st.lists(noise, max_size=4))
    scenario = Scenario(
        title="",
        tokens=(TokenSpec(serial="GALH00004226"),),
        steps=(*data.draw(st.permutations(steps)), LAST),
    )

    def still(tried: Scenario) -> bool:
        return cost(tried).presses >= needed

    small = reduced(scenario, still)
    if cost(scenario).presses < needed:
        assert scenario == small
    else:
        assert (needed, 0) == (cost(small).presses, cost(small).waited_s)
        assert LAST == small.steps[-1]


def test_cost() -> None:
    """Presses that forms make of themselves count."""
    assert Cost(17, 51, 302_400) == cost(read_scenario(STORY))
    assert Cost(1, 0, 0) == cost(
        Scenario(title="", tokens=(), steps=(Step(what=Submit(typed="1")),))
    )
