"""``galh scenario``: exit codes, files, and what is printed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.scenarios import read_scenario
from hosttools.scenarios.library import names
from hosttools.scenarios.schema import schema
from hosttools.testing import Serving

Galh = Callable[..., tuple[int, str, str]]

HEAD = 'version = 1\n[[token]]\nserial = "GALH00004226"\n'
FAILING = HEAD + '[[step]]\ndo = "press"\nexpect = {counter = 2}\n'
BROKEN = HEAD + '[[step]]\ndo = "pres"\n[[step]]\ndo = "press"\nholds = 1\n'


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """Return a scenario that fails."""
    file = tmp_path / "failing.toml"
    file.write_text(FAILING)
    return file


def test_run(galh: Galh) -> None:
    """A scenario that passes: its steps, and exit code 0."""
    exit_code, out, err = galh("scenario", "run", "replay")
    assert (0, "") == (exit_code, err)
    assert "Passed: 11 steps." == out.splitlines()[-1]


def test_run_failing(galh: Galh, failing: Path) -> None:
    """One that fails: exit code 1, and what differs."""
    exit_code, out, _ = galh("scenario", "run", failing, "replay")
    assert 1 == exit_code
    assert "counter: expected 2, got 1" in out
    assert "replay on reference: Passed: 11 steps." in out


def test_run_json(galh: Galh, failing: Path) -> None:
    """With --json all of it is one list on standard output."""
    exit_code, out, _ = galh("scenario", "run", failing, "replay", "--json")
    first, second = json.loads(out)
    assert 1 == exit_code
    assert ("failed", "passed") == (first["status"], second["status"])
    assert "counter" == first["steps"][0]["mismatches"][0]["key"]


def test_cases(galh: Galh, tmp_path: Path, failing: Path) -> None:
    """What fails leaves a case in a folder of its own, which replays; what passes leaves none."""
    folder = tmp_path / "cases"
    exit_code, _, err = galh("scenario", "run", "replay", failing, "--cases", folder)
    (file,) = folder.iterdir()
    assert (1, f"galh: case of {failing} on reference: {file}\n") == (exit_code, err)
    assert "01-failing-on-reference.galh-case.json" == file.name
    assert 0 == galh("case", "replay", file)[0]
    exit_code, _, err = galh("scenario", "run", failing, "--cases", folder)
    assert (2, True) == (exit_code, "is not empty" in err)


def test_cases_no_folder(galh: Galh, failing: Path) -> None:
    """A folder that can't be made is refused before anything is played."""
    exit_code, out, err = galh("scenario", "run", failing, "--cases", failing / "cases")
    assert (2, "") == (exit_code, out)
    assert "can't be a folder" in err


@pytest.mark.parametrize("option", ["--junit", "--timeline"])
def test_no_directory(galh: Galh, tmp_path: Path, option: str) -> None:
    """A file that can't be written is told before anything is played."""
    file = tmp_path / "none" / "x.svg"
    exit_code, out, err = galh("scenario", "run", "replay", option, file)
    assert (2, "") == (exit_code, out)
    assert f"there is no directory {file.parent}" in err


def test_all_is_read_first(galh: Galh, tmp_path: Path) -> None:
    """A mistake in any file is told before the first is played, all mistakes at once."""
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    exit_code, out, err = galh("scenario", "run", "replay", file)
    assert (2, "") == (exit_code, out)
    assert f"{file}: step 1: do = 'pres'; did you mean 'press'?" in err
    assert f"{file}: step 2 (press): unknown key 'holds'; did you mean 'hold_s'?" in err


def test_check(galh: Galh, tmp_path: Path, failing: Path) -> None:
    """Checking plays nothing."""
    assert (0, f"{failing}: fine\n", "") == galh("scenario", "check", failing)
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    exit_code, out, err = galh("scenario", "check", file)
    assert (2, "", 2) == (exit_code, out, len(err.splitlines()))
    _, out, _ = galh("scenario", "check", file, failing, "--json")
    assert [False, True] == [one["ok"] for one in json.loads(out)]


