"""What several commands take: the clock's words, profiles, seeds, the port, JSON."""

import json
import math
import os
import sys
import tomllib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from emulator.clock import Clock, RealClock, VirtualClock, host_time, parse_utc
from emulator.errors import UsageError as EmulatorUsageError
from firmware_model.errors import ProfileError
from firmware_model.identifier import normalise
from firmware_model.nvm import Config
from firmware_model.products import PROFILES
from firmware_model.profile import Profile
from firmware_model.profile_file import profile_from_mapping
from hosttools.cli.seedkeys import Lock, unlocked
from hosttools.errors import UsageError
from hosttools.manufacture import config_of
from hosttools.seedfiles import SeedRecord, read_seed_bytes, seed_path
from hosttools.seedfiles.reader import load_bytes

F = TypeVar("F", bound=Callable[..., Any])

CLOCK_HELP: Final = "real, scaled:RATE (bench seconds in a second), or manual[:ISO time]."


class NamedOption(click.Option):
    """An option that has another name in Python, but in the environment the one typed."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """Look for GALH_COMMAND_OPTION."""
        word = self.opts[0].lstrip("-").replace("-", "_").upper()
        return os.environ.get(f"{ctx.auto_envvar_prefix}_{word}") or None


class SecondsRange(click.FloatRange):
    """Seconds between two bounds; not-a-number is in no range, but click lets it pass."""

    def convert(
        self,
        value: Any,  # noqa: ANN401  # click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401  # click's signature
        """Read a number of seconds."""
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return seconds


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return one decorator for several options, which help lists in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def path_option(name: str, metavar: str, text: str, *, required: bool = False) -> Callable[[F], F]:
    """Return an option that names a file or directory, which need not be there.

    Args:
        name: as typed.
        metavar: what help writes for it.
        text: what help says.
        required: whether it must be given.
    """
    return click.option(
        name,
        type=click.Path(path_type=Path),
        metavar=metavar,
        help=text,
        required=required,
    )


elsewhere_options = together(
    click.option(
        "--authorised",
        multiple=True,
        metavar="HOST",
        help="A host other than this machine that its owner lets you test; may be repeated.",
    ),
    click.option(
        "--budget",
        type=click.IntRange(0),
        default=0,
        show_default=True,
        metavar="N",
        help="How many submissions a server elsewhere may refuse.",
    ),
)
"""For a server under test that is not on this machine."""

json_option = click.option("--json", "as_json", cls=NamedOption, is_flag=True, help="Print JSON.")

port_option = click.option(
    "--port",
    required=True,
    metavar="PORT",
    envvar=["GALH_PORT"],
    help="Where the token is: a path, a URL that pyserial opens, or the http:// address of a"
    " bench. [env: GALH_PORT]",
)

seeds_option = path_option(
    "--seeds",
    "FILE",
    "Seed file (see galh seeds formats), or the name of a packaged sample: rfc4226.csv, ward.csv …",
)

profile_option = click.option(
    "--profile",
    metavar="PROFILE",
    help="Behave by this profile: a name (galh profile list) or a TOML file."
    "  [default: by the serial]",
)

state_option = path_option(
    "--state",
    "DIR",
    "State directory of the tokens; nobody may be serving it meanwhile.",
    required=True,
)


bearer_option = path_option(
    "--bearer-file", "FILE", "File with the bearer token, for a bench that asks for one."
)


def read_bearer(path: Path | None) -> str | None:
    """Return the bearer token in a file.

    Raises:
        UsageError: there is none.
    """
    if path is None:
        return None
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"--bearer-file {path} can't be read: {e}") from None
    if not text or not text.isprintable() or " " in text:
        raise UsageError(f"--bearer-file {path}: allowed is one word, in ASCII")
    return text


def require_state(path: Path) -> None:
    """Check that a state directory is there: a command that only reads makes none.

    Raises:
        UsageError: it is not.
    """
    if not path.is_dir():
        raise UsageError(f"no state directory {path}; galh serve --state makes one")


def out_option(what: str) -> Callable[[F], F]:
    """Return the option that names the new file a command writes.

    Args:
        what: is written, as its help begins.
    """
    text = f"{what} to write; one that is there is never overwritten."
    return path_option("--out", "FILE", text, required=True)


def lock_options(prefix: str, whose: str) -> Callable[[F], F]:
    """Return the options for the password or key of a file.

    Args:
        prefix: of the options' names, ``to-`` or nothing.
        whose: the file, as help speaks of it.
    """
    return together(
        path_option(
            f"--{prefix}password-file", "FILE", f"{whose}'s password is the first line of this."
        ),
        path_option(
            f"--{prefix}key-file",
            "FILE",
            f"{whose}'s pre-shared key is in this: 16, 24 or 32 bytes, raw or in hex.",
        ),
    )


class AddressType(click.ParamType[Any]):
    """``HOST:PORT``, or ``PORT`` on loopback.

    Args:
        word: one word that may stand in its place; empty: none may.
    """

    name = "address"

    def __init__(self, word: str = "") -> None:
        self._word = word

    def convert(
        self,
        value: str | tuple[str, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | tuple[str, int]:
        """Read an address."""
        if not isinstance(value, str) or value == self._word:
            return value
        from emulator.ports.tcp import parse_address  # noqa: PLC0415  # only if one is given

        try:
            return parse_address(value)
        except EmulatorUsageError as e:
            self.fail(str(e), param, ctx)


def print_json(value: object) -> None:
    """Print one JSON value on one line, at once."""
    click.echo(json.dumps(value))


def speaks_unicode() -> bool:
    """Whether standard output takes what LCDs are drawn with."""
    if sys.stdout is None:
        return False  # closed by whoever started us
    try:
        "─▮".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def load_seeds(path: Path, lock: Lock = Lock()) -> tuple[SeedRecord, ...]:  # noqa: B008  # a value
    """Read a seed file; what is unusual about its tokens goes to standard error.

    Args:
        path: the file; see :func:`hosttools.seedfiles.seed_path`.
        lock: its key or password; what an encrypted file lacks is asked for.

    Raises:
        SeedFileError: it can't be read.
    """
    data = load_bytes(seed_path(path))

    def read(given: Lock) -> tuple[SeedRecord, ...]:
        return read_seed_bytes(data, str(path), key=given.key, password=given.password)

    with told_warnings(path):
        return unlocked(read, lock, str(path))


@contextmanager
def told_warnings(path: Path) -> Iterator[None]:
    """Say on standard error what is unusual about a seed file, each thing once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        click.echo(f"galh: {path}: warning: {text}", err=True)


