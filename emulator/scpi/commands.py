"""The one table of everything a line may say, each header bound to a bench verb.

A function here takes the parameters, calls the bench and words the answer; it decides
nothing about tokens. To add a command, write its function and its line in the table
(and its line in ``docs/serial-protocol.md``, which a test asks for). What is about
matter and faults is in ``physical.py``.
"""

from fractions import Fraction
from typing import Final

from emulator.release import DISTRIBUTION, release
from emulator.results import PressResult
from emulator.scpi.context import Context
from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.instrument import INSTRUMENT
from emulator.scpi.parameters import Choice, Ratio, Seconds, Whole
from emulator.scpi.physical import ENVIRONMENT, FAULTS, TOKEN
from emulator.scpi.responses import block, decimal, flag, hex_bytes, quoted, seconds
from emulator.scpi.status import Event
from emulator.scpi.tree import Command, Pending, Table
from firmware_model.climate import YEAR_NS
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import MILLISECOND, SECOND, TokenType

UNKNOWN_SERIAL: Final = "0"
"""What IEEE 488.2 10.14 wants in ``*IDN?`` when there is nothing to tell."""

SCPI_VERSION: Final = "1999.0"

DEFAULT_HOLD_NS: Final = 100 * MILLISECOND
_LONGEST_HOLD_NS: Final = 3_600 * SECOND
_LONGEST_NS: Final = 50 * YEAR_NS
"""Fifty years: further than any token lives. Bench time ends in the year 2115."""


# Button


def _press(c: Context, hold_ns: int) -> Pending[PressResult]:
    return Pending(c.bench.press(c.serial, hold_ns), lambda _: None)


def _press_query(c: Context, hold_ns: int) -> Pending[PressResult]:
    return Pending(c.bench.press(c.serial, hold_ns), press_answer)


def press_answer(result: PressResult) -> str:
    """Word what became of a press: the digits, or REFUSED and the reason.

    No code has a letter in it, so one can't be taken for the other.
    """
    if result.code is not None:
        return quoted(result.code)
    return quoted(f"REFUSED {(result.refused or 'unknown').upper()}")


def _down(c: Context) -> None:
    c.bench.down(c.serial)
    c.holding = True


def _up(c: Context) -> None:
    serial = c.serial
    c.holding = False
    c.bench.up(serial)


def _button_state(c: Context) -> str:
    return flag(c.bench.look(c.serial).pressed)


# Display


def _display_text(c: Context) -> str:
    return quoted(c.bench.look(c.serial).lcd.text)


def _display_state(c: Context) -> str:
    return flag(c.bench.look(c.serial).lcd.lit)


def _display_segments(c: Context) -> str:
    return hex_bytes(c.bench.look(c.serial).lcd.digits)


def _display_bars(c: Context) -> str:
    return str(c.bench.look(c.serial).lcd.bars)


def _display_bar_count(c: Context) -> str:
    return str(c.bench.look(c.serial).lcd.bar_count)


def _display_battery(c: Context) -> str:
    return flag(c.bench.look(c.serial).lcd.battery)


def _display_battery_sign(c: Context) -> str:
    return flag(c.bench.look(c.serial).lcd.battery_sign)


def _display_contrast(c: Context) -> str:
    return str(c.bench.look(c.serial).lcd.contrast)


def _display_remaining(c: Context) -> str:
    return seconds(c.bench.look(c.serial).remaining_ns)


def _display_wait(c: Context, state: str, timeout_ns: int) -> Pending[bool]:
    def answer(came: bool) -> str:  # noqa: FBT001 - a ticket's callback has one positional argument
        if not came:
            raise ScpiError(
                ErrorCode.TIME_OUT,
                f"not {state} within {decimal(Fraction(timeout_ns, SECOND))} s",
            )
        return "1"

    ticket = c.bench.wait(c.serial, lit=state == "LIT", timeout_ns=timeout_ns)
    return Pending(ticket, answer, passive=True)


# Clock


def _clock_mode(c: Context) -> str:
    return c.bench.clock_mode.upper()


def _clock_time(c: Context) -> str:
    return seconds(c.bench.now_ns())


def _clock_advance(c: Context, by_ns: int) -> None:
    c.bench.advance(by_ns)


def _clock_rate(c: Context, rate: Fraction) -> None:
    c.bench.set_rate(rate)


def _clock_rate_query(c: Context) -> str:
    return decimal(c.bench.rate)


# Token


def _token_serial(c: Context) -> str:
    return quoted(c.serial)


def _token_type(c: Context) -> str:
    return c.bench.token_type(c.serial).value.upper()


def _token_profile(c: Context) -> str:
    return quoted(c.bench.profile(c.serial).name)


def _token_counter(c: Context, counter: int) -> None:
    if c.bench.token_type(c.serial) is not TokenType.EVENT:
        raise _no_counter()
    c.bench.set_counter(c.serial, counter)


def _token_counter_query(c: Context) -> str:
    counter = c.bench.look(c.serial).counter
    if counter is None and c.bench.token_type(c.serial) is TokenType.TIME:
        raise _no_counter()
    if counter is None:
        _need_power(c)
        raise ScpiError(
            ErrorCode.EXECUTION, "its memory is broken; TOKen:COUNter <n> programs it anew"
        )
    return str(counter)


def _need_power(c: Context) -> None:
    if c.bench.look(c.serial).mode == "off":
        raise ScpiError(
            ErrorCode.EXECUTION,
            "it has no power; BATTery:OUT and BATTery:IN put another battery in",
        )


