"""``galh diagnose``: what happened to a token, told from a few codes of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from emulator.clock import format_utc, host_time, parse_utc
from firmware_model.identifier import normalise
from hosttools.cli.options import (
    NamedOption,
    json_option,
    load_profile,
    load_seeds,
    lock_options,
    path_option,
    print_json,
)
from hosttools.cli.seedkeys import lock_of
from hosttools.diagnosis import (
    WARNING,
    Predicted,
    as_lines,
    as_mapping,
    make_twin,
    predict,
    subjects,
)
from hosttools.diagnosis import diagnose as explain
from hosttools.errors import UsageError
from hosttools.refserver.record import Record
from hosttools.refserver.store import Store
from hosttools.seedfiles import SeedRecord


@click.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@path_option(
    "--seeds",
    "FILE",
    "Seed file, or the name of a packaged sample: rfc4226.csv, ward.csv …",
    required=True,
)
@lock_options("", "The seed file")
@click.option("--serial", metavar="SERIAL", help="Which token.  [default: look for it in FILE]")
@click.option("--profile", metavar="PROFILE", help="What it is.  [default: by the serial]")
@click.option(
    "--counter",
    type=click.IntRange(0, 2**64 - 1),
    metavar="N",
    help="Event token: the server's next counter.  [default: --server, else the seed file]",
)
@path_option("--server", "FILE", "The reference server's SQLite file, which knows where it is.")
@click.option(
    "--time",
    "times",
    cls=NamedOption,
    multiple=True,
    metavar="ISO",
    help="Time token: when the button was pressed for the last code, or once for each."
    "  [default: now]",
)
@click.option("--last", metavar="ISO", help="Time token: when its clock was last known.")
@click.option(
    "--search",
    type=click.IntRange(1, 10_000_000),
    metavar="N",
    help="Counters or steps to search, ahead and behind."
    "  [default: 100000 of one token, 50 of each of 10,000 and more]",
)
@path_option(
    "--twin",
    "DIR",
    "Make a twin of the token for galh serve --state DIR. It clones a signing factor.",
)
@click.option(
    "--predict",
    "predicted",
    cls=NamedOption,
    type=click.IntRange(1, 100),
    metavar="N",
    help="Print its next N codes. They are credentials.",
)
@json_option
def diagnose(
    codes: tuple[str, ...],
    seeds: Path,
    password_file: Path | None,
    key_file: Path | None,
    serial: str | None,
    profile: str | None,
    counter: int | None,
    server: Path | None,
    times: tuple[str, ...],
    last: str | None,
    search: int | None,
    twin: Path | None,
    predicted: int | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Tell from a few codes what happened to a token, and which token it is.

    CODE is what was typed, in order: which counter or step each is, what was misread or
    mistyped, how far the token is from its server, and how sure all that is. Without
    --serial, all tokens of FILE are searched.

    Exit code 1 if the codes are of none of the tokens.
    """
    records = _chosen(load_seeds(seeds, lock_of(password_file, key_file)), serial, seeds)
    times_ns = tuple(map(parse_utc, times)) or (host_time().utc_ns,)
    last_ns = None if last is None else parse_utc(last)
    digits = [_bare(code) for code in codes]
    suspects = subjects(
        records,
        times_ns,
        digits,
        profile=load_profile(profile),
        counter=counter,
        server=None if server is None else _records(server, serial),
    )
    if last_ns is not None and not any(subject.timed for subject in suspects):
        raise UsageError("--last is for time tokens: an event token's counter knows no time")
    found = explain(suspects, digits, search, each_timed=len(times_ns) == len(digits) > 1)
    told = as_mapping(found, times_ns, last_ns)
    if not as_json:
        for line in as_lines(found, times_ns, last_ns):
            click.echo(line)
    coming = () if predicted is None else predict(found.best, times_ns, predicted)
    if twin is not None:
        make_twin(found.best, times_ns, twin, last_ns)
        told["twin"] = str(twin)
        if not as_json:
            click.echo(f"twin: galh serve --state {twin} --clock manual")
        click.echo(f"galh diagnose: warning: {twin} holds {WARNING}", err=True)
    if coming:
        told["predicted"] = [_predicted(one) for one in coming]
        click.echo("galh diagnose: warning: predicted codes are " + WARNING, err=True)
    if as_json:
        print_json(told)
    else:
        for one in coming:
            click.echo(_line(one))
    return 0 if found.best is not None else 1


def _bare(code: str) -> str:
    """Drop the spaces and hyphens that people put between groups of digits."""
    return code.replace(" ", "").replace("-", "")


def _chosen(
    records: tuple[SeedRecord, ...], serial: str | None, seeds: Path
) -> tuple[SeedRecord, ...]:
    if serial is None:
        return records
    wanted = normalise(serial)
    found = tuple(record for record in records if record.serial == wanted)
    if not found:
        there = ", ".join(record.serial for record in records[:8])
        raise UsageError(f"no seed for {wanted} in {seeds}; there are {there}")
    return found


def _records(server: Path, serial: str | None) -> Mapping[str, Record]:
    if not server.is_file():
        raise UsageError(f"no database {server}; galh serve --server FILE makes one")
    with Store(server) as store:
        if serial is not None:
            record = store.get(serial)
            return {record.serial: record}
        return {record.serial: record for record in store.list()}


def _predicted(one: Predicted) -> dict[str, Any]:
    since = None if one.from_ns is None else format_utc(one.from_ns)
    return {"factor": one.factor, "code": one.code, "from": since}


def _line(one: Predicted) -> str:
    if one.from_ns is None:
        return f"predicted: counter {one.factor}: {one.code}"
    return f"predicted: step {one.factor}: {one.code}, from about {format_utc(one.from_ns)}"
