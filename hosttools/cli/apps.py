"""An application over HTTP until somebody says stop: what ``server`` and ``portal`` share."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.clock import host_time, parse_utc
from emulator.errors import UsageError as EmulatorUsageError
from hosttools.cli.options import print_json
from hosttools.cli.process import on_signals, ready_file, with_parent, write_ready
from hosttools.cli.serving import Web

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from emulator.http.house import House

CLOCK_HELP = "real, or manual[:ISO time]: it stands where PUT /clock puts it."


def manual_ns(word: str) -> int | None:
    """Return where a manual clock begins, ns since 1970; ``None``: it is the host's.

    Raises:
        EmulatorUsageError: no such clock.
    """
    kind, colon, moment = word.partition(":")
    if word == "real":
        return None
    if kind != "manual":
        raise EmulatorUsageError(f"--clock {word!r}; allowed are {CLOCK_HELP}")
    return parse_utc(moment) if colon else host_time().utc_ns


def serve_app(
    app: "ASGIApp",
    house: "House",
    web: Web,
    *,
    ready_at: Path | None,
    parents: bool,
    as_json: bool,
    open_for: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; print a line once it is ready.

    Args:
        app: the application, with a guard in front of it.
        house: what that guards.
        web: where.
        ready_at: gets the ready line as JSON.
        parents: whether to end when the process that started this one does.
        as_json: whether the ready line is JSON.
        open_for: told where it is before that is told to anybody; gives more for the ready
            line.

    Raises:
        UsageError, PortError: as of :meth:`emulator.http.server.HttpPort.serve`.
    """
    asyncio.run(
        _live(
            app, house, web, ready_at=ready_at, parents=parents, as_json=as_json, open_for=open_for
        )
    )


async def _live(
    app: "ASGIApp",
    house: "House",
    web: Web,
    *,
    ready_at: Path | None,
    parents: bool,
    as_json: bool,
    open_for: Callable[[str], Mapping[str, str]],
) -> None:
    from emulator.http.server import HttpPort  # noqa: PLC0415  # the extra [web]

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    on_signals(loop, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        if parents:
            stack.enter_context(with_parent(loop, stop.set))
        if ready_at is not None:
            stack.enter_context(ready_file(ready_at))
        port = await HttpPort.serve(
            app, house, *web.address, certificate=web.certificate, private_key=web.private_key
        )
        stack.push_async_callback(port.close)
        more = open_for(port.url)
        ready = {"event": "ready", "pid": os.getpid(), "http": port.url, **more}
        if ready_at is not None:
            write_ready(ready_at, ready)
        if as_json:
            print_json(ready)
        else:
            told = {"http": port.url, **more}
            click.echo(" ".join(["ready", *(f"{name}={url}" for name, url in told.items())]))
        await stop.wait()
