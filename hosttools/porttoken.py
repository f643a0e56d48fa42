"""A token at the other end of a serial port, whatever that port is.

Speaks the line protocol of docs/serial-protocol.md through pyserial: a pty of
``galh serve``, ``galh://SERIAL`` in this process, or a device that implements the
protocol. Trusts nothing that comes back, and waits for nothing for ever.
"""

import errno
import re
import termios
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import serial

from firmware_model.profile import TokenType
from firmware_model.segments import Lcd
from hosttools.errors import BusyError, HostError

DEFAULT_TIMEOUT_S: Final = 10.0
_SLACK_S: Final = 10.0
_LONGEST_S: Final = 1e8
"""Longest wait in host seconds, three years; pyserial can't count 300 years."""

_LONGEST_LINE: Final = 64 * 1024
_CANCEL: Final = b"\x18\n"
_ERROR: Final = re.compile(r'([+-]?\d{1,5}),"(.*)"', re.ASCII)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_CODE: Final = re.compile(r"[0-9]{6,8}")
_REFUSED: Final = re.compile(r"REFUSED ([A-Z][A-Z _-]{0,30})")
_COUNTER: Final = re.compile(r"[0-9]{1,20}")
_BARS: Final = re.compile(r"[0-9]{1,2}")
_FLAG: Final = re.compile(r"[01]")
_PERCENT: Final = re.compile(r"[0-9]{1,2}|100")
_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,9}))?")
_WORD: Final = re.compile(r"[A-Z]{1,20}")
_TYPE: Final = re.compile(r"EVENT|TIME")
_SERIAL: Final = re.compile(r"[A-Z0-9]{1,24}")
_CELSIUS: Final = re.compile(r"[+-]?[0-9]{1,4}(?:\.[0-9]{1,9})?(?:[Ee][+-]?[0-9]{1,3})?")
_HEX: Final = re.compile(r"#H((?:[0-9A-Fa-f]{2}){1,32})")
_FAILURES: Final = (serial.SerialException, OSError, termios.error)
"""What pyserial lets through when a port is gone."""


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

    A conversation that lost step (no answer in time, or one that can't be) is over:
    the port is closed, since a late answer would be taken for the next one's.

    Args:
        port: a device path, or any URL that pyserial opens.
        timeout_s: how long sending or an answer may take, beyond the time that a
            command itself takes on the token's clock.

    Raises:
        BusyError: another program has it.
        PortError: it can't be opened, or no token answers.
    """

    def __init__(self, port: str, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        try:
            # Two clients on one line would read each other's answers.
            self._line = serial.serial_for_url(
                port,
                baudrate=115_200,
                timeout=timeout_s,
                write_timeout=_write_timeout_s(port, timeout_s),
                exclusive=True,
            )
        except (*_FAILURES, ValueError, NotImplementedError) as e:
            if isinstance(e, OSError) and e.errno in {errno.EAGAIN, errno.EBUSY}:
                raise BusyError(
                    f"port {port} is in use by another program; wait until it is done"
                ) from e
            raise PortError(
                f"port {port} can't be opened: {e}; galh serve prints the port of each token"
            ) from e
        self.port = port
        try:
            # What a client before us left half typed becomes a line that nobody can execute.
            self._write(_CANCEL)
            self.tell("*CLS")
        except HostError:
            self.close()
            raise

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
            PortError: no answer in time, or none that can be.
        """
        self._send(command)
        self._check(command, self._receive(command, extra_s))

    def ask(self, query: str, *, extra_s: float = 0.0) -> str:
        """Send a query and return its answer, quotes taken off.

        Args:
            query: one header with its parameters.
            extra_s: how much longer than usual the answer may take, host seconds.

        Raises:
            CommandError: it was refused.
            PortError: no answer in time, or none that can be.
        """
        # The error query behind it tells a refusal at once, where silence would cost the timeout.
        self._send(query)
        answer = self._receive(query, extra_s)
        if _ERROR.fullmatch(answer):
            self._check(query, answer)
            raise PortError(f"{query} got no answer from {self.port}")
        self._check(query, self._receive(query, 0.0))
        quoted = _QUOTED.fullmatch(answer)
        return answer if quoted is None else quoted[1].replace('""', '"')

    def press(self, hold_s: float = 0.1) -> Pressed:
        """Press the button and let go; return the code as it lit, or why none did."""
        query = f"BUTT:PRES? {hold_s:.9f}"
        answer = self.ask(query, extra_s=hold_s)  # only a real clock waits for it
        if _CODE.fullmatch(answer):
            return Pressed(answer, None)
        return Pressed(None, self._match(_REFUSED, query, answer)[1].lower())

    def wait_dark(self, timeout_s: float | None = None) -> None:
        """Wait until the LCD is dark; a manual clock is moved to that moment.

        Args:
            timeout_s: most bench time to wait; ``None``: ten seconds longer than the
                LCD has left.
        """
        if timeout_s is None:
            timeout_s = self.remaining_ns() / 1e9 + _SLACK_S
        rate = self.rate()
        extra_s = timeout_s / rate if rate else 0.0
        self.ask(f"DISP:WAIT? DARK,{timeout_s:.9f}", extra_s=extra_s)

    def advance(self, seconds: float) -> None:
        """Let bench time pass at once; a real clock refuses."""
        self.tell(f"CLOC:ADV {seconds:.9f}")

    def rate(self) -> float:
        """Return bench seconds in a second: 1 on a real clock, 0 on a manual one."""
        answer = self.ask("CLOC:RATE?")
        try:
            rate = float(answer)
        except ValueError:
            rate = -1.0
        if not 0 <= rate < float("inf"):
            raise self._nonsense("CLOC:RATE?", answer)
        return rate

    def clock_mode(self) -> str:
        """Return ``real``, ``scaled`` or ``manual``."""
        return self._match(_WORD, "CLOC:MODE?", self.ask("CLOC:MODE?"))[0].lower()

    def down(self) -> None:
        """Close the button's contact."""
        self.tell("BUTT:DOWN")

    def up(self) -> None:
        """Open it."""
        self.tell("BUTT:UP")

    def reset(self) -> None:
        """Let the supply fail for an instant: RAM is lost, the memory is kept."""
        self.tell("*RST")

    def temperature(self) -> float:
        """Return how warm it is around the token, °C."""
        return float(self._match(_CELSIUS, "ENV:TEMP?", self.ask("ENV:TEMP?"))[0])

    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm, from now on."""
        self.tell(f"ENV:TEMP {celsius:.3f}")

    def serial(self) -> str:
        """Return the serial number."""
        return self._match(_SERIAL, "TOK:SER?", self.ask("TOK:SER?"))[0]

    def profile_name(self) -> str:
        """Return what product it is."""
        return self.ask("TOK:PROF?")

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""
        return TokenType(self._match(_TYPE, "TOK:TYPE?", self.ask("TOK:TYPE?"))[0].lower())

    def lcd(self) -> Lcd:
        """Return what the LCD shows."""
        segments = self._match(_HEX, "DISP:SEGM?", self.ask("DISP:SEGM?"))[1]
        bars, count = (
            int(self._match(_BARS, query, self.ask(query))[0])
            for query in ("DISP:BARS?", "DISP:BARS:COUN?")
        )
        battery, sign = (
            self._match(_FLAG, query, self.ask(query))[0] == "1"
            for query in ("DISP:BATT?", "DISP:BATT:SIGN?")
        )
        contrast = int(self._match(_PERCENT, "DISP:CONT?", self.ask("DISP:CONT?"))[0])
        return Lcd(tuple(bytes.fromhex(segments)), bars, count, battery, sign, contrast)

    def remaining_ns(self) -> int:
        """Return bench time until the LCD goes dark by itself; 0 when it is dark."""
        return self._nanoseconds("DISP:REM?")

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return self._nanoseconds("CLOC:TIME?")

    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, ns since 1970, UTC."""
        return self._nanoseconds("TOK:TIME?")

    def counter(self) -> int:
        """Return an event token's next counter."""
        return int(self._match(_COUNTER, "TOK:COUN?", self.ask("TOK:COUN?"))[0])

    def _nanoseconds(self, query: str) -> int:
        sign, whole, fraction = self._match(_DECIMAL, query, self.ask(query)).groups("")
        nanos = int(whole) * 1_000_000_000 + int(fraction.ljust(9, "0"))
        return -nanos if sign else nanos

    def _send(self, command: str) -> None:
        self._write(f"{command}\nSYST:ERR?\n".encode())

    def _write(self, data: bytes) -> None:
        try:
            self._line.write(data)
        except _FAILURES as e:
            self.close()
            raise PortError(f"port {self.port} takes nothing: {e}") from e

    def _receive(self, command: str, extra_s: float) -> str:
        timeout_s = min(self._timeout_s + extra_s, _LONGEST_S)
        try:
            if timeout_s != self._line.timeout:  # or pyserial would configure the port again
                self._line.timeout = timeout_s
            raw: bytes = self._line.read_until(b"\n", _LONGEST_LINE)
        except _FAILURES as e:
            self.close()
            raise PortError(f"port {self.port} is gone: {e}") from e
        if not raw.endswith(b"\n"):
            self.close()
            raise PortError(
                f"no answer to {command} from {self.port} within {timeout_s:g} s;"
                " is it the port of a token?"
            )
        return raw[:-1].decode("ascii", "replace")

    def _check(self, command: str, answer: str) -> None:
        found = self._match(_ERROR, command, answer)
        if int(found[1]):
            # What a device says may be anything: no control characters, and no code.
            text = re.sub(r"[^ -~]", "?", re.sub(r"\d{6,}", "######", found[2]))
            raise CommandError(command, int(found[1]), text)

    def _match(self, form: re.Pattern[str], command: str, answer: str) -> re.Match[str]:
        found = form.fullmatch(answer)
        if found is None:
            raise self._nonsense(command, answer)
        return found

    def _nonsense(self, command: str, answer: str) -> PortError:
        self.close()
        shape = re.sub(r"\d", "#", answer[:60])  # the digits may be a code that nobody has used
        return PortError(
            f"{self.port} doesn't speak the token's protocol: it answers {command} with {shape!r}"
        )


def _write_timeout_s(port: str, timeout_s: float) -> float | None:
    """Return how long sending may take; over RFC 2217, pyserial can't be told."""
    return None if port.lower().startswith("rfc2217:") else timeout_s
