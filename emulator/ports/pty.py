"""A virtual serial port: a pseudo-terminal that clients come to and leave, one after another.

Theory of operation. We keep the slave open, so that the pty outlives its clients;
the price is that the master never hears a hang-up. inotify tells that somebody
closed the slave, but not whether it was the last one: equal events merge. So the
port lets go of the slave for a moment and asks the master: only if nobody has it
open does poll report POLLHUP. The kernel queues the event a little before it
drops the closer's reference, so a "still there" is asked again a few times.

At the last close, what the client had sent is read to its end and fed, then the
consumer hangs up, and nothing of the client stays for the next one: answers that
it did not read, its terminal settings, its TIOCEXCL, its stopped output.

When a client comes before we looked after the one that left, their unread bytes
are one: nothing in them tells whose they are. Whole lines are taken for the new
client's, since one that leaves in good order has read its last answer and so left
nothing unread; bytes that break off inside a line, for those of one that vanished.
"""

import asyncio
import contextlib
import enum
import fcntl
import logging
import os
import select
import termios
from functools import partial
from pathlib import Path
from typing import Any, Final

from emulator.errors import PortError
from emulator.ports.base import MakeConsumer
from emulator.ports.pump import Pump
from emulator.ports.slavewatch import CLOSED, OPENED, SlaveWatch

_log = logging.getLogger(__name__)

_RETRY_S: Final = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256)
"""When to ask again whether the closer was the last; half a second in all."""

_REOPEN_S: Final = 0.1
"""When to try again to open the slave, after the process ran out of descriptors."""

_LINE_ENDS: Final = (b"\n", b"\r")

_TIOCGEXCL: Final = 0x80045440
"""Asks whether TIOCEXCL is set; not in the termios module (asm-generic/ioctls.h)."""


class _Presence(enum.Enum):
    """Who has the slave open, besides us."""

    NOBODY = enum.auto()
    SOMEBODY = enum.auto()
    CHANGED = enum.auto()  # nobody had, and then somebody


