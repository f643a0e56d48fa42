"""Clients that send without end, or read nothing: the others are answered, the limits hold."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Final

import httpx
import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.http.desk import Desk
from emulator.http.limits import Limits
from emulator.http.server import HttpPort
from emulator.ports.tcp import DEFAULT_LIMIT
from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving
from tests.robustness.crowd import Line, connect, request, told, until, weigh

SERIAL: Final = "GALH00004226"
MEMORY_KB: Final = 65_536
"""What a flood may take at most: the journal's share, which tells of it, included."""

MOST: Final = 64 << 20
"""Bytes that would be in memory, if they were taken: more than kernel and limits let through."""

STUCK: Final = 200
"""Answers to others during which a client could send nothing: nobody takes it any more."""


@pytest.fixture
def served() -> Iterator[Serving]:
    """Serve a token over TCP and HTTP."""
    with Serving(
        *("--seeds", sample("rfc4226.csv"), "--no-pty", "--clock", "manual"),
        *("--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0"),
    ) as served:
        yield served


@pytest.fixture
def other(served: Serving) -> Iterator[socket.socket]:
    """Another client, on TCP."""
    with connect(served.port(kind="tcp")) as sock:
        yield sock


@pytest.fixture
def line(served: Serving) -> Iterator[Line]:
    """Another client, over HTTP."""
    with closing(Line(served.http)) as line:
        line.ask("GET", "/healthz")
        yield line


def others_are_answered(other: socket.socket, line: Line) -> None:
    """Ask on both ports."""
    other.sendall(b"*OPC?\n")
    assert other.recv(16) == b"1\n"
    assert line.ask("GET", f"/api/v1/tokens/{SERIAL}")[0] == 200


