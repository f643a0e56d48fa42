"""Tells ptys that somebody opened or closed their slave: Linux's inotify, one for all.

A pty whose slave its owner keeps open never hangs up, so nothing else tells.
The kernel's rules that shape this module (inotify(7)):

- Events come in order, an open before the client's first byte and a close after
  its last. But bytes come another way: whoever reads them looks here as well
  (:meth:`SlaveWatch.collect`) before it acts on them.
- Equal events in a row merge into one and could not be counted. So the directory
  is watched too: it tells of every event a second time, which keeps them apart.
- A queue that overflows drops events, and says so.
"""

import asyncio
import ctypes
import os
import select
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from typing import ClassVar, Final, Protocol
from weakref import WeakKeyDictionary

from emulator.errors import PortError

OPENED: Final = 0x20
"""IN_OPEN."""

CLOSED: Final = 0x08 | 0x10
"""IN_CLOSE_WRITE | IN_CLOSE_NOWRITE."""

OVERFLOW: Final = 0x4000
"""IN_Q_OVERFLOW: events were lost; told to every slave."""

_IGNORED: Final = 0x8000
_EVENT: Final = Struct("iIII")  # watch, mask, cookie, length of the name that follows
_BUFFER: Final = 16 * 1024


class Slave(Protocol):
    """Who is told about one slave."""

    def saw(self, mask: int) -> None:
        """Note an event, in order. Only notes: bytes that were read may not be fed yet."""
        ...

    def settle(self) -> None:
        """Act on what was noted; called from the loop, once for a batch."""
        ...


class SlaveWatch:
    """All watched slaves of one event loop, over one inotify descriptor."""

    _of_loop: ClassVar["WeakKeyDictionary[asyncio.AbstractEventLoop, SlaveWatch]"] = (
        WeakKeyDictionary()
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slaves: dict[int, Slave] = {}
        self._directories: set[str] = set()
        self._users = 0
        self._noted: set[Slave] = set()
        libc = ctypes.CDLL(None, use_errno=True)
        self._add: Callable[[int, bytes, int], int] = libc.inotify_add_watch
        self._remove: Callable[[int, int], int] = libc.inotify_rm_watch
        self._fd: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise _error("fs.inotify.max_user_instances")
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        loop.add_reader(self._fd, self.collect)

    @classmethod
    def join(cls, loop: asyncio.AbstractEventLoop) -> "SlaveWatch":
        """Return the loop's watch, made for the first who asks; leave it when done.

        Raises:
            PortError: no inotify instance is left.
        """
        watch = cls._of_loop.get(loop)
        if watch is None:
            watch = cls._of_loop[loop] = cls(loop)
        watch._users += 1
        return watch

    def leave(self) -> None:
        """Undo one :meth:`join`; the last to leave closes the descriptor."""
        self._users -= 1
        if not self._users:
            del self._of_loop[self._loop]
            self._loop.remove_reader(self._fd)
            os.close(self._fd)

    def add(self, path: str, slave: Slave) -> int:
        """Watch a slave and return the watch's number.

        Raises:
            PortError: no watch is left, or there is nothing at the path.
        """
        directory = str(Path(path).parent)
        if directory not in self._directories:
            self._watch(directory)
            self._directories.add(directory)
        number = self._watch(path)
        self._slaves[number] = slave
        return number

    def remove(self, number: int) -> None:
        """Watch it no more; what happened until now is still told."""
        self._remove(self._fd, number)

    def collect(self) -> None:
        """Tell the slaves what happened until now, and have them settle soon."""
        # Asked at every read of every port: poll costs a third of a read that fails.
        while self._poll.poll(0):
            events = os.read(self._fd, _BUFFER)
            place = 0
            while place < len(events):
                number, mask, _, name_length = _EVENT.unpack_from(events, place)
                place += _EVENT.size + name_length
                self._tell(number, mask)

    def _watch(self, path: str) -> int:
        number = self._add(self._fd, os.fsencode(path), OPENED | CLOSED)
        if number < 0:
            raise _error("fs.inotify.max_user_watches")
        return number

    def _tell(self, number: int, mask: int) -> None:
        if mask & OVERFLOW:
            for slave in tuple(self._slaves.values()):
                self._note(slave, OVERFLOW)
        elif mask & _IGNORED:
            self._slaves.pop(number, None)
        elif number in self._slaves:  # and not a directory, whose events only keep apart
            self._note(self._slaves[number], mask)

    def _note(self, slave: Slave, mask: int) -> None:
        slave.saw(mask)
        if slave not in self._noted:
            self._noted.add(slave)
            self._loop.call_soon(self._settle, slave)

    def _settle(self, slave: Slave) -> None:
        self._noted.discard(slave)
        slave.settle()


def _error(limit: str) -> PortError:
    reason = os.strerror(ctypes.get_errno())
    return PortError(
        f"can't watch a serial port for clients that leave (inotify: {reason});"
        f" raise {limit} with sysctl, or serve fewer tokens"
    )
