"""A virtual serial port: a pseudo-terminal that clients come to and leave, one after another.

Theory of operation. We keep the slave open, so that the pty outlives its clients;
the price is that the master never hears a hang-up. So clients are counted by the
opens and closes that inotify tells. In case an event was lost there is a second
opinion: the port lets go of the slave for a moment and asks the master, on which
poll reports POLLHUP only if nobody has the slave open. It does so after an overflow,
and a while after a close that left somebody.

At the last close, what the client had sent is read to its end and fed, then the
consumer hangs up, and nothing of the client stays for the next one: answers that
it did not read, its terminal settings, its TIOCEXCL, its stopped output.

A client that comes back at once may write before we have read what the one before
it wrote last; then the kernel gives us both as one. That a new client came is known
(inotify keeps the order), where its bytes begin is not: ``cut`` finds a place.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import select
import termios
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from emulator.errors import PortError
from emulator.ports.base import MakeConsumer
from emulator.ports.late import LateConsumer
from emulator.ports.pump import Pump
from emulator.ports.slavewatch import CLOSED, OPENED, SlaveWatch

_log = logging.getLogger(__name__)

_DOUBT_S: Final = 0.25
"""How long after a close that left somebody to see whether that is so."""

_REOPEN_S: Final = 0.1
"""When to open the slave again, after the process ran out of descriptors or ours was hung up."""

_TIOCGEXCL: Final = 0x80045440
"""Asks whether TIOCEXCL is set; not in the termios module (asm-generic/ioctls.h)."""


Cut: TypeAlias = Callable[[bytes], int]
"""Given bytes of a client that left and of one that came, returns where the latter's begin."""


def cut_by_lines(data: bytes) -> int:
    r"""Take whole lines for the new client's, bytes that break off for those of the old one.

    One that leaves in good order has read its last answer, and so left nothing unread;
    one that vanishes does so inside a line.

    >>> cut_by_lines(b"*IDN?\n"), cut_by_lines(b"*IDN?\nBUTT:PR")
    (0, 13)
    """
    return 0 if data.endswith((b"\n", b"\r")) else len(data)


_CHARACTERS: Final = b"\x03\x1c\x7f\x15\x04\0\1\0\x11\x13\x1a\0\x12\x0f\x17\x16\0"
"""INIT_C_CC of Linux (asm-generic/termios.h), as every new pty has it; VMIN is 1."""

_RAW: Final[list[Any]] = [
    0,
    0,
    termios.CS8 | termios.CREAD | termios.CLOCAL,
    0,
    termios.B115200,
    termios.B115200,
    [bytes([character]) for character in _CHARACTERS.ljust(termios.NCCS, b"\0")],
]
"""Settings of a terminal that changes no byte: 8 bits, no echo; see termios(3)."""


