"""``galh token``: make, list and show tokens' seeds, and lead tokens through their life."""

from pathlib import Path
from typing import Any

import click

from firmware_model.identifier import normalise
from firmware_model.nvm import Config
from firmware_model.profile import TokenType
from hosttools.cli import tokenlife
from hosttools.cli.files import write_new
from hosttools.cli.options import (
    NamedOption,
    json_option,
    load_profile,
    load_seeds,
    out_option,
    print_json,
    profile_option,
)
from hosttools.errors import UsageError
from hosttools.manufacture import config_of
from hosttools.seedfiles import FORMATS, SeedFormat, new_seeds
from hosttools.seedfiles.model import SeedRecord


@click.group()
def token() -> None:
    """Make, list and show tokens' seeds, and lead tokens through their life at a server.

    Secrets stay hidden unless exported.
    """


for _command in tokenlife.COMMANDS:
    token.add_command(_command)


@token.command()
@click.option("--profile", default="GALH", show_default=True, help="A name or a TOML file.")
@click.option(
    "--count", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many."
)
@click.option(
    "--first", type=click.IntRange(0), help="Number of the first serial.  [default: random]"
)
@out_option("Seed file")
@click.option(
    "--format",
    "format_name",
    cls=NamedOption,
    type=click.Choice(["oath-csv", "pskc"]),
    default="oath-csv",
    show_default=True,
    help="Format of the seed file.",
)
@json_option
def new(
    profile: str,
    count: int,
    first: int | None,
    out: Path,
    format_name: str,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Make new tokens: serial numbers in a row, secrets from the system's generator.

    Writes their seeds, secrets included, to FILE, readable by you alone.
    """
    if str(out) == "-":
        raise UsageError("secrets are written to a file, not to standard output; name one")
    chosen = load_profile(profile)
    assert chosen is not None  # noqa: S101  # the option has a default
    records = new_seeds(chosen, count, first=first)
    made = [(record, config_of(record, chosen)) for record in records]
    pieces = FORMATS[SeedFormat(format_name)].write(records)
    write_new(out, b"".join(piece for _, piece in pieces), mode=0o600)
    _tell(made, as_json=as_json)


@token.command("list")
@click.argument("seeds", type=click.Path(path_type=Path), metavar="FILE")
@profile_option
@json_option
def list_(seeds: Path, profile: str | None, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """List the tokens of a seed file."""
    flag = load_profile(profile)
    records = load_seeds(seeds)
    _tell([(record, config_of(record, flag)) for record in records], as_json=as_json)


@token.command()
@click.argument("seeds", type=click.Path(path_type=Path), metavar="FILE")
@click.argument("serial")
@profile_option
@click.option("--export-secret", is_flag=True, help="Show the secret too, in hex.")
@json_option
def show(
    seeds: Path,
    serial: str,
    profile: str | None,
    export_secret: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Show one token of a seed file."""
    name = normalise(serial)
    record = next((r for r in load_seeds(seeds) if r.serial == name), None)
    if record is None:
        raise UsageError(f"{seeds} has no token {name}; galh token list shows those it has")
    facts = _facts(record, config_of(record, load_profile(profile)))
    if export_secret:
        facts["secret"] = record.secret.reveal().hex()
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    for key, value in facts.items():
        click.echo(f"{key:<{width}}  {value}")


def _facts(record: SeedRecord, config: Config) -> dict[str, Any]:
    """Return what a token is, as it would be manufactured; without the secret."""
    facts: dict[str, Any] = {
        "serial": config.serial,
        "profile": config.profile.name,
        "type": config.token_type.value,
        "algorithm": config.algorithm.value,
        "digits": config.digits,
    }
    if config.token_type is TokenType.EVENT:
        facts["counter"] = config.first_counter
    else:
        facts |= {"step_s": config.step_s, "t0_s": config.t0_s}
    return facts | {
        "secret_bytes": len(config.secret),
        "key_id": config.key_id,
        "practice": record.practice,
    }


def _tell(tokens: list[tuple[SeedRecord, Config]], *, as_json: bool) -> None:
    rows = [_facts(record, config) for record, config in tokens]
    if as_json:
        print_json(rows)
        return
    click.echo(f"{'serial':<14}{'profile':<18}{'type':<7}{'hash':<8}{'digits':<8}position")
    for row in rows:
        position = f"counter {row['counter']}" if "counter" in row else f"step {row['step_s']} s"
        mark = "  practice" if row["practice"] else ""
        click.echo(
            f"{row['serial']:<14}{row['profile']:<18}{row['type']:<7}{row['algorithm']:<8}"
            f"{row['digits']:<8}{position}{mark}"
        )
