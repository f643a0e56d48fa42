"""``galh probe``: a server's sync logic, measured from outside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from firmware_model.nvm import Config
from hosttools.cli.files import check_new, write_new
from hosttools.cli.options import (
    NamedOption,
    SecondsRange,
    elsewhere_options,
    json_option,
    path_option,
    print_json,
    seed_config,
    seeds_option,
)
from hosttools.console import asker
from hosttools.errors import HostError, UsageError
from hosttools.prober.diff import diff as compare
from hosttools.prober.finding import Verdict
from hosttools.prober.html import as_html
from hosttools.prober.junit import as_junit
from hosttools.prober.plan import make_plan
from hosttools.prober.registry import choose
from hosttools.prober.result import Result, read_report
from hosttools.prober.rule import DEFAULT_REACH
from hosttools.prober.run import DEFAULT_PATIENCE_S, Settings, run
from hosttools.prober.supply import makes_tokens
from hosttools.prober.table import differences, heading, plan_text, row, summary
from hosttools.servers.spec import ADAPTERS, open_server

_COLOURS: Final = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}
_REACH: Final = 100_000
_file = click.Path(path_type=Path)


@click.group(invoke_without_command=True)
@click.option(
    "--server",
    "server_spec",
    cls=NamedOption,
    metavar="SERVER",
    help=f"What to measure: {', '.join(adapter.usage for adapter in ADAPTERS.values())}.",
)
@click.option(
    "--only",
    metavar="RULE,...",
    default="",
    help="These rules, or families such as hotp.resync, and what they stand on.",
)
@click.option("--lockout", is_flag=True, help="Look for the lock-out too. It locks tokens.")
@click.option("--dry-run", is_flag=True, help="Show the plan and its cost; send nothing.")
@elsewhere_options
@click.option(
    "--pace",
    type=SecondsRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Wait at least so long between submissions.",
)
@click.option(
    "--patience",
    type=SecondsRange(0),
    default=DEFAULT_PATIENCE_S,
    show_default=True,
    metavar="SECONDS",
    help="Longest wait where the server's clock can't be moved.",
)
@click.option(
    "--reach",
    type=click.IntRange(1, _REACH),
    default=DEFAULT_REACH,
    show_default=True,
    metavar="N",
    help="Presses and steps up to which windows are looked for.",
)
@path_option("--resume", "FILE", "Keep what is known in this file, and go on from it.")
@seeds_option
@click.option("--serial", metavar="SERIAL", help="Which token of it the server knows.")
@click.option("--digits", is_flag=True, help="Put the codes into the evidence.")
@json_option
@path_option("--junit", "FILE", "JUnit XML to write, each rule a case.")
@path_option("--html", "FILE", "HTML report to write.")
@click.pass_context
def probe(
    ctx: click.Context,
    server_spec: str | None,
    only: str,
    lockout: bool,  # noqa: FBT001  # click's signature
    dry_run: bool,  # noqa: FBT001  # click's signature
    authorised: Sequence[str],
    budget: int,
    pace: float,
    patience: float,
    reach: int,
    resume: Path | None,
    seeds: Path | None,
    serial: str | None,
    digits: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
    junit: Path | None,
    html: Path | None,
) -> int | None:
    """Measure a server's sync logic from outside, by pressing a token and watching it.

    Tells how far it looks ahead, whether a code works twice, what a resync takes, and
    much more, each with a verdict and what it means for users. Shows the plan first.
    Exit code 0 if no rule fails, 1 if one does or none could be measured. A server on
    another machine has to be named with --authorised, and refuses only as often as
    --budget says.
    """
    if ctx.invoked_subcommand is not None:
        return None
    if server_spec is None:
        raise UsageError(f"name a server with --server; there are {', '.join(ADAPTERS)}")
    check_new(junit, html)
    chosen = choose(filter(None, only.split(",")), lockout=lockout)
    token = _token(seeds, serial)
    with open_server(
        server_spec,
        trusted=True,
        authorised=authorised,
        failure_budget=budget,
        ask=asker(),
    ) as server:
        plan = make_plan(chosen, server, fresh=makes_tokens(server, token))
        told = plan_text(plan, server.name, server.can, pace)
        if dry_run:
            if as_json:
                print_json(plan.as_dict(server.name))
            else:
                click.echo(told)
            return 0
        click.echo(f"{told}\n", err=True)
        if not as_json:
            click.echo(heading())
        report = run(
            server,
            plan,
            Settings(
                reach=reach,
                digits=digits,
                pace_s=pace,
                patience_s=patience,
                token=token,
                resume=resume,
            ),
            progress=lambda result: _tell(result, as_json=as_json),
        )
    if as_json:
        print_json(report.as_dict())
    if junit is not None:
        write_new(junit, as_junit(report), mode=_mode(digits=digits))
    if html is not None:
        write_new(html, as_html(report).encode(), mode=_mode(digits=digits))
    click.echo(summary(report), err=True)
    if not report.measured:
        raise HostError("nothing was measured; see why at each rule")
    return 1 if report.failed else 0


@probe.command("diff")
@click.argument("before", type=_file)
@click.argument("after", type=_file)
@json_option
def diff_(before: Path, after: Path, as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Compare what galh probe --json printed of two servers, or of two versions of one.

    Exit code 0 if every rule came to the same, 1 if one did not.
    """
    old, new = read_report(before), read_report(after)
    found = compare(old, new)
    if as_json:
        rules = [difference.as_dict() for difference in found]
        print_json({"before": old.server, "after": new.server, "rules": rules})
    else:
        click.echo(differences(old, new, found))
    return 1 if found else 0


def _token(seeds: Path | None, serial: str | None) -> Config | None:
    if seeds is None:
        if serial is not None:
            raise UsageError("--serial is a token of a seed file; give that with --seeds")
        return None
    return seed_config(seeds, serial)


def _tell(result: Result, *, as_json: bool) -> None:
    if as_json:
        click.echo(f"{result.rule}: {result.measured}", err=True)
    else:
        click.echo(row(result, _paint))


def _paint(verdict: Verdict, word: str) -> str:
    return click.style(word, fg=_COLOURS.get(verdict))


def _mode(*, digits: bool) -> int:
    """Return who may read a report: one with codes only its owner."""
    return 0o600 if digits else 0o644
