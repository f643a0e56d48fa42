"""An application on a socket: the bench's in the bench's own event loop, or another one.

Beyond loopback it wants a bearer token: who reaches it can press every token.
"""

import asyncio
import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import Config

from emulator.errors import PortError, UsageError
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.http.house import House
from emulator.http.limits import Limits
from emulator.http.wire import protocol

GRACE_S: Final = 2
"""Host seconds that answers under way have at the end; our default."""

BACKLOG: Final = 1_024
MAX_PORT: Final = 65_535


class HttpPort:
    """The API and the page at an address; made by :meth:`open`."""

    def __init__(self, house: House, listener: socket.socket, config: Config) -> None:
        self._house = house
        self._server = _Server(config)
        self._scheme = "http" if config.ssl is None else "https"
        address = listener.getsockname()
        self.host: str = address[0]
        self.port: int = address[1]
        self._task = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[listener]), name="galh-http"
        )

    @classmethod
    async def open(
        cls,
        desk: Desk,
        host: str,
        port: int,
        *,
        certificate: Path | None = None,
        private_key: Path | None = None,
    ) -> Self:
        """Serve a bench that lives in the running loop.

        Args:
            desk: what is served.
            host: name or address to listen at; IPv6 without brackets.
            port: 0: any that is free.
            certificate: PEM file with the chain, for TLS; ``None``: no TLS.
            private_key: PEM file; ``None``: it is in the certificate's file.

        Raises:
            UsageError: beyond loopback without a bearer token, or a certificate that is
                none.
            PortError: nobody can listen there.
        """
        return await cls.serve(
            make_app(desk), desk, host, port, certificate=certificate, private_key=private_key
        )

    @classmethod
    async def serve(
        cls,
        app: ASGIApp,
        house: House,
        host: str,
        port: int,
        *,
        certificate: Path | None = None,
        private_key: Path | None = None,
    ) -> Self:
        """Serve any application, as :meth:`open` does a bench's.

        Args:
            app: the application, with a guard in front of it.
            house: what that guards.
            host: see :meth:`open`, likewise the rest.
            port: likewise.
            certificate: likewise.
            private_key: likewise.

        Raises:
            UsageError, PortError: as of :meth:`open`.
        """
        listener = _listen(host, port, secured=house.bearer is not None)
        try:
            served = cls(house, listener, _config(app, house.limits, certificate, private_key))
        except BaseException:
            listener.close()
            raise
        await served._server.ready.wait()
        return served

    @property
    def address(self) -> str:
        """Host and port as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Where the page is, without a slash at the end.

        One that listens everywhere is told by its loopback address.
        """
        here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host)  # noqa: S104  # compared
        return f"{self._scheme}://{f'{here}:{self.port}' if here else self.address}"

    async def close(self) -> None:
        """End all streams and waits, let answers under way get out, and stop listening.

        Takes :data:`GRACE_S` at most. A second call does nothing.
        """
        self._house.seats.close()
        self._server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._task)
        for connection in tuple(self._server.server_state.connections):
            # One that reads nothing would keep its answer for ever.
            if connection.transport is not None:
                connection.transport.abort()


class _Server(uvicorn.Server):
    """A server that leaves signals to who runs the loop, and says when it is ready."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()


def _listen(host: str, port: int, *, secured: bool) -> socket.socket:
    if not 0 <= port <= MAX_PORT:
        raise PortError(f"no port has the number {port}; there are 0 (any) to {MAX_PORT}")
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
    except (OSError, UnicodeError) as e:
        raise PortError(f"no address is called {host!r}: {_reason(e)}") from None
    family, _, _, _, address = found[0]
    if not (secured or ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback):
        raise UsageError(
            f"{host} can be reached from other machines, who could do everything; give a"
            " bearer token, or listen at 127.0.0.1"
        )
    # With its protocol named, asyncio sends each write at once (TCP_NODELAY): an answer is
    # two, and the second would wait 40 ms for the client's acknowledgement of the first.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two listen at once
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as e:
        listener.close()
        raise PortError(f"no HTTP at {host} port {port}: {_reason(e)}") from None
    return listener


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _config(
    app: ASGIApp, limits: Limits, certificate: Path | None, private_key: Path | None
) -> Config:
    config = Config(
        app,
        http=protocol(limits.head_bytes, limits.request_s),
        ws="none",
        lifespan="off",
        log_config=None,  # the command line says how logging looks
        access_log=False,  # queries may hold what is nobody's business
        proxy_headers=False,  # a client could choose its own address
        server_header=False,
        limit_concurrency=limits.connections,
        backlog=BACKLOG,
        timeout_keep_alive=int(limits.keep_alive_s),
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
        h11_max_incomplete_event_size=limits.head_bytes,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as e:
        raise UsageError(f"no TLS with {certificate}: {_reason(e)}") from None
    return config
