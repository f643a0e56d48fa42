"""The Robot Framework library: as Python calls it, and under Robot itself."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hosttools.errors import UsageError
from hosttools.frameworks.robot import GalhLibrary, SkippedError
from tests.hosttools.frameworks.conftest import PAGE, SERIAL, Run

Shown = Callable[[str, str], str]


@pytest.fixture
def library() -> Iterator[GalhLibrary]:
    """Return the library with a sample token in the hand."""
    library = GalhLibrary()
    library.open_sample_token()
    yield library
    library.close_token()


def test_keywords_need_a_token() -> None:
    """Without a token in the hand, the error says which keyword comes first."""
    with pytest.raises(UsageError, match="use Open Token first"):
        GalhLibrary().press_button()


def test_display(library: GalhLibrary) -> None:
    """The display is compared with what is expected of it, and says what it shows."""
    library.display_should_be_dark()
    library.display_should_show(library.press_button())
    with pytest.raises(AssertionError, match="the display shows 755224, not 123456"):
        library.display_should_show("123456")
    with pytest.raises(AssertionError, match="the display is lit"):
        library.display_should_be_dark()
    library.wait_until_dark()
    with pytest.raises(AssertionError, match="the display shows nothing, not 755224"):
        library.display_should_show("755224")


def test_refusals(library: GalhLibrary) -> None:
    """A refused press is expected with its reason, and a code that lights is no refusal."""
    with pytest.raises(AssertionError, match="a code lit"):
        library.press_should_be_refused()
    library.press_should_be_refused("LIT")
    with pytest.raises(AssertionError, match="another reason: lit"):
        library.press_should_be_refused("dead")


def test_counters(library: GalhLibrary) -> None:
    """Codes are told by their counter, with the server's own implementation."""
    codes = library.press_button_times(3)
    library.counter_should_be(3)
    library.code_should_match_counter(codes[2], 2)
    with pytest.raises(AssertionError, match="not the code of counter 1") as failed:
        library.code_should_match_counter(codes[2], 1)
    assert codes[2] not in str(failed.value)
    with pytest.raises(AssertionError, match="the next counter is 3, not 4"):
        library.counter_should_be(4)


def test_time_passes(library: GalhLibrary) -> None:
    """Time that is let pass darkens the display; a button can be held long."""
    library.press_button(timedelta(seconds=1))
    library.let_time_pass(timedelta(seconds=31))
    library.display_should_be_dark()


@pytest.mark.usefixtures("served")
def test_what_is_not_offered_skips() -> None:
    """What needs the seed is skipped where nobody knows it, and done where a file has it."""
    library = GalhLibrary()
    library.open_token("./token")
    code = library.press_button()
    with pytest.raises(SkippedError, match=f"the seed of {SERIAL} is not known here"):
        library.code_should_match_counter(code, 0)
    library.open_token("./token", seeds=Path("rfc4226.csv"))
    library.code_should_match_counter(code, 0)
    library.close_token()
    with pytest.raises(UsageError, match=r"ward\.csv: no token GALH00004226 in it"):
        library.open_token("./token", seeds=Path("ward.csv"))
    library.close_token()


@pytest.mark.usefixtures("served")
def test_page(framework: Callable[[str], Run], shown: Shown) -> None:
    """The page's suite passes under Robot."""
    run = framework("robot")
    Path("token.robot").write_text(shown("robotframework", "Suite Setup"), encoding="utf-8")

    done = run("robot", "token.robot")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "2 tests, 2 passed, 0 failed" in done.stdout


@pytest.mark.usefixtures("served")
def test_skips_and_lets_go(framework: Callable[[str], Run]) -> None:
    """A test that can't be is skipped; a suite that closes no token leaves its port free."""
    run = framework("robot")
    suite = """\
*** Settings ***
Library           hosttools.frameworks.robot.GalhLibrary
Suite Setup       Open Token    ./token

*** Test Cases ***
Unknown Seed
    ${code}=    Get Fresh Code
    Code Should Match Counter    ${code}    0
"""
    Path("suites").mkdir()
    for name in ("first", "second"):
        Path("suites", f"{name}.robot").write_text(suite, encoding="utf-8")

    done = run("robot", "suites")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "2 tests, 0 passed, 0 failed, 2 skipped" in done.stdout
    assert f"the seed of {SERIAL} is not known here" in done.stdout


def test_libdoc(framework: Callable[[str], Run]) -> None:
    """The page has every keyword that libdoc lists, and no other."""
    done = framework("robot")("libdoc", "hosttools.frameworks.robot.GalhLibrary", "list")

    assert 0 == done.returncode, done.stderr
    told = re.findall(r"^\| `([A-Z].*?)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(done.stdout.splitlines()) == sorted(told)
