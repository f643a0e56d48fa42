"""The IEEE 488.2 registers."""

import pytest

from emulator.scpi.errors import ErrorCode
from emulator.scpi.status import Event, Status, StatusBit


def test_power_on_is_the_first_event() -> None:
    """A new session's event register has bit 7, once."""
    status = Status()
    assert [status.take_events(), status.take_events()] == [Event.POWER_ON, 0]


@pytest.mark.parametrize(
    ("code", "event"),
    [
        (ErrorCode.UNDEFINED_HEADER, Event.COMMAND_ERROR),
        (ErrorCode.OUT_OF_RANGE, Event.EXECUTION_ERROR),
        (ErrorCode.TIME_OUT, Event.DEVICE_ERROR),
    ],
)
def test_an_error_sets_the_bit_of_its_class(code: ErrorCode, event: Event) -> None:
    """The number's hundred decides."""
    status = Status()
    status.take_events()
    status.report(code)
    assert status.take_events() == event


def test_the_status_byte_sums_up_what_is_enabled() -> None:
    """An enabled event shows as bit 5, an enabled bit of the byte as bit 6."""
    status = Status()
    status.event_enable = int(Event.COMMAND_ERROR)
    status.service_enable = int(StatusBit.EVENT_SUMMARY)
    assert status.byte(answer_waiting=False) == 0
    status.report(ErrorCode.SYNTAX)
    expected = StatusBit.ERROR_QUEUE | StatusBit.EVENT_SUMMARY | StatusBit.MASTER_SUMMARY
    assert status.byte(answer_waiting=False) == expected


def test_clear_empties_queue_and_events_only() -> None:
    """The enable masks survive *CLS."""
    status = Status()
    status.event_enable = 255
    status.report(ErrorCode.SYNTAX)
    status.clear()
    assert (len(status.errors), status.take_events(), status.event_enable) == (0, 0, 255)
