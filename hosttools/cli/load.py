"""``galh load``: thousands of holders at a server, and whether it judged each right."""

import contextlib
import dataclasses
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from emulator.loopback import is_loopback
from hosttools.cli.files import check_new, write_new
from hosttools.cli.options import (
    AddressType,
    NamedOption,
    elsewhere_options,
    json_option,
    path_option,
    print_json,
    together,
)
from hosttools.cli.server import policy_of
from hosttools.errors import HostError, PolicyError, UsageError
from hosttools.holder import Habits
from hosttools.load.crew import Job, own_server, work
from hosttools.load.crew import load as carry_out
from hosttools.load.person import HABITS
from hosttools.load.plan import MAX_USERS, MAX_WORKERS, Plan, habits_of
from hosttools.load.report import Report, table
from hosttools.refserver import Policy
from hosttools.refserver.policies import POLICIES
from hosttools.words import counted

ANY: Final = "any"
OWN: Final = "reference"
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_LONGEST_S: Final = 7 * 24 * 3600
_FASTEST: Final = 100
"""Users a second that Locust begins with ease."""

_RAMP_S: Final = 10


class DurationType(click.ParamType[float]):
    """Seconds, or a number with ``s``, ``m`` or ``h``."""

    name = "duration"

    def convert(
        self,
        value: str | float,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Read a duration."""
        if not isinstance(value, str):
            return value
        number, unit = (value[:-1], value[-1:]) if value[-1:] in _UNITS else (value, "s")
        if not (number.isascii() and number.isdecimal() and len(number) <= len(str(_LONGEST_S))):
            self.fail(f"{value!r}; allowed are whole numbers with s, m or h: 90s, 2m", param, ctx)
        seconds = int(number) * _UNITS[unit]
        if not 1 <= seconds <= _LONGEST_S:
            self.fail(f"{value!r}; allowed are 1s to {_LONGEST_S // 3600}h", param, ctx)
        return seconds


process_options = together(
    click.option(
        "--workers",
        type=click.IntRange(0, MAX_WORKERS),
        default=0,
        show_default=True,
        metavar="N",
        help="Load from so many processes; 0: from one, without a master.",
    ),
    click.option(
        "--master",
        type=AddressType(),
        metavar="HOST:PORT",
        help="Wait there for --workers that come from elsewhere.",
    ),
    click.option(
        "--unsafe-listen", is_flag=True, help="Let --master listen beyond loopback, with no log-in."
    ),
    click.option(
        "--worker", type=AddressType(), metavar="HOST:PORT", help="Work for the master there."
    ),
)


@click.command()
@click.option(
    "--server",
    "server_spec",
    cls=NamedOption,
    required=True,
    metavar="SERVER",
    help="What to load, as galh probe names it; reference alone: a server of its own.",
)
@click.option(
    "--users", type=click.IntRange(1), default=100, show_default=True, metavar="N", help="Holders."
)
@click.option(
    "--spawn-rate",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help="Holders that begin in a second.  [default: all in ten seconds, at most 100]",
)
@click.option(
    "--duration",
    type=DurationType(),
    default="1m",
    show_default=True,
    metavar="TIME",
    help="How long, as 90s or 2m.",
)
@click.option(
    "--requests",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="End earlier, once so many are answered.",
)
@click.option(
    "--every",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="From one submission of a holder to the next, on average.",
)
@click.option(
    "--race",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    metavar="P",
    help="Probability that something is submitted several times at once.",
)
@click.option(
    "--timed",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="Share of holders with a time token.",
)
@click.option(
    "--policy",
    multiple=True,
    metavar="NAME|SETTING=VALUE",
    help="How the server treats tokens: a name (see docs/known-servers.md), settings, or any:"
    " demand only what holds for every server.  [default: a reference server is asked]",
)
@path_option("--habits", "FILE", "TOML file with other habits of the holders, see docs/holder.md.")
@click.option(
    "--seed", type=click.IntRange(0), metavar="N", help="Of all decisions.  [default: by chance]"
)
@click.option("--keep", is_flag=True, help="Leave the tokens on the server.")
@process_options
@elsewhere_options
@path_option("--report", "FILE", "Locust's HTML report to write.")
@json_option
def load(
    server_spec: str,
    users: int,
    spawn_rate: float | None,
    duration: float,
    policy: tuple[str, ...],
    habits: Path | None,
    seed: int | None,
    master: tuple[str, int] | None,
    worker: tuple[str, int] | None,
    workers: int,
    report: Path | None,
    as_json: bool,  # noqa: FBT001  # click's signature
    **more: Any,  # noqa: ANN401  # the options above, each checked by click
) -> int:
    """Load a server with holders who own a token each, and judge every answer.

    They log in, press too often, type wrong and resync as the holder model says; some
    submit the same code several times at once. Tells how often what was answered and how
    fast, and lists every verdict that can't be right. Exit code 0 if none is wrong, 1 if
    one is, or a worker was lost. An interrupt ends it early, with a report.
    """
    check_new(report)
    if worker is not None and (seed is None or master is not None or workers):
        raise UsageError("--worker needs --seed, the master's, and neither --master nor --workers")
    if master is not None and not workers:
        raise UsageError("--master waits for workers: say how many with --workers")
    if master is not None and not (more["unsafe_listen"] or is_loopback(master[0])):
        raise UsageError(
            f"--master {master[0]}: it has no log-in, so it listens on loopback only; reach it"
            " by an SSH tunnel, or say --unsafe-listen"
        )
    if users > MAX_USERS * max(workers, 1):
        raise UsageError(f"{users} users; allowed are {MAX_USERS} in each of --workers")
    rules = _policy(policy)
    plan = Plan(
        server=server_spec,
        authorised=tuple(more["authorised"]),
        budget=more["budget"],
        policy=rules,
        any_server=policy == (ANY,),
        seed=secrets.randbelow(1 << 32) if seed is None else seed,
        every_s=more["every"],
        timed=more["timed"],
        race=more["race"],
        tidy=not more["keep"],
        habits=_habits(habits),
    )
    if worker is not None:
        work(plan, *worker)
        return 0
    job = Job(
        users=users,
        spawn_rate=spawn_rate or min(max(users / _RAMP_S, 1), _FASTEST),
        duration_s=duration,
        requests=more["requests"],
        workers=workers,
        starts_workers=master is None,
        html=report is not None,
    )
    if master is not None:
        job = dataclasses.replace(job, host=master[0], port=master[1])
    with contextlib.ExitStack() as stack:
        if plan.server == OWN:
            place = stack.enter_context(own_server(rules))
            plan = dataclasses.replace(plan, server=place, tidy=False)
        done = carry_out(plan, job, _progress(quiet=as_json))
    return _finish(done, report, as_json=as_json)


def _finish(done: Report, path: Path | None, *, as_json: bool) -> int:
    if as_json:
        print_json(done.as_dict())
    else:
        click.echo(table(done))
    if path is not None and done.html is not None:
        write_new(path, done.html.encode())
    if not done.judged:
        raise HostError("no answer was judged; see the errors")
    return 0 if done.passed else 1


def _policy(words: tuple[str, ...]) -> Policy | None:
    """Return the policy that words name, a name first or settings alone."""
    if not words or words == (ANY,):
        return None
    named = [word for word in words if "=" not in word]
    if len(named) > 1 or any(name not in POLICIES for name in named):
        raise PolicyError(
            f"--policy {' '.join(named)}; allowed are one of {', '.join(POLICIES)}, and settings,"
            f" or {ANY} alone"
        )
    base = POLICIES[named[0]].policy if named else Policy()
    return policy_of((word for word in words if "=" in word), base)


def _habits(path: Path | None) -> Habits:
    if path is None:
        return HABITS
    try:
        return habits_of(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as e:
        raise UsageError(f"--habits {path}: {e}") from None


def _progress(*, quiet: bool) -> Callable[[Mapping[str, Any]], None]:
    terminal = not quiet and os.isatty(2)

    def tell(said: Mapping[str, Any]) -> None:
        if said["event"] == "listening":
            click.echo(f"master listening at port {said['port']}", err=True)
        elif terminal:
            click.echo(
                f"\r{said['running_s']:.0f} s: {counted(said['users'], 'user')},"
                f" {said['requests']} requests, {said['wrong']} wrong ",
                nl=False,
                err=True,
            )

    return tell
