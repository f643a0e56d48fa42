"""A conversation in SCPI with whatever is at the other end of a serial port.

Sends lines, reads answers, and knows the errors of docs/serial-protocol.md; what the
commands mean is not its business. Trusts nothing that comes back, and waits for nothing
for ever.
"""

import errno
import re
import termios
from types import TracebackType
from typing import Final, Self

import serial

from hosttools.errors import BusyError, HostError, UsageError

DEFAULT_TIMEOUT_S: Final = 10.0
_LONGEST_S: Final = 1e8
"""Longest wait in host seconds, three years; pyserial can't count 300 years."""

_LONGEST_LINE: Final = 64 * 1024
_CANCEL: Final = b"\x18\n"
_ERROR: Final = re.compile(r'([+-]?\d{1,5}),"(.*)"', re.ASCII)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_BLOCK: Final = re.compile(rb"#([1-9])(\d+)")
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


class Conversation:
    """Commands and queries to one port, each checked for its error.

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
            UsageError: it can't be sent on a line.
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

    def ask_block(self, query: str) -> bytes:
        """Send a query whose answer is a block of definite length, and return the block.

        Raises:
            CommandError: it was refused.
            PortError: no answer in time, or none that can be.
        """
        self._send(query)
        first = self._line_of(query, 0.0)
        found = _BLOCK.match(first)
        if found is None:
            self._check(query, first.decode("ascii", "replace"))
            raise PortError(f"{query} got no answer from {self.port}")
        digits = int(found[1])
        length, begins = int(found[2][:digits]), 2 + digits
        if length > _LONGEST_LINE:
            raise self._nonsense(query, f"a block of {length} bytes")
        block = first[begins:] + b"\n"
        while len(block) <= length:
            block += self._line_of(query, 0.0) + b"\n"
        self._check(query, self._receive(query, 0.0))
        return block[:length]

    def _send(self, command: str) -> None:
        if not (command.isascii() and command.isprintable()):
            # A line end in it would make two commands of one.
            raise UsageError(f"{command!r} can't be sent: printable ASCII on one line can")
        self._write(f"{command}\nSYST:ERR?\n".encode())

    def _write(self, data: bytes) -> None:
        try:
            self._line.write(data)
        except _FAILURES as e:
            self.close()
            raise PortError(f"port {self.port} takes nothing: {e}") from e

    def _receive(self, command: str, extra_s: float) -> str:
        return self._line_of(command, extra_s).decode("ascii", "replace")

    def _line_of(self, command: str, extra_s: float) -> bytes:
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
        return raw[:-1]

    def _check(self, command: str, answer: str) -> None:
        found = self._match(_ERROR, command, answer)
        if int(found[1]):
            # What a device says may be anything: no control characters, and no code. The
            # digits of a serial number come behind its letters.
            text = re.sub(r"[^ -~]", "?", re.sub(r"(?<!\w)\d{6,}", "######", found[2]))
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
