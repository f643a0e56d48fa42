"""``galh seeds new``: a factory's batch."""

from pathlib import Path

import click

from hosttools.cli.options import json_option, load_profile, lock_options, out_option
from hosttools.cli.seedio import (
    drop_option,
    encrypt_option,
    fitted,
    tell,
    to_option,
    write_file,
)
from hosttools.cli.seedkeys import PASSWORD_VARIABLE, lock_of, new_lock
from hosttools.seedfiles import FORMATS, SeedFormat, new_seeds


@click.command()
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
@to_option
@drop_option
@encrypt_option
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
    records, lost = fitted(records, row, drop=drop)
    write_file(out, records, row, lock)
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
    tell(told, as_json=as_json)
