"""A port on the network: who may listen where, and who may come."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import PortError, UsageError
from emulator.ports.base import Client, Consumer, MakeConsumer, Write
from emulator.ports.tcp import TcpServer, parse_address
from hosttools.testing import BACKSTOP_S
from tests.emulator.ports.conftest import Bench

Serve: TypeAlias = Callable[..., TcpServer]


@pytest.fixture
def clients() -> list[Client]:
    """Who came, in order."""
    return []


@pytest.fixture
def serve(bench: Bench, clients: list[Client]) -> Iterator[Serve]:
    """Serve echoes at an address, and close what was served."""
    servers: list[TcpServer] = []

    def welcome(client: Client) -> MakeConsumer:
        clients.append(client)
        return bench.consumer

    def make(host: str = "127.0.0.1", port: int = 0, **settings: int) -> TcpServer:
        server = bench.call(lambda: TcpServer(bench.thread.loop, welcome, host, port, **settings))  # type: ignore[arg-type]  # limit and unsafe
        servers.append(server)
        return server

    yield make
    for server in servers:
        bench.call(server.close)


def connect(server: TcpServer) -> socket.socket:
    """Connect as a client does."""
    return socket.create_connection(parse_address(server.address), BACKSTOP_S)


def ask(client: socket.socket, line: bytes) -> bytes:
    """Send a line, and read as much back."""
    client.sendall(line)
    answer = b""
    while len(answer) < len(line) and (data := client.recv(len(line))):
        answer += data
    return answer


def is_closed(client: socket.socket) -> bool:
    """Whether the server hung up."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


# Listening


def test_it_listens_on_loopback_at_a_free_port(serve: Serve) -> None:
    """And says where, and as what pyserial opens it."""
    server = serve()
    host, port = parse_address(server.address)
    assert ("127.0.0.1", True) == (host, port > 0)
    assert f"socket://127.0.0.1:{port}" == server.url


def test_ipv6_loopback_is_loopback(serve: Serve) -> None:
    """Its address is in brackets, as URLs want it."""
    try:
        server = serve("::1")
    except PortError:
        pytest.skip("this machine has no IPv6")
    assert server.address.startswith("[::1]:")
    with connect(server) as client:
        assert b"hello\n" == ask(client, b"hello\n")


def test_a_name_that_is_loopback_will_do(serve: Serve) -> None:
    """Of localhost it is IPv4, which most clients try first."""
    assert serve("localhost").address.startswith("127.0.0.1:")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - what is refused
def test_elsewhere_only_if_that_is_meant(serve: Serve, host: str) -> None:
    """The error says why, and what to do instead."""
    with pytest.raises(UsageError, match=r"no log-in.*ssh -L 5025:127\.0\.0\.1:5025"):
        serve(host, 5025)


def test_unsafe_means_elsewhere(serve: Serve) -> None:
    """All addresses of the machine, then."""
    server = serve("0.0.0.0", unsafe=True)  # noqa: S104 - what is tested
    assert server.address.startswith("0.0.0.0:")


def test_a_port_that_is_taken_is_a_port_error(serve: Serve) -> None:
    """With what to do next."""
    _, port = parse_address(serve().address)
    with pytest.raises(PortError, match=rf"127\.0\.0\.1:{port}: .*choose another port, or 0"):
        serve(port=port)


def test_an_address_of_another_machine_is_a_port_error(serve: Serve) -> None:
    """192.0.2.1 is nobody's (RFC 5737)."""
    with pytest.raises(PortError, match=r"no such address; use 127\.0\.0\.1"):
        serve("192.0.2.1", unsafe=True)


@pytest.mark.parametrize("host", ["no such host", "x" * 70 + ".invalid", "\ud800"])
def test_a_name_that_is_none_is_a_port_error(serve: Serve, host: str) -> None:
    """Whatever the resolver says of it."""
    with pytest.raises(PortError, match="can't listen"):
        serve(host)


@pytest.mark.parametrize("settings", [{"port": -1}, {"port": 65_536}, {"limit": 0}])
def test_settings_out_of_range_are_refused(serve: Serve, settings: dict[str, int]) -> None:
    """Before anything listens."""
    with pytest.raises(UsageError):
        serve(**settings)


