"""``galh demo``: the story, on a real pty, against the reference server."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.ports.pty import PtyPort
from emulator.runner import Runner
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from firmware_model.nvm import Config
from firmware_model.physics import new_physics
from firmware_model.profile import TokenType
from hosttools.cli.options import json_option, load_seeds, speaks_unicode
from hosttools.cli.scene import START, conclude, draw, record_of
from hosttools.demo import CRYSTAL_PPB, Scene, Step, event_story, time_story
from hosttools.manufacture import config_of
from hosttools.porttoken import PortToken
from hosttools.refserver import Store
from hosttools.seedfiles import sample

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
    return conclude(
        {"ok": not failed, "steps": told} if as_json else None,
        failed=f"{failed} steps did not end as they must." if failed else None,
        fine="Every step ended as it must.",
    )


@contextlib.contextmanager
def _scene(config: Config) -> Iterator[Scene]:
    """Put a token on a pty and into a server, and take both away again."""
    start_ns = parse_utc(START)
    physics = new_physics(config.profile, start_ns, tolerance_ppb=CRYSTAL_PPB)

    def make_bench() -> Bench:
        bench = Bench(VirtualClock(start_ns))
        bench.open(config, physics=physics)
        return bench

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galh-demo-")))
        server = stack.enter_context(Store(folder / "server.sqlite"))
        server.add(record_of(config))
        runner = stack.enter_context(Runner(make_bench))
        make_session = partial(Session, runner.bench, config.serial, client="pty")
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
    lines = [
        ("", step.told),
        ("token", step.token),
        ("server", f"{step.server}  (token {step.distance:+d})"),
    ]
    if step.verdict is not None:
        lines += [("says", step.verdict.operator), ("shows", step.verdict.user)]
    if not step.ok:
        wanted = "no verdict" if step.expected is None else step.expected.value
        lines.append(("FAILED", f"expected {wanted}, {step.expected_distance:+d} apart"))
    return draw(number, step.title, step.lcd, lines, unicode=speaks_unicode())
