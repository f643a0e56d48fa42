"""The portal's face without a network: an application, browsers, and programs."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from hosttools.portal import Portal, open_portal
from hosttools.portal.http.app import make_app
from hosttools.portal.http.desk import PortalDesk
from hosttools.portal.practice import PEOPLE
from tests.hosttools.portal.http.surfing import BASE, SECRET_HEX, SERIAL, Surfer

ApiOf = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def anyio_backend() -> str:
    """What tests marked ``anyio`` run on."""
    return "asyncio"


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """Return the routes, which take long to make, for whatever desk a test gives them."""
    with open_portal(fill=False) as nobodys:
        return make_app(PortalDesk(portal=nobodys))


@pytest.fixture
def app(application: FastAPI, portal: Portal) -> FastAPI:
    """The application."""
    application.state.desk = PortalDesk(portal=portal)
    return application


@pytest.fixture
def client_of(app: FastAPI) -> Callable[[], httpx.AsyncClient]:
    """Return what makes another client, which knows nothing of the others."""

    def make() -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE, follow_redirects=True)

    return make


@pytest.fixture
def surfer(client_of: Callable[[], httpx.AsyncClient]) -> Surfer:
    """Somebody who is not logged in."""
    return Surfer(client_of())


@pytest.fixture
def another(client_of: Callable[[], httpx.AsyncClient]) -> Surfer:
    """Somebody else, at a browser of their own."""
    return Surfer(client_of())


@pytest.fixture
def api_of(client_of: Callable[[], httpx.AsyncClient]) -> ApiOf:
    """Return what logs a program in."""

    async def log_in(name: str) -> httpx.AsyncClient:
        password = next(p.password for p in PEOPLE if p.account.name == name)
        client = client_of()
        client.base_url = f"{BASE}/api/v1"
        opened = await client.post("/session", json={"name": name, "password": password})
        client.headers["Authorization"] = f"Bearer {opened.json()['token']}"
        return client

    return log_in


@pytest.fixture
async def support(api_of: ApiOf) -> httpx.AsyncClient:
    """A program at the support desk."""
    return await api_of("support")


@pytest.fixture
async def fob(support: httpx.AsyncClient) -> str:
    """Return the serial number of a token in the hand of dr.adams, not added yet."""
    token = {"serial": SERIAL, "type": "event", "secret": SECRET_HEX}
    answer = await support.post(
        "/support/tokens", json={"tokens": [token], "holder": "dr.adams", "reason": "a test"}
    )
    assert 201 == answer.status_code, answer.text
    return SERIAL
