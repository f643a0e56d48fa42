"""Who gets in."""

import asyncio
import json
from collections.abc import Callable
from typing import Final

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.http.limits import Limits
from firmware_model import GALH, Secret, configure
from tests.emulator.http.asgi import LOCALHOST, Answer, ask, scope_of

pytestmark = pytest.mark.anyio

BENCH: Final = "/api/v1/bench"
PRESS: Final = "/api/v1/tokens/GALH00004226/button"
DISPLAY_PNG: Final = "/api/v1/tokens/GALH00004226/display.png"
MakeClient = Callable[..., httpx.AsyncClient]


async def asked(app: FastAPI, *headers: tuple[str, str], path: str = BENCH) -> Answer:
    """Return the answer to a GET with these headers."""
    return await ask(app, scope_of(path, headers=[(k.encode(), v.encode()) for k, v in headers]))


# Host and Origin.


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.8.9.1", "[::1]:8080", "[::1]"]
)
async def test_loopback_names_are_ours(app: FastAPI, host: str) -> None:
    """This machine is always one of our names, at any port: there may be a tunnel."""
    assert (await asked(app, ("host", host))).status == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1"]
)
async def test_another_name_is_refused(app: FastAPI, host: str) -> None:
    """A name that was rebound to this machine gets nothing, not even liveness."""
    for path in (BENCH, "/", "/healthz"):
        answer = await asked(app, ("host", host), path=path)
        assert answer.status == 421
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_request_without_host_is_refused(app: FastAPI) -> None:
    """HTTP/1.0 knows no Host; then nobody can tell."""
    assert (await asked(app)).status == 421


async def test_two_hosts_are_refused(app: FastAPI) -> None:
    """Which one would count?"""
    assert (await asked(app, ("host", "localhost"), ("host", "evil.example"))).status == 400


async def test_a_configured_name_is_ours(bench: Bench) -> None:
    """A bench may be served under names of its own."""
    app = make_app(Desk(bench=bench, hosts=frozenset({"Bench.Example"})))
    assert (await asked(app, ("host", "bench.example:8080"))).status == 200


async def test_our_own_origin_may_read_and_press(client: httpx.AsyncClient) -> None:
    """That is the page."""
    answer = await client.post(
        PRESS, json={"action": "press-and-release"}, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost:3000", "null", "localhost", "file://localhost", ""],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", BENCH), ("POST", PRESS), ("GET", "/api/v1/events")]
)
async def test_another_origin_may_not_even_read(
    client: httpx.AsyncClient, origin: str, method: str, path: str
) -> None:
    """Pages of other sites, other ports included, have no business here."""
    answer = await client.request(
        method, path, json={"action": "press-and-release"}, headers={"Origin": origin}
    )
    assert answer.status_code == 403


async def test_there_are_no_cors_headers(client: httpx.AsyncClient) -> None:
    """A preflight is told nothing."""
    answer = await client.options(
        PRESS, headers={"Origin": "http://localhost", "Access-Control-Request-Method": "POST"}
    )
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", [BENCH, "/nowhere", "/healthz", "/", "/metrics"])
async def test_every_answer_is_told_to_be_careful(client: httpx.AsyncClient, path: str) -> None:
    """What it is called is what it is, and it is for our own pages only."""
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/", "/page/style.css", "/page/js/app.js", "/page/icon.svg", "/metrics", DISPLAY_PNG]
)
async def test_what_a_browser_shows(client: httpx.AsyncClient, path: str) -> None:
    """No foreign scripts, no frames, no sniffing, no referrer."""
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


async def test_frames_of_chosen_pages(desk: Desk) -> None:
    """Only pages of the origins that were named, and our own, may show ours in a frame."""
    desk.framers = frozenset({"http://127.0.0.1:8090"})
    headers = (await asked(make_app(desk), ("host", "localhost"), path="/")).headers
    policy = headers["content-security-policy"]

    assert policy.endswith("; frame-ancestors 'self' http://127.0.0.1:8090")
    assert "x-frame-options" not in headers


async def test_nothing_of_the_api_is_kept_by_a_browser(client: httpx.AsyncClient) -> None:
    """A code may be in it."""
    assert (await client.get(BENCH)).headers["cache-control"] == "no-store"


# The bearer token.


@pytest.fixture
def locked(bench: Bench) -> FastAPI:
    """An application that wants a bearer token."""
    return make_app(Desk(bench=bench, bearer="s3cret"))


@pytest.mark.parametrize("given", ["", "s3cret", "Bearer", "Bearer ", "Bearer wrong", "Basic czM="])
async def test_without_the_bearer_token_nothing_is_told(locked: FastAPI, given: str) -> None:
    """The answer says what is wanted, and never what was given."""
    answer = await asked(locked, ("host", "localhost"), ("authorization", given))
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert b"wrong" not in answer.body


@pytest.mark.parametrize("given", ["Bearer s3cret", "bearer s3cret"])
async def test_the_bearer_token_opens(locked: FastAPI, given: str) -> None:
    """The scheme's case does not count."""
    answer = await asked(locked, ("host", "localhost"), ("authorization", given))
    assert answer.status == 200


async def test_liveness_and_the_page_need_no_bearer_token(locked: FastAPI) -> None:
    """The page asks for it; figures and the description need it."""
    paths = ("/healthz", "/page/geometry.json", "/metrics", "/openapi.json")
    statuses = [(await asked(locked, ("host", "localhost"), path=path)).status for path in paths]
    assert [200, 200, 401, 401] == statuses


def test_a_desk_does_not_tell_its_bearer_token(bench: Bench) -> None:
    """Not in its repr."""
    assert "s3cret" not in repr(Desk(bench=bench, bearer="s3cret"))


# Sizes and rates.


