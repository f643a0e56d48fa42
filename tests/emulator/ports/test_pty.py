"""PtyPort, through real ptys and the clients that people use."""

import asyncio
import errno
import fcntl
import os
import select
import subprocess
import sys
import termios
import threading

import pytest
import pyvisa
import serial
from pyvisa.resources import SerialInstrument

from emulator.errors import PortError
from emulator.ports.base import Write
from emulator.ports.pty import PtyPort
from emulator.ports.pump import CHUNK, HIGH_WATER
from hosttools.testing import BACKSTOP_S
from tests.emulator.ports.conftest import Bench, EchoConsumer


def client(port: PtyPort, *, exclusive: bool | None = None) -> serial.Serial:
    """Open the port as pyserial does."""
    return serial.Serial(
        port.url, timeout=BACKSTOP_S, write_timeout=BACKSTOP_S, exclusive=exclusive
    )


def ask(port: PtyPort, line: bytes) -> bytes:
    """Open, send a line, read one, close."""
    with client(port) as opened:
        opened.write(line + b"\n")
        return opened.read_until()


def test_a_client_gets_its_answers(bench: Bench) -> None:
    """What pyserial writes is fed, and what is answered is read."""
    assert b"*IDN?\n" == ask(bench.pty(), b"*IDN?")


def test_clients_come_one_after_another(bench: Bench) -> None:
    """The port outlives its clients, and hangs up once after each."""
    port = bench.pty()
    echo = bench.nth(0)

    for number in range(20):
        assert b"hello\n" == ask(port, b"hello")
        echo.wait_for(lambda echo, number=number: echo.hang_ups == number + 1)  # type: ignore[misc]  # a default binds

    assert 20 == echo.hang_ups


def test_clients_need_not_wait_for_each_other(bench: Bench) -> None:
    """One that opens right after the last one closed gets its own answers, all of them."""
    port = bench.pty()

    answers = [ask(port, b"%d" % number) for number in range(200)]

    assert [b"%d\n" % number for number in range(200)] == answers


def test_every_byte_passes_as_it_is(bench: Bench) -> None:
    """No echo, no CR or LF translation, no signals, no flow control, eight bits."""
    every = bytes(set(range(256)) - {10})
    assert every + b"\n" == ask(bench.pty(), every)


def test_a_plain_open_finds_a_raw_terminal(bench: Bench) -> None:
    """A client that sets nothing up, like a shell's redirection, gets bytes as they are."""
    port = bench.pty()
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"\x03a\r\n")
    assert select.select([fd], [], [], BACKSTOP_S)[0]

    assert b"\x03a\r\n" == os.read(fd, 100)

    os.close(fd)


def test_a_line_written_by_a_shell_executes(bench: Bench) -> None:
    """A client may be gone before its line is read: complete lines count."""
    port = bench.pty()
    echo = bench.nth(0)

    subprocess.run(["/bin/sh", "-c", f"printf 'BUTT:PRES\\n' > {port.path}"], check=True)

    echo.wait_for(lambda echo: echo.hang_ups == 1)
    assert [b"BUTT:PRES"] == echo.lines


def test_many_one_shot_clients_all_execute(bench: Bench) -> None:
    """A shell that writes line after line through redirections loses none."""
    port = bench.pty()
    echo = bench.nth(0)
    script = f"for i in $(seq 100); do printf '%s\\n' $i > {port.path}; done"

    subprocess.run(["/bin/sh", "-c", script], check=True)

    echo.wait_for(lambda echo: len(echo.lines) == 100)
    assert [b"%d" % number for number in range(1, 101)] == echo.lines


def test_half_a_line_leaves_with_its_client(bench: Bench) -> None:
    """What a client typed and did not end never meets the next one's line."""
    port = bench.pty()
    echo = bench.nth(0)
    with client(port) as opened:
        opened.write(b"whole\nBUTT:PR")
    echo.wait_for(lambda echo: echo.hang_ups == 1)

    assert b"next\n" == ask(port, b"next")
    assert [b"whole", b"next"] == echo.lines


