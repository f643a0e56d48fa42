"""What the commands that tell a story share: a token alive, a server, a picture of both."""

import contextlib
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import click

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.ports.local import LocalPort
from emulator.render.terminal import lcd_lines
from emulator.runner import Runner
from emulator.scpi.session import Session
from firmware_model.nvm import Config
from firmware_model.physics import new_physics
from firmware_model.segments import Lcd
from hosttools.cli.options import print_json
from hosttools.hand import PortToken

START: Final = "2026-01-05T08:00:00Z"
_WIDTH: Final = 96
_LABEL: Final = 8


def new_bench(config: Config, crystal_ppb: int = 0) -> Bench:
    """Return a bench on a manual clock with a new token on it.

    Args:
        config: the token.
        crystal_ppb: rate error of its crystal, parts per billion.
    """
    start_ns = parse_utc(START)
    bench = Bench(VirtualClock(start_ns))
    physics = new_physics(config.profile, start_ns, tolerance_ppb=crystal_ppb)
    bench.open(config, physics=physics)
    return bench


@contextlib.contextmanager
def in_process(make_bench: Callable[[], Bench]) -> Iterator[tuple[Runner, PortToken]]:
    """Let a bench of one token live in this process, and open the token's port."""
    with Runner(make_bench) as runner, contextlib.ExitStack() as stack:
        (serial,) = runner.call(runner.bench.serials)
        make_session = partial(Session, runner.bench, serial, client="galh")
        port = runner.call(partial(LocalPort, runner.loop, serial, make_session))
        stack.callback(runner.call, port.close)
        yield runner, stack.enter_context(PortToken(port.url))


def draw(
    number: int, title: str, lcd: Lcd, told: Sequence[tuple[str, str]], *, unicode: bool
) -> str:
    """Set an LCD beside what is told.

    Args:
        number: of the step.
        title: of the step.
        lcd: what the token shows.
        told: pairs of a label, which may be empty, and a text, which is wrapped.
        unicode: whether the output takes more than ASCII.
    """
    picture = lcd_lines(lcd, unicode=unicode)
    room = _WIDTH - len(picture[0]) - 5
    lines = [line for label, text in told for line in _wrapped(label, text, room)]
    height = max(len(lines), len(picture))
    left = [*picture, *[" " * len(picture[0])] * (height - len(picture))]
    right = [*lines, *[""] * (height - len(lines))]
    rows = [f"   {a}  {b}".rstrip() for a, b in zip(left, right, strict=True)]
    return "\n".join([f"{number:2} {title}", *rows, ""])


def conclude(found: object, *, failed: str | None, fine: str) -> int:
    """Tell how it all ended, and return the exit code.

    Args:
        found: all of it, for those who want JSON; ``None``: they want words.
        failed: what did not end as it must; ``None``: nothing.
        fine: to be told then.
    """
    if found is not None:
        print_json(found)
    elif failed is not None:
        click.echo(failed, err=True)
    else:
        click.echo(fine)
    return 0 if failed is None else 1


def _wrapped(label: str, text: str, room: int) -> list[str]:
    if not label:
        return textwrap.wrap(text, room)
    first = label.ljust(_LABEL)
    # Spaces inside a text are meant: they set its parts apart.
    return textwrap.wrap(text, room, initial_indent=first, subsequent_indent=" " * _LABEL)
