"""``galh desync``: bring a token out of step with a server, the way it happens to people."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from emulator.annotations import Note
from emulator.bench import Bench
from emulator.clock import VirtualClock, host_time
from emulator.runner import Runner
from emulator.statedir import StateDir
from firmware_model.identifier import normalise
from firmware_model.nvm import Config
from hosttools.cli.options import (
    NamedOption,
    SecondsRange,
    json_option,
    load_seeds,
    path_option,
    print_json,
    require_state,
    seed_config,
    seeds_option,
    speaks_unicode,
)
from hosttools.cli.scene import conclude, draw, in_process, new_bench
from hosttools.errors import RecordError, UsageError
from hosttools.hand import PortToken
from hosttools.manufacture import config_of
from hosttools.recipes import RECIPES, NotApplicable, Position, Reached, Recipe
from hosttools.recipes import desync as play
from hosttools.recipes import recipe as find
from hosttools.recipes.registry import DEFAULT_LIMIT_S
from hosttools.refserver import Record, Store

_WARD: Final = "ward.csv"


class _Hand(NamedTuple):
    """A token in the hand.

    Attributes:
        token: the token.
        serial: its serial number.
        config: what it is, if we know its secret.
        note: writes into its journal, if that is ours.
    """

    token: PortToken
    serial: str
    config: Config | None
    note: Callable[[str], None] | None


@click.command()
@click.argument("recipe", required=False, metavar="[RECIPE]")
@click.option("--list", "list_", cls=NamedOption, is_flag=True, help="List the recipes.")
@click.option(
    "--all",
    "all_",
    cls=NamedOption,
    is_flag=True,
    help="Play every recipe, each on a new token and a new server.",
)
@click.option("--by", type=float, metavar="N", help="How many presses, steps ….")
@click.option("--port", metavar="PORT", help="A running token's port.")
@path_option("--state", "DIR", "A state directory that keeps the token; it is kept there again.")
@seeds_option
@click.option(
    "--serial", metavar="SERIAL", help="Which token of the state, the seed file, or the port."
)
@click.option(
    "--server",
    "server_path",
    cls=NamedOption,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The reference server's SQLite file.",
)
@click.option("--enrol", is_flag=True, help="Add the token to the server first.")
@click.option(
    "--limit",
    type=SecondsRange(0),
    default=DEFAULT_LIMIT_S,
    show_default=True,
    metavar="SECONDS",
    help="Refuse what would take longer.",
)
@json_option
def desync(
    recipe: str | None,
    list_: bool,  # noqa: FBT001  # click's signature
    all_: bool,  # noqa: FBT001  # click's signature
    by: float | None,
    port: str | None,
    state: Path | None,
    seeds: Path | None,
    serial: str | None,
    server_path: Path | None,
    enrol: bool,  # noqa: FBT001  # click's signature
    limit: float,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Bring a token out of step with a server, the way it happens to people.

    On a running token (--port), a kept one (--state), or a new one (--seeds), which
    gets a server of its own. Tells the distance on both sides and how the server
    reacts. Exit code 1 if it reacts otherwise than documented, or if the recipe is
    not applicable. --list tells the recipes.
    """
    if (recipe is not None) + list_ + all_ != 1:
        raise UsageError("give one of a recipe's name, --list and --all")
    if list_:
        _list(as_json=as_json)
        return 0
    if all_:
        if (by, port, state, serial, server_path, enrol) != (None, None, None, None, None, False):
            raise UsageError("--all makes its own tokens and servers; it takes --seeds only")
        return _play_all(seeds or Path(_WARD), as_json=as_json)
    assert recipe is not None  # noqa: S101  # counted above
    chosen = find(recipe)
    with contextlib.ExitStack() as stack:
        hand = stack.enter_context(_hand(chosen, port, state, seeds, serial))
        server = None
        if server_path is not None:
            server = stack.enter_context(_known(server_path, hand, enrol=enrol))
        elif port is None and state is None:
            server = stack.enter_context(_own_server(hand))
        elif enrol:
            raise UsageError("--enrol adds the token to a server; name it with --server FILE")
        reached = play(
            hand.token,
            chosen.name,
            serial=hand.serial,
            by=by,
            server=server,
            limit_s=limit,
            note=hand.note,
        )
    if as_json:
        print_json(_as_dict(reached))
    else:
        _show(reached)
    return 0 if reached.ok else 1


