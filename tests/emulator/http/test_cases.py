"""Cases over HTTP, whoever takes them."""

import json
from collections.abc import Callable, Sequence

import httpx
import pytest

from emulator.errors import UsageError
from emulator.http.desk import Desk

pytestmark = pytest.mark.anyio

PATH = "/api/v1/case"
FILE = b'{"format": "galh-case", "version": 1, "content": {}, "sha256": ""}\n'


class Taker:
    """Takes a case of nothing, and notes what it was asked for."""

    def __init__(self, refusal: str = "", late: str = "") -> None:
        self.asked: list[object] = []
        self._refusal, self._late = refusal, late

    def take(
        self, serials: Sequence[str] | None, *, since: int | None, title: str, note: str
    ) -> Callable[[], bytes]:
        """Note it."""
        self.asked = [serials, since, title, note]
        if self._refusal:
            raise UsageError(self._refusal)
        return self._make

    def _make(self) -> bytes:
        if self._late:
            raise UsageError(self._late)
        return FILE


async def test_file_comes_as_it_is(client: httpx.AsyncClient, desk: Desk) -> None:
    """The file's very bytes are the answer."""
    desk.cases = taker = Taker()
    body = {"tokens": ["GALH00004226"], "since": 7, "title": "zu oft gedr\u00fcckt", "note": "a\nb"}
    answer = await client.post(PATH, json=body)

    assert (200, FILE) == (answer.status_code, answer.content)
    assert "application/json" == answer.headers["content-type"]
    assert list(body.values()) == taker.asked
    assert 200 == (await client.post(PATH, json={})).status_code
    assert [None, None, "", ""] == taker.asked
    assert (await client.get("/api/v1/capabilities")).json()["cases"]


async def test_nobody_takes_any(client: httpx.AsyncClient) -> None:
    """Without who takes them there are none, and the capabilities say so."""
    answer = await client.post(PATH, json={})

    assert 409 == answer.status_code
    assert "takes no cases" in answer.json()["detail"]
    assert not (await client.get("/api/v1/capabilities")).json()["cases"]


@pytest.mark.parametrize("taker", [Taker("too long ago"), Taker(late="too large")])
async def test_case_that_can_not_be(client: httpx.AsyncClient, desk: Desk, taker: Taker) -> None:
    """What the journal doesn't tell any more, and what is too large, is a conflict."""
    desk.cases = taker
    answer = await client.post(PATH, json={})

    assert 409 == answer.status_code
    assert answer.json()["detail"] in {"too long ago", "too large"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"tokens": ["GALH99999999"]}, 404),
        ({"tokens": []}, 422),
        ({"since": 0}, 422),
        ({"title": "x" * 201}, 422),
        ({"own_secrets": True}, 422),
    ],
)
async def test_wrong_request(
    client: httpx.AsyncClient, desk: Desk, body: dict[str, object], status: int
) -> None:
    """A request that can't be is refused before anything is taken; secrets can't be asked for."""
    desk.cases = taker = Taker()

    answer = await client.post(PATH, content=json.dumps(body), headers=JSON)
    assert status == answer.status_code
    assert [] == taker.asked


JSON = {"content-type": "application/json"}
