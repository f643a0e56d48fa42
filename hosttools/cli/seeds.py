"""``galh seeds``: seed files of every format, checked, shown, converted and made."""

from dataclasses import fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import click

from hosttools.cli.options import (
    NamedOption,
    json_option,
    lock_options,
    print_json,
    together,
)
from hosttools.cli.seedformats import formats
from hosttools.cli.seedio import (
    FORMAT_NAMES,
    complain,
    drop_option,
    encrypt_option,
    fitted,
    read_file,
    takable,
    tell,
    to_option,
    write_file,
)
from hosttools.cli.seedkeys import TO_PASSWORD_VARIABLE, lock_of, new_lock
from hosttools.cli.seednew import new
from hosttools.cli.seedqr import qr
from hosttools.manufacture import completed
from hosttools.seedfiles import (
    FORMATS,
    SeedFileError,
    SeedFormat,
    SeedKeyError,
    SeedRecord,
    seed_path,
)
from hosttools.seedfiles.reader import load_bytes
from hosttools.seedfiles.registry import guess_format
from hosttools.seedfiles.salvage import Salvaged

_in = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
_from = click.option(
    "--from",
    "from_name",
    cls=NamedOption,
    type=click.Choice(FORMAT_NAMES),
    help="Format of FILE.  [default: told from its content]",
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
@to_option
@_reading
@click.option(
    "--keep-going",
    is_flag=True,
    help="Leave out bad records, and tokens that the format has none of; say so, exit with 1.",
)
@drop_option
@click.option(
    "--complete", is_flag=True, help="Fill in what FILE leaves open from the serials' profiles."
)
@encrypt_option
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
    read = read_file(
        load_bytes(seed_path(source)),
        source,
        from_name,
        lock_of(password_file, key_file),
        keep_going=keep_going,
    )
    records = tuple(completed(record) for record in read.records) if complete else read.records
    fit = takable(records, row) if keep_going else Salvaged(records, ())
    errors = read.errors + fit.errors
    complain(errors)
    if not fit.records:
        raise SeedFileError("no good record in it; nothing is written", source=str(source))
    records, lost = fitted(fit.records, row, drop=drop)
    lock = new_lock(lock_of(to_password_file, to_key_file), TO_PASSWORD_VARIABLE, wanted=encrypt)
    write_file(target, records, row, lock)
    told = {
        "out": str(target),
        "format": str(row.name),
        "encrypted": bool(lock),
        "tokens": len(records),
        "practice": all(record.practice for record in records),
        "lost": lost,
        "errors": [str(error) for error in errors],
    }
    tell(told, as_json=as_json)
    return 1 if errors else 0


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
    data = load_bytes(seed_path(source))
    try:
        read = read_file(data, source, from_name, lock, keep_going=True)
    except SeedKeyError:
        raise
    except SeedFileError as e:
        read = Salvaged((), (e,))
    complain(read.errors)
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
    lock = lock_of(password_file, key_file)
    read = read_file(load_bytes(seed_path(source)), source, from_name, lock, keep_going=False)
    rows = [_facts(record) for record in read.records]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        settings = (f"{name}={value}" for name, value in row.items() if name != "serial")
        click.echo(f"{row['serial']:<14}{'  '.join(settings)}")


for each in (new, qr, formats):
    seeds.add_command(each)


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
