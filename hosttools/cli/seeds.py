"""``galh seeds``: seed files of every format, checked, shown, converted and made."""

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

import click

from firmware_model.profile import TokenType
from hosttools.cli.files import write_new
from hosttools.cli.options import (
    NamedOption,
    json_option,
    load_profile,
    out_option,
    print_json,
    together,
)
from hosttools.cli.seedkeys import (
    PASSWORD_VARIABLE,
    TO_PASSWORD_VARIABLE,
    Lock,
    lock_of,
    lock_options,
    new_lock,
    unlocked,
)
from hosttools.cli.seedqr import qr
from hosttools.errors import UsageError
from hosttools.manufacture import completed
from hosttools.seedfiles import (
    FORMATS,
    SeedFileError,
    SeedFormat,
    SeedKeyError,
    SeedRecord,
    new_seeds,
    sample,
    sample_names,
)
from hosttools.seedfiles.reader import each_seed, load_bytes
from hosttools.seedfiles.registry import Format, guess_format
from hosttools.seedfiles.roundtrip import SAMPLES, survives, without
from hosttools.seedfiles.salvage import Salvaged, salvage_seeds

MANY: Final = 10_000
"""Tokens from which on it takes long enough for a bar: our default."""

_NAMES: Final = [name.value for name in SeedFormat]
_in = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
_from = click.option(
    "--from",
    "from_name",
    cls=NamedOption,
    type=click.Choice(_NAMES),
    help="Format of FILE.  [default: told from its content]",
)
_to = click.option(
    "--to",
    "to_name",
    cls=NamedOption,
    type=click.Choice(_NAMES),
    required=True,
    help="Format to write.",
)
_drop = click.option("--drop", is_flag=True, help="Lose what the format can't carry, and say what.")
_encrypt = click.option(
    "--encrypt", is_flag=True, help="Encrypt the new file with a password, and ask for it."
)
_reading = together(_from, lock_options("", "FILE"))


@click.group()
def seeds() -> None:
    """Convert, check, show and make seed files. Secrets go to files, never to the terminal.

    The password of an encrypted file comes from --password-file, --key-file, the
    environment (GALH_SEEDS_PASSWORD), or is asked for.
    """


