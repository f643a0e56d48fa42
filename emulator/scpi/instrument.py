"""The part of the table that says which token a line speaks for (SCPI-99 volume 2, INSTrument).

A port of one token has nothing to select; a multiplexed one speaks for all of the bench,
so that 100,000 tokens need neither as many ports nor as many descriptors.
"""

from typing import Final

from emulator.errors import UsageError
from emulator.scpi.context import Context
from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.parameters import Serial, Whole
from emulator.scpi.responses import quoted
from emulator.scpi.tree import Command

_PAGE: Final = 100
_LONGEST_PAGE: Final = 2_000
"""Of serial numbers of 24 characters, an answer of 54,000: below what a line may have."""

_MOST: Final = 10**9


def _select(c: Context, serial: str) -> None:
    if serial == c.selected:
        return
    if c.fixed:
        raise ScpiError(
            ErrorCode.SETTINGS_CONFLICT,
            f"this port is {c.selected}'s; open the one of {serial}, or a multiplexed one",
        )
    try:
        c.bench.profile(serial)
    except UsageError as e:
        raise ScpiError(ErrorCode.ILLEGAL_VALUE, str(e)) from None
    try:
        c.release()
    finally:
        c.selected = serial


def _selected(c: Context) -> str:
    return quoted(c.selected or "")


def _catalog(c: Context, start: int, count: int) -> str:
    page = _serials(c)[start : start + count]
    return ",".join(map(quoted, page)) or quoted("")


def _count(c: Context) -> str:
    return str(len(_serials(c)))


def _serials(c: Context) -> tuple[str, ...]:
    return (c.serial,) if c.fixed else tuple(c.bench.serials())


INSTRUMENT: Final = (
    Command("INSTrument[:SELect]", _select, (Serial("serial"),)),
    Command("INSTrument[:SELect]?", _selected),
    Command(
        "INSTrument:CATalog?",
        _catalog,
        (Whole("start", 0, _MOST, 0), Whole("count", 1, _LONGEST_PAGE, _PAGE)),
    ),
    Command("INSTrument:COUNt?", _count),
)
"""Which tokens there are, and which one is meant."""
