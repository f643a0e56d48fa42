"""galh:// in pyserial: the timeouts and refusals of a real port."""

import asyncio
import select
import threading
import time
from collections.abc import Iterator

import pytest
import pyvisa
import serial
from pyvisa.resources import SerialInstrument

from emulator.ports.urlhandler.protocol_galh import Serial
from hosttools.testing import BACKSTOP_S
from tests.emulator.ports.conftest import Bench

SERIAL = "GALH00000042"
URL = f"galh://{SERIAL}"


@pytest.fixture(autouse=True)
def _handler(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = [*serial.protocol_handler_packages, "emulator.ports.urlhandler"]
    monkeypatch.setattr(serial, "protocol_handler_packages", packages)


@pytest.fixture
def port(bench: Bench) -> Iterator[Serial]:
    """Give an open port to an echoing token."""
    bench.local(SERIAL)
    with serial.serial_for_url(URL, timeout=BACKSTOP_S, write_timeout=BACKSTOP_S) as opened:
        assert isinstance(opened, Serial)
        yield opened


def test_lines_are_answered(port: Serial) -> None:
    """The usual way of asking works."""
    assert 6 == port.write(b"*IDN?\n")
    assert b"*IDN?\n" == port.read_until()


def test_two_connections_are_two_clients(port: Serial) -> None:
    """Each gets its own answers."""
    with serial.serial_for_url(URL, timeout=BACKSTOP_S) as other:
        port.write(b"one\n")
        other.write(b"two\n")
        assert [b"two\n", b"one\n"] == [other.read_until(), port.read_until()]


def test_closing_hangs_up_and_it_opens_again(port: Serial, bench: Bench) -> None:
    """The same object connects anew, to a consumer of its own."""
    port.write(b"hold\nha")
    port.close()
    port.close()
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 1)

    port.open()
    port.write(b"again\n")

    assert b"again\n" == port.read_until()


def test_timeout_none_waits_for_all(port: Serial) -> None:
    """A read without a timeout returns with all that was asked for."""
    port.timeout = None
    port.write(b"blow 100000\n")
    assert 100_000 == len(port.read(100_000))


def test_timeout_0_returns_what_is_there(port: Serial) -> None:
    """A read that must not wait returns nothing, or as much as there is."""
    port.timeout = 0
    assert b"" == port.read(10)
    port.write(b"abc\n")
    assert select.select([port], [], [], BACKSTOP_S)[0]
    assert b"abc\n" == port.read(10)


def test_a_timeout_returns_what_came_in_time(port: Serial) -> None:
    """After the timeout a read returns what it has, and not before."""
    port.write(b"abc\n")
    assert select.select([port], [], [], BACKSTOP_S)[0]  # all four came at once
    port.timeout = 0.05
    begun = time.monotonic()
    assert b"abc\n" == port.read(10)
    assert time.monotonic() - begun >= 0.05


def test_the_inter_byte_timeout_counts_from_the_last_byte(port: Serial) -> None:
    """It ends a read that has begun, long before the timeout of the whole."""
    port.timeout = None
    port.inter_byte_timeout = 0.02
    port.write(b"abc\n")
    assert b"abc\n" == port.read(10)


def test_a_read_can_be_cancelled(port: Serial) -> None:
    """Another thread ends a read that waits for ever."""
    port.timeout = None
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(port.read(1)))
    reader.start()

    port.cancel_read()

    reader.join(BACKSTOP_S)
    assert [b""] == got


def test_a_write_that_nobody_reads_times_out(port: Serial) -> None:
    """Answers that are not read stop the token, and then the writer."""
    port.write_timeout = 0.05
    with pytest.raises(serial.SerialTimeoutException, match=r"within 0\.05 s"):
        port.write((b"x" * 9_999 + b"\n") * 1000)


def test_write_timeout_0_writes_what_fits(port: Serial) -> None:
    """A write that must not wait says how much went."""
    port.write_timeout = 0
    line = b"x" * 9_999 + b"\n"
    while (went := port.write(line)) == len(line):
        pass
    assert went is not None
    assert went < len(line)


def test_in_waiting_counts_bytes(port: Serial) -> None:
    """As many as a read can have at once; resetting the input drops them."""
    port.write(b"abc\n")
    assert select.select([port], [], [], BACKSTOP_S)[0]
    assert 4 == port.in_waiting

    port.reset_input_buffer()
    port.reset_output_buffer()

    assert 0 == port.in_waiting


def test_line_settings_change_nothing(port: Serial) -> None:
    """Speed, parity and modem lines are taken as on a USB adapter that has none."""
    port.baudrate = 9600
    port.parity = serial.PARITY_EVEN
    port.dtr = port.rts = False
    port.send_break(0)
    assert (True, True, False, True) == (port.cts, port.dsr, port.ri, port.cd)
    port.write(b"still\n")
    port.flush()
    assert b"still\n" == port.read_until()


def test_the_bench_s_end_is_an_error(bench: Bench) -> None:
    """What came before it is read; then reading and writing fail."""
    local = bench.local(SERIAL)
    with serial.serial_for_url(URL, timeout=BACKSTOP_S) as port:
        port.write(b"last\n")
        bench.nth(0).wait_for(lambda echo: echo.lines == [b"last"])
        bench.call(local.close)

        assert b"last\n" == port.read(100)
        with pytest.raises(serial.SerialException, match="closed by the token's bench"):
            port.read(1)
        with pytest.raises(serial.SerialException, match="writing"):
            port.write(b"x")


def test_an_unknown_serial_is_refused(bench: Bench) -> None:
    """The error lists what there is, and which port to use for another process's."""
    bench.local(SERIAL)
    with pytest.raises(serial.SerialException, match=rf"{SERIAL}.*galh serve"):
        serial.serial_for_url("galh://GALH00000043")


def test_a_closed_port_says_so(bench: Bench) -> None:
    """Nothing is done with a port that is not open."""
    bench.local(SERIAL)
    port = serial.serial_for_url(URL, do_not_open=True)
    for act in (port.read, port.fileno, port.flush, lambda: port.write(b"x")):
        with pytest.raises(serial.PortNotOpenError):
            act()


def test_pyvisa_speaks_to_it(bench: Bench) -> None:
    """PyVISA with its Python backend opens it as ASRL<url>::INSTR."""
    bench.local(SERIAL)
    manager = pyvisa.ResourceManager("@py")
    resource = manager.open_resource(f"ASRL{URL}::INSTR")
    assert isinstance(resource, SerialInstrument)
    resource.timeout = BACKSTOP_S * 1000
    resource.read_termination = resource.write_termination = "\n"

    assert "DISP:TEXT?" == resource.query("DISP:TEXT?")

    resource.close()
    manager.close()


def test_asyncio_waits_on_it(port: Serial) -> None:
    """It has a descriptor that an event loop watches."""

    async def talk() -> bytes:
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(port.fileno(), readable.cancel)
        port.write(b"hello\n")
        await asyncio.wait([readable], timeout=BACKSTOP_S)
        loop.remove_reader(port.fileno())
        return port.read_until()

    assert b"hello\n" == asyncio.run(talk())
