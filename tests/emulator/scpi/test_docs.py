"""docs/serial-protocol.md says what the engine does."""

import re
from pathlib import Path

import pytest

from emulator.scpi.commands import COMMANDS
from emulator.scpi.errors import QUEUE_SIZE, ErrorCode
from emulator.scpi.session import MAX_BACKLOG, MAX_LINE
from emulator.scpi.testing import Line, ScriptedBench
from emulator.scpi.tree import Command

PAGE = (Path(__file__).parents[3] / "docs" / "serial-protocol.md").read_text(encoding="utf-8")
DIALOGUES = re.findall(r"^```scpi\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.header)
def test_every_command_has_its_row(command: Command) -> None:
    """With its parameters as the table has them."""
    usage = command.usage.replace("|", r"\|")
    assert f"| `{usage}` |" in PAGE


def test_no_row_is_about_a_command_that_is_not_there() -> None:
    """Rows of commands begin with a star, or have a colon in the header."""
    rows = re.findall(r"^\| `(\*\w+\??|[A-Z]+[a-z]*[\[:][^ `]*)", PAGE, re.MULTILINE)
    assert {command.header for command in COMMANDS} == set(rows)


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_has_its_row(code: ErrorCode) -> None:
    """Number and text."""
    assert f"| {code.number} | `{code.text}` |" in PAGE


def test_the_limits_are_those_of_the_code() -> None:
    """Line length, backlog, queue."""
    assert f"{MAX_LINE:,} bytes without the end" in PAGE
    assert f"{MAX_BACKLOG:,} bytes" in PAGE
    assert f"holds {QUEUE_SIZE} errors" in PAGE


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_every_dialogue_is_true(dialogue: str) -> None:
    """Sent line by line to a new token, it is answered as printed."""
    line = Line(ScriptedBench())
    spoken = []
    for sent in re.findall(r"^> (.*)$", dialogue, re.MULTILINE):
        spoken.append(f"> {sent}")
        spoken += [f"< {answer}" for answer in line.ask(sent.encode()).splitlines()]
    assert dialogue == "\n".join(spoken) + "\n"
