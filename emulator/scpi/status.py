"""The status registers of IEEE 488.2 chapter 11, with SCPI's error queue.

A session has one. Commands are sequential here: each is finished before the next
begins, so "operation complete" is always true at once.
"""

import enum
from typing import Final

from emulator.scpi.errors import ErrorCode, ErrorQueue


class Event(enum.IntFlag):
    """Bits of the standard event status register (11.5.1)."""

    OPERATION_COMPLETE = 1
    QUERY_ERROR = 4
    DEVICE_ERROR = 8
    EXECUTION_ERROR = 16
    COMMAND_ERROR = 32
    POWER_ON = 128


class StatusBit(enum.IntFlag):
    """Bits of the status byte (11.2; bit 2 is SCPI's)."""

    ERROR_QUEUE = 4
    MESSAGE_AVAILABLE = 16
    EVENT_SUMMARY = 32
    MASTER_SUMMARY = 64


_EVENT_OF_CLASS: Final = {
    1: Event.COMMAND_ERROR,
    2: Event.EXECUTION_ERROR,
    3: Event.DEVICE_ERROR,
    4: Event.QUERY_ERROR,
}


class Status:
    """The registers of one session.

    Attributes:
        errors: the error queue.
        event_enable: which events show in the status byte (``*ESE``).
        service_enable: which bits of the status byte set its summary (``*SRE``).
    """

    __slots__ = ("_events", "errors", "event_enable", "service_enable")

    def __init__(self) -> None:
        self.errors = ErrorQueue()
        self.event_enable = 0
        self.service_enable = 0
        self._events = int(Event.POWER_ON)

    def report(self, code: ErrorCode, info: str = "") -> None:
        """Queue an error and set the event bit of its class."""
        self.errors.push(code, info)
        self.set(_EVENT_OF_CLASS[-code.number // 100])

    def set(self, event: Event) -> None:
        """Note that something happened."""
        self._events |= int(event)

    def take_events(self) -> int:
        """Read the event register, which clears it (``*ESR?``)."""
        events, self._events = self._events, 0
        return events

    def clear(self) -> None:
        """Empty the queue and the event register (``*CLS``)."""
        self.errors.clear()
        self._events = 0

    def byte(self, *, answer_waiting: bool) -> int:
        """Return the status byte (``*STB?``).

        Args:
            answer_waiting: whether the line has an answer that is not sent yet.
        """
        value = 0
        if len(self.errors):
            value |= StatusBit.ERROR_QUEUE
        if answer_waiting:
            value |= StatusBit.MESSAGE_AVAILABLE
        if self._events & self.event_enable:
            value |= StatusBit.EVENT_SUMMARY
        if value & self.service_enable:
            value |= StatusBit.MASTER_SUMMARY
        return int(value)