@pytest.mark.parametrize("text", ["", "host", "::1", "::1:5025", "1:2:3", "h:-1", "h:1e3", "h:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """An IPv6 address needs its brackets."""
    with pytest.raises(UsageError, match="looks like"):
        parse_address(text)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    """It is an address, or a usage error."""
    try:
        host, port = parse_address(text)
    except UsageError:
        return
    assert host
    assert port >= 0


# Clients


def test_each_connection_is_a_client_of_its_own(
    serve: Serve, bench: Bench, clients: list[Client]
) -> None:
    """Named by where it comes from; two don't hear each other, and leave one by one."""
    server = serve()
    with connect(server) as second:
        with connect(server) as first:
            assert [b"one\n", b"two\n"] == [ask(first, b"one\n"), ask(second, b"two\n")]
            names = {"tcp {}:{}".format(*client.getsockname()) for client in (first, second)}
        by_line = {echo.lines[0]: echo for echo in bench.consumers}
        by_line[b"one"].wait_for(lambda echo: echo.hang_ups == 1)

        assert 0 == by_line[b"two"].hang_ups
        assert 1 == bench.call(lambda: server.connections)
        assert names == {client.name for client in clients}


def test_one_client_too_many_is_turned_away(serve: Serve, bench: Bench) -> None:
    """Those that are there stay, and when one leaves there is room again."""
    server = serve(limit=2)
    with connect(server) as first:
        ask(first, b"one\n")
        with connect(server) as second:
            ask(second, b"two\n")
            with connect(server) as third:
                assert is_closed(third)
        bench.nth(1).wait_for(lambda echo: echo.hang_ups == 1)
        with connect(server) as third:
            assert b"three\n" == ask(third, b"three\n")
        assert b"one\n" == ask(first, b"one\n")


def test_a_consumer_can_end_its_connection(bench: Bench) -> None:
    """From inside a feed, as it does when a web page calls."""

    class Closing:
        backlog = 0

        def __init__(self, client: Client) -> None:
            self.client = client
            self.hang_ups = 0

        def feed(self, _: bytes, /) -> None:
            self.client.close()

        def hang_up(self) -> None:
            self.hang_ups += 1

    made: list[Closing] = []

    def welcome(client: Client) -> MakeConsumer:
        def make(_: Write) -> Consumer:
            made.append(Closing(client))
            return made[-1]

        return make

    server = bench.call(lambda: TcpServer(bench.thread.loop, welcome))
    with connect(server) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        assert is_closed(client)
    bench.call(server.close)
    assert [1] == [closing.hang_ups for closing in made]


def test_closing_hangs_up_and_listens_no_more(serve: Serve, bench: Bench) -> None:
    """A second time it does nothing."""
    server = serve()
    address = parse_address(server.address)
    with connect(server) as client:
        ask(client, b"hello\n")
        bench.call(server.close)
        bench.call(server.close)
        assert is_closed(client)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, BACKSTOP_S)


def test_hanging_up_leaves_the_port(serve: Serve, bench: Bench) -> None:
    """The next client is served."""
    server = serve()
    with connect(server) as client:
        ask(client, b"hello\n")
        bench.call(server.hang_up)
        assert is_closed(client)
    with connect(server) as client:
        assert b"again\n" == ask(client, b"again\n")


def test_clients_that_reset_at_the_door_harm_nobody(serve: Serve) -> None:
    """They connect and vanish before they are accepted."""
    server = serve()
    for _ in range(20):
        client = connect(server)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    with connect(server) as client:
        assert b"hello\n" == ask(client, b"hello\n")


def test_a_client_whose_machine_vanished_is_asked_for(serve: Serve) -> None:
    """The kernel's keep-alive timer runs on the connection, and asks after half a minute."""
    server = serve()
    with connect(server) as client:
        ends = [f":{port:04X}" for _, port in (client.getpeername(), client.getsockname())]
        table = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = [row.split() for row in table]
    ((kind, _, when),) = [
        row[5].partition(":") for row in rows if [row[1][-5:], row[2][-5:]] == ends
    ]
    assert "02" == kind
    assert int(when, 16) <= 30 * 100  # in hundredths of a second


def test_without_descriptors_it_waits_and_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It doesn't spin: accepting is tried again a little later."""
    server = bench.call(lambda: TcpServer(bench.thread.loop, lambda _: bench.consumer))
    real = socket.socket.accept
    failures = [OSError(24, "Too many open files")]

    def accept(sock: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise failures.pop()
        return real(sock)

    monkeypatch.setattr(socket.socket, "accept", accept)
    monkeypatch.setattr("emulator.ports.tcp._RETRY_S", 0.0)
    with connect(server) as client:
        assert b"hello\n" == ask(client, b"hello\n")
    assert [] == failures
    bench.call(server.close)


def test_a_consumer_that_can_t_be_made_costs_no_place(bench: Bench) -> None:
    """The client is turned away, and the next one can come."""

    def fail(_: Client) -> MakeConsumer:
        raise UsageError("no such token any more")

    errors: list[object] = []
    bench.call(lambda: bench.thread.loop.set_exception_handler(lambda _, c: errors.append(c)))
    server = bench.call(lambda: TcpServer(bench.thread.loop, fail))
    with connect(server) as client:
        assert is_closed(client)
    assert 0 == bench.call(lambda: server.connections)
    bench.call(server.close)
    assert 1 == len(errors)


def test_it_needs_no_thread_and_no_running_loop() -> None:
    """It is made and closed in whatever thread has the loop."""
    loop = asyncio.new_event_loop()
    server = TcpServer(loop, lambda _: pytest.fail("nobody came"))
    server.close()
    loop.close()
    assert "" == server.address
