"""Telnet with a serial port in it: what clients negotiate, and what they throw at it."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import serial
from hypothesis import example, given
from hypothesis import strategies as st
from serial import rfc2217

from emulator.ports.base import Client, Consumer, MakeConsumer, Write
from emulator.ports.rfc2217 import SIGNATURE, Rfc2217Server, telnet
from hosttools.testing import BACKSTOP_S

if TYPE_CHECKING:
    from tests.emulator.ports.conftest import Bench

# pyserial 3.5 calls Thread.setDaemon and setName.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

IAC, SB, SE = rfc2217.IAC, rfc2217.SB, rfc2217.SE
PORT_OPTION = rfc2217.COM_PORT_OPTION

TELNET = st.lists(
    st.sampled_from([IAC, SB, SE, IAC + SB, IAC + SE, IAC + SB + PORT_OPTION, b"\r", b"\n", b"\0"])
    | st.sampled_from([rfc2217.DO, rfc2217.DONT, rfc2217.WILL, rfc2217.WONT, rfc2217.BINARY])
    | st.integers(0, 255).map(lambda byte: bytes([byte]))
    | st.binary(max_size=8),
    max_size=40,
).map(b"".join)


def sub(option: bytes, value: bytes = b"") -> bytes:
    """Return a subnegotiation as a client sends it."""
    return IAC + SB + PORT_OPTION + option + value + IAC + SE


class Wire:
    """Telnet with both ends in hand: what the client reads, and what came inside."""

    def __init__(self) -> None:
        self.read = bytearray()
        self.inside = bytearray()
        self.hang_ups = 0
        self.answer: Write = self.read.extend
        loop = asyncio.new_event_loop()
        self.consumer = telnet(loop, self._make)(self.read.extend)
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        self.offer = self.take()

    def _make(self, write: Write) -> Consumer:
        self.answer = write
        wire = self

        class Inside:
            backlog = 0

            def feed(self, data: bytes) -> None:
                wire.inside += data

            def hang_up(self) -> None:
                wire.hang_ups += 1

        return Inside()

    def take(self) -> bytes:
        """Return what the client read since the last time."""
        read = bytes(self.read)
        self.read.clear()
        return read

    def say(self, data: bytes) -> bytes:
        """Send it, and return what the client reads."""
        self.consumer.feed(data)
        return self.take()


@pytest.fixture
def wire() -> Wire:
    """Negotiated so far as the port offers its options."""
    return Wire()


@pytest.fixture
def server(bench: "Bench") -> Iterator[Rfc2217Server]:
    """Serve echoes."""
    server = bench.call(lambda: Rfc2217Server(bench.thread.loop, lambda _: bench.consumer))
    yield server
    bench.call(server.close)


# The protocol


def test_it_offers_its_options_at_once(wire: Wire) -> None:
    """RFC 2217 and binary among them."""
    assert IAC + rfc2217.WILL + PORT_OPTION in wire.offer
    assert IAC + rfc2217.DO + rfc2217.BINARY in wire.offer


def test_lines_pass_through(wire: Wire) -> None:
    """Without their telnet."""
    wire.say(b"BUTT:" + IAC + rfc2217.NOP + b"PRES?\n")
    assert b"BUTT:PRES?\n" == wire.inside


def test_a_byte_255_is_doubled_on_the_wire(wire: Wire) -> None:
    """Both ways."""
    wire.say(b"a\xff\xffb\n")
    assert b"a\xffb\n" == wire.inside
    wire.answer(b"c\xffd\n")
    assert b"c\xff\xffd\n" == wire.take()


def test_telnet_s_padding_is_dropped(wire: Wire) -> None:
    """A person's telnet ends lines with CR NUL, unless both have agreed on binary."""
    wire.say(b"*IDN?\r\0")
    assert b"*IDN?\r" == wire.inside
    wire.say(IAC + rfc2217.WILL + rfc2217.BINARY + b"\0\n")
    assert b"*IDN?\r\0\n" == wire.inside


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (sub(b"\x01", b"\0\0\x25\x80"), sub(b"\x65", b"\0\0\x25\x80")),
        (sub(b"\x01", b"\0\0\0\0"), sub(b"\x65", b"\0\x01\xc2\0")),
        (sub(b"\x02", b"\x07"), sub(b"\x66", b"\x07")),
        (sub(b"\x02", b"\x09"), sub(b"\x66", b"\x08")),
        (sub(b"\x03", b"\x03"), sub(b"\x67", b"\x03")),
        (sub(b"\x04", b"\x02"), sub(b"\x68", b"\x02")),
        (sub(b"\x05", b"\x03"), sub(b"\x69", b"\x03")),
        (sub(b"\x05", b"\x04"), sub(b"\x69", b"\x06")),
        (sub(b"\x05", b"\x07"), sub(b"\x69", b"\x08")),
        (sub(b"\x05", b"\x0a"), sub(b"\x69", b"\x0b")),
        (sub(b"\x05", b"\x0d"), sub(b"\x69", b"\x0e")),
        (sub(b"\x05", b"\x10"), sub(b"\x69", b"\x0e")),
        (sub(b"\x0a", b"\x10"), sub(b"\x6e", b"\x10")),
        (sub(b"\x0b", b"\xff\xff"), sub(b"\x6f", b"\xff\xff")),
        (sub(b"\x06"), sub(b"\x6a", b"\0")),
        (sub(b"\x0c", b"\x03"), sub(b"\x70", b"\x03")),
        (sub(b"\x00"), sub(b"\x64", SIGNATURE)),
    ],
)
def test_what_rfc_2217_asks_is_answered(wire: Wire, asked: bytes, answered: bytes) -> None:
    """Settings with what is set, states with what they are, masks with themselves."""
    assert answered == wire.say(asked)


