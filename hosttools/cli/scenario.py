"""``galh scenario``: what happens to tokens and a server, played from a file and judged."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from emulator import history
from emulator.annotations import Placed
from emulator.journalform import to_mapping
from firmware_model.identifier import normalise
from hosttools.benchanswers import Event, read_event
from hosttools.cli.files import check_new, write_new
from hosttools.cli.journal import opened
from hosttools.cli.options import (
    NamedOption,
    elsewhere_options,
    json_option,
    path_option,
    print_json,
)
from hosttools.cli.shrinking import shrink_and_tell, shrink_options
from hosttools.console import asker
from hosttools.errors import UsageError
from hosttools.refserver.policies import POLICIES
from hosttools.scenarios import Result, Scenario, ScenarioError, Status, run, write_scenario
from hosttools.scenarios import library as shipped
from hosttools.scenarios.policies import compare, table
from hosttools.scenarios.record import recorded
from hosttools.scenarios.report import conclusion, junit, matrix, step_table
from hosttools.scenarios.schema import schema as make_schema
from hosttools.scenarios.under_test import REFERENCE, Servers

_PAGE: Final = 1_000
_LONG: Final = 200
"""Steps from which progress is shown."""


_openedoption = click.option(
    "--server",
    "servers",
    cls=NamedOption,
    multiple=True,
    metavar="SERVER",
    help="Against which server; may be repeated: reference, privacyidea:URL, http:FILE.toml …"
    "  [default: reference]",
)


@click.group()
def scenario() -> None:
    """Play what happens to tokens and a server, from a file, and compare what comes of it."""


@scenario.command("run")
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--all", "all_", cls=NamedOption, is_flag=True, help="Play all that ship.")
@_openedoption
@elsewhere_options
@click.option(
    "--matrix",
    "as_matrix",
    cls=NamedOption,
    is_flag=True,
    help="Print one table: scenarios down, servers across.",
)
@click.option("--keep-going", is_flag=True, help="Go on after a step that failed.")
@path_option("--junit", "FILE", "Write JUnit's XML: a suite for each scenario, a case a step.")
@path_option("--timeline", "FILE", "Draw one scenario on one server: FILE.svg or FILE.png.")
@path_option("--cases", "DIR", "Keep a case of each run that fails, which galh case replays.")
@json_option
def run_(
    files: tuple[str, ...],
    all_: bool,  # noqa: FBT001  # click's signature
    servers: tuple[str, ...],
    authorised: tuple[str, ...],
    budget: int,
    as_matrix: bool,  # noqa: FBT001  # click's signature
    keep_going: bool,  # noqa: FBT001  # click's signature
    junit: Path | None,  # the option's name
    timeline: Path | None,
    cases: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Play scenarios: files, or names of those that ship (galh scenario list).

    A server that can't do a step makes the scenario skipped, which is no failure. Exit
    code 1 if anything was not as expected. A file that is there is never overwritten.
    """
    scenarios = _read_all(files, all_=all_)
    named = servers or (REFERENCE,)
    check_new(junit, timeline)
    if timeline is not None:
        _check_timeline(timeline, len(scenarios) * len(named))
    if cases is not None:
        _check_folder(cases)
    with Servers(authorised, budget, asker()) as opened:
        openers = [opened.opener(server) for server in named]
        results = [
            run(
                played,
                opener,
                keep_going=keep_going,
                keep_case=cases is not None,
                progress=_progress(played),
            )
            for played in scenarios
            for opener in openers
        ]
    _tell(results, as_json=as_json, as_matrix=as_matrix)
    if timeline is not None:
        from hosttools.scenarios.picture import timeline as draw  # noqa: PLC0415  # loads Pillow

        write_new(timeline, draw(results[0], timeline.suffix))
    if junit is not None:
        write_new(junit, _junit(results))
    if cases is not None:
        _keep_cases(cases, results)
    return 0 if all(result.ok for result in results) else 1


_junit = junit


