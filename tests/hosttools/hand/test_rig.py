"""docs/rig.md and its program: a solenoid and a camera are a token that one can press."""

import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.cli.main import run
from hosttools.hand import Can, NotOfferedError, Pressed, Token, open_hand
from tests.hosttools.hand.lab import PROGRAM, on_a_pty, rig_program

PAGE = PROGRAM.parents[1] / "rig.md"
CODES = ["755224", "287082", "359152", "969429"]


@pytest.fixture
def port() -> Iterator[str]:
    """Return the port of the rig, as it runs by itself."""
    with on_a_pty(rig_program().demo) as path:
        yield path


def test_pressed_as_any_token(port: str) -> None:
    """It presses, waits until dark, presses many times, and says what it is."""
    with Token.open(port, "GALH00004226") as token:
        assert CODES[0] == token.press()
        assert Pressed(None, "lit") == token.try_press()
        assert (CODES[0], True) == (token.text, token.lit)
        token.wait_dark()
        assert ("", False) == (token.text, token.lit)
        assert CODES[1:] == token.press_many(3)


def test_says_what_it_can_not(port: str) -> None:
    """It looks at the display, and can do nothing else; its clock is a real one."""
    with Token.open(port) as token:
        assert {Can.LOOK} == token.can
        assert ("real", 1.0) == (token.hand.clock_mode(), token.hand.rate())
        with pytest.raises(NotOfferedError, match="token GALH00004226 can't let time pass at once"):
            token.advance(1)


def test_from_the_shell(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``galh press``, ``display`` and ``code`` take its port."""
    assert 0 == run(["press", "--port", port, "--times", "2"])
    assert 0 == run(["display", "--port", port, "--ascii"])
    assert 0 == run(["code", "--port", port])
    lines = capsys.readouterr().out.splitlines()

    assert [*CODES[:2], CODES[2]] == [*lines[:2], lines[-1]]
    assert re.fullmatch(rf"{CODES[1]}, dark in (29|30)\.\d s", lines[-2])


def test_other_token_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It holds one token, and it is not another one."""
    assert 2 == run(["press", "--port", port, "--serial", "GALH00000042"])
    assert f"port {port} is that of GALH00004226, not of GALH00000042" in capsys.readouterr().err


def test_program_runs() -> None:
    """The program as it is prints its port, and answers there."""
    with subprocess.Popen([sys.executable, PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            hand = open_hand(program.stdout.readline().strip())
            assert CODES[0] == hand.press().code
            hand.close()
        finally:
            program.terminate()


def _rig(shown: Callable[[], str]) -> Any:  # noqa: ANN401  # of a module without types
    """Return a rig whose time goes on with every look at the clock."""
    now = itertools.count(0, 0.4)
    still = {"now": lambda: next(now), "sleep": lambda _: None}
    return rig_program().Rig("X1", lambda _: None, shown, **still)


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        (["", "1", "12", "123456", "123456"], '"123456"'),
        (["", "12345?", "123456", "123456"], '"123456"'),
        (["12", "", "", ""], '"REFUSED CLEARED"'),
        (["123456", "123456"], '"REFUSED LIT"'),
        (["123456", "654321", "654321", "654321"], '"654321"'),
        ([""] * 9, '"REFUSED DARK"'),
        (["", *["1234?6"] * 9], '"REFUSED UNREADABLE"'),
    ],
)
def test_what_the_camera_saw(shown: list[str], answer: str) -> None:
    """A code is one once it was read twice; what is not is told as a refusal."""
    seen = iter(shown)

    assert answer == _rig(lambda: next(seen))._answer("BUTT:PRES?")


@pytest.mark.parametrize(
    "command", ["DISP:WAIT? DARK,40", "display:wait? dark,40", ":DISPlay:WAIT? DARK,40"]
)
def test_short_and_long_headers(command: str) -> None:
    """A header is the same in its short and its long form, in any case."""
    assert "1" == _rig(lambda: "")._answer(command)


@given(st.binary(max_size=60))
def test_whatever_is_sent(sent: bytes) -> None:
    """Any line is answered, or an error that can be asked for; the next one is answered again."""
    lines = iter([sent.replace(b"\n", b" ") + b"\n", b"*CLS\n", b"CLOC:RATE?\n", b""])
    answers: list[bytes] = []

    class Line:
        def readline(self) -> bytes:
            return next(lines)

        def write(self, data: bytes) -> None:
            answers.append(data)

    _rig(lambda: "").serve(Line())

    assert b"1\n" == answers[-1]


def test_page_names_the_commands() -> None:
    """The program has every command that the page says it must or should have, and no other."""
    row = re.compile(r"^\| `([^` ]+)[^`]*` \| (must|should|may) \|", re.MULTILINE)
    rows = row.findall(PAGE.read_text(encoding="utf-8"))
    known = {name.removeprefix(":") for name in rig_program().Rig("X1", print, str)._commands}

    assert known == {name for name, degree in rows if degree != "may"}


def test_page_shows_what_is_known(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the page says of its capabilities is so, and the block that it shows is one."""
    page = PAGE.read_text(encoding="utf-8")
    (block,) = (
        text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "Can." in text
    )
    exec(block.replace("/dev/ttyUSB0", port), {})  # noqa: S102  # our own page
    assert ["True", "False"] == capsys.readouterr().out.split()

    length, listing = re.findall(r"^#2(\d\d)(:.*\n)```", page, re.MULTILINE)[0]
    assert int(length) == len(listing)
