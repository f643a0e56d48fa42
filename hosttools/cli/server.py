"""``galh server``: the reference server on a socket until somebody says stop."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from emulator.clock import host_time
from hosttools.cli.apps import CLOCK_HELP, manual_ns, serve_app
from hosttools.cli.options import (
    json_option,
    load_profile,
    load_seeds,
    path_option,
    profile_option,
    seeds_option,
)
from hosttools.cli.serveoptions import process_options, refuse_practice, server_options, web_of
from hosttools.cli.serving import Web
from hosttools.errors import PolicyError
from hosttools.refserver import Policy, Store
from hosttools.refserver.intake import enrol_seeds

if TYPE_CHECKING:
    from hosttools.refserver.http.desk import ServerDesk

_SWITCHES: Final = {"true": True, "false": False}


@click.command()
@server_options
@path_option("--db", "FILE", "Keep the tokens in this SQLite file.  [default: nowhere]")
@seeds_option
@profile_option
@click.option(
    "--policy",
    multiple=True,
    metavar="SETTING=VALUE",
    help="Treat tokens otherwise, such as look_ahead=20; may be repeated.",
)
@click.option("--clock", default="real", show_default=True, metavar="CLOCK", help=CLOCK_HELP)
@process_options
@json_option
def server(
    db: Path | None,
    seeds: Path | None,
    profile: str | None,
    policy: tuple[str, ...],
    clock: str,
    ready_file: Path | None,
    exit_with_parent: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
    **http: Any,  # noqa: ANN401  # the options of server_options, each checked by click
) -> None:
    """Serve the reference server over HTTP until SIGINT or SIGTERM.

    Tokens of the seed file that it does not know are enrolled: their holders add them
    with two codes. Prints a line when it is ready, then waits.
    """
    from hosttools.refserver.http.app import make_app  # noqa: PLC0415  # the extra [web]

    web = web_of(http)
    records = () if seeds is None else load_seeds(seeds)
    refuse_practice(records, web.address)
    begin_ns, rules = manual_ns(clock), policy_of(policy)
    with Store(":memory:" if db is None else db, rules) as store:
        now_ns = host_time().utc_ns if begin_ns is None else begin_ns
        enrol_seeds(store, records, now_ns, load_profile(profile))
        desk = _desk(store, web, begin_ns)
        serve_app(
            make_app(desk),
            desk,
            web,
            ready_at=ready_file,
            parents=exit_with_parent,
            as_json=as_json,
        )


def policy_of(texts: Iterable[str], base: Policy = Policy()) -> Policy:  # noqa: B008  # a value
    """Return a policy by its settings as typed.

    Args:
        texts: ``SETTING=VALUE`` each.
        base: what the other settings are as in.

    Raises:
        PolicyError: no such setting, no such value, or they contradict each other.
    """
    fields = {field.name: field for field in dataclasses.fields(Policy)}
    settings: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in fields:
            raise PolicyError(f"--policy {text}: no such setting; there are {', '.join(fields)}")
        try:
            settings[name] = _SWITCHES[value] if fields[name].type is bool else int(value)
        except (KeyError, ValueError):
            wanted = "true or false" if fields[name].type is bool else "a whole number"
            raise PolicyError(f"--policy {text}: {name} is {wanted}") from None
    return dataclasses.replace(base, **settings)


def _desk(store: Store, web: Web, begin_ns: int | None) -> "ServerDesk":
    from hosttools.refserver.http.clock import ServerClock  # noqa: PLC0415  # the extra [web]
    from hosttools.refserver.http.desk import ServerDesk  # noqa: PLC0415  # likewise

    return ServerDesk(store=store, clock=ServerClock(begin_ns), bearer=web.bearer, hosts=web.hosts)
