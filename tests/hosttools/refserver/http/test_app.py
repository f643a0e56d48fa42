"""The application is guarded as the bench's is, and describes itself."""

import httpx
import pytest

from emulator.errors import UsageError
from hosttools.errors import StateError
from hosttools.refserver import Record, Store
from hosttools.refserver.http.app import make_app
from hosttools.refserver.http.desk import ServerDesk
from tests.hosttools.refserver.http.conftest import ClientOf

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost"}, 200),
    ],
)
async def test_lets_in_who_may(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """No page of another origin, and no name that is not ours."""
    assert status == (await client.get("/policy", headers=headers)).status_code


async def test_wants_its_bearer_token(store: Store, client_of: ClientOf) -> None:
    """For everything but whether it lives."""
    client = client_of(make_app(ServerDesk(store=store, bearer="s3cret")))
    statuses = [
        (await client.get(path, headers=headers)).status_code
        for path in ("/policy", "http://localhost/healthz")
        for headers in ({}, {"Authorization": "Bearer s3cret"})
    ]

    assert [401, 200, 200, 200] == statuses


def test_an_empty_bearer_token_is_none(store: Store) -> None:
    """It would keep nobody out."""
    with pytest.raises(UsageError, match="keeps nobody out"):
        ServerDesk(store=store, bearer="")


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"code": "1"}', "text/plain", 415),
        (b'{"code": 1}', "application/json", 422),
        (b'{"code": "1", "more": 2}', "application/json", 422),
        (b'{"code": "' + b"1" * 10_001 + b'"}', "application/json", 422),
        (b" " * (1 << 20) + b" ", "application/json", 413),
        (b"\xff\xfe", "application/json", 400),
        (b'{"code": "\\ud800"}', "application/json", 422),
        (b"null", "application/json", 422),
    ],
    ids=[
        "half",
        "deep",
        "type",
        "number",
        "unknown",
        "long",
        "large",
        "no-utf8",
        "surrogate",
        "null",
    ],
)
async def test_refuses_hostile_bodies(
    client: httpx.AsyncClient, event: Record, content: bytes, content_type: str, status: int
) -> None:
    """As a problem, and never with what was sent."""
    answer = await client.post(
        f"/tokens/{event.serial}/verify", content=content, headers={"Content-Type": content_type}
    )

    assert (status, "application/problem+json") == (
        answer.status_code,
        answer.headers["Content-Type"],
    )
    assert "11111" not in answer.text


async def test_a_failed_store_is_500(
    client: httpx.AsyncClient, store: Store, event: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is wrong, as a problem."""

    def fail(serial: str) -> Record:
        raise StateError(f"{serial} is damaged")

    monkeypatch.setattr(store, "get", fail)
    answer = await client.get(f"/tokens/{event.serial}")

    assert (500, "urn:galh:state") == (answer.status_code, answer.json()["type"])


async def test_what_is_not_there_is_told(client: httpx.AsyncClient) -> None:
    """Paths and methods."""
    answers = [await client.get("/nothing"), await client.patch("/policy")]

    assert [404, 405] == [answer.status_code for answer in answers]
    assert "GET, PUT" == answers[1].headers["Allow"]


async def test_no_secret_is_in_the_description(client: httpx.AsyncClient) -> None:
    """A secret is only ever written."""
    schema = (await client.get("http://localhost/openapi.json")).json()
    holding = {
        name
        for name, model in schema["components"]["schemas"].items()
        if "secret" in model.get("properties", {})
    }

    assert {"NewToken"} == holding
    assert schema["components"]["schemas"]["NewToken"]["properties"]["secret"]["writeOnly"]
