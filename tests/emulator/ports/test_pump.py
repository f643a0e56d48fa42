"""Pump, over a socketpair and a consumer that is told what to say."""

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest

from emulator.ports.base import Write
from emulator.ports.pump import CHUNK, HIGH_WATER, Pump
from hosttools.testing import BACKSTOP_S


class Scripted:
    """A consumer whose backlog a test sets."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.backlog = 0
        self.got = b""
        self.fed: Callable[[], None] = lambda: None

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self.got += data
        self.fed()

    def hang_up(self) -> None:
        """Nothing to drop."""


class Ends:
    """A pump on one end of a socketpair, and the other end."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.client, self.server = socket.socketpair()
        self.server.settimeout(0)
        self.ended = 0
        self.pump = Pump(
            loop,
            self.server.fileno(),
            recv=self.server.recv,
            send=self.server.send,
            arrived=self._arrived,
            ended=self._ended,
            make_consumer=self._consumer,
        )

    def _consumer(self, write: Write) -> Scripted:
        self.consumer = Scripted(write)
        return self.consumer

    def _arrived(self, data: bytes) -> None:
        self.consumer.feed(data)

    def _ended(self) -> None:
        self.ended += 1
        self.pump.stop()

    def turn(self, turns: int = 5) -> None:
        """Let the loop do what is ready."""

        async def idle() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(idle())


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Give a pump in a loop that runs when told."""
    loop = asyncio.new_event_loop()
    made = Ends(loop)
    yield made
    made.pump.stop()
    made.client.close()
    made.server.close()
    loop.close()


def test_what_arrives_is_fed(ends: Ends) -> None:
    """Bytes come to the consumer in order."""
    ends.client.send(b"a")
    ends.client.send(b"b")
    ends.turn()

    assert b"ab" == ends.consumer.got


def test_answers_go_at_once(ends: Ends) -> None:
    """What fits is sent before write returns, without a turn of the loop."""
    ends.pump.write(b"now")

    assert b"now" == ends.client.recv(10, socket.MSG_DONTWAIT)
    assert 0 == ends.pump.unsent


def test_what_does_not_fit_is_sent_in_order(ends: Ends) -> None:
    """The rest of an answer, and later answers, go when the client reads."""
    answer = bytes(range(256)) * 4096
    ends.pump.write(answer)
    ends.pump.write(b"end")
    assert ends.pump.unsent > HIGH_WATER

    got = b""
    while len(got) < len(answer) + 3:
        got += ends.client.recv(1 << 20)
        ends.turn()

    assert answer + b"end" == got
    assert 0 == ends.pump.unsent


def test_unread_answers_stop_the_reading(ends: Ends) -> None:
    """Above the mark nothing is read; once the client reads, it goes on."""
    ends.pump.write(b"#" * (1 << 20))
    ends.client.send(b"x")
    ends.turn()
    assert b"" == ends.consumer.got

    while ends.pump.unsent:
        ends.client.recv(1 << 20)
        ends.turn()
    ends.turn()

    assert b"x" == ends.consumer.got


def test_a_backlog_stops_the_reading(ends: Ends) -> None:
    """Above the mark nothing is read; an answer tells that it may have shrunk."""
    ends.consumer.backlog = HIGH_WATER + 1
    ends.client.send(b"a")
    ends.turn()
    ends.client.send(b"b")
    ends.turn()
    assert b"a" == ends.consumer.got

    ends.consumer.backlog = 0
    ends.pump.write(b"done")
    ends.turn()

    assert b"ab" == ends.consumer.got


def test_a_backlog_that_shrinks_in_silence_is_noticed(ends: Ends) -> None:
    """A consumer that never answers nor tells can't stall its port."""
    ends.consumer.backlog = HIGH_WATER + 1
    ends.client.send(b"a")
    ends.turn()
    ends.client.send(b"b")
    ends.consumer.backlog = 0

    async def until_read() -> None:
        read = asyncio.Event()
        ends.consumer.fed = read.set
        await asyncio.wait_for(read.wait(), BACKSTOP_S)

    ends.loop.run_until_complete(until_read())
    assert b"ab" == ends.consumer.got


def test_a_feed_is_never_longer_than_a_chunk(ends: Ends) -> None:
    """What one feed can answer is bounded by what it is given."""
    fed: list[int] = []
    ends.consumer.feed = lambda data: fed.append(len(data))  # type: ignore[method-assign]  # to see the pieces
    ends.client.send(b"x" * (3 * CHUNK))
    ends.turn(10)

    assert 3 * CHUNK == sum(fed)
    assert max(fed) <= CHUNK


def test_the_end_is_told_once_after_the_bytes(ends: Ends) -> None:
    """A client that sends and closes is heard to its end."""
    ends.client.send(b"last")
    ends.client.close()
    ends.turn()

    assert (b"last", 1) == (ends.consumer.got, ends.ended)


def test_an_answer_to_nobody_is_no_error(ends: Ends) -> None:
    """Writing to a closed client is left for reading to find out."""
    ends.client.close()
    ends.pump.write(b"anybody?")
    ends.turn()

    assert 1 == ends.ended


def test_a_client_that_leaves_answers_unread_is_noticed(ends: Ends) -> None:
    """Even while it is not read, its end is found when the rest can't be sent."""
    ends.pump.write(b"#" * (1 << 20))
    ends.client.close()
    ends.turn()

    assert (1, 0) == (ends.ended, ends.pump.unsent)


def test_after_stop_nothing_moves(ends: Ends) -> None:
    """Neither is anything read nor sent."""
    ends.pump.stop()
    ends.client.send(b"x")
    ends.pump.write(b"y")
    ends.turn()

    assert b"" == ends.consumer.got
    with pytest.raises(BlockingIOError):
        ends.client.recv(1, socket.MSG_DONTWAIT)