JSON: Final = (b"content-type", b"application/json")


@pytest.fixture
def small(bench: Bench) -> FastAPI:
    """An application that takes 100 bytes."""
    return make_app(Desk(bench=bench, limits=Limits(body_bytes=100)))


async def test_a_body_that_says_it_is_too_large_is_refused(small: FastAPI) -> None:
    """Before any of it is read."""
    headers = [*LOCALHOST, JSON, (b"content-length", b"101")]
    answer = await ask(small, scope_of(PRESS, "POST", headers), [b""])
    assert answer.status == 413
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("length", [(), ((b"content-length", b"5"),)])
async def test_a_body_that_does_not_say_is_cut_off(
    small: FastAPI, length: tuple[tuple[bytes, bytes], ...]
) -> None:
    """Chunked, or a lie: what comes is counted."""
    headers = [*LOCALHOST, JSON, (b"transfer-encoding", b"chunked"), *length]
    answer = await ask(small, scope_of(PRESS, "POST", headers), [b" " * 60] * 3)
    assert answer.status == 413


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"0x10", b"9" * 30])
async def test_a_length_that_is_no_number_is_refused(small: FastAPI, length: bytes) -> None:
    """Parsers disagree about those."""
    answer = await ask(small, scope_of(BENCH, "GET", [*LOCALHOST, (b"content-length", length)]))
    assert answer.status == 400


async def test_a_client_that_floods_has_to_wait(bench: Bench) -> None:
    """It is told for how long; others are not held up, and this machine never is."""
    app = make_app(Desk(bench=bench, limits=Limits(burst=3, rate_per_s=0.001)))
    far = scope_of(BENCH, client="10.0.0.7")
    answers = [await ask(app, dict(far)) for _ in range(4)]
    assert [200, 200, 200, 429] == [answer.status for answer in answers]
    assert int(answers[-1].headers["retry-after"]) in range(990, 1002)
    assert (await ask(app, scope_of(BENCH, client="10.0.0.8"))).status == 200
    assert [200] * 10 == [(await ask(app, scope_of(BENCH))).status for _ in range(10)]


async def test_this_machine_can_be_held_to_the_rate_too(bench: Bench) -> None:
    """If it is configured."""
    limits = Limits(burst=1, rate_per_s=0.001, rate_on_loopback=True)
    app = make_app(Desk(bench=bench, limits=limits))
    assert [200, 429] == [(await ask(app, scope_of(BENCH))).status for _ in range(2)]


@pytest.mark.parametrize("media_type", ["application/json", "text/plain"])
async def test_a_client_that_leaves_in_the_middle_is_no_failure(
    app: FastAPI, caplog: pytest.LogCaptureFixture, media_type: str
) -> None:
    """Whichever way its press would have gone."""
    headers = [*LOCALHOST, (b"content-type", media_type.encode())]
    scope = scope_of(PRESS, "POST", [*headers, (b"content-length", b"100")])
    arriving: list[Message] = [
        {"type": "http.request", "body": b'{"act', "more_body": True},
        {"type": "http.disconnect"},
    ]
    told: list[Message] = []

    async def receive() -> Message:
        return arriving.pop(0)

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    assert 500 not in {message.get("status") for message in told}
    assert not caplog.records


@pytest.mark.parametrize("name", ["host", "origin", "idempotency-key"])
async def test_a_header_that_counts_comes_once(app: FastAPI, name: str) -> None:
    """An empty one counts too."""
    values = {"host": "localhost", "origin": "http://localhost", "idempotency-key": "key"}
    twice = [(name, ""), (name, values[name])]
    others = [] if name == "host" else [("host", "localhost")]
    answer = await asked(app, *others, *twice)
    assert (400, f"two {name} headers; one is allowed") == (
        answer.status,
        json.loads(answer.body)["detail"],
    )


async def test_websockets_are_not_served(app: FastAPI) -> None:
    """Nothing answers; the server closes them."""
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    await app({**scope_of("/api/v1/events"), "type": "websocket"}, receive, send)
    assert not sent


# Anything at all.


PATHS: Final = [
    BENCH,
    PRESS,
    "/api/v1/tokens",
    "/api/v1/wait",
    "/api/v1/clock",
    "/api/v1/clock/advance",
    "/api/v1/journal",
    "/page/../app.py",
    "/metrics",
]
VALUES: Final = st.binary(max_size=40).filter(lambda value: not set(value) & {10, 13, 0})
NAMES: Final = st.sampled_from(
    b"host origin authorization content-length content-type accept idempotency-key"
    b" last-event-id transfer-encoding if-none-match expect".split()
)
SCALARS: Final = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS: Final = st.sampled_from(
    ["action", "times", "hold_ms", "serial", "until", "after", "rate", "ns", "seconds", "timeout_s"]
)
DOCUMENTS: Final = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


@given(
    path=st.sampled_from(PATHS),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "BREW"]),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=4),
    bodies=st.lists(st.binary(max_size=50) | DOCUMENTS, min_size=1, max_size=3),
    usual=st.booleans(),
)
def test_nothing_that_is_sent_is_our_failure(
    path: str, method: str, headers: list[tuple[bytes, bytes]], bodies: list[bytes], *, usual: bool
) -> None:
    """Whatever headers and bodies say: an answer, never one of the 500s."""
    bench = Bench(VirtualClock(1_767_225_600_000_000_000))
    bench.open(configure("GALH00004226", GALH, Secret(b"12345678901234567890")))
    app = make_app(Desk(bench=bench, limits=Limits(body_bytes=120)))
    given = [*LOCALHOST, JSON, *headers] if usual else headers
    answer = asyncio.run(ask(app, scope_of(path, method, given), bodies))
    assert answer.status in {*range(200, 500)}