def test_what_a_client_held_is_released(bench: Bench) -> None:
    """The last close hangs up the consumer."""
    port = bench.pty()
    echo = bench.nth(0)
    with client(port) as opened:
        opened.write(b"hold\n")
        echo.wait_for(lambda echo: echo.held)

    echo.wait_for(lambda echo: echo.hang_ups == 1)
    assert not echo.held


def test_a_killed_client_hangs_up(bench: Bench) -> None:
    """A kill -9 of the client releases what it held, as closing would."""
    port = bench.pty()
    echo = bench.nth(0)
    script = f"import os; os.write(os.open({port.url!r}, os.O_RDWR), b'hold\\nha'); os.read(0, 1)"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    echo.wait_for(lambda echo: echo.held and echo.half == b"ha")

    process.kill()
    process.communicate(timeout=BACKSTOP_S)

    echo.wait_for(lambda echo: echo.hang_ups == 1)
    assert (False, b"") == (echo.held, echo.half)


def test_only_the_last_close_hangs_up(bench: Bench) -> None:
    """While somebody has the port open, another's leaving changes nothing."""
    port = bench.pty()
    echo = bench.nth(0)
    with client(port) as first:
        with client(port) as second:
            second.write(b"hold\n")
            echo.wait_for(lambda echo: echo.held)
        first.write(b"still\n")
        assert b"still\n" == first.read_until()
        assert (0, True) == (echo.hang_ups, echo.held)

    echo.wait_for(lambda echo: echo.hang_ups == 1)
    assert not echo.held


def test_clients_that_come_and_go_at_once_are_counted(bench: Bench) -> None:
    """Several opens in a row, and several closes, are as many clients."""
    port = bench.pty()
    echo = bench.nth(0)

    def open_and_close_at_once() -> int:
        # In the loop's thread, so that nothing is read in between.
        opened = [os.open(port.path, os.O_RDWR | os.O_NOCTTY) for _ in range(3)]
        os.close(opened[1])
        os.close(opened[2])
        return opened[0]

    for number in range(3):
        fd = bench.call(open_and_close_at_once)
        os.write(fd, b"hold\n")
        echo.wait_for(lambda echo: echo.held)
        assert number == echo.hang_ups
        os.close(fd)
        echo.wait_for(lambda echo, number=number: echo.hang_ups == number + 1)  # type: ignore[misc]  # a default binds


def test_a_client_that_says_nothing_is_no_visit_to_end_twice(bench: Bench) -> None:
    """Opening and closing hangs up once, and disturbs nobody."""
    port = bench.pty()
    echo = bench.nth(0)
    ask(port, b"first")
    echo.wait_for(lambda echo: echo.hang_ups == 1)
    client(port).close()

    echo.wait_for(lambda echo: echo.hang_ups == 2)
    assert (2, len(b"first\n")) == (echo.hang_ups, echo.fed)


def test_a_consumer_is_made_at_the_first_byte(bench: Bench) -> None:
    """Neither opening a port nor a client that says nothing costs one; the first stays."""
    made = []

    def make(write: Write) -> EchoConsumer:
        made.append(EchoConsumer(write))
        return made[-1]

    port = bench.call(lambda: PtyPort(bench.thread.loop, make))
    try:
        client(port).close()
        assert [] == made
        assert b"one\n" == ask(port, b"one")
        assert b"two\n" == ask(port, b"two")
        assert [[b"one", b"two"]] == [echo.lines for echo in made]
    finally:
        bench.call(port.close)


def test_unread_answers_leave_with_their_client(bench: Bench) -> None:
    """Answers that a client did not read are not the next one's."""
    port = bench.pty()
    echo = bench.nth(0)
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"blow 200000\nmine\n")
    echo.wait_for(lambda echo: b"mine" in echo.lines)
    assert select.select([fd], [], [], BACKSTOP_S)[0]
    os.close(fd)
    echo.wait_for(lambda echo: echo.hang_ups == 1)
    bench.call(lambda: None)  # the visit has ended in the loop

    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)  # no tcflush, unlike pyserial
    os.write(fd, b"yours\n")
    assert select.select([fd], [], [], BACKSTOP_S)[0]
    assert b"yours\n" == os.read(fd, 100)
    os.close(fd)


