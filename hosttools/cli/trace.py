"""``galh trace``: a token pressed a few times, as waveforms in files."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from emulator.acts import DEFAULT_HOLD_NS
from emulator.clock import parse_utc
from firmware_model.climate import MAX_MC, MIN_MC, steady
from firmware_model.contact import BOUNCES
from firmware_model.damage import Damage
from firmware_model.identifier import normalise
from firmware_model.machine import manufacture, step
from firmware_model.nvm import Config
from firmware_model.oath import Key
from firmware_model.physics import new_physics
from firmware_model.profile import SECOND
from firmware_model.state import State
from firmware_model.stimuli import Drain
from hosttools.cli.files import check_new, write_new
from hosttools.cli.options import (
    NamedOption,
    SecondsRange,
    load_profile,
    load_seeds,
    profile_option,
)
from hosttools.errors import UsageError
from hosttools.manufacture import config_of, physics_of
from hosttools.seedfiles import SeedRecord
from hosttools.trace import Sample, presses, signals, timeline, to_csv, to_vcd

START: Final = "2026-01-05T08:00:00Z"
"""When every trace begins, so that the same command writes the same files."""

_LONGEST_S: Final = 86_400.0
_SHORTEST_S: Final = 0.001
_DEFAULT_PRESS: Final = (SECOND // 10, DEFAULT_HOLD_NS)
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("serial", required=False)
@click.option(
    "--seeds",
    type=click.Path(path_type=Path),
    default=Path("rfc4226.csv"),
    show_default=True,
    metavar="FILE",
    help="Seed file, or the name of a packaged sample: rfc4226.csv, ward.csv …",
)
@click.option("--vcd", type=_FILE, metavar="FILE", help="Write VCD, for GTKWave and PulseView.")
@click.option("--csv", type=_FILE, metavar="FILE", help="Write CSV, a row for each change.")
@click.option("--png", type=_FILE, metavar="FILE", help="Write a picture.")
@click.option(
    "--press",
    "texts",
    cls=NamedOption,
    multiple=True,
    metavar="T[:HOLD]",
    help="Press at T seconds for HOLD seconds; may be repeated.  [default: 0.1:0.1]",
)
@click.option(
    "--for",
    "for_s",
    cls=NamedOption,
    type=SecondsRange(_SHORTEST_S, _LONGEST_S),
    metavar="SECONDS",
    help="How long the trace is.  [default: until the LCD is dark]",
)
@click.option(
    "--celsius", type=float, default=25.0, show_default=True, metavar="C", help="Temperature."
)
@click.option(
    "--battery",
    type=click.IntRange(0, 100),
    default=100,
    show_default=True,
    metavar="PERCENT",
    help="What is left in the battery.",
)
@click.option(
    "--bounce",
    type=click.Choice(sorted(BOUNCES)),
    default="typical",
    show_default=True,
    help="How the contact bounces.",
)
@profile_option
def trace(
    serial: str | None,
    seeds: Path,
    vcd: Path | None,
    csv: Path | None,
    png: Path | None,
    texts: tuple[str, ...],
    for_s: float | None,
    celsius: float,
    battery: int,
    bounce: str,
    profile: str | None,
) -> None:
    """Write the waveforms of a token that is pressed.

    The token is new and on a bench of its own; SERIAL may be left out if the seed file
    has one token. Files hold no codes: a lit one is named by its counter or time step.
    A file that is there is never overwritten.
    """
    files = [path for path in (vcd, csv, png) if path is not None]
    _check_files(files)
    times = [_press(text) for text in texts] or [_DEFAULT_PRESS]
    record = _choose(serial, load_seeds(seeds), seeds)
    config = config_of(record, load_profile(profile))
    start_ns = parse_utc(START)
    key = Key(config.secret, config.algorithm)
    state = _token(record, config, key, _milli(celsius), battery, Damage(bounce=BOUNCES[bounce]))
    edges = presses([(start_ns + at, hold) for at, hold in times], state.physics.damage)
    until_ns = None if for_s is None else start_ns + round(for_s * SECOND)
    samples = list(signals(state, edges, key, until_ns=until_ns))
    title = (
        f"{config.serial} ({config.profile.title}), {celsius:g} °C, battery {battery} %,"
        f" bounce: {bounce}"
    )
    written = [
        (path, data(samples))
        for path, data in (
            (vcd, lambda s: to_vcd(s, config.serial)),
            (csv, to_csv),
            (png, lambda s: _png(s, title)),
        )
        if path is not None
    ]
    for path, content in written:
        write_new(path, content)
        click.echo(f"wrote {path}")


def _check_files(files: Sequence[Path]) -> None:
    if not files:
        raise UsageError("nothing to write: give --vcd FILE, --csv FILE or --png FILE")
    for number, path in enumerate(files):
        if path.absolute() in [other.absolute() for other in files[:number]]:
            raise UsageError(f"{path} is named twice; give each its own name")
        check_new(path)


def _press(text: str) -> tuple[int, int]:
    """Read T[:HOLD]; return both in ns."""
    at, _, hold = text.partition(":")
    try:
        at_s, hold_s = float(at), float(hold) if hold else DEFAULT_HOLD_NS / SECOND
    except ValueError:
        at_s = hold_s = math.nan
    if not (0 <= at_s <= _LONGEST_S and _SHORTEST_S <= hold_s <= _LONGEST_S):
        raise UsageError(
            f"--press {text!r}; allowed are T or T:HOLD, seconds from the start up to"
            f" {_LONGEST_S:g} and {_SHORTEST_S:g} to {_LONGEST_S:g}"
        )
    return round(at_s * SECOND), round(hold_s * SECOND)


def _milli(celsius: float) -> int:
    if not MIN_MC <= celsius * 1_000 <= MAX_MC:  # not-a-number neither
        raise UsageError(
            f"--celsius {celsius:g}; allowed are {MIN_MC // 1_000} to {MAX_MC // 1_000}"
        )
    return round(celsius * 1_000)


def _choose(serial: str | None, records: Sequence[SeedRecord], seeds: Path) -> SeedRecord:
    there = ", ".join(record.serial for record in records[:8])
    if serial is None:
        if len(records) != 1:
            raise UsageError(f"{seeds} has {len(records)} tokens; name one: {there}")
        return records[0]
    name = normalise(serial)
    for record in records:
        if record.serial == name:
            return record
    raise UsageError(f"{seeds} has no token {name}; there are {there}")


def _token(
    record: SeedRecord, config: Config, key: Key, milli_celsius: int, percent: int, damage: Damage
) -> State:
    start_ns = parse_utc(START)
    physics = physics_of(record, config, start_ns) or new_physics(config.profile, start_ns)
    physics = physics._replace(climate=steady(milli_celsius), damage=damage)
    state = manufacture(config, start_ns, physics=physics)
    used = physics.battery.capacity * (100 - percent) // 100
    return step(state, Drain(start_ns, used), key)[0]


def _png(samples: Sequence[Sample], title: str) -> bytes:
    file = io.BytesIO()
    timeline(samples, title).save(file, "PNG", optimize=True)
    return file.getvalue()
