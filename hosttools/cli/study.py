"""``galh study``: what a fleet of tokens does to its users, in years."""

import dataclasses
import sys
from pathlib import Path
from typing import Any, Final

import click

from hosttools.cli.options import json_option, print_json
from hosttools.errors import UsageError
from hosttools.kernel.route import INSTALL
from hosttools.study.model import MOST_MONTHS, MOST_TOKENS, Study
from hosttools.study.reader import read_study

_QUICK_TOKENS: Final = 1_000
_QUICK_MONTHS: Final = 12
_YEAR: Final = 12
_MOST_WORKERS: Final = 1024
EXAMPLE: Final = """\
version = 1
title = "Which look-ahead keeps the help desk quiet?"
seed = 1
count = 20000       # tokens
months = 36

[tokens]
shelf_days = 180    # until they are handed out

[[profile]]
name = "GALH"

[[holder]]
name = "doctors"
uses_per_day = 8
pocket_bursts_per_day = 0.1

[[policy]]
name = "look-ahead 3"
look_ahead = 3

[[policy]]
name = "look-ahead 10"
look_ahead = 10

[[policy]]
name = "look-ahead 50"
look_ahead = 50
"""


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--quick", is_flag=True, help="A thousand tokens and a year: in under a minute.")
@click.option("--tokens", type=click.IntRange(1, MOST_TOKENS), help="How many tokens.")
@click.option("--years", type=click.IntRange(1, MOST_MONTHS // _YEAR), help="For how long.")
@click.option("--seed", help="Of all that is left to chance.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="galh-study",
              show_default=True, help="Folder of the report.")  # fmt: skip
@click.option("--work", type=click.Path(path_type=Path, file_okay=False),
              help="Folder of what is done; it goes on there. [default: OUT/parts]")  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1, _MOST_WORKERS), help="Processes here. [default: one a core]"
)
@click.option("--scheduler", metavar="URL", help="A Dask scheduler, as tcp://10.0.0.7:8786.")
@click.option("--no-sensitivity", is_flag=True, help="Leave out which assumption matters.")
@click.option("--example", is_flag=True, help="Print a file to start from, and exit.")
@json_option
def study(
    config: Path | None,
    quick: bool,  # noqa: FBT001  # click's signature
    tokens: int | None,
    years: int | None,
    seed: str | None,
    out: Path,
    work: Path | None,
    workers: int | None,
    scheduler: str | None,
    no_sensitivity: bool,  # noqa: FBT001  # click's signature
    example: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Let a fleet of tokens live for years, and compare how servers might treat them.

    CONFIG is a TOML file; what it leaves out has its default. The report is a page,
    OUT/report.html, with its pictures and numbers beside it. Ctrl-C keeps what is done;
    the same command goes on. The same settings and seed give the same numbers on any
    machine, with any number of workers.
    """
    if example:
        click.echo(EXAMPLE, nl=False)
        return
    if scheduler is not None and workers is not None:
        raise UsageError("--workers are of this machine and --scheduler has its own; give one")
    asked = read_study(config) if config is not None else Study()
    asked = _changed(asked, quick=quick, tokens=tokens, years=years, seed=seed)
    try:
        _run(asked, out, work or out / "parts", workers, scheduler, sensitive=not no_sensitivity,
             as_json=as_json)  # fmt: skip
    except ModuleNotFoundError as e:
        if e.name != "numpy":  # what else may be missing says so itself
            raise
        raise UsageError(f"fleet studies need NumPy: {INSTALL}") from None


def _changed(
    asked: Study, *, quick: bool, tokens: int | None, years: int | None, seed: str | None
) -> Study:
    if quick:
        asked = dataclasses.replace(
            asked, count=min(asked.count, _QUICK_TOKENS), months=min(asked.months, _QUICK_MONTHS)
        )
    return dataclasses.replace(
        asked,
        count=tokens or asked.count,
        months=years * _YEAR if years else asked.months,
        seed=asked.seed if seed is None else seed,
    )


def _run(
    asked: Study,
    out: Path,
    work: Path,
    workers: int | None,
    scheduler: str | None,
    *,
    sensitive: bool,
    as_json: bool,
) -> None:
    from hosttools.study import sensitivity  # noqa: PLC0415  # needs the extra
    from hosttools.study.answers import answers  # noqa: PLC0415  # likewise
    from hosttools.study.report.words import answers_in_short, headline  # noqa: PLC0415
    from hosttools.study.report.writing import as_dict, write  # noqa: PLC0415
    from hosttools.study.runner import (  # noqa: PLC0415
        Here,
        Part,
        Scheduler,
        parts_of,
        run_parts,
    )
    from hosttools.study.workdir import WorkDir  # noqa: PLC0415

    variants = sensitivity.variants_of(asked) if sensitive else []
    studies = [asked, *(variant.study for variant in variants)]
    folders = {id(one): WorkDir(_folder(work, number), one) for number, one in enumerate(studies)}
    parts = [part for one in studies for part in parts_of(one)]
    if scheduler is None:
        spread: Scheduler = Here(workers)
    else:
        from hosttools.study.dask import Cluster  # noqa: PLC0415

        spread = Cluster(scheduler)
    progress: Any = click.progressbar(
        length=sum(_weight(part) for part in parts),
        label="Living lives",
        file=sys.stderr,
    )
    with progress as bar:

        def done(part: Part) -> None:
            bar.update(_weight(part))

        sums = run_parts(parts, spread, lambda one: folders[id(one)], done)
    said = answers(asked, sums[id(asked)])
    effects = sensitivity.effects(variants, lambda one: sums[id(one)])
    page, *_ = write(asked, said, out, effects)
    if as_json:
        print_json(as_dict(asked, said, effects) | {"report": str(page)})
        return
    for line in answers_in_short(asked, said):
        click.echo(line)
    for choice, answer in zip(asked.policies, said, strict=True):
        click.echo(headline(asked, choice, answer))
    click.echo(f"Report: {page}")


def _folder(work: Path, number: int) -> Path:
    return work / (f"variant-{number}" if number else "study")


def _weight(part: tuple[Study, range]) -> int:
    study, tokens = part
    return len(tokens) * study.months * len(study.policies)