def test_a_new_client_in_the_same_instant_gets_its_answer(bench: Bench) -> None:
    """Left and come before the loop looked: what was held goes, the answer stays."""
    port = bench.pty()
    echo = bench.nth(0)
    first = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(first, b"hold\nunread\nha")
    echo.wait_for(lambda echo: echo.half == b"ha")

    def change_places() -> int:
        os.close(first)
        second = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
        os.write(second, b"mine\n")
        return second

    second = bench.call(change_places)
    echo.wait_for(lambda echo: b"mine" in echo.lines)

    assert select.select([second], [], [], BACKSTOP_S)[0]
    assert b"mine\n" == os.read(second, 100)
    assert (1, False) == (echo.hang_ups, echo.held)
    os.close(second)


def test_half_a_line_of_the_same_instant_is_the_vanished_client_s(bench: Bench) -> None:
    """Bytes that break off inside a line are not put before the new client's."""
    port = bench.pty()
    echo = bench.nth(0)

    def change_places() -> int:
        first = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
        os.write(first, b"whole\nha")
        os.close(first)
        return os.open(port.path, os.O_RDWR | os.O_NOCTTY)

    second = bench.call(change_places)
    echo.wait_for(lambda echo: echo.hang_ups == 1)
    os.write(second, b"mine\n")

    echo.wait_for(lambda echo: b"mine" in echo.lines)
    assert [b"whole", b"mine"] == echo.lines
    os.close(second)


def test_bytes_of_two_clients_are_cut_where_the_language_says(bench: Bench) -> None:
    """What the old one began is dropped, what the new one asks is answered."""
    given: list[bytes] = []

    def cut(data: bytes) -> int:
        given.append(data)
        return data.find(b"*")

    port = bench.pty(cut)
    echo = bench.nth(0)

    def change_places() -> int:
        first = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
        os.write(first, b"whole\nBUTT:PR")
        os.close(first)
        second = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
        os.write(second, b"*IDN?\n")
        return second

    second = bench.call(change_places)
    echo.wait_for(lambda echo: len(echo.lines) == 2)

    assert [b"whole\nBUTT:PR*IDN?\n"] == given
    assert ([b"whole", b"*IDN?"], 1) == (echo.lines, echo.hang_ups)
    os.close(second)


def test_a_client_that_floods_and_never_reads_is_held_back(bench: Bench) -> None:
    """Unread answers stay bounded, nothing is lost, and reading lets it go on."""
    port = bench.pty()
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    flood = (b"x" * 99 + b"\n") * 20_000
    sent, unsent = 0, 0
    while not unsent:
        try:
            sent += os.write(fd, flood[sent : sent + 1000])
        except BlockingIOError:
            unsent = bench.call(lambda: 0 if port._pump.reading else port.unsent)
    assert sent < len(flood)
    assert HIGH_WATER < unsent <= HIGH_WATER + 2 * CHUNK

    read = 0
    while read < sent - sent % 100:
        assert select.select([fd], [], [], BACKSTOP_S)[0]
        read += len(os.read(fd, 65536))
    assert sent - sent % 100 == read
    os.close(fd)


def test_a_flooding_client_s_end_is_noticed(bench: Bench) -> None:
    """A client that is not read any more may still leave, and the next is served."""
    port = bench.pty()
    echo = bench.nth(0)
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"blow 1000000\n")
    echo.wait_for(lambda echo: bool(echo.lines))

    os.close(fd)

    echo.wait_for(lambda echo: echo.hang_ups == 1)
    assert b"next\n" == ask(port, b"next")


