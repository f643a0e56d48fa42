"""What docs/study.md tells: its commands can be given, and its examples are studies."""

import dataclasses
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from hosttools.cli.main import cli
from hosttools.cli.study import study
from hosttools.study.answers import Answer

if TYPE_CHECKING:
    from tests.hosttools.cli.conftest import Done

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "study.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^galh study (.*?)(?: *#.*)?$", PAGE, re.MULTILINE)
EXAMPLES = re.findall(r"\]\((examples/[^)]+\.toml)\)", PAGE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_can_be_given(command: str) -> None:
    """Its options are there, and have values that they take."""
    above = click.Context(cli, **cli.context_settings)
    assert study.make_context("study", shlex.split(command.partition(" > ")[0]), parent=above)


def test_there_are_commands_and_examples() -> None:
    """The tests here have something to test."""
    assert len(COMMANDS) > 5
    assert ["examples/look-ahead.toml", "examples/five-minute-window.toml"] == EXAMPLES


@pytest.mark.full
@pytest.mark.parametrize(
    ("example", "asked"),
    [
        ("look-ahead.toml", ["look-ahead 3", "look-ahead 10", "look-ahead 30", "look-ahead 50"]),
        (
            "five-minute-window.toml",
            [
                "5 min, fixed clock",
                "5 min, drift followed",
                "5 min, wide add form",
                "30 s, drift followed",
            ],
        ),
    ],
)
def test_an_example_answers_its_question(
    galh: Callable[..., "Done"], tmp_path: Path, example: str, asked: list[str]
) -> None:
    """At a tiny size, to the end: a report of every policy, with the numbers that are asked."""
    done = galh(
        "study", DOCS / "examples" / example, "--tokens", 200, "--years", 1, "--workers", 1,
        "--no-sensitivity", "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert 0 == done.exit_code
    policies = json.loads(done.out)["policies"]
    assert asked == [policy["name"] for policy in policies]
    if example == "look-ahead.toml":
        # The same lives: who is spared by a look-ahead is spared by a wider one.
        resyncs = [policy["resyncs"] for policy in policies]
        assert sorted(resyncs, reverse=True) == resyncs
        assert all(policy["event_call_window"] for policy in policies)
    else:
        # Two years at 4 ppm are more than five minutes for a quarter of them.
        refused = [policy["add_refused"]["share"] for policy in policies]
        assert 0.15 < refused[0] == refused[1] < 0.4
        assert [0, 0] == refused[2:]
    assert Path(json.loads(done.out)["report"]).is_file()


def test_the_named_numbers_are_in_the_answers() -> None:
    """What the page says is in --json is there."""
    table = PAGE.partition("| In the report |")[2].partition("\n\n")[0]
    named = re.findall(
        r"`([a-z_]+)`", "\n".join(row.split("|")[-2] for row in table.split("\n")[2:])
    )
    assert len(named) > 10
    assert set(named) <= {*(field.name for field in dataclasses.fields(Answer)), "sensitivity"}
