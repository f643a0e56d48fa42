"""The application on a real socket of this machine."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import pytest

from emulator.annotations import Note
from emulator.bench import Bench
from emulator.errors import PortError, UsageError
from emulator.http.desk import Desk
from emulator.http.limits import Limits
from emulator.http.server import HttpPort
from hosttools.testing import BACKSTOP_S
from tests.emulator.http.asgi import seated

pytestmark = pytest.mark.anyio

SERIAL: Final = "GALH00004226"
LOOPBACK: Final = "127.0.0.1"


async def test_a_client_presses_over_the_network(desk: Desk) -> None:
    """Any free port will do; the URL says which."""
    port = await HttpPort.open(desk, LOOPBACK, 0)
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:
        answer = await client.post(
            f"/api/v1/tokens/{SERIAL}/button", json={"action": "press-and-release"}
        )
    await port.close()
    assert (200, "755224") == (answer.status_code, answer.json()["code"])
    assert port.url == f"http://127.0.0.1:{port.port}"


async def test_ipv6_is_served(desk: Desk) -> None:
    """With brackets in the URL."""
    try:
        port = await HttpPort.open(desk, "::1", 0)
    except PortError:
        pytest.skip("this machine has no IPv6")
    async with httpx.AsyncClient(timeout=BACKSTOP_S) as client:
        answer = await client.get(f"{port.url}/healthz")
    await port.close()
    assert (200, f"[::1]:{port.port}") == (answer.status_code, port.address)


async def test_signals_are_left_to_who_runs_the_loop(desk: Desk) -> None:
    """The command line has its own way to end."""
    import signal  # noqa: PLC0415  # only here

    before = signal.getsignal(signal.SIGINT)
    port = await HttpPort.open(desk, LOOPBACK, 0)
    assert before is signal.getsignal(signal.SIGINT)
    await port.close()


async def test_a_port_that_is_taken_is_told(desk: Desk) -> None:
    """With its number."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"no HTTP at 127.0.0.1 port {number}"):
            await HttpPort.open(desk, LOOPBACK, number)


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), (LOOPBACK, 70_000)])
async def test_an_address_that_is_none_is_told(desk: Desk, host: str, port: int) -> None:
    """Names and port numbers alike."""
    with pytest.raises(PortError):
        await HttpPort.open(desk, host, port)


async def test_beyond_loopback_a_bearer_token_is_required(desk: Desk) -> None:
    """Nobody listens without one."""
    with pytest.raises(UsageError, match="bearer token"):
        await HttpPort.open(desk, "0.0.0.0", 0)  # noqa: S104  # refused


async def test_with_a_bearer_token_it_listens_everywhere(bench: Bench) -> None:
    """The URL is one that works here."""
    port = await HttpPort.open(Desk(bench=bench, bearer="s3cret"), "0.0.0.0", 0)  # noqa: S104  # meant
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:
        statuses = [
            (await client.get("/api/v1/bench", headers=headers)).status_code
            for headers in ({}, {"Authorization": "Bearer s3cret"})
        ]
    await port.close()
    assert [401, 200] == statuses


# The end.


async def test_the_end_comes_at_once_for_streams_and_waits(desk: Desk) -> None:
    """A stream ends as it should; a wait is told; a second close does nothing."""
    port = await HttpPort.open(desk, LOOPBACK, 0)
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:

        async def follow() -> str:
            async with client.stream("GET", "/api/v1/events") as stream:
                return (await stream.aread()).decode()

        body = {"serial": SERIAL, "until": "lit", "patience_s": 600}
        stream = asyncio.create_task(follow())
        wait = asyncio.create_task(client.post("/api/v1/wait", json=body))
        await seated(desk.seats, 2)
        await asyncio.wait_for(port.close(), BACKSTOP_S)
        assert "event: hello" in await stream
        assert (await wait).status_code == 503
    await port.close()


