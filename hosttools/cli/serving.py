"""What ``galh serve`` keeps alive: a bench, the ports to its tokens, and whoever waits for it."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from emulator.bench import Bench
from emulator.errors import EmulatorError
from emulator.faults import FaultPlan, arm
from emulator.pacer import Pacer
from emulator.ports.base import Client, MakeConsumer, Welcome
from emulator.ports.line import Line, troubled
from emulator.ports.links import Link, plan_links
from emulator.ports.pty import PtyPort
from emulator.ports.tcp import TcpServer
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from emulator.scpi.welcome import sessions
from hosttools.cli.artifacts import keep_artifacts
from hosttools.cli.options import print_json
from hosttools.cli.process import on_signals, ready_file, with_parent, write_ready

if TYPE_CHECKING:
    from emulator.http.desk import Desk
    from hosttools.attached import AttachedReference

Address = tuple[str, int]
"""Host and port; port 0: any that is free."""

PTY: Final = "pty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How the API and the page are served.

    Attributes:
        address: where.
        bearer: what clients must show; ``None``: nothing.
        hosts: names in ``Host`` that are accepted besides those of loopback.
        certificate: PEM file, for TLS; ``None``: none.
        private_key: PEM file; ``None``: it is in the certificate's file.
        snapshots: folder where snapshots are kept; ``None``: nowhere.
    """

    address: Address
    bearer: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = frozenset()
    certificate: Path | None = None
    private_key: Path | None = None
    snapshots: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which ports there are to be, and who is told.

    Attributes:
        pty: whether each token has a pty.
        link: the stable name of the pty, or a directory of them.
        tcp: where the first token's TCP port is, the others' on the ports after it.
        rfc2217: likewise.
        mux: where the one port for all tokens is, or :data:`PTY`.
        unsafe: whether these may be beyond loopback.
        web: the API and the page; ``None``: there are none.
        server: where the attached reference server keeps its tokens; ``":memory:"``:
            nowhere; ``None``: none is attached.
        ready_file: gets the ready line as JSON once all is ready.
        with_parent: whether to end when the process that started this one does.
        artifacts: folder that gets what a bug report needs, at the end.
        as_json: whether the ready line is JSON.
    """

    pty: bool = True
    link: str | None = None
    tcp: Address | None = None
    rfc2217: Address | None = None
    mux: Address | str | None = None
    unsafe: bool = False
    web: Web | None = None
    server: str | None = None
    ready_file: Path | None = None
    with_parent: bool = False
    artifacts: Path | None = None
    as_json: bool = False


async def live(bench: Bench, plan: FaultPlan, wanted: Wanted, *, kept: bool) -> None:
    """Serve a bench until somebody says stop.

    Args:
        bench: the bench; it is closed at the end.
        plan: faults.
        wanted: which ports.
        kept: whether the tokens are kept on disk.

    Raises:
        EmulatorError: a port can't be opened, or the bench stopped.
    """
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[EmulatorError | None] = loop.create_future()

    def end(error: EmulatorError | None = None) -> None:
        if not stop.done():
            stop.set_result(error)

    on_signals(loop, end)
    pacer = Pacer(bench, loop, end)
    lines = {serial: Line() for serial in bench.serials()}
    try:
        arm(bench, plan, lines)
        async with contextlib.AsyncExitStack() as stack:
            if wanted.with_parent:
                stack.enter_context(with_parent(loop, end))
            if wanted.ready_file is not None:
                stack.enter_context(ready_file(wanted.ready_file))  # gone last: all is over
            if wanted.artifacts is not None:
                stack.callback(keep_artifacts, bench, wanted.artifacts)
            ready = stack.enter_context(_ports(bench, loop, wanted, lines))
            if wanted.web is not None:
                desk = _desk(bench, wanted, ready, stack, kept=kept)
                ready["http"] = await _serve_web(desk, wanted.web, stack)
            _announce(ready, wanted)
            error = await stop
    finally:
        pacer.close()
        bench.close()
    if error is not None:
        raise error


@contextlib.contextmanager
def _ports(
    bench: Bench, loop: asyncio.AbstractEventLoop, wanted: Wanted, lines: Mapping[str, Line]
) -> Iterator[dict[str, Any]]:
    """Open all ports, say what they are, and take them down again at the end."""
    # RFC 2217 is imported only by those who want it: pyserial's costs more than the rest.
    serials = bench.serials()
    links = {} if wanted.link is None else plan_links(wanted.link, serials)
    tokens: list[dict[str, Any]] = []
    ready: dict[str, Any] = {"event": "ready", "pid": os.getpid(), "tokens": tokens}
    with contextlib.ExitStack() as stack:
        for number, serial in enumerate(serials):
            token: dict[str, Any] = {"serial": serial, "profile": bench.profile(serial).name}
            if wanted.pty:
                token["pty"] = _pty(bench, loop, serial, lines[serial], stack)
                token["link"] = _link(links.get(serial), token["pty"], stack)
            for kind, address in (("tcp", wanted.tcp), ("rfc2217", wanted.rfc2217)):
                if address is not None:
                    welcome = _troubled(loop, sessions(bench, serial), lines[serial])
                    place = _nth(address, number)
                    token[kind] = _listen(loop, kind, welcome, place, wanted, stack)
            tokens.append(token)
        if wanted.mux == PTY:
            ready["mux"] = _pty(bench, loop, None, Line(), stack)
        elif isinstance(wanted.mux, tuple):
            welcome = sessions(bench, None)
            ready["mux"] = _listen(loop, "tcp", welcome, wanted.mux, wanted, stack)
        yield ready


def _pty(
    bench: Bench,
    loop: asyncio.AbstractEventLoop,
    serial: str | None,
    line: Line,
    stack: contextlib.ExitStack,
) -> str:
    session = troubled(loop, partial(Session, bench, serial, client=PTY), line)
    port = PtyPort(loop, session, cut=find_cut)
    stack.callback(port.close)
    return str(port.path)


def _link(place: Path | None, pty: str, stack: contextlib.ExitStack) -> str | None:
    if place is None:
        return None
    stack.callback(Link.create(place, Path(pty)).close)
    return str(place)


def _troubled(loop: asyncio.AbstractEventLoop, welcome: Welcome, line: Line) -> Welcome:
    """Let faults of a token's port happen to its connections too."""

    def trouble(client: Client) -> MakeConsumer:
        return troubled(loop, welcome(client), line)

    return trouble


