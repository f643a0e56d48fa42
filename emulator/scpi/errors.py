"""SCPI's own errors: numbers, texts and the bounded queue that SYSTem:ERRor? reads.

Numbers and texts are those of SCPI-99 volume 2, chapter 21.8; the number's hundred
is its class, which sets one bit of the standard event status register.
"""

import enum
from typing import Final

QUEUE_SIZE: Final = 32
"""Errors that the queue holds; the last place is kept for "Queue overflow"."""

MAX_TEXT: Final = 255
"""Longest error text, in characters (SCPI-99 21.8.1)."""


class ErrorCode(enum.Enum):
    """An error's number and its text."""

    NONE = (0, "No error")
    INVALID_CHARACTER = (-101, "Invalid character")
    SYNTAX = (-102, "Syntax error")
    DATA_TYPE = (-104, "Data type error")
    PARAMETER_NOT_ALLOWED = (-108, "Parameter not allowed")
    MISSING_PARAMETER = (-109, "Missing parameter")
    UNDEFINED_HEADER = (-113, "Undefined header")
    TOO_MANY_DIGITS = (-124, "Too many digits")
    INVALID_SUFFIX = (-131, "Invalid suffix")
    SUFFIX_NOT_ALLOWED = (-138, "Suffix not allowed")
    INVALID_STRING = (-151, "Invalid string data")
    EXECUTION = (-200, "Execution error")
    SETTINGS_CONFLICT = (-221, "Settings conflict")
    OUT_OF_RANGE = (-222, "Data out of range")
    ILLEGAL_VALUE = (-224, "Illegal parameter value")
    SYSTEM = (-310, "System error")
    STORAGE = (-320, "Storage fault")
    QUEUE_OVERFLOW = (-350, "Queue overflow")
    INPUT_OVERRUN = (-363, "Input buffer overrun")
    TIME_OUT = (-365, "Time out error")

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text

    @property
    def is_command_error(self) -> bool:
        """Whether the line itself can't be understood (-100 to -199)."""
        return -self.number // 100 == 1


class ScpiError(Exception):
    """Ends one program message unit; the session queues it.

    Attributes:
        code: which error.
        info: what was given and what is allowed; may be empty.
    """

    def __init__(self, code: ErrorCode, info: str = "") -> None:
        super().__init__(code.text, info)
        self.code = code
        self.info = info


class ErrorQueue:
    """First in, first out, and never longer than :data:`QUEUE_SIZE`.

    When it is full the newest entry becomes "Queue overflow" and further errors
    are lost: the first ones tell what went wrong (SCPI-99 21.8.1).
    """

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: list[str] = []  # a deque takes ten times the memory, in every port

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, code: ErrorCode, info: str = "") -> None:
        """Add an error; ``info`` is cut and cleaned to fit a quoted string."""
        if len(self._entries) < QUEUE_SIZE:
            self._entries.append(_entry(code, info))
        else:
            self._entries[-1] = _entry(ErrorCode.QUEUE_OVERFLOW, "")

    def pop(self) -> str:
        """Take the oldest error, as ``SYSTem:ERRor?`` answers it."""
        return self._entries.pop(0) if self._entries else _entry(ErrorCode.NONE, "")

    def clear(self) -> None:
        """Forget them all."""
        self._entries.clear()


def _entry(code: ErrorCode, info: str) -> str:
    text = f"{code.text}; {info}" if info else code.text
    # Whatever a client typed may come back in here: it must stay one quoted line.
    clean = "".join(c if " " <= c <= "~" and c != '"' else "'" for c in text[:MAX_TEXT])
    return f'{code.number},"{clean}"'