def test_settings_are_remembered(wire: Wire) -> None:
    """DTR as the client last set it."""
    wire.say(sub(b"\x05", b"\x09"))
    assert sub(b"\x69", b"\x09") == wire.say(sub(b"\x05", b"\x07"))


def test_modem_lines_are_on(wire: Wire) -> None:
    """CTS, DSR and CD; nobody rings."""
    answer = wire.say(sub(b"\x07"))
    on = rfc2217.MODEMSTATE_MASK_CTS | rfc2217.MODEMSTATE_MASK_DSR | rfc2217.MODEMSTATE_MASK_CD
    assert answer.startswith(IAC + SB + PORT_OPTION + b"\x6b")
    assert on == answer[4] & 0xF0


def test_a_purge_drops_half_a_line(wire: Wire) -> None:
    """Whole lines before it have arrived."""
    wire.say(b"*CLS\nBUTT:PR" + sub(b"\x0c", b"\x02") + b"*IDN?\n")
    assert b"*CLS\n*IDN?\n" == wire.inside


def test_hanging_up_drops_half_a_line(wire: Wire) -> None:
    """The consumer inside hears of it."""
    wire.say(b"BUTT:PR")
    wire.consumer.hang_up()
    wire.say(b"*IDN?\n")
    assert (b"*IDN?\n", 1) == (bytes(wire.inside), wire.hang_ups)


@pytest.mark.parametrize(
    "junk",
    [
        IAC + SE,
        IAC + SB + IAC + SE,
        sub(b""),
        *(sub(bytes([option])) for option in range(1, 14)),
        *(sub(bytes([option]), b"\xfe") for option in range(1, 14)),
        sub(b"\x01", b"\0" * 100),
    ],
)
def test_malformed_telnet_is_passed_over(wire: Wire, junk: bytes) -> None:
    """The line after it arrives."""
    wire.say(junk + b"*IDN?\n")
    assert b"*IDN?\n" == wire.inside


def test_memory_is_bounded(wire: Wire) -> None:
    """By a subnegotiation without an end, and by a line without one."""
    for start in (IAC + SB, b""):
        endless = Wire()
        endless.say(start)
        for _ in range(100):
            endless.say(b"x" * 4096)
        kept = endless.consumer._half, endless.consumer._manager.suboption  # type: ignore[attr-defined]  # no other way to see them
        assert all(len(part or b"") <= 8192 for part in kept)
    assert b"" == wire.inside


@given(st.lists(TELNET, max_size=4))
@example([IAC + SE])
def test_no_bytes_raise(chunks: list[bytes]) -> None:
    """However they are cut; and a client that goes on in order is understood again."""
    wire = Wire()
    for chunk in chunks:
        wire.say(chunk)
    wire.say(b"x" + IAC + SE + b"\n")  # ends whatever was begun
    wire.inside.clear()
    wire.say(b"*IDN?\n")
    assert wire.inside.endswith(b"*IDN?\n")


@given(TELNET, st.integers(0, 400))
def test_it_makes_no_difference_how_bytes_are_cut(data: bytes, place: int) -> None:
    """The network cuts where it likes."""
    whole, cut = Wire(), Wire()
    once = whole.say(data)
    twice = cut.say(data[:place]) + cut.say(data[place:])
    assert (once, whole.inside) == (twice, cut.inside)


# Real clients


def test_pyserial_opens_it_as_a_serial_port(bench: "Bench", server: Rfc2217Server) -> None:
    """It sets what it likes, sees the modem lines, and talks."""
    assert server.url.startswith("rfc2217://127.0.0.1:")
    with serial.serial_for_url(server.url, baudrate=9600, parity="E", timeout=BACKSTOP_S) as port:
        port.write(b"hello\n")
        assert b"hello\n" == port.read(6)
        assert (True, True, True, False) == (port.cts, port.dsr, port.cd, port.ri)
        port.baudrate = 57_600
        port.dtr = False
        port.reset_input_buffer()
        port.write(b"\xff\xfe\n")
        assert b"\xff\xfe\n" == port.read(3)
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 1)


def test_serialx_opens_it(server: Rfc2217Server) -> None:
    """It waits for what pyserial's own port manager never acknowledges."""
    serialx = pytest.importorskip("serialx")

    async def talk() -> bytes:
        reader, writer = await serialx.open_serial_connection(server.url, baudrate=115_200)
        writer.write(b"hello\n")
        answer: bytes = await asyncio.wait_for(reader.readline(), BACKSTOP_S)
        writer.close()
        with contextlib.suppress(Exception):
            await writer.wait_closed()
        return answer

    assert b"hello\n" == asyncio.run(talk())


def test_clients_are_many_and_named(bench: "Bench") -> None:
    """Each negotiates for itself."""
    names: list[str] = []

    def welcome(client: Client) -> MakeConsumer:
        names.append(client.name)
        return bench.consumer

    server = bench.call(lambda: Rfc2217Server(bench.thread.loop, welcome))
    answers: list[bytes] = []

    def talk(line: bytes) -> None:
        with serial.serial_for_url(server.url, timeout=BACKSTOP_S) as port:
            port.write(line)
            answers.append(port.read(len(line)))

    threads = [threading.Thread(target=talk, args=(line,)) for line in (b"one\n", b"two\n")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BACKSTOP_S)
    bench.call(server.close)
    assert [b"one\n", b"two\n"] == sorted(answers)
    assert [True, True] == [name.startswith("rfc2217 127.0.0.1:") for name in names]
