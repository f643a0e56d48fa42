"""SocketPort: a connection is a client."""

import socket
from typing import TYPE_CHECKING

from emulator.ports.stream import SocketPort
from hosttools.testing import BACKSTOP_S

if TYPE_CHECKING:
    from tests.emulator.ports.conftest import Bench


def connect(bench: "Bench") -> tuple[SocketPort, socket.socket]:
    """Serve one end of a socketpair and return the other."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(BACKSTOP_S)
    port = bench.call(lambda: SocketPort(bench.thread.loop, ours, bench.consumer, url="test://"))
    return port, theirs


def test_lines_are_answered(bench: "Bench") -> None:
    """Bytes go in, answers come out."""
    port, client = connect(bench)
    client.send(b"hello\n")
    assert b"hello\n" == client.recv(100)
    bench.call(port.close)
    client.close()


def test_a_client_that_closes_hangs_up(bench: "Bench") -> None:
    """What it sent before counts, what it held is released, once."""
    port, client = connect(bench)
    echo = bench.nth(0)
    client.send(b"hold\nha")
    client.close()

    echo.wait_for(lambda echo: echo.hang_ups == 1)
    bench.call(port.close)

    assert (1, [b"hold"], b"") == (echo.hang_ups, echo.lines, echo.half)


def test_closing_ends_the_client_s_stream(bench: "Bench") -> None:
    """The client reads the end, and the consumer hears of it."""
    port, client = connect(bench)
    bench.call(port.close)
    assert b"" == client.recv(1)
    assert 1 == bench.nth(0).hang_ups
    client.close()


def test_a_client_that_resets_is_only_gone(bench: "Bench") -> None:
    """A TCP reset is an end like another."""
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    ours, _ = listener.accept()
    listener.close()
    bench.call(lambda: SocketPort(bench.thread.loop, ours, bench.consumer, url="tcp://"))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    client.close()

    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 1)