def test_a_consumer_that_is_busy_is_not_overfed(bench: Bench) -> None:
    """Above the mark nothing is read; it goes on when the backlog has shrunk, unasked."""
    port = bench.pty()
    echo = bench.nth(0)
    line = b"x" * 99 + b"\n"
    script = (
        f"import os; fd = os.open({port.url!r}, os.O_RDWR); n = 0\n"
        f"data = b'later\\n' + {line!r} * 2000\n"
        "while n < len(data): n += os.write(fd, data[n:n + 500])\n"
        "os.read(0, 1)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    echo.wait_for(lambda echo: echo.backlog > HIGH_WATER)
    assert bench.call(lambda: echo.backlog) <= HIGH_WATER + CHUNK

    with client(port) as reader:
        bench.call(echo.finish)

        assert 200_000 == len(reader.read(200_000))
    writer.communicate(b"x", timeout=BACKSTOP_S)


def test_settings_of_a_client_do_not_meet_the_next(bench: Bench) -> None:
    """Echo and line editing that a client switched on are off for the next one."""
    port = bench.pty()
    ask(port, b"hello")
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 1)
    bench.call(lambda: None)  # the visit has ended in the loop
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    before = termios.tcgetattr(fd)
    changed = list(before)
    changed[0] |= termios.ICRNL | termios.IXON
    changed[1] |= termios.OPOST | termios.ONLCR
    changed[3] |= termios.ECHO | termios.ICANON | termios.ISIG
    termios.tcsetattr(fd, termios.TCSANOW, changed)
    fcntl.ioctl(fd, termios.TIOCEXCL)
    os.close(fd)
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 2)
    bench.call(lambda: None)  # the visit has ended in the loop

    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    after = termios.tcgetattr(fd)
    exclusive = fcntl.ioctl(fd, 0x80045440, bytes(4))  # TIOCGEXCL
    os.close(fd)

    assert before == after
    assert bytes(4) == exclusive


def test_a_client_that_stopped_the_output_does_not_stop_the_next(bench: Bench) -> None:
    """Output that a client suspended flows for the next one."""
    port = bench.pty()
    ask(port, b"hello")
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 1)
    bench.call(lambda: None)  # the visit has ended in the loop
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    termios.tcflow(fd, termios.TCOOFF)
    os.close(fd)
    bench.nth(0).wait_for(lambda echo: echo.hang_ups == 2)

    assert b"flows\n" == ask(port, b"flows")


def test_tiocexcl_of_a_client_that_stays_is_kept(bench: Bench) -> None:
    """Looking whether anybody is there takes no client's exclusive use away."""
    port = bench.pty()
    echo = bench.nth(0)
    other = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(other, b"before\n")
    echo.wait_for(lambda echo: len(echo.lines) == 1)
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(fd, termios.TIOCEXCL)
    os.close(other)
    os.write(fd, b"after\n")
    echo.wait_for(lambda echo: len(echo.lines) == 2)
    bench.call(lambda: None)

    assert bytes(4) != fcntl.ioctl(fd, 0x80045440, bytes(4))  # TIOCGEXCL

    os.close(fd)


def test_exclusive_clients_exclude_each_other_and_not_us(bench: Bench) -> None:
    """An open with exclusive=True works between clients, and is over when one closes."""
    port = bench.pty()
    with client(port, exclusive=True) as first:
        with pytest.raises(serial.SerialException):
            client(port, exclusive=True)
        first.write(b"mine\n")
        assert b"mine\n" == first.read_until()

    with client(port, exclusive=True) as second:
        second.write(b"next\n")
        assert b"next\n" == second.read_until()


def test_a_session_leader_s_end_does_not_end_the_port(bench: Bench) -> None:
    """One that has the slave as its terminal leaves like any client: Linux hangs up no pty then."""
    port = bench.pty()
    echo = bench.nth(0)
    script = f"import os; os.write(os.open({port.url!r}, os.O_RDWR), b'hold\\n')"

    subprocess.run([sys.executable, "-c", script], check=True, start_new_session=True)

    echo.wait_for(lambda echo: echo.hang_ups >= 1)
    assert (False, [b"hold"]) == (echo.held, echo.lines)
    assert b"next\n" == ask(port, b"next")


