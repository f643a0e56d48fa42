"""``galh demo``: the story, on real ptys, against the reference server, and on a page."""

import asyncio
import contextlib
import sys
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
from hosttools.attached import AttachedReference, ServerElsewhere
from hosttools.cli.options import AddressType, json_option, load_seeds, speaks_unicode
from hosttools.cli.portal import command_of
from hosttools.cli.scene import START, conclude, draw
from hosttools.demo import CRYSTAL_PPB, Scene, Step, event_story, time_story
from hosttools.errors import UsageError
from hosttools.hand import PortToken
from hosttools.manufacture import config_of
from hosttools.refserver import Store
from hosttools.seedfiles import sample

_STORIES: Final[dict[TokenType, Callable[[Scene], Iterator[Step]]]] = {
    TokenType.EVENT: event_story,
    TokenType.TIME: time_story,
}
_SERIALS: Final = ("GALH12345678", "GALT00000042")
_ANYWHERE: Final = ("127.0.0.1", 0)


@click.command()
@click.option(
    "--open",
    "opened",
    is_flag=True,
    help="Play it yourself: fobs and the practice portal side by side, in the browser.",
)
@click.option(
    "--live", is_flag=True, help="Show the story on the page, in the browser; Enter goes on."
)
@click.option(
    "--http",
    type=AddressType(),
    metavar="HOST:PORT",
    help="Where the page is; alone: the story on it, no browser. Port 0: any.  [default: any]",
)
@json_option
@click.pass_context
def demo(
    ctx: click.Context,
    opened: bool,  # noqa: FBT001  # click's signature
    live: bool,  # noqa: FBT001  # likewise
    http: tuple[str, int] | None,
    as_json: bool,  # noqa: FBT001  # likewise
) -> int:
    """Tell the story of a token that loses sync, on a pty.

    A token is added to a server, signs, is pressed in a pocket, fails, is resynced
    with two codes and signs again; then the same with a time token whose clock runs
    fast. Bench time is moved by hand, so that it takes seconds. Exit code 1 if any
    step does not end as it must.

    With --open nothing is told: the fobs and the portal are yours, until Ctrl-C.
    """
    if opened and live:
        raise UsageError("--open and --live: the browser shows one or the other")
    if opened:
        ctx.invoke(
            command_of("serve"),
            http=http or _ANYWHERE,
            fobs=_ANYWHERE,
            opens=True,
            as_json=as_json,
        )
        return 0
    seeds = {record.serial: record for record in load_seeds(sample("ward.csv"))}
    configs = [config_of(seeds[serial]) for serial in _SERIALS]
    told: list[dict[str, Any]] = []
    failed = 0
    with _stage(configs) as stage:
        address = http or (_ANYWHERE if live else None)
        page = None if address is None else stage.show(address)
        if page is not None:
            click.echo(f"The story is on the page: {page}\n", err=as_json)
        if live and page is not None:
            click.launch(page)
        for config in configs:
            scene = stage.scene(config)
            if not as_json:
                click.echo(f"{config.profile.title}, {config.serial}, on {scene.token.port}\n")
            for number, step in enumerate(_STORIES[config.token_type](scene), 1):
                failed += not step.ok
                if as_json:
                    told.append({"serial": config.serial, "step": number, **_as_dict(step)})
                else:
                    click.echo(_draw(number, step))
                if page is not None:
                    _pause("Enter for what comes next …")
        if page is not None:
            _pause("That was the story. The tokens are yours on the page; Enter ends it …")
    return conclude(
        {"ok": not failed, "steps": told} if as_json else None,
        failed=f"{failed} steps did not end as they must." if failed else None,
        fine="Every step ended as it must."
        + ("" if page is not None else " `galh demo --open`: play it yourself, in the browser."),
    )


def _pause(text: str) -> None:
    if sys.stdin is not None and sys.stdin.isatty():
        click.pause(text)


class _Stage:
    """Tokens on ptys, a server that knows them, and the way to show both.

    Args:
        runner: lets the bench live.
        attached: the server; belongs to the bench's thread.
        stack: what is to be taken away at the end.
    """

    def __init__(
        self, runner: Runner, attached: AttachedReference, stack: contextlib.ExitStack
    ) -> None:
        self._runner = runner
        self._attached = attached
        self._stack = stack

    def scene(self, config: Config) -> Scene:
        """Put a token into the hand."""
        runner = self._runner
        make_session = partial(Session, runner.bench, config.serial, client="pty")
        port = runner.call(lambda: PtyPort(runner.loop, make_session, cut=find_cut))
        self._stack.callback(runner.call, port.close)
        token = self._stack.enter_context(PortToken(str(port.path)))
        return Scene(token, ServerElsewhere(self._attached, runner.call), config.serial)

    def show(self, address: tuple[str, int]) -> str:
        """Serve the page, and return where."""
        from emulator.http.desk import Desk  # noqa: PLC0415  # the extra [web]
        from emulator.http.server import HttpPort  # noqa: PLC0415  # likewise
        from hosttools.casetaker import Taker  # noqa: PLC0415  # likewise
        from hosttools.recipebook import Book  # noqa: PLC0415  # likewise

        runner, attached = self._runner, self._attached
        desk = Desk(
            bench=runner.bench,
            recipes=Book(runner.bench, attached),
            server=attached,
            cases=Taker(runner.bench, attached),
        )
        opening = asyncio.run_coroutine_threadsafe(HttpPort.open(desk, *address), runner.loop)
        port = opening.result()

        def close() -> None:
            asyncio.run_coroutine_threadsafe(port.close(), runner.loop).result()

        self._stack.callback(close)
        return port.url


@contextlib.contextmanager
def _stage(configs: list[Config]) -> Iterator[_Stage]:
    start_ns = parse_utc(START)

    def make_bench() -> Bench:
        bench = Bench(VirtualClock(start_ns))
        for config in configs:
            physics = new_physics(config.profile, start_ns, tolerance_ppb=CRYSTAL_PPB)
            bench.open(config, physics=physics)
        return bench

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galh-demo-")))
        store = stack.enter_context(Store(folder / "server.sqlite"))
        runner = stack.enter_context(Runner(make_bench))
        attached = runner.call(lambda: AttachedReference(runner.bench, store=store, active=False))
        yield _Stage(runner, attached, stack)


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
