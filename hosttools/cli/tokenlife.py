"""``galh token order|ship|assign|…|history``: a token's life in a reference server's database."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import click

from emulator.clock import format_utc, parse_utc
from firmware_model.identifier import normalise
from hosttools.cli.options import (
    json_option,
    load_profile,
    load_seeds,
    path_option,
    print_json,
    profile_option,
    together,
)
from hosttools.errors import UsageError
from hosttools.refserver import Record, Store, Verdict
from hosttools.refserver.history import Happened, History, history_of
from hosttools.refserver.intake import record_of_seed
from hosttools.refserver.store import OPERATOR

Act = Callable[[Store, str, int, str], Verdict]
"""Does something to the token of a serial number, at a time, as somebody."""

ActWith = Callable[[Store, str, str, int, str], Verdict]
"""The same with something: a holder, another token."""

_db_option = path_option(
    "--db", "FILE", "The reference server's database, as galh server --db keeps it.", required=True
)
_act_options = together(
    _db_option,
    click.option(
        "--actor", default=OPERATOR, show_default=True, metavar="NAME", help="Who does it."
    ),
    click.option("--at", metavar="TIME", help="When, ISO 8601.  [default: now]"),
    json_option,
)
_seed_file = click.argument("seeds", type=click.Path(path_type=Path), metavar="FILE")
_named = click.argument("serials", nargs=-1, metavar="[SERIAL]...")


def _plain(name: str, text: str, act: Act) -> click.Command:
    """Return a command that does one thing to each token named."""

    @click.command(name, help=text)
    @click.argument("serials", nargs=-1, required=True, metavar="SERIAL...")
    @_act_options
    def command(
        serials: tuple[str, ...],
        db: Path,
        actor: str,
        at: str | None,
        as_json: bool,  # noqa: FBT001  # click's signature
    ) -> int:
        at_ns = _time(at)
        with _opened(db) as store:
            with store.together():
                verdicts = [act(store, serial, at_ns, actor) for serial in serials]
            return _tell(verdicts, as_json=as_json)

    return command


def _intake(
    name: str, text: str, act: Callable[[Store, Record, int, str], Verdict]
) -> click.Command:
    """Return a command that takes in tokens of a seed file."""

    @click.command(name, help=text)
    @_seed_file
    @_named
    @profile_option
    @_act_options
    def command(
        seeds: Path,
        serials: tuple[str, ...],
        profile: str | None,
        db: Path,
        actor: str,
        at: str | None,
        as_json: bool,  # noqa: FBT001  # click's signature
    ) -> int:
        flag, at_ns = load_profile(profile), _time(at)
        records = {seed.serial: seed for seed in load_seeds(seeds)}
        wanted = [normalise(serial) for serial in serials] or list(records)
        for serial in wanted:
            if serial not in records:
                raise UsageError(f"{seeds} has no token {serial}; galh token list shows its own")
        taken = [record_of_seed(records[serial], flag) for serial in wanted]
        with Store(db) as store:
            with store.together():
                verdicts = [act(store, record, at_ns, actor) for record in taken]
            return _tell(verdicts, as_json=as_json)

    return command


def _with(name: str, other: str, text: str, act: ActWith) -> click.Command:
    """Return a command that does one thing to a token with something."""

    @click.command(name, help=text)
    @click.argument("serial")
    @click.argument("other", metavar=other)
    @_act_options
    def command(
        serial: str,
        other: str,
        db: Path,
        actor: str,
        at: str | None,
        as_json: bool,  # noqa: FBT001  # click's signature
    ) -> int:
        at_ns = _time(at)
        with _opened(db) as store:
            return _tell([act(store, serial, other, at_ns, actor)], as_json=as_json)

    return command


@click.command("reset")
@click.argument("serial")
@_act_options
def reset_(
    serial: str,
    db: Path,
    actor: str,
    at: str | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Find a token again that is too far off to be resynced, by two codes in a row.

    Asks for them, or reads them from standard input, one a line.
    """
    at_ns = _time(at)
    with _opened(db) as store:
        store.get(serial)  # before anybody is asked for a code of it
        code1, code2 = _code(1), _code(2)
        return _tell([store.reset(serial, code1, code2, at_ns, actor)], as_json=as_json)


@click.command("history")
@click.argument("serial")
@_db_option
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=1_000,
    show_default=True,
    help="Look at the last so many acts.",
)
@json_option
def history_(
    serial: str,
    db: Path,
    limit: int,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Tell what happened to a token at the server: when, by whom, from which status to which.

    What repeats itself is told once. No code is in it: the server keeps none.
    """
    with _opened(db) as store:
        past = history_of(store, serial, limit)
    if as_json:
        print_json(past.as_dict())
        return
    click.echo(_title(past))
    for event in past.events:
        click.echo(_line(event))


COMMANDS: Final = (
    _intake("order", "Take in tokens of a seed file that are being made.", Store.order),
    _intake("enrol", "Take in tokens of a seed file that their holders have.", Store.enrol),
    _plain("ship", "Send ordered tokens on their way.", Store.ship),
    _with("assign", "HOLDER", "Give a shipped token to its holder, who adds it.", Store.assign),
    _plain("unlock", "Forget the failures of tokens; a locked one is active again.", Store.unlock),
    reset_,
    _with("replace", "BY", "Put another token in the place of one, for good.", Store.replace),
    _plain("revoke", "Take tokens out of use, for good.", Store.revoke),
    _plain("expire", "End the time of tokens now, for good.", Store.expire),
    history_,
)
"""What ``galh token`` has of a token's life, in its order."""


def _code(number: int) -> str:
    """Return what is typed as a code; an empty line is one that will be refused."""
    code: str = click.prompt(
        f"One-Time Password {number}", default="", show_default=False, err=True
    )
    return code.strip()


def _time(at: str | None) -> int:
    return time.time_ns() if at is None else parse_utc(at)


def _opened(db: Path) -> Store:
    """Open a server's database; only what takes tokens in makes one.

    Raises:
        UsageError: it is not there.
    """
    if not db.exists():
        raise UsageError(f"--db {db}: no such file; galh token order or enrol makes it")
    return Store(db)


def _tell(verdicts: Iterable[Verdict], *, as_json: bool) -> int:
    """Print what became of it.

    Returns:
        The exit code: 1 if anything was refused.
    """
    told = list(verdicts)
    if as_json:
        print_json([verdict.as_dict() for verdict in told])
    else:
        for verdict in told:
            click.echo(f"{verdict.serial}  {verdict.operator}", err=not verdict.accepted)
    return 0 if all(verdict.accepted for verdict in told) else 1


def _title(past: History) -> str:
    record = past.record
    if record is None:
        return f"{past.serial}  removed"
    words = [record.status.value]
    if record.holder:
        words.append(f"holder {record.holder}")
    if record.expires_ns is not None:
        words.append(f"not to be used after {format_utc(record.expires_ns)}")
    if record.replaced_by:
        words.append(f"replaced by {record.replaced_by}")
    return f"{past.serial}  {', '.join(words)}"


def _line(event: Happened) -> str:
    moved = (
        event.status
        if event.before in {None, event.status}
        else f"{event.before} -> {event.status}"
    )
    times = (
        f"  ({event.times} times, until {format_utc(event.until_ns)})" if event.times > 1 else ""
    )
    who = event.actor or "holder"
    return f"{format_utc(event.at_ns)}  {who:<12}  {moved:<20}  {event.act}: {event.said}{times}"
