"""pyserial's handler of ``galh://SERIAL``: a serial port over a socketpair.

Behaves as pyserial's own POSIX port does, down to what a timeout of 0 means;
line settings are taken and change nothing, modem lines are constants.
"""

import contextlib
import fcntl
import os
import select
import socket
import struct
import termios
from typing import TYPE_CHECKING, Final

from serial.serialutil import (
    PortNotOpenError,
    SerialBase,
    SerialException,
    SerialTimeoutException,
    Timeout,
)

from emulator.errors import PortError
from emulator.ports.local import connect

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_CHUNK: Final = 4096


class Serial(SerialBase):
    """A token of this process as a serial port."""

    # Also what the destructor sees when the constructor failed.
    is_open = False
    _socket: socket.socket | None = None

    def open(self) -> None:
        """Connect.

        Raises:
            serial.SerialException: no port is set, it is open, or no such token.
        """
        if self.port is None:
            raise SerialException("no port is set; set one like galh://GALH00000042")
        if self.is_open:
            raise SerialException(f"{self.port} is already open; close it first")
        try:
            sock = connect(self.port)
        except PortError as error:
            raise SerialException(str(error)) from error
        sock.settimeout(0)
        self._socket = sock
        # A byte in its pipe ends a read or a write that waits.
        self._cancel_read = _Wakeup()
        self._cancel_write = _Wakeup()
        self.is_open = True

    def close(self) -> None:
        """Disconnect; the port can be opened again."""
        if self._socket is None:
            return
        self.is_open = False
        self._socket.close()
        self._socket = None
        self._cancel_read.close()
        self._cancel_write.close()

    def fileno(self) -> int:
        """The socket's descriptor, for select and event loops."""
        return self._connected().fileno()

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""
        answer = fcntl.ioctl(self._connected(), termios.FIONREAD, bytes(4))
        (count,) = struct.unpack("i", answer)
        return int(count)

    def read(self, size: int = 1, /) -> bytes:
        """Read until there are ``size`` bytes, or a timeout passes; as pyserial does.

        Raises:
            serial.SerialException: not open, or the token's end is closed.
        """
        sock = self._connected()
        timeout = Timeout(self.timeout)  # type: ignore[arg-type]  # None is for ever; the stub forgot
        got = bytearray()
        while len(got) < size:
            try:
                data = sock.recv(size - len(got))
            except BlockingIOError:
                left: float | None = timeout.time_left()
                if got and self.inter_byte_timeout is not None:
                    gap = self.inter_byte_timeout
                    left = gap if left is None else min(left, gap)
                if left == 0 or not self._wait(select.POLLIN, self._cancel_read, left):
                    break
                continue
            except OSError as error:
                raise SerialException(f"reading {self.port} failed: {error}") from error
            if not data:
                if got:
                    break  # the next read raises
                raise SerialException(f"{self.port} was closed by the token's bench")
            got += data
        return bytes(got)

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write all, and return how many bytes that was; as pyserial does.

        Raises:
            serial.SerialTimeoutException: not all of it within ``write_timeout``.
            serial.SerialException: not open, or the token's end is closed.
        """
        sock = self._connected()
        rest = memoryview(bytes(data))
        total = len(rest)
        timeout = Timeout(self.write_timeout)  # type: ignore[arg-type]  # None is for ever
        while rest:
            try:
                rest = rest[sock.send(rest) :]
            except BlockingIOError:
                if timeout.is_non_blocking:
                    break
                if not self._wait(select.POLLOUT, self._cancel_write, timeout.time_left()):
                    if timeout.expired():
                        raise SerialTimeoutException(
                            f"writing {self.port}: {len(rest)} of {total} bytes did not go"
                            f" within {self.write_timeout} s; the answers may want reading"
                        ) from None
                    break  # cancelled
            except OSError as error:
                raise SerialException(f"writing {self.port} failed: {error}") from error
        return total - len(rest)

    def cancel_read(self) -> None:
        """End a read that waits in another thread; it returns what it has."""
        self._connected()
        self._cancel_read.set()

    def cancel_write(self) -> None:
        """End a write that waits in another thread; it returns how much went."""
        self._connected()
        self._cancel_write.set()

    def reset_input_buffer(self) -> None:
        """Drop what has arrived."""
        sock = self._connected()
        with contextlib.suppress(BlockingIOError):
            while sock.recv(_CHUNK):
                pass

    def reset_output_buffer(self) -> None:
        """Nothing waits here to be sent."""
        self._connected()

    def flush(self) -> None:
        """Nothing waits here to be sent."""
        self._connected()

    @property
    def cts(self) -> bool:
        """Clear to send: always."""
        self._connected()
        return True

    @property
    def dsr(self) -> bool:
        """Data set ready: always."""
        self._connected()
        return True

    @property
    def ri(self) -> bool:
        """Ring indicator: never."""
        self._connected()
        return False

    @property
    def cd(self) -> bool:
        """Carrier detect: always."""
        self._connected()
        return True

    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise PortNotOpenError
        return self._socket

    def _wait(self, events: int, cancel: "_Wakeup", timeout_s: float | None) -> bool:
        """Wait for the socket; false if the timeout passed or it was cancelled."""
        # poll, since select can't take descriptors from 1024 on.
        waiting = select.poll()
        waiting.register(self._connected(), events)
        waiting.register(cancel.fd, select.POLLIN)
        ready = waiting.poll(None if timeout_s is None else timeout_s * 1000)
        if any(fd == cancel.fd for fd, _ in ready):
            cancel.clear()
            return False
        return bool(ready)

    # What SerialBase calls when a setting changes; there is no line to set.

    def _reconfigure_port(self) -> None:
        pass

    def _update_break_state(self) -> None:
        pass

    def _update_rts_state(self) -> None:
        pass

    def _update_dtr_state(self) -> None:
        pass


class _Wakeup:
    """A pipe that is readable once it is set."""

    def __init__(self) -> None:
        self.fd, self._end = os.pipe()

    def set(self) -> None:
        os.write(self._end, b"x")

    def clear(self) -> None:
        os.read(self.fd, _CHUNK)

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._end)
