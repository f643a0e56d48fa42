"""``galh serve``: tokens on virtual serial ports until somebody says stop."""

import asyncio
import contextlib
import os
import resource
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from emulator.bench import Bench
from emulator.errors import EmulatorError
from emulator.faults import FaultPlan, arm, check, read_faults
from emulator.pacer import Pacer
from emulator.ports.line import Line, troubled
from emulator.ports.links import Link, plan_links
from emulator.ports.pty import PtyPort
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from emulator.statedir import StateDir
from firmware_model.identifier import normalise
from firmware_model.nvm import Config, read_config
from firmware_model.profile import Profile
from hosttools.cli.options import (
    CLOCK_HELP,
    json_option,
    load_profile,
    load_seeds,
    make_clock,
    print_json,
    seeds_option,
)
from hosttools.errors import UsageError
from hosttools.manufacture import config_of, physics_of
from hosttools.seedfiles import SeedRecord


@dataclass(frozen=True, slots=True)
class _Served:
    """One token and the way to it."""

    serial: str
    profile: str
    pty: str
    link: str | None


@click.command()
@click.argument("serials", nargs=-1, metavar="[SERIAL]...")
@seeds_option
@click.option(
    "--profile",
    metavar="PROFILE",
    help="Behave by this profile: a name (galh profile list) or a TOML file."
    "  [default: by the serial]",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the tokens here; without it nothing is kept.",
)
@click.option(
    "--link",
    metavar="PATH",
    help="A name that stays: a symlink to the port, or a directory of them.",
)
@click.option(
    "--faults",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Let go wrong what this TOML file says, see docs/faults.md.",
)
@click.option("--clock", default="real", show_default=True, metavar="CLOCK", help=CLOCK_HELP)
@json_option
def serve(
    serials: tuple[str, ...],
    seeds: Path | None,
    profile: str | None,
    state: Path | None,
    link: str | None,
    faults: Path | None,
    clock: str,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Let tokens live on virtual serial ports until SIGINT or SIGTERM.

    SERIAL names the tokens; without any, all of the seed file, or all that the
    state directory keeps. A token that is kept goes on from where it was; one that
    is not is manufactured from its seed.

    Prints a line for each token when all are ready, then waits.
    """
    records = () if seeds is None else load_seeds(seeds)
    _raise_descriptor_limit()
    if seeds is None and state is None:
        raise UsageError("nothing to serve: give --seeds FILE, or --state DIR of an earlier run")
    wanted_profile = load_profile(profile)
    plan = FaultPlan() if faults is None else read_faults(faults)
    with contextlib.ExitStack() as stack:
        store = None
        if state is not None:
            store = stack.enter_context(StateDir(state, holder="galh serve"))
        chosen = _choose(serials, records, store)
        resume_ns = None if store is None else store.now_ns
        bench = Bench(make_clock(clock, resume_ns), store=store)
        configs = [_config(store, serial, record, wanted_profile) for serial, record in chosen]
        check(plan, configs, bench.settled_ns)
        for config, (serial, record) in zip(configs, chosen, strict=True):
            if record is None:
                bench.load(serial)
            else:
                bench.open(config, physics=physics_of(record, config, bench.settled_ns))
        asyncio.run(_live(bench, link, plan, as_json=as_json))


def _raise_descriptor_limit() -> None:
    """Take as many descriptors as the system lets us: a port needs two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _choose(
    names: Sequence[str], records: Sequence[SeedRecord], store: StateDir | None
) -> list[tuple[str, SeedRecord | None]]:
    by_serial = {record.serial: record for record in records}
    kept = () if store is None else store.serials()
    serials = [normalise(name) for name in names] or list(by_serial) or list(kept)
    if not serials:
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
    return read_config(stored.flash.read(), {stored.profile.name: stored.profile})


async def _live(bench: Bench, link: str | None, plan: FaultPlan, *, as_json: bool) -> None:
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[EmulatorError | None] = loop.create_future()

    def end(error: EmulatorError | None = None) -> None:
        if not stop.done():
            stop.set_result(error)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A hang-up that nohup had us ignore stays ignored; to interrupt us is always meant.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end)
    pacer = Pacer(bench, loop, end)
    lines = {serial: Line() for serial in bench.serials()}
    try:
        arm(bench, plan, lines)
        with _ports(bench, loop, link, lines) as served:
            _announce(served, as_json=as_json)
            error = await stop
    finally:
        pacer.close()
        bench.close()
    if error is not None:
        raise error


@contextlib.contextmanager
def _ports(
    bench: Bench, loop: asyncio.AbstractEventLoop, link: str | None, lines: Mapping[str, Line]
) -> Iterator[list[_Served]]:
    """Open a pty for each token, and take everything down again at the end."""
    serials = bench.serials()
    links = {} if link is None else plan_links(link, serials)
    served = []
    with contextlib.ExitStack() as stack:
        for serial in serials:
            session = troubled(loop, partial(Session, bench, serial), lines[serial])
            port = PtyPort(loop, session, cut=find_cut)
            stack.callback(port.close)
            name = None
            if serial in links:
                stack.callback(Link.create(links[serial], port.path).close)
                name = str(links[serial])
            served.append(_Served(serial, bench.profile(serial).name, str(port.path), name))
        yield served


def _announce(served: Sequence[_Served], *, as_json: bool) -> None:
    if as_json:
        tokens = [
            {"serial": s.serial, "profile": s.profile, "pty": s.pty, "link": s.link} for s in served
        ]
        print_json({"event": "ready", "pid": os.getpid(), "tokens": tokens})
        return
    for s in served:
        name = "" if s.link is None else f" link={s.link}"
        click.echo(f"ready serial={s.serial} profile={s.profile} port={s.pty}{name}")