def test_list(galh: Galh) -> None:
    """Those that ship are listed with their titles."""
    exit_code, out, _ = galh("scenario", "list", "--json")
    assert 0 == exit_code
    assert list(names()) == [one["name"] for one in json.loads(out)]
    _, out, _ = galh("scenario", "list")
    assert "replay  " in out


def test_schema(galh: Galh) -> None:
    """The schema is printed."""
    _, out, _ = galh("scenario", "schema")
    assert schema() == json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run",), "give scenarios, FILE..., or --all"),
        (("run", "replay", "--all"), "give scenarios, FILE..., or --all"),
        (("run", "replya"), "did you mean 'replay'?"),
        (("run", "replay", "--server", "refrence"), "did you mean 'reference'?"),
        (("run", "replay", "--server", "radius:192.0.2.1:1812"), "--authorised 192.0.2.1"),
        (("run", "replay", "lock-out", "--timeline", "a.svg"), "these are 2 runs"),
        (("run", "replay", "--timeline", "a.pdf"), "ends in .svg or .png"),
        (("shrink", "replay"), "only what fails can be shrunk"),
        (("record",), "give --state DIR or --url URL"),
        (("record", "--state", "nowhere"), "no state directory nowhere"),
    ],
)
def test_usage(galh: Galh, arguments: tuple[str, ...], told: str) -> None:
    """What can't be is refused with exit code 2."""
    exit_code, out, err = galh("scenario", *arguments)
    assert (2, "") == (exit_code, out)
    assert told in err


def test_files_are_not_overwritten(galh: Galh, failing: Path, tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    there = tmp_path / "there.svg"
    there.write_text("mine")
    assert 2 == galh("scenario", "run", "replay", "--timeline", there)[0]
    assert 2 == galh("scenario", "run", "replay", "--junit", there)[0]
    assert 2 == galh("scenario", "shrink", failing, "--out", there)[0]
    assert "mine" == there.read_text()


def test_matrix(galh: Galh) -> None:
    """Many scenarios on many servers are one table."""
    exit_code, out, _ = galh(
        "scenario", "run", "replay", "lock-out", "--server", "reference", "--matrix"
    )
    assert 0 == exit_code
    assert ["scenario  reference", "replay    ok", "lock-out  ok"] == out.splitlines()


def test_shrink(galh: Galh, failing: Path) -> None:
    """What is small is printed, or told as JSON."""
    exit_code, out, err = galh("scenario", "shrink", failing)
    assert 0 == exit_code
    assert 1 == len(read_scenario(out).steps)
    assert "it still fails at step 1 (press): counter: expected 2, got 1" in err
    _, out, _ = galh("scenario", "shrink", failing, "--json")
    assert {"steps": 1, "presses": 1, "waited_s": 0.0} == json.loads(out)["after"]


def test_policies(galh: Galh) -> None:
    """Who disagrees first is told."""
    chosen = ("--policy", "default", "--policy", "google-authenticator")
    exit_code, out, _ = galh("scenario", "policies", "recipe-hotp-inside", *chosen)
    assert 0 == exit_code
    assert "They first disagree at step 4:" in out
    _, out, _ = galh("scenario", "policies", "recipe-hotp-inside", *chosen, "--json")
    assert 4 == json.loads(out)["disagreement"]["step"]


def test_record(galh: Galh, tmp_path: Path) -> None:
    """A session that was served becomes a scenario that passes; over HTTP and from its state."""
    state, out = tmp_path / "state", tmp_path / "session.toml"
    arguments = ("--seeds", "rfc4226.csv", "--clock", "manual", "--http", "127.0.0.1:0")
    with Serving(*arguments, "--state", str(state)) as serving:
        port = serving.ready["tokens"][0]["pty"]
        for _ in range(2):
            assert 0 == galh("code", "--port", port)[0]
        _, over_http, _ = galh("scenario", "record", "--url", serving.ready["http"])
    assert (0, "", "") == galh("scenario", "record", "--state", state, "--out", out)
    assert out.read_text() == over_http
    assert 2 == len([s for s in read_scenario(out).steps if s.do == "press"])
    assert 0 == galh("scenario", "run", out)[0]