def _token_time(c: Context) -> str:
    time_ns = c.bench.look(c.serial).token_time_ns
    if time_ns is None:
        _need_power(c)
        raise ScpiError(
            ErrorCode.SETTINGS_CONFLICT, "an event token has no clock; ask TOKen:COUNter?"
        )
    return seconds(time_ns)


def _no_counter() -> ScpiError:
    return ScpiError(ErrorCode.SETTINGS_CONFLICT, "a time token has no counter; ask TOKen:TIME?")


# System


def _error(c: Context) -> str:
    return c.status.errors.pop()


def _error_count(c: Context) -> str:
    return str(len(c.status.errors))


def _scpi_version(_: Context) -> str:
    return SCPI_VERSION


def _help_headers(c: Context) -> str:
    return block(c.table.help_headers())


# Common commands


def _identify(c: Context) -> str:
    if c.selected is None:
        return f"{DISTRIBUTION},bench,{UNKNOWN_SERIAL},{release()}"
    profile = c.bench.profile(c.serial)
    return f"{profile.maker},{profile.name},{c.serial},{release()}"


def _reset(c: Context) -> None:
    c.bench.reset(c.serial)


def _clear(c: Context) -> None:
    c.status.clear()


def _event_enable(c: Context, mask: int) -> None:
    c.status.event_enable = mask


def _event_enable_query(c: Context) -> str:
    return str(c.status.event_enable)


def _events(c: Context) -> str:
    return str(c.status.take_events())


def _operation_complete(c: Context) -> None:
    c.status.set(Event.OPERATION_COMPLETE)


def _operation_complete_query(_: Context) -> str:
    return "1"


def _service_enable(c: Context, mask: int) -> None:
    c.status.service_enable = mask & ~64  # bit 6 is the summary itself (11.3.2.2)


def _service_enable_query(c: Context) -> str:
    return str(c.status.service_enable)


def _status_byte(c: Context) -> str:
    return str(c.status.byte(answer_waiting=bool(c.answers)))


def _self_test(_: Context) -> str:
    return "0"


def _wait(_: Context) -> None:
    """Do nothing: every command is finished before the next begins."""


_HOLD: Final = Seconds("hold s", MILLISECOND, _LONGEST_HOLD_NS, DEFAULT_HOLD_NS)
_MASK: Final = Whole("mask", 0, 255)

COMMANDS: Final = (
    Command("*CLS", _clear),
    Command("*ESE", _event_enable, (_MASK,)),
    Command("*ESE?", _event_enable_query),
    Command("*ESR?", _events),
    Command("*IDN?", _identify),
    Command("*OPC", _operation_complete),
    Command("*OPC?", _operation_complete_query),
    Command("*RST", _reset),
    Command("*SRE", _service_enable, (_MASK,)),
    Command("*SRE?", _service_enable_query),
    Command("*STB?", _status_byte),
    Command("*TST?", _self_test),
    Command("*WAI", _wait),
    Command("BUTTon:PRESs", _press, (_HOLD,)),
    Command("BUTTon:PRESs?", _press_query, (_HOLD,), lcd=True),
    Command("BUTTon:DOWN", _down),
    Command("BUTTon:UP", _up),
    Command("BUTTon:STATe?", _button_state),
    Command("DISPlay:TEXT?", _display_text, lcd=True),
    Command("DISPlay:STATe?", _display_state),
    Command("DISPlay:SEGMents?", _display_segments, lcd=True),
    Command("DISPlay:BARS?", _display_bars),
    Command("DISPlay:BARS:COUNt?", _display_bar_count),
    Command("DISPlay:BATTery?", _display_battery),
    Command("DISPlay:BATTery:SIGN?", _display_battery_sign),
    Command("DISPlay:CONTrast?", _display_contrast),
    Command("DISPlay:REMaining?", _display_remaining),
    Command(
        "DISPlay:WAIT?",
        _display_wait,
        (Choice("state", ("LIT", "DARK")), Seconds("timeout s", 0, _LONGEST_NS)),
    ),
    Command("CLOCk:MODE?", _clock_mode),
    Command("CLOCk:TIME?", _clock_time),
    Command("CLOCk:ADVance", _clock_advance, (Seconds("s", 0, _LONGEST_NS),)),
    Command("CLOCk:RATE", _clock_rate, (Ratio("x", Fraction(0), Fraction(10**9)),)),
    Command("CLOCk:RATE?", _clock_rate_query),
    Command("TOKen:SERial?", _token_serial),
    Command("TOKen:TYPE?", _token_type),
    Command("TOKen:PROFile?", _token_profile),
    Command("TOKen:COUNter", _token_counter, (Whole("n", 0, MAX_COUNTER - 1),)),
    Command("TOKen:COUNter?", _token_counter_query),
    TOKEN[0],
    Command("TOKen:TIME?", _token_time),
    *TOKEN[1:],
    *ENVIRONMENT,
    *FAULTS,
    *INSTRUMENT,
    Command("SYSTem:ERRor[:NEXT]?", _error),
    Command("SYSTem:ERRor:COUNt?", _error_count),
    Command("SYSTem:VERSion?", _scpi_version),
    Command("SYSTem:HELP:HEADers?", _help_headers),
)
"""Every header, in the order of the documentation."""

TABLE: Final = Table(COMMANDS)
