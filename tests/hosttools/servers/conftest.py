"""The adapters that the contract holds for. A new one is one line more in ``ADAPTERS``."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final, TypeVar

import pytest
from starlette.types import ASGIApp

from emulator.http.house import House
from emulator.http.server import HttpPort
from hosttools.refserver import Store
from hosttools.refserver.http.app import make_app
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.http.desk import ServerDesk
from hosttools.servers import Server
from hosttools.servers.django_otp import DjangoOtp
from hosttools.servers.launch import portal as portal_launch
from hosttools.servers.launch.privacyidea import LaunchedPrivacyIdea
from hosttools.servers.launch.radius import FreeRadius
from hosttools.servers.python import PythonServer
from hosttools.servers.reference import HttpReferenceServer, ReferenceServer
from hosttools.testing import BACKSTOP_S
from tests.hosttools.servers import real
from tests.hosttools.servers.descriptions import open_otpcheck, open_reference
from tests.hosttools.servers.fob import START_NS

T = TypeVar("T")

MakeServer = Callable[[pytest.FixtureRequest], Server]
"""Makes a server that knows no token, or those of ``fob.py`` if it can't enrol any.

It may skip the test if what it needs is missing (in CI: fail it), and ask the request for
fixtures, which clean up after it. The server itself is closed by the contract.
"""

RACED: Final[Mapping[str, str]] = dict.fromkeys(
    ["liboath", "pam_oath"], "liboath may take a code twice at once: see docs/known-servers.md"
)
"""Servers, by name, whose races are the server's own."""

ADAPTERS: Final[Mapping[str, MakeServer]] = {
    "django-otp": lambda _: DjangoOtp(throttle=0),
    "liboath": lambda _: real.liboath(),
    "pam": lambda _: real.pam(),
    "portal": lambda request: real.portal(request.getfixturevalue("portal_url")),
    "privacyidea": lambda request: real.emptied(request.getfixturevalue("privacyidea")),
    "radius": lambda request: request.getfixturevalue("freeradius").open(),
    "reference": lambda _: ReferenceServer(),
    "reference-http": lambda request: HttpReferenceServer(request.getfixturevalue("reference_url")),
    "http": lambda request: open_reference(
        request.getfixturevalue("tmp_path"), request.getfixturevalue("reference_url")
    ),
    "command": lambda request: open_otpcheck(request.getfixturevalue("tmp_path")),
    "python": lambda _: PythonServer(ReferenceServer(), "an object"),
}


@pytest.fixture(params=ADAPTERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a server of each kind."""
    with ADAPTERS[request.param](request) as made:
        yield made


@pytest.fixture(scope="session")
def privacyidea() -> Iterator[LaunchedPrivacyIdea]:
    """Start privacyIDEA, once in each process of the tests that asks for it."""
    with real.launched_privacyidea() as launched:
        yield launched


@pytest.fixture(scope="session")
def portal_url() -> Iterator[str]:
    """Start the practice portal, once in each process of the tests that asks for it."""
    with portal_launch.start() as process:
        yield process.ready[1]


@pytest.fixture
def freeradius() -> Iterator[FreeRadius]:
    """Start FreeRADIUS, with a UsersFile that is empty."""
    with real.launched_radius() as launched:
        yield launched


@pytest.fixture
def serve_app() -> Iterator[Callable[[ASGIApp, House], str]]:
    """Return a function that serves an application over HTTP, and returns its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(BACKSTOP_S)

    with ExitStack() as stack:
        stack.callback(loop.close)
        stack.callback(thread.join, BACKSTOP_S)
        stack.callback(loop.call_soon_threadsafe, loop.stop)
        stack.callback(run, loop.shutdown_default_executor())

        def make(app: ASGIApp, house: House) -> str:
            port = run(HttpPort.serve(app, house, "127.0.0.1", 0))
            stack.callback(lambda: run(port.close()))
            return port.url

        yield make


@pytest.fixture
def serve(serve_app: Callable[[ASGIApp, House], str]) -> Callable[[ServerDesk], str]:
    """Return a function that serves a reference server over HTTP, and returns its URL."""
    return lambda desk: serve_app(make_app(desk), desk)


@pytest.fixture
def reference_url(serve: Callable[[ServerDesk], str]) -> Iterator[str]:
    """Serve a reference server that knows no token, on a manual clock; return its URL."""
    with Store(":memory:") as store:
        yield serve(ServerDesk(store=store, clock=ServerClock(START_NS)))
