"""A bench over HTTP without a network: two tokens, an application, a client."""

from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.faults import FaultPlan, arm
from emulator.http.app import make_app
from emulator.http.desk import Desk
from firmware_model import GALH, GALT, Secret, configure

START_NS: Final = 1_767_225_600_000_000_000
SECRET: Final = Secret(b"12345678901234567890")
BASE: Final = "http://localhost"


@pytest.fixture
def anyio_backend() -> str:
    """What tests marked ``anyio`` run on: the bench lives in asyncio's loop."""
    return "asyncio"


@pytest.fixture
def bench() -> Bench:
    """A bench on a manual clock with an event token and a time token."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(configure("GALH00004226", GALH, SECRET))
    bench.open(configure("GALT00006238", GALT, SECRET))
    bench.faults = arm(bench, FaultPlan())
    return bench


@pytest.fixture
def desk(bench: Bench) -> Desk:
    """The bench's desk, with nothing attached."""
    return Desk(bench=bench)


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    """The application."""
    return make_app(desk)


@pytest.fixture
def client_of() -> Callable[..., httpx.AsyncClient]:
    """Return what makes a client of any application; settings are httpx's."""

    def make(app: FastAPI, **settings: Any) -> httpx.AsyncClient:  # noqa: ANN401  # httpx's own
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE, **settings)

    return make


@pytest.fixture
def client(app: FastAPI, client_of: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    """A client on this machine, for tests marked ``anyio``."""
    return client_of(app)
