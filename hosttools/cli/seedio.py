"""What ``galh seeds`` commands share: reading with a bar, fitting to a format, writing."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from hosttools.cli.files import write_new
from hosttools.cli.options import NamedOption, print_json, told_warnings
from hosttools.cli.seedkeys import Lock, unlocked
from hosttools.errors import UsageError
from hosttools.seedfiles import SeedFileError, SeedFormat, SeedRecord
from hosttools.seedfiles.reader import each_seed
from hosttools.seedfiles.registry import Format
from hosttools.seedfiles.roundtrip import without
from hosttools.seedfiles.salvage import Salvaged, salvage_seeds

MANY: Final = 10_000
"""Tokens from which on it takes long enough for a bar: our default."""

FORMAT_NAMES: Final = [name.value for name in SeedFormat]

to_option = click.option(
    "--to",
    "to_name",
    cls=NamedOption,
    type=click.Choice(FORMAT_NAMES),
    required=True,
    help="Format to write.",
)
drop_option = click.option(
    "--drop", is_flag=True, help="Lose what the format can't carry, and say what."
)
encrypt_option = click.option(
    "--encrypt", is_flag=True, help="Encrypt the new file with a password, and ask for it."
)


def read_file(
    data: bytes, source: Path, from_name: str | None, lock: Lock, *, keep_going: bool
) -> Salvaged:
    """Read a seed file's content, with a bar if it is long, and its password asked for.

    Args:
        data: the content.
        source: its name.
        from_name: its format; ``None`` to tell from the content.
        lock: its key or password, if options gave one.
        keep_going: look past bad records.

    Raises:
        SeedFileError: what is wrong: with any record, or with the file as a whole.
    """
    chosen = SeedFormat(from_name) if from_name else None
    lines = data.count(b"\n") + 1

    def read(given: Lock) -> Salvaged:
        with _bar(lines, f"reading {source}", many=lines > MANY) as bar:

            def reached(line: int) -> None:
                bar.update(max(line - bar.pos, 0))

            if keep_going:
                found = salvage_seeds(
                    data,
                    str(source),
                    format=chosen,
                    key=given.key,
                    password=given.password,
                    progress=reached,
                )
            else:
                records = []
                for line, record in each_seed(
                    data, str(source), format=chosen, key=given.key, password=given.password
                ):
                    records.append(record)
                    reached(line)
                found = Salvaged(tuple(records), ())
            reached(lines)
        return found

    with told_warnings(source):
        return unlocked(read, lock, str(source))


def complain(errors: tuple[SeedFileError, ...]) -> None:
    """Say on standard error what is wrong with single records."""
    for error in errors:
        click.echo(f"galh: {error}", err=True)


def takable(records: tuple[SeedRecord, ...], row: Format) -> Salvaged:
    """Return the tokens that a format has, and what it has against the others.

    Some formats say once for all tokens what these are; there the first one decides.
    """
    good: list[SeedRecord] = []
    errors: list[SeedFileError] = []
    for number, record in enumerate(records, 1):
        try:
            # PSKC and the like take all that can be lost knowingly.
            if not row.encrypted:
                list(row.write([without(each, row) for each in (*good[:1], record)]))
        except SeedFileError as e:
            told = SeedFileError(e.what, source=row.title, record=number, serial=record.serial)
            errors.append(told)
        else:
            good.append(record)
    return Salvaged(tuple(good), tuple(errors))


def fitted(
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


def write_file(target: Path, records: tuple[SeedRecord, ...], row: Format, lock: Lock) -> None:
    """Write a new seed file, with a bar if it is long.

    Raises:
        UsageError: it is there already, or standard output.
    """
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


def tell(told: dict[str, Any], *, as_json: bool) -> None:
    """Say what was written: on standard error, or as JSON."""
    if as_json:
        print_json(told)
        return
    encrypted = "encrypted" if told["encrypted"] else "secrets in the clear"
    practice = ", practice seeds" if told.get("practice") else ""
    click.echo(
        f"{told['out']}: {told['tokens']} tokens, {told['format']}, {encrypted}{practice}",
        err=True,
    )
