"""All kinds of port at once, on real tokens: nobody disturbs anybody, and the journal knows who."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

import pytest
import pyvisa
import serial
from pyvisa.resources import MessageBasedResource

from emulator.annotations import Connected, Disconnected, Traffic
from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.journal import Record
from emulator.ports.local import LocalPort
from emulator.ports.pty import PtyPort
from emulator.ports.rfc2217 import Rfc2217Server
from emulator.ports.tcp import TcpServer, parse_address
from emulator.runner import Runner
from emulator.scpi.session import Session
from emulator.scpi.welcome import sessions
from firmware_model import GALH, Secret, configure
from firmware_model.stimuli import Edge
from hosttools.testing import BACKSTOP_S

# pyserial 3.5 calls Thread.setDaemon and setName.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

START_NS = 1_767_225_600_000_000_000
SERIAL, OTHER = "GALH00004226", "GALH00004227"
FIRST_CODE = b'"755224"\n'  # RFC 4226 appendix D
KINDS = ("pty", "tcp", "rfc2217", "galh")


@pytest.fixture
def runner() -> Iterator[Runner]:
    """A bench of two tokens whose clock stands still until a test lets it run."""

    def make_bench() -> Bench:
        bench = Bench(VirtualClock(START_NS))
        for name in (SERIAL, OTHER):
            bench.open(configure(name, GALH, Secret(b"12345678901234567890")))
        return bench

    with Runner(make_bench) as runner:
        yield runner


def serve(runner: Runner, stack: contextlib.ExitStack, name: str | None) -> dict[str, str]:
    """Serve a token, or all, on every kind of port; return what pyserial opens."""
    loop, bench = runner.loop, runner.bench
    makers: dict[str, Callable[[], PtyPort | LocalPort | TcpServer]] = {
        "pty": lambda: PtyPort(loop, partial(Session, bench, name, client="pty")),
        "tcp": lambda: TcpServer(loop, sessions(bench, name)),
        "rfc2217": lambda: Rfc2217Server(loop, sessions(bench, name)),
    }
    if name is not None:
        galh = partial(Session, bench, name, client="galh", connection=True)
        makers["galh"] = lambda: LocalPort(loop, name, galh)
    urls = {}
    for kind, make in makers.items():
        port = runner.call(make)
        stack.callback(runner.call, port.close)
        urls[kind] = port.url
    return urls


@pytest.fixture
def urls(runner: Runner) -> Iterator[dict[str, str]]:
    """Every kind of port of one token."""
    with contextlib.ExitStack() as stack:
        yield serve(runner, stack, SERIAL)


@pytest.fixture
def multiplexed(runner: Runner) -> Iterator[dict[str, str]]:
    """Every kind of port that speaks for both tokens."""
    with contextlib.ExitStack() as stack:
        yield serve(runner, stack, None)


def open_port(url: str) -> serial.SerialBase:
    """Open it as a user does."""
    port: serial.SerialBase = serial.serial_for_url(url, timeout=BACKSTOP_S)
    return port


def ask(port: serial.SerialBase, line: bytes) -> bytes:
    """Send a line and read one."""
    port.write(line + b"\n")
    return bytes(port.read_until(b"\n"))


def test_one_presses_while_the_others_wait(runner: Runner, urls: dict[str, str]) -> None:
    """Each reads its own answers; the presser gets the code, whoever it is."""
    with contextlib.ExitStack() as stack:
        clients = {kind: stack.enter_context(open_port(url)) for kind, url in urls.items()}
        runner.call(lambda: runner.bench.set_rate(Fraction(1000)))
        for round_, presser in enumerate(KINDS):
            others = [port for kind, port in clients.items() if kind != presser]
            for port in others:
                assert b"1\n" == ask(port, b"*OPC?\nDISP:WAIT? LIT,1E6")
            code = ask(clients[presser], b"BUTT:PRES?")
            assert (b'"', 9) == (code[:1], len(code))
            assert [b"1\n"] * 3 == [port.read_until(b"\n") for port in others]
            for port in clients.values():
                assert b"1\n" == ask(port, b"DISP:WAIT? DARK,1E6")
            assert b"%d\n" % (round_ + 1) == ask(clients[presser], b"TOK:COUN?")
        assert {b'0,"No error"\n'} == {ask(port, b"SYST:ERR?") for port in clients.values()}


def test_the_journal_says_who_did_what(runner: Runner, urls: dict[str, str]) -> None:
    """Which client pressed, said what and left; no code is in it."""
    codes = []
    for url in urls.values():
        with open_port(url) as port:
            codes.append(ask(port, b"BUTT:PRES?"))
            ask(port, b"DISP:WAIT? DARK,60")

    def heard() -> list[Record]:
        return [record for record in runner.bench.journal.since(0) if record.serial == SERIAL]

    records = runner.call(heard)
    pressers = [r.by for r in records if isinstance(r.event, Edge) and r.event.closed]
    assert list(KINDS) == [by.partition(" ")[0] for by in pressers]
    for by in pressers:
        events = [r.event for r in records if getattr(r.event, "port", None) == by]
        lines = [event.line for event in events if isinstance(event, Traffic)]
        assert ["BUTT:PRES?", '"······"', "DISP:WAIT? DARK,60", "1"] == lines
        connections = [type(e) for e in events if isinstance(e, Connected | Disconnected)]
        assert ([] if by == "pty" else [Connected]) == connections[:1]
    assert all(code.strip(b'"\n').decode() not in repr(records) for code in codes)


def test_a_button_that_one_left_down_is_up_for_all(runner: Runner, urls: dict[str, str]) -> None:
    """Whoever held it; those that stay see that."""
    with open_port(urls["tcp"]) as watcher:
        for kind in KINDS:
            with open_port(urls[kind]) as port:
                assert b"1\n" == ask(port, b"BUTT:DOWN;STAT?")
                assert b"1\n" == ask(watcher, b"BUTT:STAT?")
            while ask(watcher, b"BUTT:STAT?") != b"0\n":
                pass
    assert not runner.call(lambda: runner.bench.look(SERIAL).pressed)


@pytest.mark.parametrize("kind", ["pty", "tcp", "rfc2217"])
def test_a_multiplexed_port_speaks_for_all_tokens(
    runner: Runner, multiplexed: dict[str, str], kind: str
) -> None:
    """On every kind of port; each press is its token's."""
    with open_port(multiplexed[kind]) as port:
        assert f'"{SERIAL}","{OTHER}"\n'.encode() == ask(port, b"INST:CAT?")
        for name in (SERIAL, OTHER):
            assert FIRST_CODE == ask(port, f"INST:SEL {name};:BUTT:PRES?".encode())
    counters = [runner.bench.look(name).counter for name in (SERIAL, OTHER)]
    assert [1, 1] == counters


