"""A serial port over telnet (RFC 2217), for clients that want to set a baud rate and modem lines.

The state machine is pyserial's ``PortManager``; added is what it leaves out: it never
acknowledges a mask (serialx waits for that until it times out), nor tells what DTR, RTS
and BREAK are, and input that is malformed makes it raise, or grow. Behind it stands no
serial port but :class:`_SteadyLine`: every setting is taken and none has an effect.

Import it only where such a port is wanted.
"""

import asyncio
import contextlib
import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

from serial import EIGHTBITS, PARITY_NONE, STOPBITS_ONE, rfc2217

from emulator.ports.base import Client, Consumer, MakeConsumer, Welcome, Write
from emulator.ports.tcp import DEFAULT_LIMIT, LOOPBACK, TcpServer

SIGNATURE: Final = b"galh-emulator"
"""What the port calls itself when asked (RFC 2217, SIGNATURE)."""

_ASK_SIGNATURE: Final = b"\x00"
_TELL_SIGNATURE: Final = b"\x64"
_INBOUND: Final = range(0x0D, 0x14)
"""SET-CONTROL about flow control towards the client, all of it answered "none"."""

_LONGEST: Final = 64
"""Bytes of a subnegotiation that are kept; the longest with a meaning has six."""

_HALF_LINE: Final = 4096
"""Bytes of a line without its end that are kept here; from then on it can't be purged."""

_DATA_SIZES: Final = frozenset({5, 6, 7, 8})

_STATES: Final = {
    rfc2217.SET_CONTROL_REQ_BREAK_STATE: (
        "break_condition",
        rfc2217.SET_CONTROL_BREAK_ON,
        rfc2217.SET_CONTROL_BREAK_OFF,
    ),
    rfc2217.SET_CONTROL_REQ_DTR: (
        "dtr",
        rfc2217.SET_CONTROL_DTR_ON,
        rfc2217.SET_CONTROL_DTR_OFF,
    ),
    rfc2217.SET_CONTROL_REQ_RTS: (
        "rts",
        rfc2217.SET_CONTROL_RTS_ON,
        rfc2217.SET_CONTROL_RTS_OFF,
    ),
}
"""What SET-CONTROL asks the state of: setting, answer if on, answer if off."""


class Rfc2217Server(TcpServer):
    """A :class:`TcpServer` that speaks telnet with its clients, and plain bytes inside."""

    __slots__ = ()

    kind = "rfc2217"
    scheme = "rfc2217"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        welcome: Welcome,
        host: str = LOOPBACK,
        port: int = 0,
        *,
        unsafe: bool = False,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        def speak(client: Client) -> MakeConsumer:
            return telnet(loop, welcome(client))

        super().__init__(loop, speak, host, port, unsafe=unsafe, limit=limit)


def telnet(loop: asyncio.AbstractEventLoop, make_consumer: MakeConsumer) -> MakeConsumer:
    """Put telnet between a port and its consumers.

    Args:
        loop: the port's loop.
        make_consumer: makes the consumer that takes the bytes inside.
    """

    def make(write: Write) -> Consumer:
        consumer = _Telnet(write, make_consumer)
        # Not at once: the port can't send before its consumer is made.
        loop.call_soon(consumer.begin)
        return consumer

    return make


class _Telnet:
    """A consumer of telnet, with a consumer of lines inside."""

    __slots__ = ("_half", "_inner", "_manager", "_write")

    def __init__(self, write: Write, make_consumer: MakeConsumer) -> None:
        self._write = write
        self._half = bytearray()  # what came and is no whole line yet
        self._manager: _Manager | None = None
        self._inner = make_consumer(self._answer)

    @property
    def backlog(self) -> int:
        """As inside; what is kept here is half a line at most."""
        return self._inner.backlog

    def begin(self) -> None:
        """Offer the options."""
        self._negotiated()

    def feed(self, data: bytes) -> None:
        """Take what the client sent, cut anywhere."""
        self._negotiated().take(data)
        place = _past_last_line(self._half)
        if len(self._half) - place > _HALF_LINE:
            place = len(self._half)
        if place:
            lines = bytes(self._half[:place])
            del self._half[:place]
            self._inner.feed(lines)

    def hang_up(self) -> None:
        """Drop half a line; so does the consumer inside."""
        self._half.clear()
        self._inner.hang_up()

    def _negotiated(self) -> "_Manager":
        if self._manager is None:
            self._manager = _Manager(self._half, self._write)
        return self._manager

    def _answer(self, data: bytes) -> None:
        self._write(data.replace(rfc2217.IAC, rfc2217.IAC_DOUBLED))


