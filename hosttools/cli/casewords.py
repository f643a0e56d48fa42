"""How ``galh case`` tells of a case: words, pictures, and values for JSON."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from emulator.annotations import Placed, ServerSeen
from emulator.clock import format_utc
from emulator.journal import Record
from emulator.journalform import to_mapping
from emulator.render.gauge import gauge_lines
from emulator.render.terminal import lcd_lines
from emulator.serverview import ServerView
from firmware_model.profile import TokenType
from firmware_model.segments import ALL, Lcd
from firmware_model.state import State, lcd, next_counter, token_time
from hosttools.benchanswers import Event
from hosttools.cases import Case, Difference, Replayed, ServerEnd
from hosttools.cli.options import (
    speaks_unicode,
)
from hosttools.cli.watchscreen import told

_GAUGE_COLUMNS: Final = 60


def readable(found: Case) -> Iterator[Record]:
    """Return a case's records, with the states of its tokens as states."""
    for record in found.records:
        if isinstance(record.event, Placed):
            yield record._replace(event=replace(record.event, state=found.state(record.event)))
        else:
            yield record


def header(found: Case) -> dict[str, Any]:
    """Return what stands at the top of a case."""
    return {
        "title": found.title,
        "note": found.note,
        "failure": found.failure,
        "galh": found.galh,
        "python": found.python,
        "clock": f"{found.clock_mode}, rate {found.rate}",
        "seeds": dict(found.seeds),
        "faults": list(found.faults),
        "secrets": "the tokens' own" if found.own_secrets else "made up",
        "digest": found.digest,
        "records": f"{len(found.records)}",
        "tokens": list(found.serials),
    }


def listed(value: dict[str, Any] | list[str]) -> list[str]:
    """Return values as texts, those that have a name with it."""
    return [f"{name}={text}" for name, text in value.items()] if isinstance(value, dict) else value


def token(found: Case, done: Replayed, serial: str) -> dict[str, Any]:
    """Return where a token and its server ended."""
    state = done.outcome.lives[serial][-1].state
    view = _view(found, serial)
    position = _position(state)
    return {
        "serial": serial,
        "profile": state.config.profile.name,
        "time": format_utc(state.now_ns),
        "mode": state.mode.name.lower(),
        "position": position,
        "server": None if view is None else view.to_mapping(),
    }


def picture(found: Case, done: Replayed, serial: str, *, digits: bool) -> list[str]:
    """Draw a token's LCD at the end, and how far it is from its server."""
    state, view = done.outcome.lives[serial][-1].state, _view(found, serial)
    config, unicode = state.config, speaks_unicode()
    shown = lcd(state)
    blotted = not digits and shown.lit
    width = _GAUGE_COLUMNS
    return [
        f"{serial}  {config.profile.name}  {format_utc(state.now_ns)}"
        + ("  (digits blotted out)" if blotted else ""),
        *lcd_lines(_blotted(shown) if blotted else shown, unicode=unicode),
        f"token: {_place(state)}",
        f"{view.name}: {_expects(view)}" if view is not None else "no server",
        *gauge_lines(view, _position(state), width, unicode=unicode),
        *(
            f"{end.server} keeps: {_kept(found, end)}"
            for end in found.servers
            if end.serial == serial
        ),
    ]


def _expects(view: ServerView) -> str:
    locked = ", locked" if view.locked else ""
    if view.next_counter is not None:
        return f"expects counter {view.next_counter}{locked}"
    return f"believes that its clock is {view.step_offset:+} steps off{locked}"


def _kept(found: Case, end: ServerEnd) -> str:
    record = found.kept(end).record
    where = f"next {'counter' if record.token_type is TokenType.EVENT else 'step'}"
    return (
        f"{where} {record.next_factor}, {record.status.value}, {record.failures} refused codes and"
        f" {record.resync_failures} refused pairs in a row"
    )


def _blotted(shown: Lcd) -> Lcd:
    return shown._replace(digits=(ALL,) * len(shown.digits))


def _place(state: State) -> str:
    position = _position(state)
    if state.config.token_type is TokenType.TIME:
        return f"its clock is {position:+} steps off"
    return "no counter" if position is None else f"next counter {position}"


def _position(state: State) -> int | None:
    """Return the token's side of the gauge, see :func:`emulator.render.gauge.distance`."""
    if state.config.token_type is TokenType.EVENT:
        return next_counter(state)
    step_ns = state.config.step_ns
    return token_time(state) // step_ns - state.now_ns // step_ns


def _view(found: Case, serial: str) -> ServerView | None:
    """Return what a server said last of a token."""
    for record in reversed(found.records):
        if record.serial == serial and isinstance(record.event, ServerSeen):
            return record.event.view
    return None


def line_of(record: Record) -> str:
    """Return a record as people read it on the page and in ``galh watch``."""
    data = to_mapping(record)
    event = Event(
        sequence=record.sequence,
        serial=record.serial,
        kind=data["kind"],
        at_ns=data["at_ns"],
        by=record.by,
        data=data,
    )
    return f"{record.sequence:>8}  {record.serial:<12}  {told(event)}"


def difference(found: Difference | None) -> dict[str, Any] | None:
    """Return a difference for JSON."""
    if found is None:
        return None
    return {
        "sequence": found.sequence,
        "serial": found.serial,
        "expected": found.expected,
        "got": found.got,
    }


def where_apart(found: Difference, one: str, two: str) -> str:
    """Return where two accounts first differ, and what each says there."""
    return (
        f"at record {found.sequence}, {found.serial}\n  {one}: {found.expected}\n"
        f"  {two}: {found.got}"
    )