async def test_a_reader_that_stopped_reading_does_not_hold_up_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the bench nor the end waits for it, and it costs no memory."""
    monkeypatch.setattr("emulator.http.server.GRACE_S", 0.01)
    desk = Desk(bench=bench)
    port = await HttpPort.open(desk, LOOPBACK, 0)
    with socket.create_connection((LOOPBACK, port.port)) as stuck:
        stuck.setblocking(False)
        loop = asyncio.get_running_loop()
        head = b"GET /api/v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        await loop.sock_sendall(stuck, head)
        await seated(desk.seats)
        text = "x" * 1_000
        for _ in range(100):
            for _ in range(200):
                bench.annotate(SERIAL, Note(bench.settled_ns, text))
            await asyncio.sleep(0)
        [connection] = port._server.server_state.connections
        assert connection.transport.get_write_buffer_size() < 2_000_000  # of 20 MB
        await asyncio.wait_for(port.close(), BACKSTOP_S)
    assert desk.seats.taken == 0


# Hostile clients.


async def raw(port: HttpPort, *pieces: bytes) -> bytes:
    """Send bytes, and return all that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), BACKSTOP_S)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_head_without_end_is_cut_off(bench: Bench) -> None:
    """However a client goes on, in many headers or in one."""
    port = await HttpPort.open(Desk(bench=bench, limits=Limits(head_bytes=4_096)), LOOPBACK, 0)
    begin = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    for piece in (b"X-Filler: 0123456789\r\n" * 50, b"X-Filler: " + b"0" * 1_000):
        answer = await raw(port, begin, *[piece] * 2_000)
        assert answer[:12] in {b"", b"HTTP/1.1 431", b"HTTP/1.1 400"}
    await port.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Filler: ",
        b"POST /api/v1/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n",
    ],
    ids=["nothing", "empty-line", "half-a-head", "half-a-body", "empty-line-after-one"],
)
async def test_a_request_that_does_not_arrive_is_not_waited_for(bench: Bench, sent: bytes) -> None:
    """Else a few thousand of them keep all others out, and need no bearer token for it."""
    port = await HttpPort.open(Desk(bench=bench, limits=Limits(request_s=0.0)), LOOPBACK, 0)
    answer = await raw(port, sent)  # ends when the connection does
    assert answer[:12] in {b"", b"HTTP/1.1 408", b"HTTP/1.1 200"}
    await port.close()


async def test_a_request_half_of_which_is_there_does_not_hold_up_the_end(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told that the bench shuts down; no traceback frightens anybody."""
    monkeypatch.setattr("emulator.http.server.GRACE_S", 0.01)
    port = await HttpPort.open(desk, LOOPBACK, 0)
    reader, writer = await asyncio.open_connection(LOOPBACK, port.port)
    head = b"POST /api/v1/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    writer.write(head + b"{")
    while not port._server.server_state.tasks:  # noqa: ASYNC110  # it tells nobody who comes
        await asyncio.sleep(0)
    await port.close()
    assert (await reader.read()).startswith(b"HTTP/1.1 503")
    assert not any(record.exc_info for record in caplog.records)
    writer.close()


async def test_what_is_not_http_is_refused(desk: Desk) -> None:
    """400, and the connection closes."""
    port = await HttpPort.open(desk, LOOPBACK, 0)
    assert (await raw(port, b"*IDN?\r\n\r\n")).startswith(b"HTTP/1.1 400")
    await port.close()


async def test_connections_beyond_the_limit_are_told_to_come_back(bench: Bench) -> None:
    """503; when others leave, it goes on."""
    port = await HttpPort.open(Desk(bench=bench, limits=Limits(connections=3)), LOOPBACK, 0)
    idle = [await asyncio.open_connection(LOOPBACK, port.port) for _ in range(3)]
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:
        while (await client.get("/healthz")).status_code != 503:
            pass
        for _, writer in idle:
            writer.close()
        while (await client.get("/healthz")).status_code != 200:
            pass
    await port.close()


async def test_a_flood_on_one_connection_does_not_stop_the_bench(desk: Desk) -> None:
    """Thousands of requests in one go are answered in order; others get their turn."""
    port = await HttpPort.open(desk, LOOPBACK, 0)
    request = b"GET /api/v1/clock HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    flood = asyncio.create_task(raw(port, request * 500 + last))
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:
        assert (await client.get("/healthz")).status_code == 200
    assert (await flood).count(b"HTTP/1.1 200 OK") == 501
    await port.close()


# TLS.


@pytest.fixture
def certificate(tmp_path: Path, require_tool: Callable[[str], str]) -> Path:
    """A self-signed certificate with its key."""
    key, path = tmp_path / "key.pem", tmp_path / "bench.pem"
    subprocess.run(
        f"{require_tool('openssl')} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
        f" -nodes -days 30 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
        f" -keyout {key} -out {path}".split(),
        check=True,
        capture_output=True,
    )
    path.write_bytes(key.read_bytes() + path.read_bytes())
    return path


async def test_tls_is_possible(desk: Desk, certificate: Path) -> None:
    """The URL says https; key and certificate may be in one file."""
    port = await HttpPort.open(desk, LOOPBACK, 0, certificate=certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with httpx.AsyncClient(verify=trusting, timeout=BACKSTOP_S) as client:
        answer = await client.get(f"{port.url}/healthz")
    await port.close()
    assert ("https", 200) == (port.url.partition(":")[0], answer.status_code)


async def test_a_certificate_that_is_none_is_told(desk: Desk, tmp_path: Path) -> None:
    """With its path; and nobody listens."""
    for content in (b"", None):
        path = tmp_path / "none.pem"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UsageError, match=r"no TLS with .*none\.pem"):
            await HttpPort.open(desk, LOOPBACK, 0, certificate=path)
