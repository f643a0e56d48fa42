"""``galh serve``: tokens on ports and on a page until somebody says stop."""

import asyncio
import contextlib
import gc
import os
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from emulator.bench import Bench
from emulator.faults import FaultPlan, check, read_faults
from emulator.snapshots import Snapshot, SnapshotKey, load, restore, start_ns
from emulator.statedir import StateDir
from firmware_model.identifier import normalise
from firmware_model.nvm import Config
from firmware_model.profile import Profile
from hosttools.cli.options import (
    CLOCK_HELP,
    json_option,
    load_profile,
    load_seeds,
    make_clock,
    path_option,
    profile_option,
    seeds_option,
)
from hosttools.cli.serveoptions import job_options, network_options, refuse_practice, wanted_of
from hosttools.cli.serving import live
from hosttools.cli.snapshotkey import asked_key, key_of, key_options
from hosttools.errors import UsageError
from hosttools.manufacture import config_of, physics_of
from hosttools.seedfiles import SeedRecord

BAR_FROM: Final = 500
"""Tokens from which a bar shows how far the start has come."""


@click.command()
@click.argument("serials", nargs=-1, metavar="[SERIAL]...")
@seeds_option
@profile_option
@path_option("--state", "DIR", "Keep the tokens here; without it nothing is kept.")
@path_option(
    "--snapshot",
    "FILE",
    "Begin with the tokens of a snapshot, at its time on a manual or scaled clock.",
)
@key_options
@click.option(
    "--link",
    metavar="PATH",
    help="A name that stays: a symlink to the port, or a directory of them.",
)
@network_options
@click.option(
    "--server",
    metavar="reference|FILE",
    help="Attach the reference server, in memory or in an SQLite file: the page submits codes.",
)
@path_option("--snapshots", "DIR", "Where HTTP clients keep snapshots.  [default: in --state]")
@path_option("--faults", "FILE", "Let go wrong what this TOML file says, see docs/faults.md.")
@click.option("--clock", default="real", show_default=True, metavar="CLOCK", help=CLOCK_HELP)
@job_options
@json_option
def serve(
    serials: tuple[str, ...],
    seeds: Path | None,
    profile: str | None,
    state: Path | None,
    snapshot: Path | None,
    faults: Path | None,
    clock: str,
    **more: Any,  # noqa: ANN401  # the options above, each checked by click
) -> None:
    """Let tokens live on ports and on a page until SIGINT or SIGTERM.

    SERIAL names the tokens; without any, all of the seed file, or all that the
    state directory keeps. A token that is kept goes on from where it was; one that
    is not is manufactured from its seed.

    Prints a line for each token when all are ready, then waits.
    """
    records = () if seeds is None else load_seeds(seeds)
    wanted = wanted_of(state, more)
    web = wanted.web
    refuse_practice(
        records, wanted.tcp, wanted.rfc2217, wanted.mux, None if web is None else web.address
    )
    _raise_descriptor_limit()
    if seeds is None and state is None and snapshot is None:
        raise UsageError(
            "nothing to serve: give --seeds FILE, --snapshot FILE, or --state DIR of an earlier run"
        )
    wanted_profile = load_profile(profile)
    plan = FaultPlan() if faults is None else read_faults(faults)
    with contextlib.ExitStack() as stack:
        store = None
        if state is not None:
            store = stack.enter_context(StateDir(state, holder="galh serve"))
        chosen = _choose(serials, records, store, optional=snapshot is not None)
        resume_ns = None if store is None else store.now_ns
        found = None if snapshot is None else load(snapshot, _key(snapshot, more))
        if found is not None:
            resume_ns = start_ns(found, resume_ns)
        bench = Bench(make_clock(clock, resume_ns), store=store)
        configs = [_config(store, serial, record, wanted_profile) for serial, record in chosen]
        check(plan, configs, bench.settled_ns)
        tokens = [
            (config, None if record is None else physics_of(record, config, bench.settled_ns))
            for config, (_, record) in zip(configs, chosen, strict=True)
        ]
        with _bar(len(tokens)) as progress:
            bench.open_many(tokens, progress)
        gc.freeze()  # a collector that looks through 100,000 tokens holds everybody up
        if found is not None:
            _restore(bench, found, records)
        asyncio.run(live(bench, plan, wanted, kept=store is not None))


def _key(snapshot: Path, more: dict[str, Any]) -> SnapshotKey | None:
    return key_of(more["passphrase_file"], more["key_file"]) or asked_key(snapshot)


def _restore(bench: Bench, found: Snapshot, records: Iterable[SeedRecord]) -> None:
    """Put the tokens of a snapshot on the bench, with the secrets that the seeds have."""
    secrets = {r.serial: r.secret for r in records if r.serial in found.serials}
    restored = restore(bench, found, secrets)
    if restored.rekeyed:
        click.echo(
            f"galh serve: {', '.join(restored.rekeyed[:8])}: new secrets, as the snapshot has none:"
            " counters and clocks are as they were, codes are others; give --seeds, or the"
            " snapshot's key, for the old ones",
            err=True,
        )


@contextlib.contextmanager
def _bar(tokens: int) -> Iterator[Callable[[int], object] | None]:
    """Show how far the start has come, where somebody looks and it takes a while."""
    if tokens < BAR_FROM or not os.isatty(2):
        yield None
        return
    with click.progressbar(length=tokens, label="Tokens", file=sys.stderr) as bar:
        yield bar.update


def _raise_descriptor_limit() -> None:
    """Take as many descriptors as the system lets us: a port needs two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _choose(
    names: Sequence[str],
    records: Sequence[SeedRecord],
    store: StateDir | None,
    *,
    optional: bool,
) -> list[tuple[str, SeedRecord | None]]:
    by_serial = {record.serial: record for record in records}
    kept = dict.fromkeys(() if store is None else store.serials())
    serials = [normalise(name) for name in names] or list(by_serial) or list(kept)
    if not serials and not optional:
        raise UsageError("nothing to serve: neither the seed file nor the state has a token")
    for serial, times in Counter(serials).items():
        if times > 1:
            raise UsageError(f"{serial} is named twice")
        if serial not in by_serial and serial not in kept:
            there = ", ".join([*by_serial, *kept][:8])
            raise UsageError(f"no seed for {serial}; there are {there}")
    return [(serial, by_serial.get(serial)) for serial in serials]


def _config(
    store: StateDir | None, serial: str, record: SeedRecord | None, profile: Profile | None
) -> Config:
    """Return a token's settings, before it is made or started."""
    stored = store.load(serial) if store is not None and serial in store else None
    if record is not None:
        if profile is None and stored is not None:
            profile = stored.profile  # a seed file names none, so it can't contradict
        return config_of(record, profile)
    assert stored is not None  # noqa: S101  # _choose has looked
    if profile is not None and profile != stored.profile:
        raise UsageError(
            f"token {serial} is kept with profile {stored.profile.name}, which"
            " --profile can't change; leave it out"
        )
    return stored.config