def seed_config(path: Path, serial: str | None) -> Config:
    """Return the settings of one token of a seed file.

    Args:
        path: see :func:`load_seeds`.
        serial: which, with spaces and hyphens or without; ``None``: the only one.

    Raises:
        SeedFileError: it can't be read.
        UsageError: it has no such token, or several and none is named.
    """
    records = {record.serial: record for record in load_seeds(path)}
    there = ", ".join(list(records)[:8])
    if serial is None and len(records) > 1:
        raise UsageError(f"{path} has {len(records)} tokens, such as {there}; give --serial")
    wanted = next(iter(records)) if serial is None else normalise(serial)
    if wanted not in records:
        raise UsageError(f"no seed for {wanted} in {path}; there are {there}")
    return config_of(records[wanted])


def load_profile(name: str | None) -> Profile | None:
    """Return a profile by its name, or from a TOML file.

    Raises:
        UsageError: neither, or a file that is no profile.
    """
    if name is None:
        return None
    if name in PROFILES:
        return PROFILES[name]
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"no profile {name!r}; there are {', '.join(sorted(PROFILES))}, or give a TOML file"
        )
    try:
        return profile_from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ProfileError) as e:
        raise UsageError(f"profile file {name}: {e}") from None
    except RecursionError:
        raise UsageError(f"profile file {name}: nested too deeply") from None


def make_clock(word: str, resume_ns: int | None = None) -> Clock:
    """Make the bench's clock from its word.

    Args:
        word: see :data:`CLOCK_HELP`.
        resume_ns: where a virtual clock goes on; ``None``: at the host's time.

    Raises:
        UsageError: another word; the emulator's, as for all that is wrong with a clock.
    """
    kind, colon, rest = word.partition(":")
    start_ns = host_time().utc_ns if resume_ns is None else resume_ns
    if word == "real":
        return RealClock()
    if kind == "scaled" and colon:
        return VirtualClock(start_ns, _rate(rest))
    if kind == "manual":
        return VirtualClock(parse_utc(rest) if colon else start_ns)
    raise EmulatorUsageError(f"--clock {word!r}; allowed are {CLOCK_HELP}")


def _rate(text: str) -> Fraction:
    try:
        # Fraction would expand 1e999999999 into a number of that many digits.
        rate = Fraction(text) if len(text) <= 20 and "e" not in text.lower() else None  # noqa: PLR2004  # digits
    except (ValueError, ZeroDivisionError):
        rate = None
    if rate is None or rate <= 0:
        raise EmulatorUsageError(
            f"--clock scaled:{text}; the rate is a number above 0, such as scaled:60"
        )
    return rate
