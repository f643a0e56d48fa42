"""The server's policy, clock and health over HTTP."""

import dataclasses
from collections.abc import Callable

import httpx
import pytest

from hosttools.refserver import Policy, Record, Store
from hosttools.refserver.http.app import make_app
from hosttools.refserver.http.desk import ServerDesk
from tests.hosttools.refserver.http.conftest import START_NS, ClientOf

pytestmark = pytest.mark.anyio


async def test_tells_its_policy(client: httpx.AsyncClient, store: Store) -> None:
    """Every setting, by its name."""
    assert dataclasses.asdict(store.policy) == (await client.get("/policy")).json()


async def test_takes_another_policy(
    client: httpx.AsyncClient, store: Store, event: Record, code: Callable[[int], str]
) -> None:
    """It counts from the next code on; what is left out has its default."""
    answer = await client.put("/policy", json={"look_ahead": 50})
    judged = await client.post(f"/tokens/{event.serial}/verify", json={"code": code(60)})

    assert dataclasses.asdict(Policy(look_ahead=50)) == answer.json()
    assert Policy(look_ahead=50) == store.policy
    assert judged.json()["accepted"]


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"look_ahead": 2_000}, 409),
        ({"look_ahead": -1}, 422),
        ({"look_ahead": True}, 422),
        ({"track_drift": 1}, 422),
        ({"windows": 10}, 422),
    ],
)
async def test_refuses_a_policy_that_can_not_be(
    client: httpx.AsyncClient, store: Store, settings: dict[str, object], status: int
) -> None:
    """Out of range, of another type, unknown, or in contradiction to itself."""
    before = store.policy
    answer = await client.put("/policy", json=settings)

    assert (status, before) == (answer.status_code, store.policy)


async def test_a_manual_clock_goes_where_it_is_put(client: httpx.AsyncClient) -> None:
    """Forward, and back."""
    for now_ns in (START_NS + 10**18, 0):
        answer = await client.put("/clock", json={"now_ns": now_ns})
        assert {"now_ns": now_ns, "mode": "manual"} == answer.json()
        assert answer.json() == (await client.get("/clock")).json()


async def test_the_hosts_clock_can_not_be_set(store: Store, client_of: ClientOf) -> None:
    """409, and what to start the server with."""
    client = client_of(make_app(ServerDesk(store=store)))
    answer = await client.put("/clock", json={"now_ns": 0})

    assert (409, True) == (answer.status_code, "--clock manual:" in answer.json()["detail"])
    assert "real" == (await client.get("/clock")).json()["mode"]


async def test_says_whether_it_lives(client: httpx.AsyncClient, store: Store) -> None:
    """As long as its tokens can be read."""
    lives = await client.get("http://localhost/healthz")
    store.close()
    dead = await client.get("http://localhost/healthz")

    assert (200, {"status": "ok"}) == (lives.status_code, lives.json())
    assert 200 != dead.status_code
