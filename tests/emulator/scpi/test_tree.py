"""Headers: every spelling and no other; paths; lines that come again."""

import pytest

from emulator.scpi.commands import COMMANDS, TABLE
from emulator.scpi.tree import CACHED_LENGTH, Command, Table, spellings


def nothing(*_: object) -> None:
    """Run without effect."""


def test_a_node_is_short_or_long() -> None:
    """And an optional node is there or not."""
    assert spellings("TOKen:TYPE?") == {"TOK:TYPE?", "TOKEN:TYPE?"}
    assert len(spellings("SYSTem:ERRor[:NEXT]?")) == 8


def test_two_commands_can_not_share_a_spelling() -> None:
    """The table says which two."""
    with pytest.raises(ValueError, match="TOKens and TOKen can both be written"):
        Table((Command("TOKen", nothing), Command("TOKens", nothing)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.header)
def test_every_header_is_found_in_every_spelling(command: Command) -> None:
    """In capitals, in small letters, and from the root."""
    for spelling in spellings(command.header):
        root = "" if spelling.startswith("*") else ":"
        for line in (spelling, spelling.lower(), root + spelling):
            # A command with parameters that must be given finds -109, not -113.
            found, _ = TABLE._resolve(line, "")
            assert found is command


@pytest.mark.parametrize("spelling", ["BUTTO:DOWN", "BUT:DOWN", "BUTTONS:DOWN", "BUTT:DOWN?"])
def test_what_lies_between_short_and_long_is_undefined(spelling: str) -> None:
    """SCPI takes the two forms exactly."""
    (unit,) = TABLE.program(spelling.encode())
    assert unit.arguments[0].number == -113  # type: ignore[attr-defined] # an object to mypy


def test_a_short_line_is_parsed_once() -> None:
    """The same line gives the same program."""
    table = Table(COMMANDS)
    assert table.program(b"DISP:TEXT?") is table.program(b"DISP:TEXT?")


def test_long_lines_are_not_kept() -> None:
    """So that the cache's size is bounded in bytes, too."""
    table = Table(COMMANDS)
    line = b"*CLS;" * CACHED_LENGTH
    assert table.program(line) is not table.program(line)


def test_more_commands_make_a_larger_table() -> None:
    """Later parts add their own to ours."""
    table = Table((*COMMANDS, Command("BENCh:MAKE", nothing)))
    assert table.program(b"benc:make")[0].run is nothing
