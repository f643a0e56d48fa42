"""``galh demo``: the story, on a real pty, against the reference server."""

import contextlib
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.ports.pty import PtyPort
from emulator.render.terminal import lcd_lines
from emulator.runner import Runner
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from firmware_model.nvm import Config
from firmware_model.profile import TokenType
from firmware_model.state import Crystal
from hosttools.cli.options import json_option, load_seeds, print_json, speaks_unicode
from hosttools.demo import CRYSTAL_PPB, Scene, Step, event_story, time_story
from hosttools.manufacture import config_of
from hosttools.porttoken import PortToken
from hosttools.refserver import Record, Store
from hosttools.seedfiles import sample

START: Final = "2026-01-05T08:00:00Z"
_WIDTH: Final = 96
_STORIES: Final[dict[TokenType, Callable[[Scene], Iterator[Step]]]] = {
    TokenType.EVENT: event_story,
    TokenType.TIME: time_story,
}
_SERIALS: Final = {TokenType.EVENT: "GALH12345678", TokenType.TIME: "GALT00000042"}


@click.command()
@json_option
def demo(as_json: bool) -> int:  # noqa: FBT001  # click's signature
    """Tell the story of a token that loses sync, on a pty.

    A token is added to a server, signs, is pressed in a pocket, fails, is resynced
    with two codes and signs again; then the same with a time token whose clock runs
    fast. Bench time is moved by hand, so that it takes seconds. Exit code 1 if any
    step does not end as it must.
    """
    seeds = {record.serial: record for record in load_seeds(sample("ward.csv"))}
    told: list[dict[str, Any]] = []
    failed = 0
    for token_type, serial in _SERIALS.items():
        config = config_of(seeds[serial])
        with _scene(config) as scene:
            if not as_json:
                click.echo(f"{config.profile.title}, {serial}, on {scene.token.port}\n")
            for number, step in enumerate(_STORIES[token_type](scene), 1):
                failed += not step.ok
                if as_json:
                    told.append({"serial": serial, "step": number, **_as_dict(step)})
                else:
                    click.echo(_draw(number, step))
    if as_json:
        print_json({"ok": not failed, "steps": told})
    elif failed:
        click.echo(f"{failed} steps did not end as they must.", err=True)
    else:
        click.echo("Every step ended as it must.")
    return 1 if failed else 0


@contextlib.contextmanager
def _scene(config: Config) -> Iterator[Scene]:
    """Put a token on a pty and into a server, and take both away again."""
    start_ns = parse_utc(START)
    crystal = Crystal(start_ns, start_ns, CRYSTAL_PPB)

    def make_bench() -> Bench:
        bench = Bench(VirtualClock(start_ns))
        bench.open(config, crystal=crystal)
        return bench

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galh-demo-")))
        server = stack.enter_context(Store(folder / "server.sqlite"))
        server.add(
            Record(
                serial=config.serial,
                token_type=config.token_type,
                secret=config.secret,
                algorithm=config.algorithm,
                digits=config.digits,
                step_s=config.step_s,
                t0_s=config.t0_s,
            )
        )
        runner = stack.enter_context(Runner(make_bench))
        make_session = partial(Session, runner.bench, config.serial)
        port = runner.call(lambda: PtyPort(runner.loop, make_session, cut=find_cut))
        stack.callback(runner.call, port.close)
        token = stack.enter_context(PortToken(str(port.path)))
        yield Scene(token, server, config.serial)


def _as_dict(step: Step) -> dict[str, Any]:
    return {
        "title": step.title,
        "lit": step.lcd.lit,
        "token": step.token,
        "server": step.server,
        "distance": step.distance,
        "verdict": None if step.verdict is None else step.verdict.kind.value,
        "operator": None if step.verdict is None else step.verdict.operator,
        "user": None if step.verdict is None else step.verdict.user,
        "expected": None if step.expected is None else step.expected.value,
        "ok": step.ok,
    }


def _draw(number: int, step: Step) -> str:
    """Set the LCD beside what is told."""
    picture = lcd_lines(step.lcd, unicode=speaks_unicode())
    room = _WIDTH - len(picture[0]) - 5
    lines = textwrap.wrap(step.told, room)
    lines.append(f"token   {step.token}")
    lines.append(f"server  {step.server}  (token {step.distance:+d})")
    if step.verdict is not None:
        lines += _labelled("says   ", step.verdict.operator, room)
        lines += _labelled("shows  ", step.verdict.user, room)
    if not step.ok:
        wanted = "no verdict" if step.expected is None else step.expected.value
        lines.append(f"FAILED  expected {wanted}, {step.expected_distance:+d} apart")
    height = max(len(lines), len(picture))
    left = [*picture, *[" " * len(picture[0])] * (height - len(picture))]
    right = [*lines, *[""] * (height - len(lines))]
    rows = [f"   {a}  {b}".rstrip() for a, b in zip(left, right, strict=True)]
    return "\n".join([f"{number:2} {step.title}", *rows, ""])


def _labelled(label: str, text: str, room: int) -> list[str]:
    return textwrap.wrap(
        text, room, initial_indent=f"{label} ", subsequent_indent=" " * (len(label) + 1)
    )
