"""Reading scenarios: what is wrong is told, all of it, with its place."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.scenarios import Scenario, ScenarioError, read_scenario, write_scenario
from hosttools.scenarios.steps import WHATS
from hosttools.scenarios.toml import inline

HEAD = 'version = 1\n[[token]]\nserial = "GALH00004226"\n'
PAIR = (
    'version = 1\n[[token]]\nserial = "GALH00004226"\nname = "old"\n'
    '[[token]]\nserial = "GALH00000042"\nname = "new"\n'
)


def problems(text: str) -> list[str]:
    """Return what is wrong with a scenario."""
    with pytest.raises(ScenarioError) as caught:
        read_scenario(text)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('do = "pres"', "step 1: do = 'pres'; did you mean 'press'?"),
        ("", "step 1: do is missing; allowed are press, press_many"),
        ('do = "press"\nholds = 1', "step 1 (press): unknown key 'holds'; did you mean 'hold_s'?"),
        ('do = "press"\nhold_s = 0', "step 1 (press): hold_s: 0 is out of range"),
        ('do = "press"\nfresh = 1', "step 1 (press): fresh: 1; allowed are true, false"),
        ('do = "press"\nas = "2nd"', "step 1 (press): as: '2nd'; allowed is a letter"),
        ('do = "press_many"', "step 1 (press_many): times is missing: how many"),
        ('do = "press"\ntoken = "GALH"', "step 1 (press): no token 'GALH'; there are GALH00004226"),
        ('do = "submit"', "step 1 (submit): the token was not pressed yet"),
        ('do = "submit"\ncode = "first"', "no code is called 'first' by then; there are none"),
        ('do = "submit"\ntyped = 755224', "step 1 (submit): typed: ######; allowed is a text"),
        ('do = "submit"\ntyped = "1"\nwrong = true', "give one of code, typed and wrong"),
        ('do = "submit"\ntyped = "1"\nform = "spaced"', "form changes a code of the token"),
        ('do = "resync"\ncodes = ["a"]', "step 1 (resync): codes: ['a']; allowed is a list of two"),
        ('do = "race"\ncode = "a"', "no code is called 'a' by then"),
        ('do = "advance"', "step 1 (advance): give seconds and days, or one of to_s and at"),
        ('do = "advance"\nat = "soon"', "step 1 (advance): at: "),
        ('do = "fault"\nfault = {press = 1}', "step 1 (fault): "),
        ('do = "fault"\nfault = {press = 1, tear = {byte = 99}}', "step 1 (fault): "),
        ('do = "desync"\nrecipe = "hotp-ahed"', "did you mean 'hotp-ahead'?"),
        ('do = "desync"\nrecipe = "time-slow"', "time-slow is a recipe for time-based tokens"),
        ('do = "desync"\nrecipe = "replay"', "replay is nothing without a server"),
        ('do = "holder"\ndays = 1\nhabits = {use_per_day = 1}', "unknown habit 'use_per_day'"),
        ('do = "expect"\ncountr = 1', "unknown key 'countr'; did you mean 'counter'?"),
        ('do = "expect"\ncounter = [3, 1]', "expect: counter: [3, 1]; give the lower one first"),
        ('do = "expect"\ndrift = 1', "expect: drift: an event token has none"),
        ('do = "expect"\naccepted = true', "expect: expect has no answer of a server"),
        ('do = "wait"\nexpect = {winners = 1}', "expect: winners is nothing that wait leads to"),
        ('do = "wait"\nexpect = 1', "step 1 (wait): expect: 1; it must be a table"),
    ],
)
def test_steps(step: str, problem: str) -> None:
    """Every mistake in a step is told with its number, its verb and its key."""
    (found,) = problems(f"{HEAD}[[step]]\n{step}\n")
    assert found.startswith("scenario: step 1")
    assert problem in found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "scenario: version is missing; write version = 1"),
        ("version = 2", "scenario: version = 2; this release reads 1"),
        ("version = true", "scenario: version = True; this release reads 1"),
        ("version = 1", "scenario: there is no token"),
        ("version = 1\ntokn = 1", "scenario: unknown key 'tokn'; did you mean 'token'?"),
        ("version = 1\ntoken = 1", "scenario: token: 1; write [[token]] above each"),
        ("version = ", "scenario is no TOML"),
        (HEAD + "[[step]]\ndo = 1", "scenario: step 1: do = 1;"),
        ("seed = 1.5\n" + HEAD, "scenario: seed: 1.5; allowed are whole numbers and texts"),
        ("start = 5\n" + HEAD, "scenario: start: 5; allowed is an ISO 8601 time"),
        (HEAD + "[policy]\nlook_ahed = 3", "policy: unknown key 'look_ahed'; did you mean"),
        (HEAD + "[policy]\nlook_ahead = -3", "policy: look_ahead = -3; allowed are 0 to"),
        (HEAD + '[policy]\nlike = "linotp"', "policy: like = 'linotp'; "),
        (HEAD + "color = 1", "token 1: unknown key 'color'; "),
        (HEAD.replace("GALH0", "XALH0"), "token 1: serial number"),
        (HEAD + 'sample = "GALH99999999"', "token 1: no sample token GALH99999999"),
        (HEAD + HEAD.removeprefix("version = 1\n"), "token 2: another one is called"),
        (HEAD, "there is no step; write [[step]] and what to do"),
        (PAIR + '[[step]]\ndo = "press"', "step 1 (press): token is missing, and there are old"),
    ],
)
def test_top(text: str, problem: str) -> None:
    """So is every mistake outside of the steps."""
    assert problem in problems(text)[0]


def test_all_at_once() -> None:
    """All mistakes are told, not the first alone."""
    text = f"{HEAD}colour = 1\n[[step]]\ndo = 'pres'\n[[step]]\ndo = 'press'\nhold_s = -1\n"
    assert 3 == len(problems(text))


def test_names_file(tmp_path: Path) -> None:
    """A mistake in a file is told with its name."""
    file = tmp_path / "a.toml"
    file.write_text("version = 2")
    with pytest.raises(ScenarioError, match=r"a\.toml: version = 2"):
        read_scenario(file)
    file.write_bytes(b"\xff")
    with pytest.raises(ScenarioError, match="no UTF-8"):
        read_scenario(file)
    with pytest.raises(ScenarioError, match="can't be read"):
        read_scenario(tmp_path)


def test_no_server() -> None:
    """A scenario can't choose a server: that could be a program."""
    assert "unknown key 'server'" in problems(f'server = "command:x.toml"\n{HEAD}')[0]


