"""Reports: tables for people, JUnit for CI, a picture for both."""

import io

import pytest
from defusedxml import ElementTree
from PIL import Image

from hosttools.errors import UsageError
from hosttools.refserver import Policy
from hosttools.scenarios import Result, read_scenario, reference, run
from hosttools.scenarios.library import read
from hosttools.scenarios.picture import timeline
from hosttools.scenarios.report import junit, matrix, step_table

BAD = """
version = 1
title = "A <bad> \\u0007 one"
[[token]]
serial = "GALH00004226"
[[step]]
do = "press"
[[step]]
do = "expect"
counter = 3
note = "\\u0000"
[[step]]
do = "press"
"""


@pytest.fixture(scope="module")
def bad() -> Result:
    """Return a scenario that failed."""
    return run(read_scenario(BAD))


def test_step_table(bad: Result) -> None:
    """What is not as expected stands below its step, and what was not run is marked."""
    lines = step_table(bad).splitlines()
    assert "    2 expect            1       0     +1  FAILED" in lines
    assert "        counter: expected 3, got 1" in lines
    assert ["3", "press", "-"] in [line.split() for line in lines]
    assert "Failed: step 2 (expect): counter: expected 3, got 1" == lines[-1]


def test_step_table_of_many() -> None:
    """Of thousands of steps those at the start and round the failure are told."""
    steps = '[[step]]\ndo = "wait"\n' * 300 + '[[step]]\ndo = "expect"\ncounter = 9\n'
    text = step_table(
        run(
            read_scenario(
                f'version = 1\n[[token]]\nserial = "GALH1"\n{steps}'.replace(
                    "GALH1", "GALH00004226"
                )
            )
        )
    )
    assert "counter: expected 9, got 0" in text
    assert "more steps" in text
    assert 80 > len(text.splitlines())


def test_several_tokens() -> None:
    """With several tokens a column says which."""
    assert "hers" in step_table(run(read("two-tokens-swapped")))


def test_matrix(bad: Result) -> None:
    """One table has scenarios down and servers across, and below it why."""
    other = run(read_scenario(BAD), reference(name="other"))
    good = run(read("replay"))
    text = matrix([bad, other, good])
    assert "scenario  reference         other" in text
    assert "scenario  FAILED at 2       FAILED at 2" in text
    assert "replay    ok" in text
    assert "scenario on other, failed: step 2" in text


def test_junit(bad: Result) -> None:
    """JUnit has a suite for each scenario and a case for each step, whatever the texts hold."""
    root = ElementTree.fromstring(junit([bad, run(read("replay"))]))
    first, second = root
    assert {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}.items() <= (
        first.attrib.items()
    )
    (failure,) = first.iter("failure")
    assert "counter: expected 3, got 1" == failure.get("message")
    assert "0" == second.get("failures")


@pytest.mark.parametrize("name", ["customer-procedure", "rfc6238-6-drift", "two-tokens-swapped"])
def test_timeline(name: str) -> None:
    """The picture is the same as SVG and as PNG, every time."""
    result = run(read(name))
    svg, png = (timeline(result, suffix) for suffix in (".svg", ".png"))
    assert svg == timeline(result, ".svg")
    root = ElementTree.fromstring(svg)
    with Image.open(io.BytesIO(png)) as picture:
        assert (root.get("width"), root.get("height")) == tuple(map(str, picture.size))
    titles = "".join(root.itertext())
    assert all(token in titles for token in {moment.serial for moment in result.moments})


def test_timeline_of_locked_and_dead() -> None:
    """It can be drawn when a token has no counter any more, and when it is locked."""
    text = BAD.replace(
        'do = "expect"\ncounter = 3', 'do = "fault"\nfault = {after_s = 0, battery_out = {}}'
    )
    assert timeline(run(read_scenario(text), keep_going=True), ".png")
    locked = run(read("lock-out"), reference(Policy(lock_after=2)))
    assert b"#d5d9de" in timeline(locked, ".svg")


def test_timeline_refused(bad: Result) -> None:
    """Other formats are refused."""
    with pytest.raises(UsageError, match=r"allowed are \.svg and \.png"):
        timeline(bad, ".pdf")