def _nth(address: Address, number: int) -> Address:
    host, port = address
    return (host, port + number if port else 0)


def _listen(
    loop: asyncio.AbstractEventLoop,
    kind: str,
    welcome: Welcome,
    address: Address,
    wanted: Wanted,
    stack: contextlib.ExitStack,
) -> str:
    make = TcpServer
    if kind == "rfc2217":
        from emulator.ports.rfc2217 import Rfc2217Server  # noqa: PLC0415  # see _ports

        make = Rfc2217Server
    server = make(loop, welcome, *address, unsafe=wanted.unsafe)
    stack.callback(server.close)
    return server.address


def _desk(
    bench: Bench,
    wanted: Wanted,
    ready: Mapping[str, Any],
    stack: contextlib.AsyncExitStack,
    *,
    kept: bool,
) -> "Desk":
    """Put what is attached to the bench on one desk."""
    from emulator.http.desk import Desk  # noqa: PLC0415  # the extra [web]
    from hosttools.recipebook import Book  # noqa: PLC0415  # only with HTTP

    assert wanted.web is not None  # noqa: S101  # live has looked
    server = None if wanted.server is None else _attached(bench, wanted.server, stack)
    return Desk(
        bench=bench,
        recipes=Book(bench, server),
        server=server,
        bearer=wanted.web.bearer,
        hosts=wanted.web.hosts,
        snapshots=wanted.web.snapshots,
        state=kept,
        ports={token["serial"]: _addresses(token) for token in ready["tokens"]},
    )


def _addresses(token: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"kind": kind, "address": token[kind]}
        for kind in (PTY, "tcp", "rfc2217")
        if token.get(kind)
    ]


def _attached(bench: Bench, place: str, stack: contextlib.AsyncExitStack) -> "AttachedReference":
    from hosttools.attached import AttachedReference  # noqa: PLC0415  # only if one is wanted
    from hosttools.refserver import Store  # noqa: PLC0415  # likewise

    store = stack.enter_context(Store(place))
    return AttachedReference(bench, store=store)


async def _serve_web(desk: "Desk", web: Web, stack: contextlib.AsyncExitStack) -> str:
    from emulator.http.server import HttpPort  # noqa: PLC0415  # the extra [web]

    port = await HttpPort.open(
        desk, *web.address, certificate=web.certificate, private_key=web.private_key
    )
    stack.push_async_callback(port.close)
    return port.url


def _announce(ready: Mapping[str, Any], wanted: Wanted) -> None:
    if wanted.ready_file is not None:
        write_ready(wanted.ready_file, ready)
    if wanted.as_json:
        print_json(ready)
        return
    for token in ready["tokens"]:
        click.echo(f"ready {_words(token)}")
    for name in ("mux", "http"):
        if name in ready:
            click.echo(f"ready {name}={ready[name]}")


def _words(token: Mapping[str, Any]) -> str:
    names = {PTY: "port"}
    return " ".join(
        f"{names.get(name, name)}={value}" for name, value in token.items() if value is not None
    )