WORDS = st.sampled_from(
    ["version", "token", "step", "do", "serial", "expect", "policy", "seed", *WHATS]
) | st.text(max_size=8)
LEAVES = (
    st.integers(-(2**70), 2**70)
    | st.booleans()
    | st.sampled_from(["GALH00004226", "press", "first", "hotp-ahead"])
    | st.text(max_size=12)
)


def _toml(table: dict[str, object]) -> str:
    return "\n".join(f"{inline({key: value})[1:-1]}" for key, value in table.items())


TABLES = st.dictionaries(WORDS, LEAVES, max_size=5)


@given(top=TABLES, tokens=st.lists(TABLES, max_size=2), steps=st.lists(TABLES, max_size=3))
def test_fuzz(
    top: dict[str, object], tokens: list[dict[str, object]], steps: list[dict[str, object]]
) -> None:
    """Whatever a file holds, it is a scenario, or it is told why not."""
    text = _toml({**top, "version": 1, "token": tokens, "step": steps})
    with contextlib.suppress(ScenarioError):
        assert isinstance(read_scenario(text), Scenario)


@given(st.text(max_size=200))
def test_fuzz_text(text: str) -> None:
    """Text that is no TOML at all is refused as such."""
    with pytest.raises(ScenarioError):
        read_scenario(text)


FULL = """
version = 1
title = "all \\u007f kinds \\"of\\" values"
seed = "seven"
start = "2026-02-01T00:00:00.000000001Z"
[policy]
like = "privacyidea"
lock_after = 3
[[token]]
serial = "GALH00004226"
name = "old"
sample = "GALH00004226"
counter = 5
ppm = -1.25
[[token]]
serial = "GALT00000042"
name = "timed"
offset_s = 0.5
enrolled = false
[[step]]
do = "press"
token = "old"
as = "first"
hold_s = 0.0005
note = "a note"
[[step]]
do = "advance"
days = 1.5
[[step]]
do = "submit"
token = "old"
code = "first"
expect = {accepted = true, counter = [1, 6], kind = "accepted"}
[[step]]
do = "fault"
token = "old"
fault = {press = 3, tear = {byte = 13}}
[[step]]
do = "holder"
token = "old"
days = 1
habits = {uses_per_day = 1.5, use_weekdays = [1, 1, 1, 1, 1, 0.2, 0.1]}
[[step]]
do = "resync"
token = "old"
typed = ["000000", "1"]
[[step]]
do = "desync"
token = "old"
recipe = "hotp-ahead"
by = 3
[[step]]
do = "expect"
token = "old"
distance = 3
"""


def test_round_trip() -> None:
    """What is written is read back as it was."""
    scenario = read_scenario(FULL)
    assert scenario == read_scenario(write_scenario(scenario))