def test_a_port_that_was_hung_up_from_above_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a ``vhangup`` its own descriptor fails: it opens another, and nobody notices."""
    real, tries, errors = termios.tcflush, threading.Semaphore(0), list[object]()
    dead = [True]

    def flush(fd: int, queue: int) -> None:
        if fd == port._slave:
            tries.release()
            if dead:
                dead.clear()
                raise termios.error(errno.EIO, os.strerror(errno.EIO))
        real(fd, queue)

    port = bench.pty()
    bench.thread.loop.set_exception_handler(lambda _loop, context: errors.append(context))
    monkeypatch.setattr(termios, "tcflush", flush)

    assert b"hello\n" == ask(port, b"hello")
    for _ in range(2):  # the one that fails, and the one after the slave was opened again
        assert tries.acquire(timeout=BACKSTOP_S)

    assert b"next\n" == ask(port, b"next")
    assert [] == errors


def test_pyvisa_speaks_to_it(bench: Bench) -> None:
    """PyVISA with its Python backend opens it as ASRL<path>::INSTR."""
    manager = pyvisa.ResourceManager("@py")
    resource = manager.open_resource(f"ASRL{bench.pty().path}::INSTR")
    assert isinstance(resource, SerialInstrument)
    resource.timeout = BACKSTOP_S * 1000
    resource.read_termination = resource.write_termination = "\n"

    assert "DISP:TEXT?" == resource.query("DISP:TEXT?")

    resource.close()
    manager.close()


def test_asyncio_speaks_to_it(bench: Bench) -> None:
    """An event loop of the client's own waits on it like on any descriptor."""

    async def talk(opened: serial.Serial) -> bytes:
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(opened.fileno(), readable.cancel)
        opened.write(b"hello\n")
        await asyncio.wait([readable], timeout=BACKSTOP_S)
        loop.remove_reader(opened.fileno())
        return opened.read_until()

    with client(bench.pty()) as opened:
        assert b"hello\n" == asyncio.run(talk(opened))


def test_two_hundred_ports_live_side_by_side(bench: Bench) -> None:
    """Each has its own bytes and its own last close."""
    ports = [bench.pty() for _ in range(200)]

    opened = [os.open(port.path, os.O_RDWR | os.O_NOCTTY) for port in ports]
    for number, fd in enumerate(opened):
        os.write(fd, b"%d\n" % number)
    for number, fd in enumerate(opened):
        assert select.select([fd], [], [], BACKSTOP_S)[0]
        assert b"%d\n" % number == os.read(fd, 100)
        os.close(fd)

    for echo in bench.consumers:
        echo.wait_for(lambda echo: echo.hang_ups == 1)


def test_closing_hangs_up_on_the_client(bench: Bench) -> None:
    """The client reads an error, the consumer hears of it, and descriptors come back."""
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted
    port = bench.pty()
    echo = bench.nth(0)
    with client(port) as opened:
        opened.write(b"hold\n")
        echo.wait_for(lambda echo: echo.held)

        bench.call(port.close)
        bench.call(port.close)

        with pytest.raises(serial.SerialException):
            opened.read(1)
    assert (1, False) == (echo.hang_ups, echo.held)
    assert before >= len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted


def test_no_pty_left_says_what_to_do(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the limits, and nothing is left open."""

    def none_left() -> tuple[int, int]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted
    monkeypatch.setattr(os, "openpty", none_left)

    with pytest.raises(PortError, match=r"kernel\.pty\.max"):
        bench.pty()

    assert before >= len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted


def test_lost_events_are_made_up_for(bench: Bench) -> None:
    """After an overflow of the event queue the port looks for itself."""
    port = bench.pty()
    echo = bench.nth(0)
    fd = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"hold\n")
    echo.wait_for(lambda echo: echo.held)

    def lose_the_close() -> None:
        port._watch.remove(port._watched)
        os.close(fd)
        port._watched = port._watch.add(port.url, port)
        port.saw(0x4000)  # IN_Q_OVERFLOW
        port.settle()

    bench.call(lose_the_close)

    echo.wait_for(lambda echo: echo.hang_ups == 1)
