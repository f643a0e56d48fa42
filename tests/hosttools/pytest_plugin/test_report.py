"""What a failed test shows, and the golden pictures."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from hosttools.pytest_plugin import backends, report

Run = Callable[..., pytest.RunResult]

FAILS = """
@pytest.mark.galh(desync=37)
def test_sign(galh_pair):
    assert galh_pair.sign().accepted
"""


def test_failed_test_shows_both_sides(run: Run) -> None:
    """LCD, counters, the distance in words, and what happened last."""
    result = run(FAILS)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*GALH tokens*",
            "token GALH00004226, inprocess, *",
            "┌───*",
            "token   next counter 38",
            "server  expects counter 0, look-ahead 10, resync window 1000, active, 1 failures",
            "+38 NEEDS A RESYNC: two codes in a row",
            "last events:",
            "* lit *factor=37*",
            "* submitted *accepted=False*37 presses ahead*",
        ]
    )


def test_case_replays(run: Run, pytester: pytest.Pytester) -> None:
    """A failed test leaves a case, and prints the command that replays it."""
    result = run(FAILS, "--galh-artifacts=cases", "--junitxml=report.xml")
    (command,) = (line for line in result.outlines if line.startswith("replay it: galh case"))
    (path,) = (pytester.path / "cases").iterdir()
    replayed = pytester.run(sys.executable, "-m", "hosttools.cli", *command.split()[3:])

    assert 0 == replayed.ret
    replayed.stdout.fnmatch_lines(["*same digest*"])
    assert command.split()[-1] == str(path.relative_to(pytester.path))
    assert 0o600 == path.stat().st_mode & 0o777
    assert f'name="galh_case" value="{path}"' in (pytester.path / "report.xml").read_text()


def test_case_of_frozen_time_replays(run: Run, pytester: pytest.Pytester) -> None:
    """A case in which freezes came and went replays too, and is kept in pytest's cache."""
    text = """
from freezegun import freeze_time

@pytest.mark.galh(profile="GALT", ppm=11.6)
def test_frozen(galh_pair):
    with freeze_time("2030-01-01") as frozen:
        assert galh_pair.sign().accepted
        frozen.tick(86_400)
        frozen.move_to("2029-06-01")
        galh_pair.sign()
    galh_pair.sign()
    assert False
"""
    result = run(text, "-p", "cacheprovider")
    (command,) = (line for line in result.outlines if line.startswith("replay it: galh case"))
    replayed = pytester.run(sys.executable, "-m", "hosttools.cli", *command.split()[3:])

    assert 0 == replayed.ret, replayed.outlines
    assert command.split()[-1].startswith(".pytest_cache")


def test_case_that_can_not_be_kept(run: Run, pytester: pytest.Pytester) -> None:
    """Where nothing can be written, the report says so, and the test's own failure stays."""
    (pytester.path / "cases").write_text("a file")
    result = run(FAILS, "--galh-artifacts=cases")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no case: *", "*AssertionError*"])


@pytest.mark.parametrize("phase", ["setup", "teardown"])
def test_failure_around_a_test(run: Run, pytester: pytest.Pytester, phase: str) -> None:
    """A fixture of the test's own that fails, before or after it, shows the token likewise."""
    text = f"""
@pytest.fixture
def mine(galh_token):
    galh_token.press()
    assert {phase != "setup"}
    yield
    galh_token.wait_dark()
    galh_token.press()
    assert False

def test_it(mine): pass
"""
    result = run(text, "--galh-artifacts=cases", "--junitxml=report.xml")
    (path,) = (pytester.path / "cases").iterdir()

    result.assert_outcomes(errors=1, passed=phase == "teardown")
    result.stdout.fnmatch_lines([f"token   next counter {1 if phase == 'setup' else 2}"])
    assert f'name="galh_case" value="{path}"' in (pytester.path / "report.xml").read_text()


def test_nothing_can_be_written(run: Run, pytester: pytest.Pytester) -> None:
    """Where pytest has no room for its cache, tests run, and a failure is told as ever."""
    (pytester.path / "pytest.ini").write_text("[pytest]\ncache_dir = file/below\n")
    (pytester.path / "file").write_text("no folder")
    result = run(FAILS + "\ndef test_pass(galh_token): pass\n", "-p", "cacheprovider", "-Wignore")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["no case: *", "*AssertionError*"])


