"""Shrinking from the command line: what ``galh scenario shrink`` and ``galh case shrink`` share."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from hosttools.cli.files import check_new, write_new
from hosttools.cli.options import elsewhere_options, json_option, path_option, print_json, together
from hosttools.console import asker
from hosttools.scenarios import Scenario, write_scenario
from hosttools.scenarios.pytestfile import pytest_source
from hosttools.scenarios.shrink import shrink
from hosttools.scenarios.under_test import REFERENCE, Servers
from hosttools.words import counted, spoken

shrink_options: Final = together(
    click.option(
        "--server",
        default=REFERENCE,
        show_default=True,
        metavar="SERVER",
        help="Against which server.",
    ),
    elsewhere_options,
    path_option("--out", "FILE", "The small scenario; one that is there is never overwritten."),
    path_option("--pytest", "FILE", "The small scenario as a pytest module, likewise."),
    json_option,
)


def shrink_and_tell(
    scenario: Scenario,
    *,
    server: str,
    authorised: tuple[str, ...],
    budget: int,
    out: Path | None,
    pytest: Path | None,
    as_json: bool,
) -> None:
    """Shrink a scenario, write what it becomes, and tell.

    Args:
        scenario: it fails.
        server: against which server.
        authorised: hosts other than this machine that may be tested.
        budget: how many submissions a server elsewhere may refuse.
        out: where the small scenario goes; with neither this nor ``pytest`` it is printed.
        pytest: where it goes as a pytest module.
        as_json: whether to print JSON.

    Raises:
        UsageError: it does not fail, or a file is there already.
    """
    check_new(out, pytest)
    with Servers(authorised, budget, asker()) as opened:
        small = shrink(scenario, opened.opener(server), progress=_progress())
    text = write_scenario(small.scenario)
    if out is not None:
        write_new(out, text.encode())
    if pytest is not None:
        write_new(pytest, pytest_source(small, server).encode())
    if as_json:
        print_json(
            {
                "schema": 1,
                "reason": small.reason,
                "before": asdict(small.before),
                "after": asdict(small.after),
                "runs": small.runs,
                "scenario": text,
            }
        )
        return
    if out is None and pytest is None:
        click.echo(text)
    for word, cost in (("from", small.before), ("to", small.after)):
        click.echo(
            f"{word:<5}{counted(cost.steps, 'step')}, {counted(cost.presses, 'press')},"
            f" {spoken(cost.waited_s)} of waiting",
            err=True,
        )
    click.echo(f"in {small.runs} runs; it still fails at {small.reason}", err=True)


def _progress() -> Callable[[int], object]:
    """Show a person at a terminal how many runs there were."""
    if sys.stderr is None or not sys.stderr.isatty():
        return lambda _: None
    return lambda runs: click.echo(f"\r{runs} runs ", nl=False, err=True)
