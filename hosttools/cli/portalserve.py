"""``galh portal serve`` and ``reset``: the portal on a socket, and from the beginning."""

import contextlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import click

from emulator.clock import host_time
from emulator.loopback import is_loopback
from hosttools.cli.apps import CLOCK_HELP, manual_ns, serve_app
from hosttools.cli.options import (
    AddressType,
    json_option,
    load_seeds,
    path_option,
    seeds_option,
)
from hosttools.cli.portalbench import FobBench
from hosttools.cli.portaldb import OPERATOR, db_option, opened
from hosttools.cli.serveoptions import process_options, web_of
from hosttools.errors import UsageError
from hosttools.portal import Portal, open_portal, practice
from hosttools.portal.bugs import Bug
from hosttools.portal.http.app import make_app
from hosttools.portal.http.desk import PortalDesk
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.intake import enrol_seeds
from hosttools.refserver.policies import POLICIES

ADDRESS: Final = "127.0.0.1:8090"


@click.command()
@click.option(
    "--http",
    type=AddressType(),
    default=ADDRESS,
    show_default=True,
    metavar="HOST:PORT",
    help="Where pages and API are, on this machine; port 0: any.",
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="A name by which a proxy in front of it asks for it; not with practice accounts.",
)
@path_option("--tls-cert", "FILE", "Certificate chain (PEM): HTTP with TLS.")
@path_option("--tls-key", "FILE", "Its private key (PEM), if it is not in the same file.")
@db_option(required=False)
@seeds_option
@click.option(
    "--policy",
    type=click.Choice(tuple(POLICIES)),
    help="Treat tokens like this from now on.  [default: as the database has it]",
)
@click.option("--bug", "bugs", multiple=True, metavar="BUG", help="Have this bug; may be repeated.")
@click.option(
    "--fobs",
    type=AddressType(),
    metavar="HOST:PORT",
    help="Lay the practice's fobs on a bench with a page there, on one clock; port 0: any.",
)
@click.option(
    "--sync-time",
    "sync_s",
    type=click.FloatRange(0, 60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a page stays that adds or resyncs a token, as if it took so long to sync.",
)
@click.option(
    "--open", "opens", is_flag=True, help="Open it in the browser; with --fobs both side by side."
)
@click.option("--clock", default="real", show_default=True, metavar="CLOCK", help=CLOCK_HELP)
@process_options
@json_option
def serve(
    db: str,
    seeds: Path | None,
    policy: str | None,
    bugs: tuple[str, ...],
    fobs: tuple[str, int] | None,
    sync_s: float,
    opens: bool,  # noqa: FBT001  # click's signature
    clock: str,
    ready_file: Path | None,
    exit_with_parent: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
    **http: Any,  # noqa: ANN401  # the options of web_of, each checked by click
) -> None:
    """Serve the portal until SIGINT or SIGTERM.

    An empty database is filled with practice accounts, whose passwords the login page shows.
    Tokens of the seed file that it does not know are enrolled: their holders add them with
    two codes. Prints a line when it is ready, then waits.

    With --fobs the clock is the bench's, and the page of the fobs can move it: spares arrive
    there. /side has both pages in one window.
    """
    web = web_of({**http, "bearer_file": None})
    if not is_loopback(web.address[0]):
        raise UsageError(
            f"--http {web.address[0]}: a practice and test server is reached on this machine"
            " only; listen on 127.0.0.1, and let others in through an SSH tunnel"
        )
    wrong = bugs_of(bugs)
    records = () if seeds is None else load_seeds(seeds)
    with contextlib.ExitStack() as stack:
        bench = None if fobs is None else stack.enter_context(_fob_bench(clock))
        beside = None if bench is None else bench.beside
        time = beside or ServerClock(manual_ns(clock))
        portal = stack.enter_context(open_portal(db, clock=time, policy=policy, drawer=beside))
        _refuse_names(portal, web.hosts)
        portal.bugs = wrong
        enrol_seeds(portal.tokens, records, time.now_ns())
        desk = PortalDesk(portal=portal, hosts=web.hosts, sync_s=sync_s)

        def open_for(url: str) -> Mapping[str, str]:
            told: Mapping[str, str] = {}
            if bench is not None and fobs is not None:
                bench.hand_out(portal)
                told = bench.open(fobs, desk, url)
            if opens:
                click.launch(told.get("window", url))
            return told

        serve_app(
            make_app(desk),
            desk,
            web,
            ready_at=ready_file,
            parents=exit_with_parent,
            as_json=as_json,
            open_for=open_for,
        )


def _fob_bench(clock: str) -> FobBench:
    """Return a bench on the clock that is asked for."""
    start_ns = manual_ns(clock)
    if start_ns is None:
        return FobBench(host_time().utc_ns)
    return FobBench(start_ns, Fraction(0))


@click.command()
@db_option(required=True)
@click.option("--yes", is_flag=True, help="Don't ask.")
def reset(
    db: str,
    yes: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Have a practice portal as it was in the beginning: all else is removed, its log too."""
    with opened(db) as portal:
        if not yes:
            click.confirm(f"Remove all that is in {portal.db.name}?", abort=True, err=True)
        practice.start_over(portal, actor=OPERATOR)


def bugs_of(names: Iterable[str]) -> frozenset[Bug]:
    """Return bugs by their names.

    Raises:
        UsageError: there is none of a name.
    """
    known = {bug.value: bug for bug in Bug}
    try:
        return frozenset(known[name] for name in names)
    except KeyError as e:
        there = ", ".join(known) or "none"
        raise UsageError(f"--bug {e.args[0]}: no such bug; there are {there}") from None


def _refuse_names(portal: Portal, hosts: frozenset[str]) -> None:
    if portal.practice and hosts:
        raise UsageError(
            f"--allow-host {min(hosts)}: the passwords of the practice accounts are known to"
            " everybody; make a database with accounts of your own (galh portal accounts)"
        )