@scenario.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--all", "all_", cls=NamedOption, is_flag=True, help="Check all that ship.")
@json_option
def check(files: tuple[str, ...], all_: bool, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Check scenarios without playing them: all that is wrong, with its place."""
    wrong: dict[str, list[str]] = {}
    for name in _names(files, all_=all_):
        try:
            shipped.read(name)
        except ScenarioError as e:
            wrong[name] = list(e.problems)
        else:
            wrong[name] = []
    if as_json:
        print_json([{"file": f, "ok": not p, "problems": p} for f, p in wrong.items()])
    else:
        for name, problems in wrong.items():
            click.echo("\n".join(problems) if problems else f"{name}: fine", err=bool(problems))
    return UsageError.exit_code if any(wrong.values()) else 0


@scenario.command("list")
@json_option
def list_(as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """List the scenarios that ship."""
    there = shipped.library()
    if as_json:
        print_json(
            [
                {
                    "name": one.source,
                    "title": one.title,
                    "tokens": len(one.tokens),
                    "steps": len(one.steps),
                }
                for one in there
            ]
        )
        return
    width = max(len(one.source) for one in there) + 2
    for one in there:
        click.echo(f"{one.source:<{width}}{one.title}")


@scenario.command()
@click.argument("file")
@click.option(
    "--policy",
    "names",
    cls=NamedOption,
    multiple=True,
    type=click.Choice(tuple(POLICIES)),
    help="Only this one; may be repeated.  [default: all]",
)
@json_option
def policies(file: str, names: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Play one scenario on policies after servers that people know, and tell who differs.

    Each is the reference server with other settings; what it expects doesn't count.
    """
    comparison = compare(shipped.read(file), names or tuple(POLICIES))
    if as_json:
        print_json(comparison.as_dict())
    else:
        click.echo(table(comparison))


@scenario.command()
@click.argument("file")
@shrink_options
def shrink(file: str, **options: Any) -> None:  # noqa: ANN401  # those of shrink_options
    """Find the fewest steps, presses and waits with which a scenario still fails so.

    Without --out and --pytest the small scenario is printed.
    """
    shrink_and_tell(shipped.read(file), **options)


@scenario.command()
@path_option("--state", "DIR", "A state directory, whose journal tells; nobody may be serving it.")
@click.option("--url", metavar="URL", help="A bench that is served over HTTP.")
@click.option(
    "--serial", "serials", multiple=True, metavar="SERIAL", help="Only this token; may be repeated."
)
@click.option("--after", default=0, metavar="N", help="Only records after this number.")
@path_option("--out", "FILE", "The scenario; one that is there is never overwritten.")
def record(
    state: Path | None, url: str | None, serials: tuple[str, ...], after: int, out: Path | None
) -> None:
    """Make a scenario of what was done on the page, a port or over HTTP.

    The tokens are made anew from the scenario's seed: it holds nobody's secret. Without
    --out it is printed. What it can't tell goes to standard error.
    """
    if (state is None) == (url is None):
        raise UsageError("give --state DIR or --url URL, where the journal is")
    events = _kept(state, after) if state is not None else _served(url or "", after)
    made = recorded(events, [normalise(serial) for serial in serials])
    for what in made.left_out:
        click.echo(f"galh: left out: {what}", err=True)
    text = write_scenario(made.scenario)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_new(out, text.encode())


def _kept(state: Path, after: int) -> Iterator[Event]:
    """Read the journal of a state directory."""
    begun: set[str] = set()
    with opened(state) as (store, told):
        for kept in told.read(after, told.visible):
            event = kept.event
            if isinstance(event, Placed) and kept.serial not in begun:
                # A disk has it without the secret, which it takes to tell the counter.
                config = store.load(kept.serial).config
                begun.add(kept.serial)
                placed = replace(event, state=history.state_at(told, config, kept.sequence))
                kept = kept._replace(event=placed)  # noqa: PLW2901  # the same record, readable
            yield read_event(to_mapping(kept))


def _served(url: str, after: int) -> Iterator[Event]:
    """Read the journal of a bench over HTTP, page by page."""
    from hosttools.benchclient import BenchClient  # noqa: PLC0415  # needs the extra web

    with BenchClient(url) as client:
        while True:
            page, after = client.journal(after, limit=_PAGE)
            yield from page
            if len(page) < _PAGE:
                return


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenarios, for editors."""
    click.echo(json.dumps(make_schema(), indent=2))


def _names(files: Sequence[str], *, all_: bool) -> Sequence[str]:
    if all_ == bool(files):
        raise UsageError("give scenarios, FILE..., or --all; galh scenario list tells names")
    return shipped.names() if all_ else files


def _read_all(files: Sequence[str], *, all_: bool) -> list[Scenario]:
    """Read all of them before the first is played.

    Raises:
        ScenarioError: all that is wrong with any of them.
    """
    read: list[Scenario] = []
    problems: list[str] = []
    for name in _names(files, all_=all_):
        try:
            read.append(shipped.read(name))
        except ScenarioError as e:
            problems += e.problems
    if problems:
        raise ScenarioError(tuple(problems))
    return read


def _check_timeline(path: Path, runs: int) -> None:
    from hosttools.scenarios.picture import SUFFIXES  # noqa: PLC0415  # loads Pillow

    if runs != 1:
        raise UsageError(f"--timeline draws one scenario on one server; these are {runs} runs")
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--timeline {path}; give a name that ends in {' or '.join(SUFFIXES)}")


def _check_folder(folder: Path) -> None:
    """Make a folder for cases; one that is there has to be empty, so that nothing is mixed up."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty; give another folder to --cases")
    except OSError as e:
        raise UsageError(f"--cases {folder} can't be a folder: {e.strerror}") from e


def _keep_cases(folder: Path, results: Sequence[Result]) -> None:
    from hosttools.cases import SUFFIX, save  # noqa: PLC0415  # rarely needed

    kept = [result for result in results if result.case is not None]
    for number, result in enumerate(kept, 1):
        name = f"{number:02d}-{Path(result.source).stem}-on-{result.server.split(':')[0]}"
        path = folder / (re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:100] + SUFFIX)
        assert result.case is not None  # noqa: S101  # only those
        save(path, result.case)
        click.echo(f"galh: case of {result.source} on {result.server}: {path}", err=True)


def _progress(played: Scenario) -> Callable[[int, int], None]:
    """Show how far a long scenario is, to a person at a terminal."""
    if len(played.steps) < _LONG or sys.stderr is None or not sys.stderr.isatty():
        return lambda _done, _of: None

    def show(done: int, of: int) -> None:
        if done % (_LONG // 4) == 0 or done == of:
            end = "\n" if done == of else ""
            click.echo(
                f"\r{Path(played.source).stem}: {done} of {of} steps{end}", nl=False, err=True
            )

    return show


def _tell(results: Sequence[Result], *, as_json: bool, as_matrix: bool) -> None:
    if as_json:
        print_json([result.as_dict() for result in results])
        return
    if as_matrix:
        click.echo(matrix(results))
        return
    if len(results) == 1:
        click.echo(step_table(results[0]))
        return
    for result in results:
        if result.status in {Status.FAILED, Status.BROKEN}:
            click.echo(step_table(result) + "\n")
        else:
            where = f"{Path(result.source).stem} on {result.server}"
            click.echo(f"{where}: {conclusion(result)}")
