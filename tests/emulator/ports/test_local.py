"""The registry of tokens of this process."""

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import BusyError, PortError
from emulator.ports.local import LocalPort, connect, publish, published, withdraw
from hosttools.testing import BACKSTOP_S

if TYPE_CHECKING:
    from tests.emulator.ports.conftest import Bench

SERIAL = "GALH00000042"


def test_published_until_withdrawn() -> None:
    """A serial number is there under its normal form, and gone after."""
    publish("galh 0000-0099", socket.socket)
    assert "GALH00000099" in published()

    withdraw("GALH 0000 0099")
    withdraw("GALH 0000 0099")

    assert "GALH00000099" not in published()


def test_a_serial_number_is_published_once() -> None:
    """Two benches of a process can't serve the same token."""
    publish(SERIAL, socket.socket)
    with pytest.raises(BusyError, match=SERIAL):
        publish(SERIAL, socket.socket)
    withdraw(SERIAL)


@pytest.mark.parametrize("url", [f"galh://{SERIAL}", "GALH://galh-0000 0042/"])
def test_a_url_connects_as_people_type_it(bench: "Bench", url: str) -> None:
    """Scheme and serial in any case, with separators."""
    bench.local(SERIAL)
    client = connect(url)
    client.settimeout(BACKSTOP_S)
    client.send(b"hello\n")
    assert b"hello\n" == client.recv(100)
    client.close()


def test_every_connection_has_its_own_consumer(bench: "Bench") -> None:
    """Two clients at once don't hear each other, and leave one by one."""
    port = bench.local(SERIAL)
    first, second = connect(port.url), connect(port.url)
    for client, line in ((first, b"one\n"), (second, b"two\n")):
        client.settimeout(BACKSTOP_S)
        client.send(line)
    assert [b"one\n", b"two\n"] == [first.recv(100), second.recv(100)]

    first.close()
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 1)

    assert 0 == bench.nth(1).hang_ups
    assert 1 == bench.call(lambda: port.connections)
    second.close()


def test_closing_withdraws_and_hangs_up(bench: "Bench") -> None:
    """Clients read the end of the stream, and new ones are told that it is gone."""
    port = bench.local(SERIAL)
    client = connect(port.url)
    client.settimeout(BACKSTOP_S)

    bench.call(port.close)
    bench.call(port.close)

    assert b"" == client.recv(1)
    with pytest.raises(PortError):
        connect(port.url)
    client.close()


def test_hanging_up_leaves_the_port(bench: "Bench") -> None:
    """All clients read the end of the stream, and the next one is served."""
    port = bench.local(SERIAL)
    clients = [connect(port.url) for _ in range(2)]
    bench.nth(1)

    bench.call(port.hang_up)

    for client in clients:
        client.settimeout(BACKSTOP_S)
        assert b"" == client.recv(1)
        client.close()
    with connect(port.url) as client:
        client.settimeout(BACKSTOP_S)
        client.send(b"next\n")
        assert b"next\n" == client.recv(100)


def test_an_unknown_serial_is_told_what_there_is(bench: "Bench") -> None:
    """The error lists this process's tokens and names the port for those of others."""
    bench.local(SERIAL)
    with pytest.raises(PortError, match=rf"no token GALH1 .*{SERIAL}.*galh serve"):
        connect("galh://GALH1")


def test_a_bench_that_ended_is_said_to_have_ended() -> None:
    """A loop that is closed, with its port still published, is no mystery."""
    loop = asyncio.new_event_loop()
    port = LocalPort(loop, SERIAL, lambda _write: pytest.fail("no loop to make it in"))
    loop.close()
    with pytest.raises(PortError, match="has ended"):
        connect(port.url)
    port.close()


@given(st.text() | st.text().map("galh://".__add__))
def test_no_url_raises_anything_else(url: str) -> None:
    """Whatever is not a published token is a port error."""
    with pytest.raises(PortError):
        connect(url)