@seeds.command()
@_in
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@_to
@_reading
@click.option("--keep-going", is_flag=True, help="Leave out bad records, say so, and exit with 1.")
@_drop
@click.option(
    "--complete", is_flag=True, help="Fill in what FILE leaves open from the serials' profiles."
)
@_encrypt
@lock_options("to-", "OUT")
@json_option
def convert(
    source: Path,
    target: Path,
    to_name: str,
    from_name: str | None,
    password_file: Path | None,
    key_file: Path | None,
    keep_going: bool,  # noqa: FBT001  # click's signature
    drop: bool,  # noqa: FBT001  # click's signature
    complete: bool,  # noqa: FBT001  # click's signature
    encrypt: bool,  # noqa: FBT001  # click's signature
    to_password_file: Path | None,
    to_key_file: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Write the tokens of FILE to OUT in another format.

    OUT is a new file, readable by you alone. With --encrypt its password comes
    from GALH_SEEDS_TO_PASSWORD, or is asked for.
    """
    row = FORMATS[SeedFormat(to_name)]
    read = _read(source, from_name, lock_of(password_file, key_file), keep_going=keep_going)
    _complain(read.errors)
    if not read.records:
        raise SeedFileError("no good record in it; nothing is written", source=str(source))
    records = tuple(completed(record) for record in read.records) if complete else read.records
    records, lost = _fitted(records, row, drop=drop)
    lock = new_lock(lock_of(to_password_file, to_key_file), TO_PASSWORD_VARIABLE, wanted=encrypt)
    _write(target, records, row, lock)
    told = {
        "out": str(target),
        "format": str(row.name),
        "encrypted": bool(lock),
        "tokens": len(records),
        "lost": lost,
        "errors": [str(error) for error in read.errors],
    }
    _tell(told, as_json=as_json)
    return 1 if read.errors else 0


@seeds.command()
@_in
@_reading
@json_option
def validate(
    source: Path,
    from_name: str | None,
    password_file: Path | None,
    key_file: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> int:
    """Read FILE and say what is wrong with it, record by record; exit with 1 if anything is."""
    lock = lock_of(password_file, key_file)
    data = load_bytes(_named(source))
    try:
        read = _salvage(data, source, from_name, lock)
    except SeedKeyError:
        raise
    except SeedFileError as e:
        read = Salvaged((), (e,))
    _complain(read.errors)
    facts = {
        "file": str(source),
        "format": from_name or str(guess_format(data)),
        "tokens": len(read.records),
        "practice": bool(read.records) and all(record.practice for record in read.records),
        "errors": [str(error) for error in read.errors],
    }
    if as_json:
        print_json(facts)
    else:
        practice = ", practice seeds" if facts["practice"] else ""
        bad = f", {len(read.errors)} errors" if read.errors else ""
        click.echo(f"{source}: {facts['format']}, {facts['tokens']} good tokens{practice}{bad}")
    return 1 if read.errors else 0


@seeds.command()
@_in
@_reading
@json_option
def show(
    source: Path,
    from_name: str | None,
    password_file: Path | None,
    key_file: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Show what FILE says of each token, without secrets."""
    read = _read(source, from_name, lock_of(password_file, key_file), keep_going=False)
    rows = [_facts(record) for record in read.records]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        settings = (f"{name}={value}" for name, value in row.items() if name != "serial")
        click.echo(f"{row['serial']:<14}{'  '.join(settings)}")


@seeds.command()
@click.option("--profile", default="GALH", show_default=True, help="A name or a TOML file.")
@click.option(
    "--count", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="How many."
)
@click.option(
    "--first",
    type=click.IntRange(0),
    help="Number of the first serial.  [default: random; 0 with a test seed]",
)
@click.option(
    "--test-seed",
    metavar="TEXT",
    help="Make the same tokens from the same text every time, and mark them as practice seeds.",
)
@out_option("Seed file")
@_to
@_drop
@_encrypt
@lock_options("", "The new file")
@json_option
def new(
    profile: str,
    count: int,
    first: int | None,
    test_seed: str | None,
    out: Path,
    to_name: str,
    drop: bool,  # noqa: FBT001  # click's signature
    encrypt: bool,  # noqa: FBT001  # click's signature
    password_file: Path | None,
    key_file: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Make a factory's batch: serial numbers in a row, secrets from the system's generator."""
    row = FORMATS[SeedFormat(to_name)]
    chosen = load_profile(profile)
    assert chosen is not None  # noqa: S101  # the option has a default
    lock = new_lock(lock_of(password_file, key_file), PASSWORD_VARIABLE, wanted=encrypt)
    records = new_seeds(chosen, count, first=first, test_seed=test_seed)
    records, lost = _fitted(records, row, drop=drop)
    _write(out, records, row, lock)
    told = {
        "out": str(out),
        "format": str(row.name),
        "encrypted": bool(lock),
        "tokens": count,
        "first": records[0].serial,
        "last": records[-1].serial,
        "practice": records[0].practice,
        "lost": lost,
    }
    _tell(told, as_json=as_json)


@seeds.command()
@json_option
def formats(as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """List the formats, all read and written, and send a sample token through each and back.

    ok: all that the format carries came back; -: it has no such tokens.
    """
    rows = [_format_facts(row) for row in FORMATS.values()]
    if as_json:
        print_json(rows)
    else:
        click.echo(f"{'format':<13}{'title':<25}{'event':<7}{'time':<7}{'encrypted':<11}carries")
        for row in rows:
            click.echo(
                f"{row['format']:<13}{row['title']:<25}{row['event']:<7}{row['time']:<7}"
                f"{'yes' if row['encrypted'] else 'no':<11}{', '.join(row['carries'])}"
            )


seeds.add_command(qr)


def _format_facts(row: Format) -> dict[str, Any]:
    trips = {
        token_type: {True: "ok", False: "LOST", None: "-"}[survives(record, row)]
        for token_type, record in SAMPLES.items()
    }
    return {
        "format": str(row.name),
        "title": row.title,
        "event": trips[TokenType.EVENT],
        "time": trips[TokenType.TIME],
        "encrypted": row.encrypted,
        "carries": sorted(row.carried),
    }


def _named(source: Path) -> Path:
    """Return a file's path; a name that is no file may be that of a packaged sample."""
    return sample(str(source)) if str(source) in sample_names() and not source.exists() else source


def _read(source: Path, from_name: str | None, lock: Lock, *, keep_going: bool) -> Salvaged:
    data = load_bytes(_named(source))
    if keep_going:
        return _salvage(data, source, from_name, lock)
    chosen = SeedFormat(from_name) if from_name else None

    def read(given: Lock) -> tuple[SeedRecord, ...]:
        found = each_seed(data, str(source), format=chosen, key=given.key, password=given.password)
        lines = data.count(b"\n") + 1
        with _bar(lines, f"reading {source}", many=lines > MANY) as bar:
            records, at = [], 0
            for line, record in found:
                records.append(record)
                bar.update(line - at)
                at = line
            bar.update(lines - at)
        return tuple(records)

    with _told_warnings(source):
        return Salvaged(unlocked(read, lock, str(source)), ())


def _salvage(data: bytes, source: Path, from_name: str | None, lock: Lock) -> Salvaged:
    chosen = SeedFormat(from_name) if from_name else None

    def read(given: Lock) -> Salvaged:
        return salvage_seeds(
            data, str(source), format=chosen, key=given.key, password=given.password
        )

    with _told_warnings(source):
        return unlocked(read, lock, str(source))


@contextmanager
def _told_warnings(source: Path) -> Iterator[None]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        click.echo(f"galh: {source}: warning: {text}", err=True)


def _complain(errors: tuple[SeedFileError, ...]) -> None:
    for error in errors:
        click.echo(f"galh: {error}", err=True)


def _fitted(
    records: tuple[SeedRecord, ...], row: Format, *, drop: bool
) -> tuple[tuple[SeedRecord, ...], dict[str, int]]:
    """Return the records without what a format can't carry, and how many tokens lose what.

    Raises:
        UsageError: something would be lost, and nobody said that it may.
    """
    lost = dict(Counter(name for record in records for name in row.lost(record)))
    if not lost:
        return records, lost
    counts = ", ".join(f"{name} (of {count} tokens)" for name, count in lost.items())
    if not drop:
        raise UsageError(f"{row.name} can't carry {counts}; --drop loses them, or write pskc")
    click.echo(f"galh: {row.name} can't carry {counts}; dropped", err=True)
    return tuple(without(record, row) for record in records), lost


def _write(target: Path, records: tuple[SeedRecord, ...], row: Format, lock: Lock) -> None:
    if str(target) == "-":
        raise UsageError("secrets are written to a file, not to standard output; name one")
    if target.exists():
        # Before the work, not after it; write_new looks again, for all who hurry.
        raise UsageError(f"{target} is there already; give another name")
    pieces = []
    with _bar(len(records), f"writing {target}", many=len(records) > MANY) as bar:
        for tokens, piece in row.write(records, key=lock.key, password=lock.password):
            pieces.append(piece)
            bar.update(tokens)
    write_new(target, b"".join(pieces), mode=0o600)


def _bar(length: int, label: str, *, many: bool) -> "click._termui_impl.ProgressBar[int]":
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not many or not sys.stderr.isatty()
    )


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    encrypted = "encrypted" if told["encrypted"] else "secrets in the clear"
    practice = ", practice seeds" if told.get("practice") else ""
    click.echo(
        f"{told['out']}: {told['tokens']} tokens, {told['format']}, {encrypted}{practice}",
        err=True,
    )


def _facts(record: SeedRecord) -> dict[str, Any]:
    """Return what a file says of a token, but for the secret."""
    facts = {
        field.name: _word(getattr(record, field.name))
        for field in fields(record)
        if field.name != "secret" and getattr(record, field.name) is not None
    }
    return facts | {"secret_bytes": len(record.secret)}


def _word(value: Any) -> Any:  # noqa: ANN401  # whatever a record holds
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value
