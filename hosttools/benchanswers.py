"""What a bench over HTTP answers, as values: read from JSON that may be anything.

Each reader raises ``ValueError``, ``KeyError``, ``TypeError`` or the bench's ``UsageError``
for what no bench answers, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from emulator.results import PressResult
from emulator.serverview import ServerView
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import ALL, Lcd
from hosttools.errors import HostError

T = TypeVar("T")

_MOST: Final = 16
"""More digits than any LCD has, and more bars."""


class BenchError(HostError):
    """No bench answers there, or not as a bench does."""


@dataclass(frozen=True, slots=True)
class BenchState:
    """How a bench stands.

    Attributes:
        tokens: how many are on it.
        now_ns: bench time, ns since 1970, UTC.
        mode: its clock's: ``real``, ``scaled`` or ``manual``.
        rate: bench seconds in a second of the host.
        virtual: whether its clock can be advanced.
        sequence: number of the newest record of its journal.
        oldest: number of the oldest that can still be read.
        run: changes when the bench is started anew.
    """

    tokens: int
    now_ns: int
    mode: str
    rate: float
    virtual: bool
    sequence: int
    oldest: int
    run: str


@dataclass(frozen=True, slots=True)
class Display:
    """What a token shows.

    Attributes:
        lcd: its segments.
        remaining_ns: bench time until it goes dark by itself.
        sequence: newest record of the journal then.
    """

    lcd: Lcd
    remaining_ns: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Token:
    """One token as the bench tells of it.

    Attributes:
        serial: its serial number.
        profile: what product it is.
        token_type: whether presses or its clock move its factor.
        pressed: whether the button's contact is closed.
        mode: what its firmware is doing.
        display: what it shows.
        next_counter: event token: the counter of the next press.
        step: time token: the step of its own clock.
        step_s: time token: how long a step is, seconds.
        token_time_ns: time token: what its own clock believes.
        view: what the server believes of it; ``None``: no server told.
        failure: why it does nothing more; ``None``: it lives.
    """

    serial: str
    profile: str
    token_type: TokenType
    pressed: bool
    mode: str
    display: Display
    next_counter: int | None
    step: int | None
    step_s: int | None
    token_time_ns: int | None
    view: ServerView | None
    failure: str | None

    def position(self, now_ns: int) -> int | None:
        """Return the token's side of the divergence gauge; ``None``: it has none at present.

        An event token's next counter; of a time token, how many steps its clock is
        ahead of the bench's.

        Args:
            now_ns: bench time when the token was asked for.
        """
        if self.token_type is TokenType.EVENT:
            return self.next_counter
        if self.token_time_ns is None or not self.step_s:
            return None
        step_ns = self.step_s * SECOND
        return self.token_time_ns // step_ns - now_ns // step_ns


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the tokens.

    Attributes:
        tokens: in order of their serial numbers.
        matched: how many there are of those asked for.
        next: ``after`` of the next page; ``None``: this is the last one.
    """

    tokens: tuple[Token, ...]
    matched: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One record of the journal, or a gap in it.

    Attributes:
        sequence: its number; of a gap, the one after which records are there again.
        serial: the token; empty: the bench.
        kind: what happened, in snake case; ``gap``: records before this are lost, or
            the bench was started anew without them.
        at_ns: bench time; 0 of a gap.
        by: who did it.
        data: all of it, as it came.
    """

    sequence: int
    serial: str
    kind: str
    at_ns: int
    by: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waited:
    """What became of a wait.

    Attributes:
        met: whether it happened.
        event: the record that says so, if one does.
        display: what the token shows then.
        sequence: newest record of the journal: a cursor.
    """

    met: bool
    event: Event | None
    display: Display
    sequence: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the attached server said to codes.

    Attributes:
        accepted: whether it took them.
        kind: its verdict in a word.
        message: what the token's holder reads.
    """

    accepted: bool
    kind: str
    message: str


def read_bench_state(data: Mapping[str, Any]) -> BenchState:
    """Read how a bench stands."""
    clock = value(data, "clock", dict)
    return BenchState(
        value(data, "tokens", int),
        value(data, "now_ns", int),
        value(clock, "mode", str),
        float(clock["rate"]),
        value(clock, "virtual", bool),
        value(data, "sequence", int),
        value(data, "oldest", int),
        value(data, "run", str),
    )


def read_token(data: Mapping[str, Any]) -> Token:
    """Read a token."""
    counter = value(data, "counter", dict)
    server = data["server"]
    return Token(
        serial=value(data, "serial", str),
        profile=value(data, "profile", str),
        token_type=TokenType(data["type"]),
        pressed=value(data, "pressed", bool),
        mode=value(data, "mode", str),
        display=read_display(value(data, "display", dict)),
        next_counter=value_or_none(counter, "next", int),
        step=value_or_none(counter, "step", int),
        step_s=value_or_none(counter, "step_s", int),
        token_time_ns=value_or_none(counter, "token_time_ns", int),
        view=None if server is None else ServerView.from_mapping(as_mapping(server)),
        failure=value_or_none(data, "failure", str),
    )


def read_display(data: Mapping[str, Any]) -> Display:
    """Read a display."""
    lcd = Lcd(
        tuple(bits & ALL for bits in value(data, "segments", list)[:_MOST]),
        min(value(data, "bars", int), _MOST),
        min(value(data, "bar_count", int), _MOST),
        value(data, "battery", bool),
        value(data, "battery_sign", bool),
        value(data, "contrast", int),
    )
    return Display(lcd, value(data, "remaining_ns", int), value(data, "sequence", int))


def read_press(data: Mapping[str, Any]) -> PressResult:
    """Read what became of a press."""
    return PressResult(
        value_or_none(data, "code", str),
        value_or_none(data, "refused", str),
        value_or_none(data, "factor", int),
        value(data, "at_ns", int),
    )


def read_event(data: Mapping[str, Any]) -> Event:
    """Read a record of the journal."""
    return Event(
        value(data, "sequence", int),
        value(data, "serial", str),
        value(data, "kind", str),
        value(data, "at_ns", int),
        value_or_none({"by": None, **data}, "by", str) or "",
        data,
    )


def value(data: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """Return what a field holds, if it is of that very type: a bool is no whole number."""
    found = data[name]
    if type(found) is not kind:
        raise TypeError(f"{name} is no {kind.__name__}")
    return found


def value_or_none(data: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """Do as :func:`value` does, where there may be nothing."""
    return None if data[name] is None else value(data, name, kind)


def mappings(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the list of mappings that a field holds."""
    return [as_mapping(one) for one in value(data, name, list)]


def as_mapping(found: object) -> Mapping[str, Any]:
    """Return what JSON gave, if it is an object."""
    if not isinstance(found, dict):
        raise TypeError("no JSON object")
    return found