class PtyPort:
    """A pty whose bytes go to one consumer, whoever the client is.

    Belongs to the loop's thread, its making included.

    Args:
        loop: the loop that serves it.
        make_consumer: makes the consumer of all its clients, when the first byte comes.
        cut: tells a client that left from one that came, in bytes that are both's;
            one that knows the language can do better than the default.

    Raises:
        PortError: no pty, descriptor or inotify watch is left.
    """

    # Thousands of them wait for clients that never come: each costs as little as it can.
    __slots__ = (
        "_aside",
        "_clients",
        "_closed",
        "_cut",
        "_later",
        "_left",
        "_loop",
        "_lost",
        "_master",
        "_path",
        "_pump",
        "_slave",
        "_turned",
        "_visited",
        "_warned",
        "_watch",
        "_watched",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make_consumer: MakeConsumer,
        *,
        cut: Cut = cut_by_lines,
    ) -> None:
        self._loop = loop
        self._cut = cut
        self._clients = 0  # as far as events tell
        self._visited = False  # somebody was there since the last hang-up
        self._left = False  # somebody closed; not yet settled
        self._lost = False  # events were lost; not yet settled
        self._turned = False  # the last one closed, and another opened before we looked
        self._later: asyncio.TimerHandle | None = None
        self._aside: list[int] | None = None  # events to be noted a little later
        self._warned = False
        self._closed = False
        with contextlib.ExitStack() as undo:
            self._watch = SlaveWatch.join(loop)
            undo.callback(self._watch.leave)
            self._master, slave = _open_pty()
            self._slave: int | None = slave
            undo.callback(os.close, self._master)
            undo.callback(self._close_slave)
            self._path = os.ttyname(slave)
            self._watched = self._watch.add(self._path, self)
            undo.callback(self._watch.remove, self._watched)
            termios.tcsetattr(slave, termios.TCSANOW, _RAW)
            os.set_blocking(self._master, False)
            self._pump = Pump(
                loop,
                self._master,
                recv=partial(os.read, self._master),
                send=partial(os.write, self._master),
                arrived=self._arrived,
                ended=self._ended,
                make_consumer=partial(LateConsumer, make_consumer),
            )
            undo.pop_all()  # all is well: none of it, until close

    @property
    def path(self) -> Path:
        """The slave's path, such as ``/dev/pts/5``."""
        return Path(self._path)

    @property
    def url(self) -> str:
        """What a client gives to ``serial.serial_for_url``: the slave's path."""
        return self._path

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait in this process for the client to read."""
        return self._pump.unsent

    def close(self) -> None:
        """Hang up and give the pty back; a client that is there reads an error."""
        if self._closed:
            return
        self._closed = True
        self._cancel_check()
        self._pump.stop()
        self._watch.remove(self._watched)
        self._close_slave()
        os.close(self._master)
        self._watch.leave()
        if self._visited:
            self._pump.consumer.hang_up()

    def saw(self, mask: int) -> None:
        """Note what inotify tells."""
        if self._aside is not None:
            self._aside.append(mask)
            return
        if mask & OPENED:
            if self._visited and not self._clients:
                self._turned = True
            self._clients += 1
            self._visited = True
        elif mask & CLOSED:
            self._clients = max(0, self._clients - 1)
            self._left = True
        else:
            self._lost = True

    def settle(self) -> None:
        """Act on what was noted."""
        if self._closed:
            return
        if self._lost:
            self._lost = False
            self._check()
        if self._turned and self._clients:
            self._turn_over(b"")
        if self._left:
            self._left = False
            if not self._clients:
                self._end_visit()
            elif self._later is None:
                self._check_in(_DOUBT_S)

    def _arrived(self, data: bytes) -> None:
        # After the read and before the feed: if any byte here is a new client's,
        # its open is in the queue by now.
        self._watch.collect()
        if self._turned:
            self._turn_over(data)
            return
        if not self._visited:
            # Its open was lost.
            self._visited = True
            self._clients = max(1, self._clients)
        self._pump.consumer.feed(data)

    def _end_visit(self) -> None:
        """Nobody is there: leave nothing of the client for the next one."""
        rest = self._pump.take_rest()
        self._watch.collect()
        if self._turned:
            self._turn_over(rest)
            return
        visited, self._visited = self._visited or bool(rest), False
        if rest:
            self._pump.consumer.feed(rest)
        if visited:
            self._pump.consumer.hang_up()
        self._drop_answers()
        with self._if_alive():
            if self._slave is not None:
                termios.tcflow(self._slave, termios.TCOON)
                termios.tcsetattr(self._slave, termios.TCSANOW, _RAW)
                fcntl.ioctl(self._slave, termios.TIOCNXCL)  # last: it keeps the next one out
        self._pump.resume()

    def _turn_over(self, data: bytes) -> None:
        """One left and another came before we looked; see the module on whose bytes these are."""
        self._turned = False
        self._left = not self._clients
        self._drop_answers()
        data += self._pump.take_rest()
        place = self._cut(data)
        if place:
            self._pump.consumer.feed(data[:place])
        self._pump.consumer.hang_up()
        if place < len(data):
            self._pump.consumer.feed(data[place:])

    def _ended(self) -> None:
        # The last client left while we could not open the slave again: with ours open,
        # the master hears of no end.
        self._watch.collect()
        self._check()

    def _check(self) -> None:
        """Ask the master whether anybody is there, and correct the count."""
        somebody = self._let_go()
        if not somebody and (self._turned or not self._clients):
            self._end_visit()
        elif somebody and not self._clients:
            # An open was lost; or the last close is told and not yet done, as the kernel
            # drops the closer's reference a little after it queues the event.
            self._check_in(_DOUBT_S)
        if self._slave is None:
            self._check_in(_REOPEN_S)
            if not somebody:
                # The master is readable for ever now: leave it alone.
                self._pump.pause()
                self._warn()
        else:
            self._pump.resume()

    def _let_go(self) -> bool:
        """Close the slave, see whether anybody else has it open, and open it again."""
        self._cancel_check()
        self._watch.collect()
        exclusive = self._slave is not None and _take_exclusive(self._slave)
        with self._not_seeing(CLOSED, first=True):
            self._close_slave()
        somebody = not _hung_up(self._master)
        if not somebody:
            self._clients = 0
            self._turned = False
        with self._not_seeing(OPENED, first=False), contextlib.suppress(OSError):
            # Fails when out of descriptors, or if a client came just now and set TIOCEXCL.
            self._slave = os.open(self._path, os.O_RDWR | os.O_NOCTTY)
            if exclusive and somebody:
                fcntl.ioctl(self._slave, termios.TIOCEXCL)
        return somebody

    @contextlib.contextmanager
    def _not_seeing(self, what: int, *, first: bool) -> Iterator[None]:
        """Note what inotify tells meanwhile, but for one event: the one that we cause.

        Equal ones of others can't be told from it, and need not be: which one is left
        out matters to nobody, as long as none of another kind lies in between.
        """
        had = self._slave
        self._aside = []
        yield
        self._watch.collect()
        seen, self._aside = self._aside, None
        if had != self._slave:
            places = [place for place, mask in enumerate(seen) if mask & what]
            if places:
                del seen[places[0] if first else places[-1]]
        for mask in seen:
            self.saw(mask)

    def _check_in(self, seconds: float) -> None:
        self._cancel_check()
        self._later = self._loop.call_later(seconds, self._check)

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
        with self._if_alive():
            if self._slave is not None:
                termios.tcflush(self._slave, termios.TCIFLUSH)

    @contextlib.contextmanager
    def _if_alive(self) -> Iterator[None]:
        """Leave a slave that was hung up from above (``vhangup``), and open another soon.

        That descriptor fails for good; clients that open the path are served meanwhile.
        """
        try:
            yield
        except (OSError, termios.error):
            self._check_in(_REOPEN_S)

    def _close_slave(self) -> None:
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    def _cancel_check(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None


def _open_pty() -> tuple[int, int]:
    try:
        return os.openpty()
    except OSError as error:
        raise PortError(
            f"no pseudo-terminal left ({error.strerror}): serve fewer tokens, or raise"
            " the limits: sysctl kernel.pty.max, ulimit -n (two descriptors a port)"
        ) from error


def _take_exclusive(slave: int) -> bool:
    """Clear TIOCEXCL, and return whether it was set."""
    with contextlib.suppress(OSError):  # hung up from above, there is nothing to clear
        exclusive = any(fcntl.ioctl(slave, _TIOCGEXCL, bytes(4)))
        fcntl.ioctl(slave, termios.TIOCNXCL)
        return exclusive
    return False


def _hung_up(master: int) -> bool:
    """Whether nobody has the slave open."""
    poll = select.poll()
    poll.register(master, 0)
    return bool(poll.poll(0))
