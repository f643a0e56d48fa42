"""A token at the other end of a serial port, whatever that port is.

Speaks the line protocol of docs/serial-protocol.md through pyserial: a pty of
``galh serve``, ``galh://SERIAL`` in this process, or a device that implements the
protocol.
"""

import re
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import serial

from hosttools.errors import HostError

DEFAULT_TIMEOUT_S: Final = 10.0
_ERROR: Final = re.compile(r'([+-]?\d+),"(.*)"')
_REFUSED: Final = "REFUSED "


class PortError(HostError):
    """The port can't be opened, or its other end doesn't answer as it should."""


class CommandError(HostError):
    """The token's port refused a command.

    Args:
        command: what was sent.
        number: the SCPI error number.
        text: its text.
    """

    def __init__(self, command: str, number: int, text: str) -> None:
        super().__init__(f"{command} was refused: {number}, {text}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press gave.

    Attributes:
        code: the digits as they lit; ``None`` if none lit.
        refused: why not, in lower case; ``None`` if a code lit.
    """

    code: str | None
    refused: str | None

    def __repr__(self) -> str:
        return "<Pressed lit>" if self.refused is None else f"<Pressed refused={self.refused!r}>"


class PortToken:
    """A token behind a serial port.

    Args:
        port: a device path, or any URL that pyserial opens.
        timeout_s: how long an answer may take, beyond the time that a command itself
            takes on a real clock.

    Raises:
        PortError: it can't be opened.
    """

    def __init__(self, port: str, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        try:
            self._line = serial.serial_for_url(port, baudrate=115_200, timeout=timeout_s)
        except (serial.SerialException, ValueError, OSError) as e:
            raise PortError(
                f"port {port} can't be opened: {e}; galh serve prints the port of each token"
            ) from e
        self.port = port
        self.tell("*CLS")

    def close(self) -> None:
        """Close the port."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def tell(self, command: str, *, extra_s: float = 0.0) -> None:
        """Send a command that has no answer, and make sure that it was carried out.

        Raises:
            CommandError: it was refused.
            PortError: no answer in time.
        """
        self._send(command)
        self._check(command, self._receive(command, extra_s))

    def ask(self, query: str, *, extra_s: float = 0.0) -> str:
        """Send a query and return its answer, quotes taken off.

        Args:
            query: one header with its parameters.
            extra_s: how much longer than usual the answer may take.

        Raises:
            CommandError: it was refused.
            PortError: no answer in time.
        """
        # The error query behind it tells a refusal at once, where silence would cost the timeout.
        self._send(query)
        answer = self._receive(query, extra_s)
        if _ERROR.fullmatch(answer):
            self._check(query, answer)
            raise PortError(f"{query} got no answer from {self.port}")
        self._check(query, self._receive(query, 0.0))
        return answer[1:-1].replace('""', '"') if answer.startswith('"') else answer

    def press(self, hold_s: float = 0.1) -> Pressed:
        """Press the button and let go; return the code as it lit, or why none did."""
        answer = self.ask(f"BUTT:PRES? {hold_s:.9f}", extra_s=hold_s)
        if answer.startswith(_REFUSED):
            return Pressed(None, answer.removeprefix(_REFUSED).lower())
        return Pressed(answer, None)

    def wait_dark(self, timeout_s: float = 120.0) -> None:
        """Wait until the LCD is dark; a manual clock is moved to that moment."""
        rate = self.rate()
        extra_s = timeout_s / rate if rate else 0.0
        self.ask(f"DISP:WAIT? DARK,{timeout_s:.9f}", extra_s=extra_s)

    def advance(self, seconds: float) -> None:
        """Let bench time pass at once; a real clock refuses."""
        self.tell(f"CLOC:ADV {seconds:.9f}")

    def rate(self) -> float:
        """Return bench seconds in a second: 1 on a real clock, 0 on a manual one."""
        return float(self.ask("CLOC:RATE?"))

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return _ns(self.ask("CLOC:TIME?"))

    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, ns since 1970, UTC."""
        return _ns(self.ask("TOK:TIME?"))

    def counter(self) -> int:
        """Return an event token's next counter."""
        return int(self.ask("TOK:COUN?"))

    def _send(self, command: str) -> None:
        try:
            self._line.write(f"{command}\nSYST:ERR?\n".encode())
        except (serial.SerialException, OSError) as e:
            raise PortError(f"port {self.port} is gone: {e}") from e

    def _receive(self, command: str, extra_s: float) -> str:
        try:
            self._line.timeout = self._timeout_s + extra_s
            raw: bytes = self._line.read_until(b"\n")
        except (serial.SerialException, OSError) as e:
            raise PortError(f"port {self.port} is gone: {e}") from e
        if not raw.endswith(b"\n"):
            raise PortError(
                f"no answer to {command} from {self.port} within {self._timeout_s + extra_s:g} s;"
                " is it the port of a token?"
            )
        return raw[:-1].decode("ascii", "replace")

    def _check(self, command: str, answer: str) -> None:
        found = _ERROR.fullmatch(answer)
        if found is None:
            raise PortError(f"{self.port} doesn't speak the token's protocol: {answer[:60]!r}")
        if int(found[1]):
            raise CommandError(command, int(found[1]), found[2])


def _ns(seconds: str) -> int:
    whole, _, fraction = seconds.partition(".")
    nanos = int(fraction.ljust(9, "0")[:9] or "0")
    return int(whole) * 1_000_000_000 + (-nanos if whole.startswith("-") else nanos)