def test_clients_of_a_multiplexed_port_select_for_themselves(multiplexed: dict[str, str]) -> None:
    """Each connection has a token of its own."""
    with open_port(multiplexed["tcp"]) as first, open_port(multiplexed["rfc2217"]) as second:
        first.write(f"INST:SEL {SERIAL}\n".encode())
        second.write(f"INST:SEL {OTHER}\n".encode())
        assert f'"{OTHER}"\n'.encode() == ask(second, b"TOK:SER?")
        assert f'"{SERIAL}"\n'.encode() == ask(first, b"TOK:SER?")


def test_pyvisa_speaks_to_it_over_tcp(urls: dict[str, str]) -> None:
    """As to any instrument with a socket."""
    host, port = parse_address(urls["tcp"].removeprefix("socket://"))
    manager = pyvisa.ResourceManager("@py")
    instrument = manager.open_resource(
        f"TCPIP::{host}::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )
    assert isinstance(instrument, MessageBasedResource)
    instrument.timeout = BACKSTOP_S * 1000
    assert instrument.query("*IDN?").split(",")[2] == SERIAL
    assert FIRST_CODE.decode().strip() == instrument.query("BUTT:PRES?")
    instrument.close()
    manager.close()


def test_a_web_page_presses_nothing(runner: Runner, urls: dict[str, str]) -> None:
    """Its connection is closed at the first line, what follows is thrown away."""
    for kind in ("tcp", "rfc2217"):
        address = parse_address(urls[kind].partition("://")[2])
        with socket.create_connection(address, BACKSTOP_S) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nBUTT:PRES\r\n")
            with contextlib.suppress(ConnectionResetError):
                while client.recv(4096):
                    pass
    assert 0 == runner.call(lambda: runner.bench.look(SERIAL).counter)


def test_a_crowd_that_comes_and_goes_harms_nobody(runner: Runner, urls: dict[str, str]) -> None:
    """Half lines, held buttons, resets: the client that stays is answered as before."""
    address = parse_address(urls["tcp"].removeprefix("socket://"))
    with open_port(urls["tcp"]) as steady:
        for number in range(1000):
            with socket.create_connection(address, BACKSTOP_S) as client:
                client.sendall((b"BUTT:DOWN\n", b"*ID", b"", b"\xff" * 100)[number % 4])
            if number % 100 == 0:
                assert b"1\n" == ask(steady, b"*OPC?")
        while ask(steady, b"BUTT:STAT?") != b"0\n":
            pass
        assert b'0,"No error"\n' == ask(steady, b"SYST:ERR?")
    assert runner.failure is None


@pytest.mark.parametrize("kind", ["tcp", "rfc2217"])
def test_a_client_that_floods_and_never_reads_is_stopped(
    runner: Runner, urls: dict[str, str], kind: str
) -> None:
    """The kernel takes no more of it, and the others are answered meanwhile."""
    address = parse_address(urls[kind].partition("://")[2])
    with socket.create_connection(address, BACKSTOP_S) as flood, open_port(urls["tcp"]) as steady:
        for size in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            flood.setsockopt(socket.SOL_SOCKET, size, 16_384)
        flood.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            for _ in range(10_000):
                flood.sendall(b"SYST:HELP:HEAD?\n" * 256)
            pytest.fail("40 MB of questions were taken from a client that reads no answer")
        assert b"1\n" == ask(steady, b"*OPC?")
    assert runner.failure is None