class PtyPort:
    """A pty whose bytes go to one consumer, whoever the client is.

    Belongs to the loop's thread, its making included.

    Raises:
        PortError: no pty, descriptor or inotify watch is left.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, make_consumer: MakeConsumer) -> None:
        self._loop = loop
        self._clients = 0  # as far as events tell
        self._visited = False  # somebody was there since the last hang-up
        self._left = False  # somebody closed; not yet settled
        self._turned = False  # the last one closed, and another opened before we looked
        self._retry: asyncio.TimerHandle | None = None
        self._ours = 0  # what is being caused by ourselves
        self._warned = False
        self._closed = False
        with contextlib.ExitStack() as undo:
            self._watch = SlaveWatch.join(loop)
            undo.callback(self._watch.leave)
            self._master, slave = _open_pty()
            self._slave: int | None = slave
            undo.callback(os.close, self._master)
            undo.callback(self._close_slave)
            self._path = Path(os.ttyname(slave))
            self._watched = self._watch.add(self._path, self)
            undo.callback(self._unwatch)
            self._raw = _make_raw(slave)
            os.set_blocking(self._master, False)
            self._poll = select.poll()
            self._poll.register(self._master, 0)
            self._pump = Pump(
                loop,
                self._master,
                recv=partial(os.read, self._master),
                send=partial(os.write, self._master),
                arrived=self._arrived,
                ended=self._ended,
                make_consumer=make_consumer,
            )
            self._release = undo.pop_all()

    @property
    def path(self) -> Path:
        """The slave's path, such as ``/dev/pts/5``."""
        return self._path

    @property
    def url(self) -> str:
        """What a client gives to ``serial.serial_for_url``: the slave's path."""
        return str(self._path)

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait in this process for the client to read."""
        return self._pump.unsent

    def close(self) -> None:
        """Hang up and give the pty back; a client that is there reads an error."""
        if self._closed:
            return
        self._closed = True
        self._cancel_retry()
        self._pump.stop()
        self._release.close()
        if self._visited:
            self._pump.consumer.hang_up()

    def saw(self, mask: int) -> None:
        """Note what inotify tells."""
        if mask & self._ours:
            return
        if mask & OPENED:
            if self._visited and not self._clients:
                self._turned = True
            self._clients += 1
            self._visited = True
            self._left |= bool(self._ours)  # a close that came with ours was not seen
        else:
            # Closed, or (an overflow) perhaps.
            self._clients -= bool(mask & CLOSED and self._clients)
            self._left = True

    def settle(self) -> None:
        """Act on what was noted."""
        if self._closed:
            return
        if self._turned and self._clients:
            self._turn_over(b"")
        if self._left:
            self._left = False
            self._look()

    def _arrived(self, data: bytes) -> None:
        # After the read and before the feed: if any byte here is a new client's,
        # its open is in the queue by now.
        self._watch.collect()
        if self._turned:
            self._turn_over(data)
            return
        if not self._visited:
            # It opened while we had let go, unseen.
            self._visited = True
            self._clients = max(1, self._clients)
        self._pump.consumer.feed(data)

    def _turn_over(self, data: bytes) -> None:
        """One left and another came before we looked; see the module on whose bytes these are."""
        self._turned = False
        self._cancel_retry()
        self._drop_answers()
        data += self._pump.take_rest()
        consumer = self._pump.consumer
        if data.endswith(_LINE_ENDS):
            consumer.hang_up()
            consumer.feed(data)
        else:
            consumer.feed(data)
            consumer.hang_up()

    def _ended(self) -> None:
        # Only a hang-up from above gets here: a session leader that had the slave
        # as its terminal ended, and the kernel hung up our descriptor of it as well.
        self._watch.collect()
        self._look()

    def _look(self, attempt: int = 0) -> None:
        """Ask whether anybody is there; if not, end the visit."""
        self._cancel_retry()
        if self._slave is not None and _is_exclusive(self._slave):
            # If we let go, nobody could ever open it again, we neither. But nobody can
            # have come in the meantime, so that the events' count will do.
            if not self._clients:
                self._end_visit(self._pump.take_rest(), visited=self._forget())
            return
        visited = self._visited
        presence, rest = self._let_go()
        if presence is _Presence.NOBODY:
            self._end_visit(rest, visited=visited)
        elif presence is _Presence.CHANGED:
            self._turn_over(rest)
        if self._slave is None:
            if presence is _Presence.NOBODY:
                # The master is readable for ever now: leave it alone.
                self._pump.pause()
                self._warn()
            self._retry = self._loop.call_later(_REOPEN_S, self._look)
            return
        self._pump.resume()
        if presence is _Presence.SOMEBODY:
            if attempt < len(_RETRY_S):
                self._retry = self._loop.call_later(_RETRY_S[attempt], self._look, attempt + 1)
            else:
                # Merged events made the count too low; somebody is there.
                self._clients = max(1, self._clients)

    def _let_go(self) -> tuple["_Presence", bytes]:
        """Close the slave, see whether anybody else has it open, and open it again.

        Returns:
            Who is there, and what the one who left had sent and was not read. It is
            read meanwhile, as a client that opens would end the certainty whose it is.
        """
        presence, rest = _Presence.SOMEBODY, b""
        self._watch.collect()
        self._close_slave()
        if self._hung_up():
            rest = self._pump.take_rest()
            presence = _Presence.NOBODY if self._hung_up() else _Presence.CHANGED
        if presence is _Presence.NOBODY:
            self._forget()  # now, as what is collected from here on is another visit
        # Collect at once what we caused ourselves, before it merges with others' doing.
        self._ours = CLOSED
        self._watch.collect()
        with contextlib.suppress(OSError):  # out of descriptors, or TIOCEXCL in between
            self._slave = os.open(self._path, os.O_RDWR | os.O_NOCTTY)
        self._ours = OPENED
        self._watch.collect()
        self._ours = 0
        return presence, rest

    def _hung_up(self) -> bool:
        return bool(self._poll.poll(0))

    def _forget(self) -> bool:
        """Note that nobody is there; return whether somebody had been."""
        visited = self._visited
        self._clients = 0
        self._visited = self._left = self._turned = False
        return visited

    def _end_visit(self, rest: bytes, *, visited: bool) -> None:
        if rest:
            self._pump.consumer.feed(rest)
        if visited or rest:
            self._pump.consumer.hang_up()
        self._drop_answers()
        if self._slave is not None:
            termios.tcflow(self._slave, termios.TCOON)
            termios.tcsetattr(self._slave, termios.TCSANOW, self._raw)
            fcntl.ioctl(self._slave, termios.TIOCNXCL)  # last: it keeps the next one out

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            _log.warning(
                "%s: can't be opened again, by clients neither: out of descriptors"
                " (ulimit -n), or one set TIOCEXCL as another left; serve it anew",
                self._path,
            )

    def _drop_answers(self) -> None:
        """Drop what was answered and not read, on its way here, there and between."""
        self._pump.discard()
        termios.tcflush(self._master, termios.TCOFLUSH)
        if self._slave is not None:
            termios.tcflush(self._slave, termios.TCIFLUSH)

    def _close_slave(self) -> None:
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    def _unwatch(self) -> None:
        self._watch.remove(self._watched)

    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None


def _open_pty() -> tuple[int, int]:
    try:
        return os.openpty()
    except OSError as error:
        raise PortError(
            f"no pseudo-terminal left ({error.strerror}): serve fewer tokens, or raise"
            " the limits: sysctl kernel.pty.max, ulimit -n (two descriptors a port)"
        ) from error


def _is_exclusive(slave: int) -> bool:
    with contextlib.suppress(OSError):  # hung up from above
        return any(fcntl.ioctl(slave, _TIOCGEXCL, bytes(4)))
    return False


def _make_raw(slave: int) -> list[Any]:
    """Make the terminal change no byte (8 bits, no echo), and return its settings."""
    characters = termios.tcgetattr(slave)[-1]
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    control = termios.CS8 | termios.CREAD | termios.CLOCAL
    raw = [0, 0, control, 0, termios.B115200, termios.B115200, characters]
    termios.tcsetattr(slave, termios.TCSANOW, raw)
    return raw