# The token.


@contextlib.contextmanager
def _hand(
    chosen: Recipe, port: str | None, state: Path | None, seeds: Path | None, serial: str | None
) -> Iterator[_Hand]:
    if port is not None and state is not None:
        raise UsageError("--port is a running token, --state a kept one; give one of the two")
    if port is not None:
        with PortToken(port) as token:
            there = token.serial()
            if serial is not None and normalise(serial) != there:
                raise UsageError(f"--serial {serial}, but the token at {port} is {there}")
            config = None if seeds is None else seed_config(seeds, there)
            yield _Hand(token, there, config, None)
        return
    if serial is None or (state is None and seeds is None):
        raise UsageError("give --port PORT, or --state DIR or --seeds FILE with --serial SERIAL")
    if state is not None:
        with _kept(state, normalise(serial)) as hand:
            yield hand
        return
    assert seeds is not None  # noqa: S101  # asked above
    with _new(seed_config(seeds, normalise(serial)), chosen) as hand:
        yield hand


@contextlib.contextmanager
def _new(config: Config, chosen: Recipe) -> Iterator[_Hand]:
    with in_process(lambda: new_bench(config, chosen.crystal_ppb)) as (runner, token):
        yield _Hand(token, config.serial, config, _notes(runner, config.serial))


@contextlib.contextmanager
def _kept(path: Path, serial: str) -> Iterator[_Hand]:
    require_state(path)
    with StateDir(path, holder="galh desync") as store:
        now_ns = store.now_ns

        def make_bench() -> Bench:
            start_ns = host_time().utc_ns if now_ns is None else now_ns
            bench = Bench(VirtualClock(start_ns), store=store)
            bench.load(serial)
            return bench

        with in_process(make_bench) as (runner, token):
            config = runner.call(lambda: runner.bench.config(serial))
            yield _Hand(token, serial, config, _notes(runner, serial))


def _notes(runner: Runner, serial: str) -> Callable[[str], None]:
    def write(text: str) -> None:
        bench = runner.bench
        runner.call(lambda: bench.annotate(serial, Note(bench.settled_ns, text)))

    return write


# The server.


@contextlib.contextmanager
def _known(path: Path, hand: _Hand, *, enrol: bool) -> Iterator[Store]:
    """Open a server that knows the token."""
    if not path.exists() and not enrol:
        raise UsageError(f"--server {path}: no such file; --enrol makes it and adds the token")
    if enrol and hand.config is None:
        raise UsageError("--enrol needs the token's secret; give --seeds FILE too")
    with Store(path) as server:
        if enrol and hand.config is not None:
            server.add(Record.of_token(hand.config))
        try:
            server.get(hand.serial)
        except RecordError as e:
            raise UsageError(f"{e}: --enrol does") from None
        yield server


@contextlib.contextmanager
def _own_server(hand: _Hand) -> Iterator[Store]:
    assert hand.config is not None  # noqa: S101  # a new token's is known
    with Store(":memory:") as server:
        server.add(Record.of_token(hand.config))
        yield server


# All of them.


def _play_all(seeds: Path, *, as_json: bool) -> int:
    configs = [config_of(record) for record in load_seeds(seeds)]
    failed = 0
    rows: list[dict[str, Any]] = []
    if not as_json:
        click.echo(f"{'recipe':<15}{'by':>6}{'token':>9}{'server':>9}{'apart':>9}  server says")
    for chosen in RECIPES.values():
        row = _play_one(chosen, configs)
        failed += not row["ok"]
        rows.append(row)
        if not as_json:
            click.echo(_row(row))
    return conclude(
        {"ok": not failed, "recipes": rows} if as_json else None,
        failed=f"{failed} of {len(rows)} recipes did not end as documented." if failed else None,
        fine="Every recipe ended as documented.",
    )


def _play_one(chosen: Recipe, configs: list[Config]) -> dict[str, Any]:
    config = next((c for c in configs if c.token_type is chosen.token_type), None)
    if config is None:
        why = f"the seed file has no {chosen.token_type.value}-based token"
        return {"recipe": chosen.name, "ok": False, "not_applicable": why}
    try:
        with _new(config, chosen) as hand, _own_server(hand) as server:
            reached = play(
                hand.token, chosen.name, serial=hand.serial, server=server, note=hand.note
            )
    except NotApplicable as e:
        return {"recipe": chosen.name, "ok": False, "not_applicable": str(e)}
    said = tuple(reaction.verdict.kind for reaction in reached.reactions)
    return _as_dict(reached) | {"ok": reached.ok and said == chosen.expected}


