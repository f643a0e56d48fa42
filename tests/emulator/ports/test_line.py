"""What a bad line does to bytes, without and with a real port."""

import asyncio
import select
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from emulator.ports.base import Write
from emulator.ports.line import Line, troubled
from emulator.ports.linefaults import (
    CutLine,
    DelayAnswers,
    Direction,
    DropBytes,
    GarbleBytes,
    LineFault,
)
from emulator.ports.pty import PtyPort
from emulator.ports.pump import HIGH_WATER
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from emulator.scpi.testing import CODES, ScriptedBench
from hosttools.testing import BACKSTOP_S
from tests.emulator.ports.conftest import Bench

HOUR_NS = 3_600_000_000_000
TO_TOKEN, TO_CLIENT, BOTH = Direction


class FakeTimer:
    """What the loop would call."""

    def __init__(self, at_s: float, call: Callable[[], object]) -> None:
        self.at_s = at_s
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """Take it back."""
        self.cancelled = True


class FakeLoop:
    """A clock that a test moves; collects what is to be called."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._timers: list[FakeTimer] = []

    def time(self) -> float:
        """Return the loop's time."""
        return self.now_s

    def call_later(self, delay_s: float, call: Callable[..., object], *args: object) -> FakeTimer:
        """Note it."""
        self._timers.append(FakeTimer(self.now_s + delay_s, partial(call, *args)))
        return self._timers[-1]

    @property
    def waiting(self) -> int:
        """How many timers are set."""
        return sum(not timer.cancelled for timer in self._timers)

    def advance(self, by_s: float) -> None:
        """Let time pass, and call what falls due, in order."""
        self.now_s += by_s
        due = [t for t in self._timers if t.at_s <= self.now_s]
        self._timers = [t for t in self._timers if t.at_s > self.now_s]
        for timer in sorted(due, key=lambda timer: timer.at_s):
            if not timer.cancelled:
                timer.call()


class Scripted:
    """A consumer that notes what it is fed, and says what a test wants."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.backlog = 0
        self.got = b""
        self.hang_ups = 0

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self.got += data

    def hang_up(self) -> None:
        """Count it."""
        self.hang_ups += 1


class Ends:
    """A line with a scripted consumer at one end, and the port's end in hand."""

    def __init__(self, *faults: LineFault) -> None:
        self.loop = FakeLoop()
        self.line = Line()
        self.read = b""
        for fault in faults:
            self.line.add(fault)
        loop = cast("asyncio.AbstractEventLoop", self.loop)
        self.port = troubled(loop, self._make, self.line)(self._client)
        self.say = self.consumer.write

    def _make(self, write: Write) -> Scripted:
        self.consumer = Scripted(write)
        return self.consumer

    def _client(self, data: bytes) -> None:
        self.read += data


def test_a_line_without_faults_passes_everything() -> None:
    """Bytes, backlog and hang-ups go through as they are."""
    ends = Ends()
    ends.port.feed(b"ask\n")
    ends.say(b"answer\n")
    ends.consumer.backlog = 7
    ends.port.hang_up()

    assert (b"ask\n", b"answer\n") == (ends.consumer.got, ends.read)
    assert (7, 1) == (ends.port.backlog, ends.consumer.hang_ups)


def test_dropped_bytes_vanish_one_way() -> None:
    """The next so many of the direction; then the fault is over."""
    ends = Ends(DropBytes(count=3, direction=TO_CLIENT))
    ends.port.feed(b"ask\n")
    ends.say(b"ab")
    ends.say(b"cdef")

    assert (b"ask\n", b"def") == (ends.consumer.got, ends.read)
    assert () == ends.line.faults


def test_both_directions_share_a_count() -> None:
    """A fault of both directions counts the bytes of both."""
    ends = Ends(DropBytes(count=3))
    ends.port.feed(b"ab")
    ends.say(b"cd")

    assert (b"", b"d") == (ends.consumer.got, ends.read)


def test_garbled_bytes_have_the_bits_flipped() -> None:
    """The mask's bits, and by default the lowest: another digit."""
    ends = Ends(GarbleBytes(count=2), GarbleBytes(count=1, mask=0x80))
    ends.say(b"755224")

    assert b"\xb6" + b"45224" == ends.read


def test_faults_follow_each_other() -> None:
    """Each gets what the ones before it left."""
    ends = Ends(DropBytes(count=1), GarbleBytes(count=1), DropBytes(count=1))
    ends.say(b"abcd")

    assert b"cd" == ends.read
    assert () == ends.line.faults


@given(
    data=st.lists(st.binary(max_size=12)),
    count=st.integers(1, 40),
    mask=st.none() | st.integers(1, 255),
)
def test_a_count_touches_exactly_so_many(data: list[bytes], count: int, mask: int | None) -> None:
    """The first ``count`` bytes, however they are cut up; the rest arrives in order."""
    ends = Ends(GarbleBytes(count=count, mask=mask) if mask else DropBytes(count=count))
    for piece in data:
        ends.port.feed(piece)

    sent = b"".join(data)
    changed = bytes(byte ^ mask for byte in sent[:count]) if mask else b""
    assert changed + sent[count:] == ends.consumer.got
    assert (len(sent) < count) == bool(ends.line.faults)


