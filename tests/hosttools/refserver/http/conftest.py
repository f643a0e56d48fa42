"""The reference server over HTTP without a network: a token, an application, a client."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI

from hosttools.refserver import Policy, Record, Store
from hosttools.refserver.http.app import make_app
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.http.desk import ServerDesk

START_NS = 1_767_225_600_000_000_000
BASE = "http://localhost"

ClientOf = Callable[[FastAPI], httpx.AsyncClient]


@pytest.fixture
def anyio_backend() -> str:
    """What tests marked ``anyio`` run on."""
    return "asyncio"


@pytest.fixture
def store(event: Record, timed: Record) -> Iterator[Store]:
    """Return a server that knows an active event token and an active time token."""
    with Store(":memory:", Policy(lock_after=3)) as made:
        made.enrol(event, START_NS)
        made.enrol(timed, START_NS)
        yield made


@pytest.fixture
def desk(store: Store) -> ServerDesk:
    """The server's desk, on a manual clock."""
    return ServerDesk(store=store, clock=ServerClock(START_NS))


@pytest.fixture
def client_of() -> ClientOf:
    """Return what makes a client of an application."""

    def make(app: FastAPI) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"{BASE}/api/v1")

    return make


@pytest.fixture
def client(desk: ServerDesk, client_of: ClientOf) -> httpx.AsyncClient:
    """A client on this machine, for tests marked ``anyio``."""
    return client_of(make_app(desk))
