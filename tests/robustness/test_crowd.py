"""A thousand clients that connect and leave: memory and descriptors come back."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

import pytest

from hosttools.seedfiles import sample
from hosttools.testing import Serving
from tests.robustness.crowd import Line, Weight, connect, request, told, until, weigh

SERIAL: Final = "GALH00004226"
CLIENTS: Final = 1_000
CROWDS: Final = 6
"""That may come until one leaves nothing behind."""

AT_ONCE: Final = 50
"""Fewer than a TCP port has places."""

MEMORY_KB: Final = 8_192
"""Of a thousand clients: what Python and the kernel keep for the next ones, and no more."""


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    """Serve a token over TCP and HTTP."""
    with Serving(
        *("--seeds", sample("rfc4226.csv"), "--no-pty", "--clock", "manual"),
        *("--tcp", "127.0.0.1:0", "--rfc2217", "127.0.0.1:0", "--http", "127.0.0.1:0"),
    ) as served:
        yield served


def tcp(served: Serving) -> socket.socket:
    """Come, ask, and get an answer."""
    sock = connect(served.port(kind="tcp"))
    sock.sendall(b"*OPC?\nBUTT:STAT?\nhalf a li")
    assert told(sock, b"0\n") == b"1\n0\n"
    return sock


def rfc2217(served: Serving) -> socket.socket:
    """Come and ask, without any negotiation."""
    sock = connect(served.port(kind="rfc2217"))
    sock.sendall(b"BUTT:STAT?\n")
    told(sock, b"0\n")
    return sock


def http(served: Serving) -> socket.socket:
    """Ask, and leave the connection open."""
    sock = connect(served.http)
    sock.sendall(request("/api/v1/clock"))
    told(sock, b'"manual"')
    return sock


def events(served: Serving) -> socket.socket:
    """Follow what happens."""
    sock = connect(served.http)
    sock.sendall(request("/api/v1/events"))
    told(sock, b"event: hello")
    return sock


def waiting(served: Serving) -> socket.socket:
    """Wait for somebody else, and leave while waiting."""
    sock = connect(served.http)
    body = b'{"serial": "GALH00004226", "until": "lit", "patience_s": 600}'
    sock.sendall(request("/api/v1/wait", "POST", body))
    return sock


def half(served: Serving) -> socket.socket:
    """Begin a request, and leave."""
    sock = connect(served.http)
    sock.sendall(b"POST /api/v1/tokens/GALH00004226/button HTTP/1.1\r\nHost: local")
    return sock


Come = Callable[[Serving], socket.socket]


def crowd(served: Serving, come: Come, clients: int) -> None:
    """Let clients come and leave, some at once, every other one without a word."""
    for _ in range(clients // AT_ONCE):
        there = [come(served) for _ in range(AT_ONCE)]
        for number, sock in enumerate(there):
            if number % 2:
                # A reset instead of an end: as of a process that was killed.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.close()


def descriptors_are_back(served: Serving, line: Line, before: Weight) -> None:
    """Return once all descriptors are given back."""

    def so() -> bool:
        assert line.ask("GET", "/healthz")[0] == 200
        return weigh(served.process.pid).descriptors <= before.descriptors

    until(so)


@pytest.mark.parametrize("come", [tcp, rfc2217, http, events, waiting, half])
def test_a_thousand_clients_come_and_leave(served: Serving, come: Come) -> None:
    """However they come: all descriptors are given back, and nearly all memory."""
    with closing(Line(served.http)) as line:
        line.ask("GET", "/healthz")
        empty = weigh(served.process.pid)
        grown: list[int] = []
        # The first crowds leave what is made once and stays; what leaks, every crowd leaves.
        while not grown or (grown[-1] >= MEMORY_KB and len(grown) < CROWDS):
            before = weigh(served.process.pid)
            crowd(served, come, CLIENTS)
            descriptors_are_back(served, line, empty)
            grown.append(weigh(served.process.pid).resident_kb - before.resident_kb)
        assert grown[-1] < MEMORY_KB, grown
        assert line.press(SERIAL, come.__name__)[0] == 200


def test_a_thousand_are_there_at_once(served: Serving) -> None:
    """All of them are connected at the same time, and get their answers; then all leave."""
    with closing(Line(served.http)) as line:
        line.ask("GET", "/healthz")
        before = weigh(served.process.pid)
        there = [connect(served.http) for _ in range(CLIENTS)]
        for sock in there:
            sock.sendall(request("/healthz"))
        for sock in there:
            assert told(sock, b'"ok"}').startswith(b"HTTP/1.1 200 ")
        assert weigh(served.process.pid).descriptors >= before.descriptors + CLIENTS
        for sock in there:
            sock.close()
        descriptors_are_back(served, line, before)