def test_answers_come_late_in_their_order() -> None:
    """The next answers wait their time; later ones don't overtake them."""
    ends = Ends(DelayAnswers(by_ns=2_000_000_000, count=1))
    ends.say(b"one\n")
    ends.say(b"two\n")
    assert (b"", ()) == (ends.read, ends.line.faults)
    ends.loop.advance(1.5)
    assert b"" == ends.read
    ends.loop.advance(0.5)

    assert (b"one\ntwo\n", 0) == (ends.read, ends.loop.waiting)


def test_a_shorter_delay_does_not_overtake() -> None:
    """One whose time is up waits for those before it."""
    ends = Ends(DelayAnswers(by_ns=5_000_000_000, count=1), DelayAnswers(by_ns=1_000_000_000))
    ends.say(b"six seconds\n")
    ends.say(b"one second\n")
    ends.loop.advance(2)
    assert b"" == ends.read

    ends.loop.advance(4)

    assert b"six seconds\none second\n" == ends.read


@given(
    st.lists(
        st.integers(0, 5) | st.sampled_from([DelayAnswers(by_ns=n * 10**9) for n in (1, 2, 3)])
    )
)
def test_no_delay_changes_the_order(script: list[int | DelayAnswers]) -> None:
    """Whatever is delayed and when, answers arrive in order, each once."""
    ends = Ends()
    said = b""
    for number, item in enumerate(script):
        if isinstance(item, DelayAnswers):
            ends.line.clear()
            ends.line.add(item)
        else:
            answer = b"%d " % number
            said += answer
            ends.say(answer)
            ends.loop.advance(item / 2)
    ends.loop.advance(100)

    assert (said, 0, 0) == (ends.read, ends.port.backlog, ends.loop.waiting)


def test_held_answers_count_as_backlog() -> None:
    """So a client that floods a slow line is read no further."""
    ends = Ends(DelayAnswers(by_ns=HOUR_NS))
    ends.consumer.backlog = 5
    ends.say(b"x" * HIGH_WATER)
    assert HIGH_WATER + 5 == ends.port.backlog

    ends.loop.advance(3600)

    assert 5 == ends.port.backlog


def test_a_hang_up_drops_held_answers() -> None:
    """They are not the next client's, and no timer is left."""
    ends = Ends(DelayAnswers(by_ns=HOUR_NS))
    ends.say(b"late\n")
    ends.port.hang_up()
    assert (1, 0, 0) == (ends.consumer.hang_ups, ends.loop.waiting, ends.port.backlog)

    ends.line.clear()
    ends.say(b"next\n")

    assert b"next\n" == ends.read


def test_clearing_lets_go_of_held_answers() -> None:
    """At once, in order, and unharmed."""
    ends = Ends(DelayAnswers(by_ns=HOUR_NS), GarbleBytes(count=9))
    ends.say(b"one\n")
    ends.say(b"two\n")
    ends.line.clear()

    assert (b"one\ntwo\n", 0) == (ends.read, ends.loop.waiting)


def test_a_cut_line_is_dead_both_ways_for_its_time() -> None:
    """Bytes vanish, answers on their way too; then the line is as before."""
    cut = CutLine(for_ns=5_000_000_000)
    ends = Ends(DelayAnswers(by_ns=1_000_000_000, count=1))
    ends.say(b"on its way\n")
    ends.line.add(cut)
    ends.port.feed(b"ask\n")
    ends.loop.advance(1)
    assert (b"", b"", (cut,)) == (ends.consumer.got, ends.read, ends.line.faults)

    ends.loop.advance(4)
    ends.port.feed(b"again\n")
    ends.say(b"yes\n")

    assert (b"again\n", b"yes\n", ()) == (ends.consumer.got, ends.read, ends.line.faults)


def test_a_cut_without_a_time_lasts_until_cleared() -> None:
    """However long that takes."""
    ends = Ends(CutLine())
    ends.loop.advance(1e9)
    ends.port.feed(b"lost")
    ends.line.clear()
    ends.port.feed(b"heard")

    assert b"heard" == ends.consumer.got


def test_time_begins_with_the_port() -> None:
    """A cut of a line whose port is not yet there is whole when it is."""
    line = Line()
    line.add(CutLine(for_ns=1_000_000_000))
    loop = FakeLoop()
    loop.advance(100)
    made: list[Scripted] = []

    def make(write: Write) -> Scripted:
        made.append(Scripted(write))
        return made[0]

    port = troubled(cast("asyncio.AbstractEventLoop", loop), make, line)(lambda _data: None)
    port.feed(b"lost")
    loop.advance(1)
    port.feed(b"heard")

    assert b"heard" == made[0].got