class _Manager(rfc2217.PortManager):
    """pyserial's half of the protocol, made safe for whatever comes.

    Args:
        sink: where the bytes go that are no telnet.
        write: sends to the client.
    """

    def __init__(self, sink: bytearray, write: Write) -> None:
        self._sink = sink
        # The stub asks for whole serial ports; what PortManager uses of them is here.
        line: Any = _SteadyLine(lambda: _drop_half(sink))
        connection: Any = SimpleNamespace(write=write)
        super().__init__(line, connection)
        options: list[Any] = vars(self)["_telnet_options"]  # not in the stub
        self._they_binary = next(o for o in options if o.name == "they-BINARY")

    def take(self, data: bytes) -> None:
        """Act on telnet commands, and put the rest into the sink."""
        place = 0
        while place < len(data):
            if self.mode == rfc2217.M_NORMAL and self.suboption is None:
                command = data.find(rfc2217.IAC, place)
                end = len(data) if command < 0 else command
                plain = data[place:end]
                # A NUL means nothing to telnet, and follows a CR, unless both agreed on binary.
                self._sink += plain if self._they_binary.active else plain.replace(b"\0", b"")
                place = end
            byte = data[place : place + 1]
            place += 1
            if self._ends_nothing(byte):
                self.mode = rfc2217.M_NORMAL
                continue
            self._sink += b"".join(self.filter(byte))
            if self.suboption is not None and len(self.suboption) > _LONGEST:
                self.suboption = self.suboption[:_LONGEST]

    def _ends_nothing(self, byte: bytes) -> bool:
        in_command = self.mode == rfc2217.M_IAC_SEEN
        return in_command and byte == rfc2217.SE and self.suboption is None

    def _telnet_process_subnegotiation(self, suboption: bytes) -> None:
        # What lacks its value, or has one that RFC 2217 doesn't know, is not answered.
        with contextlib.suppress(struct.error, KeyError, TypeError):
            super()._telnet_process_subnegotiation(suboption)  # type: ignore[misc]  # not in the stub
        if suboption[:1] != rfc2217.COM_PORT_OPTION:
            return
        option, value = suboption[1:2], suboption[2:3]
        if option == _ASK_SIGNATURE and not value:
            self.rfc2217_send_subnegotiation(_TELL_SIGNATURE, SIGNATURE)
        elif option == rfc2217.SET_LINESTATE_MASK and value:
            self.rfc2217_send_subnegotiation(rfc2217.SERVER_SET_LINESTATE_MASK, value)
        elif option == rfc2217.SET_MODEMSTATE_MASK and value:
            self.rfc2217_send_subnegotiation(rfc2217.SERVER_SET_MODEMSTATE_MASK, value)
        elif option == rfc2217.SET_CONTROL and value:
            self._tell_control(value)

    def _tell_control(self, value: bytes) -> None:
        if value in _STATES:
            name, on, off = _STATES[value]
            state = on if getattr(self.serial, name) else off
            self.rfc2217_send_subnegotiation(rfc2217.SERVER_SET_CONTROL, state)
        elif value[0] in _INBOUND:
            self.rfc2217_send_subnegotiation(
                rfc2217.SERVER_SET_CONTROL, rfc2217.SET_CONTROL_USE_NO_FLOW_CONTROL_IN
            )


class _SteadyLine:
    """Stands where a serial port would: remembers every setting, all modem lines are on.

    Args:
        purge: drops what is on its way to the token.
    """

    cts = dsr = cd = True
    ri = False

    def __init__(self, purge: Callable[[], None]) -> None:
        self.baudrate = 115_200
        self.parity = PARITY_NONE
        self.stopbits = STOPBITS_ONE
        self.xonxoff = self.rtscts = self.break_condition = False
        self.dtr = self.rts = True
        self._bytesize = EIGHTBITS
        self.reset_output_buffer = purge

    @property
    def bytesize(self) -> int:
        """Data bits, 5 to 8."""
        return self._bytesize

    @bytesize.setter
    def bytesize(self, bits: int) -> None:
        if bits not in _DATA_SIZES:
            raise ValueError(bits)  # PortManager then answers with what is set
        self._bytesize = bits

    def reset_input_buffer(self) -> None:
        """Nothing is kept on its way to the client: it reads what was sent before it asked."""


def _past_last_line(data: bytearray) -> int:
    return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1


def _drop_half(data: bytearray) -> None:
    del data[_past_last_line(data) :]