def test_mistake_of_ours_ends_no_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that fails says so in the report, and the run goes on."""

    def fail(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(report, "tell", fail)
    result = run(FAILS + "\ndef test_pass(galh_token): pass\n")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["no report: KeyError; *"])


def test_passed_test_shows_nothing(run: Run) -> None:
    """A test that passes leaves no report and no case."""
    result = run("def test_it(galh_token): galh_token.press()\n", "-rA")

    result.stdout.no_fnmatch_line("*GALH tokens*")


def test_a_fleet_shows_the_first_ones(run: Run) -> None:
    """A fleet is told by its first tokens."""
    result = run("def test_it(galh_tokens):\n    galh_tokens(9)\n    assert False\n")

    result.stdout.fnmatch_lines(["and 5 more tokens"])


def test_broken_token_is_told_as_far_as_it_goes(run: Run) -> None:
    """A report never fails on what it reports."""
    text = """
def test_it(galh_pair):
    galh_pair.token.inject("{press = 1, battery_out = {}}")
    galh_pair.token.try_press()
    assert False
"""
    result = run(text)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no more can be told: *no counter*"])


def test_emulated_report(run: Run, pytester: pytest.Pytester) -> None:
    """A token in another process shows what happened there, and leaves a case too."""
    result = run(FAILS, "--galh-backend=emulated")
    (command,) = (line for line in result.outlines if line.startswith("replay it: galh case"))
    replayed = pytester.run(sys.executable, "-m", "hosttools.cli", *command.split()[3:])

    result.stdout.fnmatch_lines(
        ["token   next counter 38", "+38 NEEDS A RESYNC*", "last events:", "* lit *factor=37*"]
    )
    assert 0 == replayed.ret
    replayed.stdout.fnmatch_lines(["*same digest*"])


def test_emulated_report_without_web(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra ``web`` a token in another process shows what is seen from here."""
    monkeypatch.setattr(backends, "find_spec", lambda _name: None)
    result = run(FAILS, "--galh-backend=emulated")

    result.stdout.fnmatch_lines(["token   next counter 38", "+38 NEEDS A RESYNC*"])
    result.stdout.no_fnmatch_line("last events:")


GOLDEN = """
def test_lcd(galh_token, galh_golden):
    galh_golden.check(galh_token.lcd, "dark")
    if CODE:
        galh_token.press()
    galh_golden.check(galh_token.lcd)
"""


def test_golden_pictures(run: Run, pytester: pytest.Pytester) -> None:
    """Written by a flag, compared without it; what differs is kept beside the golden one."""
    lit, dark = GOLDEN.replace("CODE", "True"), GOLDEN.replace("CODE", "False")
    golden = pytester.path / "golden"

    run(lit).assert_outcomes(failed=1)
    assert ["test_it-test_lcd-dark.new.png"] == [path.name for path in golden.iterdir()]
    run(lit, "--galh-update-golden").assert_outcomes(passed=1)
    run(lit).assert_outcomes(passed=1)
    result = run(dark)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*looks otherwise than*--galh-update-golden*"])
    assert {
        "test_it-test_lcd-dark.png",
        "test_it-test_lcd-lcd.new.png",
        "test_it-test_lcd-lcd.png",
    } == {path.name for path in golden.iterdir()}


def test_plugin_imports_nothing_of_ours_until_asked() -> None:
    """A run that uses no token of ours pays for none: only the plugin's module is loaded."""
    code = (
        "import sys, pytest\n"
        "pytest.main(['--co', '-q', '-p', 'galh', '-p', 'no:cacheprovider', sys.argv[1]])\n"
        "ours = ('hosttools', 'emulator', 'firmware_model', 'serial', 'click', 'PIL')\n"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] in ours))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "nothing"], capture_output=True, text=True, check=True
    )

    assert "['hosttools', 'hosttools.pytest_plugin']" == done.stdout.splitlines()[-1]