class WatchedLine(Line):
    """A line that a test can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._fired = threading.Semaphore(0)

    def carry(self, data: bytes, way: Direction) -> bytes:
        """Note whether bytes were touched."""
        carried = super().carry(data, way)
        if carried != data:
            self._fired.release()
        return carried

    def delay_s(self) -> float:
        """Note whether an answer is held."""
        seconds = super().delay_s()
        if seconds:
            self._fired.release()
        return seconds

    def wait_for_fault(self) -> None:
        """Block until one has touched something."""
        assert self._fired.acquire(timeout=BACKSTOP_S)


class Token:
    """A token that is served over a bad line."""

    def __init__(self, bench: Bench) -> None:
        self._thread = bench.thread
        self.line = WatchedLine()
        session = partial(Session, ScriptedBench(), "GALH00004226")
        loop = self._thread.loop
        make = troubled(loop, session, self.line)
        self.pty = self._thread.call(lambda: PtyPort(loop, make, cut=find_cut))

    def add(self, fault: LineFault) -> None:
        """Begin a fault."""
        self._thread.call(lambda: self.line.add(fault))

    def clear(self) -> None:
        """End the faults."""
        self._thread.call(self.line.clear)

    def close(self) -> None:
        """Close the port."""
        self._thread.call(self.pty.close)


@pytest.fixture
def token(bench: Bench) -> Iterator[Token]:
    """Give a token on a pty."""
    made = Token(bench)
    yield made
    made.close()


@pytest.fixture
def client(token: Token) -> Iterator[serial.Serial]:
    """Open the token's port as people do."""
    with serial.Serial(token.pty.url, timeout=BACKSTOP_S, write_timeout=BACKSTOP_S) as opened:
        yield opened


def ask(client: serial.Serial, line: bytes) -> bytes:
    """Send a line and read one."""
    client.write(line + b"\n")
    return client.read_until()


def check_normal(client: serial.Serial, token: Token) -> None:
    """See that the line is as good as any."""
    assert () == token.line.faults
    assert b"0\n" == ask(client, b"SYST:ERR:COUN?")
    assert b'"GALH00004226"\n' == ask(client, b"TOK:SER?")


def test_a_client_misses_dropped_bytes(token: Token, client: serial.Serial) -> None:
    """The beginning of a code is lost on the way, and the next code is whole."""
    token.add(DropBytes(count=3, direction=TO_CLIENT))
    assert b'5224"\n' == ask(client, b"BUTT:PRES?")

    check_normal(client, token)
    assert "755224" == CODES[0]


def test_a_client_reads_a_garbled_code(token: Token, client: serial.Serial) -> None:
    """A code comes as another one, and the next question is answered."""
    token.add(DropBytes(count=1, direction=TO_CLIENT))
    token.add(GarbleBytes(count=6, direction=TO_CLIENT))
    assert b'644335"\n' == ask(client, b"BUTT:PRES?")

    check_normal(client, token)


def test_a_garbled_command_is_an_error_like_any(token: Token, client: serial.Serial) -> None:
    """The token does not know the header, and says so."""
    token.add(GarbleBytes(count=1, direction=TO_TOKEN))
    client.write(b"BUTT:PRES?\n")

    assert ask(client, b"SYST:ERR?").startswith(b"-113,")
    check_normal(client, token)


def test_a_client_waits_for_a_late_answer(token: Token, client: serial.Serial) -> None:
    """It comes in its time, or when the line is well again."""
    token.add(DelayAnswers(by_ns=1_000_000, count=1))
    assert b'"GALH00004226"\n' == ask(client, b"TOK:SER?")
    token.line.wait_for_fault()

    token.add(DelayAnswers(by_ns=HOUR_NS))
    client.write(b"BUTT:PRES?\n")
    token.line.wait_for_fault()
    assert ([], [], []) == select.select([client], [], [], 0)
    token.clear()
    assert b'"755224"\n' == client.read_until()
    check_normal(client, token)


def test_a_client_that_gives_up_leaves_no_late_answer(token: Token, client: serial.Serial) -> None:
    """What was held for one client is not the next one's."""
    token.add(DelayAnswers(by_ns=HOUR_NS))
    client.write(b"BUTT:PRES?\n")
    token.line.wait_for_fault()
    client.close()
    client.open()
    client.write(b"TOK:SER?\n")
    token.line.wait_for_fault()
    token.clear()

    assert b'"GALH00004226"\n' == client.read_until()
    check_normal(client, token)


def test_a_client_of_a_cut_pty_hears_nothing(token: Token, client: serial.Serial) -> None:
    """What it sends does nothing; it stays open, and is served when the line is back."""
    token.add(CutLine())
    client.write(b"BUTT:PRES?\n")
    token.line.wait_for_fault()
    assert ([], [], []) == select.select([client], [], [], 0)
    token.clear()

    check_normal(client, token)
    assert b'"755224"\n' == ask(client, b"BUTT:PRES?")