def flood(sock: socket.socket, data: bytes, other: socket.socket, line: Line) -> int:
    """Send the same over and over without reading, while others ask.

    Returns:
        Bytes that were taken until nobody took any more, or :data:`MOST`.
    """
    sock.setblocking(False)
    piece = data * (65_536 // len(data) + 1)
    sent = stuck = 0
    rest = b""
    while sent < MOST and stuck < STUCK:
        try:
            rest = rest or piece
            count = sock.send(rest)
            sent, stuck, rest = sent + count, 0, rest[count:]
        except BlockingIOError:
            stuck += 1
            others_are_answered(other, line)
    return sent


def test_queries_without_end(served: Serving, other: socket.socket, line: Line) -> None:
    """A client that asks and reads nothing is read no further; what it asked is answered."""
    before = weigh(served.process.pid)
    with connect(served.port(kind="tcp")) as sock:
        assert flood(sock, b"*IDN?\n", other, line) < MOST
        assert weigh(served.process.pid).resident_kb - before.resident_kb < MEMORY_KB
        sock.setblocking(True)
        assert told(sock, b"\n").startswith(b"GALH-EMULATOR,")
    others_are_answered(other, line)


def test_a_line_without_end(served: Serving, other: socket.socket, line: Line) -> None:
    """It is read and thrown away, reported once, and the next line is answered."""
    before = weigh(served.process.pid)
    with connect(served.port(kind="tcp")) as sock:
        assert flood(sock, b"BUTT:PRES", other, line) >= MOST
        assert weigh(served.process.pid).resident_kb - before.resident_kb < MEMORY_KB
        sock.setblocking(True)
        sock.sendall(b"\nSYST:ERR?\nSYST:ERR?\n")
        assert b'-363,"Input buffer overrun' in told(sock, b'0,"No error"')
    others_are_answered(other, line)


@pytest.mark.full
def test_thousands_of_presses_in_one_go(served: Serving, other: socket.socket, line: Line) -> None:
    """One client presses as fast as it can; each of the others still gets its own answer."""
    with connect(served.port(kind="tcp")) as sock:
        sock.sendall(b"BUTT:PRES;:CLOC:ADV 31;*OPC?\n" * 5_000)
        for _ in range(STUCK):
            others_are_answered(other, line)
        assert line.press(SERIAL, "mine")[0] == 200


def test_more_clients_than_places(served: Serving, line: Line) -> None:
    """Who comes too many is hung up on; who is there is answered, and a place gets free."""
    place = served.port(kind="tcp")
    with ExitStack() as stack:
        there = [stack.enter_context(connect(place)) for _ in range(DEFAULT_LIMIT)]
        for sock in there:
            sock.sendall(b"*OPC?\n")
            assert told(sock, b"\n") == b"1\n"
        with connect(place) as late:
            assert hung_up(late)
        others_are_answered(there[0], line)

    def free() -> bool:
        with connect(place) as sock:
            sock.sendall(b"*OPC?\n")
            return not hung_up(sock)

    until(free)


def hung_up(sock: socket.socket) -> bool:
    """Whether the first that comes is the end."""
    try:
        return sock.recv(16) == b""
    except ConnectionResetError:
        return True


def test_requests_without_end(served: Serving, other: socket.socket, line: Line) -> None:
    """A client that asks over HTTP and reads nothing is read no further."""
    before = weigh(served.process.pid)
    with connect(served.http) as sock:
        assert flood(sock, request("/openapi.json"), other, line) < MOST
        assert weigh(served.process.pid).resident_kb - before.resident_kb < MEMORY_KB
    others_are_answered(other, line)


def test_answers_that_nobody_reads_are_few(served: Serving, line: Line) -> None:
    """Requests wait in the kernel, not in the process, however small they are."""
    before = weigh(served.process.pid)
    with connect(served.http) as sock, connect(served.port(kind="tcp")) as other:
        assert flood(sock, request("/healthz"), other, line) < MOST
        assert weigh(served.process.pid).resident_kb - before.resident_kb < MEMORY_KB


def send_on(sock: socket.socket, piece: bytes) -> None:
    """Send the same over and over, up to :data:`MOST`."""
    for _ in range(MOST // len(piece)):
        sock.sendall(piece)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 10000000000\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_a_body_without_end(served: Serving, other: socket.socket, line: Line, head: bytes) -> None:
    """413, and nobody reads the rest; announced or not."""
    with connect(served.http) as sock:
        sock.sendall(b"POST /api/v1/wait HTTP/1.1\r\nHost: localhost\r\n")
        sock.sendall(b"Content-Type: application/json\r\n" + head)
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        with pytest.raises(ConnectionError):
            send_on(sock, chunk)  # until they have enough
        # A reset may take the answer along, with the rest that nobody read.
        with contextlib.suppress(ConnectionResetError):
            assert b"" == sock.recv(12).removeprefix(b"HTTP/1.1 413")
    others_are_answered(other, line)


def test_streams_without_end(served: Serving, other: socket.socket, line: Line) -> None:
    """There are seats for so many streams; one more is told to come again: 503."""
    with ExitStack() as stack:
        for _ in range(Limits().streams):
            sock = stack.enter_context(connect(served.http))
            sock.sendall(request("/api/v1/events"))
            told(sock, b"event: hello")
        late = stack.enter_context(connect(served.http))
        late.sendall(request("/api/v1/events"))
        answer = told(late, b"as many as are allowed")
        assert (True, True) == (answer.startswith(b"HTTP/1.1 503 "), b"retry-after: 1" in answer)
        others_are_answered(other, line)


@pytest.fixture
def anyio_backend() -> str:
    """What a bench lives in."""
    return "asyncio"


@pytest.mark.anyio
async def test_requests_that_come_too_fast() -> None:
    """429, and when to come again; whoever heeds that is answered."""
    limits = Limits(rate_on_loopback=True, burst=20, rate_per_s=1e-6)
    port = await HttpPort.open(Desk(bench=Bench(VirtualClock(0)), limits=limits), "127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=port.url, timeout=BACKSTOP_S) as client:
        answers = [await client.get("/api/v1/bench") for _ in range(25)]
    await port.close()
    assert [200] * 20 + [429] * 5 == [answer.status_code for answer in answers]
    assert int(answers[-1].headers["retry-after"]) > 0
