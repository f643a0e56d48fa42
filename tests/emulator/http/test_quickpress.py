"""The short way to the button does what the long way does."""

from typing import Any, Final

import httpx
import pytest

from emulator.http.desk import Desk
from emulator.http.quickpress import QuickPress

pytestmark = pytest.mark.anyio

PRESS: Final = "/api/v1/tokens/{}/button"
SHORT: Final = {"Content-Type": "application/json"}
LONG: Final = {"Content-Type": "application/json; charset=utf-8"}
BODIES: Final = [
    b'{"action": "press-and-release"}',
    b'{"action": "press-and-release", "times": 2, "hold_ms": 50}',
    b'{"action": "press"}',
    b'{"action": "press", "times": 2}',
    b'{"action": "press-and-release", "times": "2"}',
    b'{"action": "press-and-release", "times": 0}',
    b'{"action": "shake"}',
    b"{}",
    b"[]",
    b"null",
    b"{",
    b"",
    b"\xff",
]


async def both(desk: Desk, client: httpx.AsyncClient, serial: str, body: bytes) -> list[Any]:
    """Return what both ways answer, each to a token in the same state."""
    answers = []
    for headers in (SHORT, LONG):
        answer = await client.post(PRESS.format(serial), content=body, headers=headers)
        told = answer.json()
        answers.append((answer.status_code, answer.headers["content-type"], {*told} - {"errors"}))
        desk.bench.up("GALH00004226")
        desk.bench.advance(60_000_000_000)
    return answers


@pytest.mark.parametrize("body", BODIES)
async def test_both_ways_answer_alike(desk: Desk, client: httpx.AsyncClient, body: bytes) -> None:
    """Status, type and fields are the same, for what is right and for what is wrong."""
    short, long = await both(desk, client, "GALH00004226", body)
    assert long == short


async def test_both_ways_know_the_same_tokens(desk: Desk, client: httpx.AsyncClient) -> None:
    """404 for one that is not there."""
    short, long = await both(desk, client, "GALH99999999", BODIES[0])
    assert long == short
    assert short[0] == 404


@pytest.mark.parametrize(
    ("method", "headers", "is_short"),
    [
        ("POST", [(b"content-type", b"application/json")], True),
        ("POST", [(b"content-type", b"application/json"), (b"idempotency-key", b"1")], False),
        ("POST", [(b"content-type", b"text/plain")], False),
        ("POST", [], False),
        ("GET", [(b"content-type", b"application/json")], False),
    ],
)
def test_what_is_unusual_goes_the_long_way(
    method: str, headers: list[tuple[bytes, bytes]], *, is_short: bool
) -> None:
    """Only a plain press takes the short one."""
    scope = {
        "type": "http",
        "method": method,
        "path": PRESS.format("GALH00004226"),
        "headers": headers,
    }
    assert is_short == (QuickPress("/api/v1").matches(scope)[0].name == "FULL")