def _row(row: Mapping[str, Any]) -> str:
    if "not_applicable" in row:
        return f"{row['recipe']:<15}not applicable: {row['not_applicable']}"
    where = row["position"]
    by = "" if row["by"] is None else f"{row['by']:g}"
    said = ", ".join(reaction["kind"] for reaction in row["reactions"])
    return (
        f"{row['recipe']:<15}{by:>6}{where['token_moved']:>+9.4g}{where['server_moved']:>+9d}"
        f"{row['distance']:>+9d}  {said}{'' if row['ok'] else '  FAILED'}"
    )


# Telling.


def _list(*, as_json: bool) -> None:
    if as_json:
        print_json([_described(chosen) for chosen in RECIPES.values()])
        return
    for chosen in RECIPES.values():
        number = chosen.number
        by = "" if number is None else f", by {number.default:g} ({number.unit})"
        click.echo(f"{chosen.name:<15}{chosen.token_type.value:<7}{chosen.title}{by}")


def _described(chosen: Recipe) -> dict[str, Any]:
    return {
        "recipe": chosen.name,
        "title": chosen.title,
        "probes": chosen.probes,
        "token_type": chosen.token_type.value,
        "number": None if chosen.number is None else asdict(chosen.number),
        "needs_server": chosen.needs_server or None,
        "expected": [kind.value for kind in chosen.expected],
    }


def _as_dict(reached: Reached) -> dict[str, Any]:
    return {
        "recipe": reached.recipe.name,
        "serial": reached.serial,
        "by": reached.by,
        "position": asdict(reached.position),
        "distance": reached.position.distance,
        "history": list(reached.history),
        "reactions": [
            {
                "tried": reaction.tried,
                "kind": reaction.verdict.kind.value,
                "expected": reaction.expected.value,
                "operator": reaction.verdict.operator,
                "user": reaction.verdict.user,
                "position": asdict(reaction.position),
                "distance": reaction.position.distance,
                "ok": reaction.ok,
            }
            for reaction in reached.reactions
        ],
        "ok": reached.ok,
    }


def _show(reached: Reached) -> None:
    chosen, unicode = reached.recipe, speaks_unicode()
    by = (
        ""
        if reached.by is None or chosen.number is None
        else (f" by {reached.by:g} ({chosen.number.unit})")
    )
    click.echo(f"{chosen.name}{by}, {reached.serial}\n")
    told = [("", f"{line[0].upper()}{line[1:]}.") for line in reached.history]
    told += _where(reached.position)
    click.echo(draw(1, _titled(chosen.title), reached.lcd, told, unicode=unicode))
    for number, reaction in enumerate(reached.reactions, 2):
        verdict = reaction.verdict
        told = _where(reaction.position)
        told += [("says", verdict.operator), ("shows", verdict.user)]
        if not reaction.ok:
            told.append(("FAILED", f"expected {reaction.expected.value}"))
        click.echo(draw(number, _titled(reaction.tried), reaction.lcd, told, unicode=unicode))
    if not reached.reactions:
        click.echo("No server was asked; --server names one.")
    elif reached.ok:
        click.echo("The server reacted as documented.")
    else:
        click.echo("The server did not react as documented.", err=True)


def _titled(text: str) -> str:
    return text[0].upper() + text[1:]


def _where(position: Position) -> list[tuple[str, str]]:
    """Tell where both are, and how far each has gone."""
    timed = position.off_s is not None
    name, unit = ("step", "steps") if timed else ("counter", "presses")
    token = f"{'in' if timed else 'next'} {name} {position.token}"
    if position.off_s is not None:
        token += f", clock {position.off_s:+.1f} s off"
    told = [("token", f"{token}; went {position.token_moved:+.4g} {unit}")]
    if position.server is not None:
        server = f"expects {name} {position.server}; went {position.server_moved:+d}"
        told.append(("server", f"{server} (token {position.distance:+d})"))
    return told
