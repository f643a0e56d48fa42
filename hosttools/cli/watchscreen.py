"""The picture of ``galh watch``: lines of text as a function of what is known, and nothing else."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from emulator.clock import BILLION, format_utc
from emulator.errors import UsageError
from emulator.render.gauge import MIN_WIDTH, Zone, distance, gauge_lines, zone
from emulator.render.terminal import lcd_lines
from firmware_model.profile import MILLISECOND
from hosttools.benchanswers import BenchState, Event, Token

KEYS: Final = (
    "space press   h hold, let go   tab n p other token   f flip",
    "0 pause  1 real  2 x60  3 x86,400   a +30 s   s submit code   r resync   q quit",
)
"""What the keys do."""

_FACE_GAP: Final = "   "
_LABEL: Final = 8

SHOWN_KINDS: Final = (
    "edge",
    "lit",
    "refused",
    "dark",
    "submitted",
    "note",
    "fired",
    "stopped",
    "placed",
    "removed",
    "set_counter",
    "rate_set",
    "advanced",
    "ambient",
    "battery_out",
    "battery_in",
    "power_lost",
    "booted",
    "brown_out",
    "exhausted",
    "commit_failed",
    "erased",
)
"""Kinds of records that a person wants to see; the others are details of these."""

_SAID: Final = {"stopped": "text", "note": "text", "fired": "text", "lit": "factor"}
_WORDS: Final = {"refused": "reason", "placed": "why", "rate_set": "rate", "set_counter": "counter"}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known.

    Attributes:
        url: where the bench is.
        serial: the token that is looked at; empty: there is none.
        place: which one it is of how many, in words.
        token: the token; ``None``: not known yet, or gone.
        bench: how the bench stands; ``None``: not known yet.
        events: what happened to the token, oldest first.
        message: what came of the last key, or what is wrong.
        lost: whether the bench does not answer at present.
        flipped: whether the token's back is up.
        unicode: whether more than ASCII can be shown.
    """

    url: str
    serial: str = ""
    place: str = ""
    token: Token | None = field(default=None, repr=False)
    bench: BenchState | None = None
    events: Sequence[Event] = ()
    message: str = ""
    lost: bool = False
    flipped: bool = False
    unicode: bool = True


def screen(picture: Picture, width: int, height: int) -> list[str]:
    """Draw one frame.

    What doesn't fit goes from the bottom up, but for the last line, which says what came
    of the last key: of the events, the newest stay.

    Args:
        picture: what is known.
        width: columns.
        height: lines, at least one.

    Returns:
        Lines of at most ``width`` columns, at most ``height`` of them, without any
        control characters.
    """
    top = [_headline(picture), ""]
    head = [*top, *_token_lines(picture), "", *_gauge(picture, width), ""]
    foot = ["", *KEYS, _message(picture)]
    # A button that comes up again has nothing to tell.
    events = [told(event) for event in picture.events if event.data.get("closed") is not False]
    head = head[: max(height - 1, 0)]
    foot = foot[-max(height - len(head), 1) :]
    room = height - len(head) - len(foot)
    events = events[-room:] if room > 0 else []
    return [_plain(line, picture.unicode)[:width].rstrip() for line in (*head, *events, *foot)]


def alarmed(picture: Picture) -> bool:
    """Whether the token is where the server takes no single code of it any more."""
    token, bench = picture.token, picture.bench
    if token is None or bench is None or token.view is None:
        return False
    position = token.position(bench.now_ns)
    if position is None:
        return False
    where = zone(token.view, distance(token.view, position))
    return token.view.locked or where in {Zone.BEHIND, Zone.RESYNC, Zone.LOST}


def gauge_rows(picture: Picture, width: int) -> range:
    """Return which lines of the :func:`screen` the gauge has, if they all fit."""
    first = 3 + len(_token_lines(picture))
    return range(first, first + len(_gauge(picture, width)))


def told(event: Event) -> str:
    """Tell one event in a line: when, what, and by whom."""
    if event.kind == "gap":
        return f"{'':15}what happened before this is lost"
    by = f"   by {event.by}" if event.by else ""
    milliseconds = event.at_ns // MILLISECOND % 1000
    return f"{_utc(event.at_ns)[11:]}.{milliseconds:03}   {_what(event)}{by}"


def _utc(time_ns: int) -> str:
    """Return a time without its zone; it may be any number, as it comes from elsewhere."""
    try:
        return format_utc(time_ns).rstrip("Z").replace("T", " ")
    except OverflowError:
        return "????-??-?? ??:??:??"


def _what(event: Event) -> str:
    data, kind = event.data, event.kind
    if kind == "edge":
        return "button pressed" if data.get("closed") else "button let go"
    if kind == "lit":
        return f"code of {data.get('factor')} lit"
    if kind == "submitted":
        verdict = "accepts" if data.get("accepted") else "refuses"
        return f"{data.get('server')} {verdict} ({data.get('verb')}): {data.get('reason')}"
    if kind == "advanced":
        far_ns = data.get("to_ns")
        by_s = (far_ns - event.at_ns) / BILLION if isinstance(far_ns, int) else 0.0
        return f"time advanced by {by_s:,.10g} s"
    words = kind.replace("_", " ")
    if kind in _SAID:
        return str(data.get(_SAID[kind], words))
    return f"{words} {data[_WORDS[kind]]}" if data.get(_WORDS.get(kind, "")) is not None else words


def _headline(picture: Picture) -> str:
    where = f"{picture.serial or picture.url}  {picture.place}".rstrip()
    if picture.bench is None:
        return where
    bench = picture.bench
    rate = {"real": "real time", "manual": "paused"}.get(bench.mode, f"x{bench.rate:,g}")
    return f"{where}   {_utc(bench.now_ns)} UTC, {rate}"


def _token_lines(picture: Picture) -> list[str]:
    token = picture.token
    if token is None:
        return ["no token to look at"]
    face = list(lcd_lines(token.display.lcd, unicode=picture.unicode))
    if picture.flipped:
        face = _back(face, token.serial)
    beside = _facts(token)
    lines = max(len(face), len(beside))
    face += [" " * len(face[0])] * (lines - len(face))
    beside += [""] * (lines - len(beside))
    return [f"{left}{_FACE_GAP}{right}" for left, right in zip(face, beside, strict=True)]


def _back(face: list[str], serial: str) -> list[str]:
    """Return the token's back, of the size of its face."""
    first, *rows, last = face
    inner = len(first) - 2
    texts = ["", serial, "S/N"]
    label = [row[0] + (texts.pop() if texts else "").center(inner) + row[-1] for row in rows]
    edge = first[1] if first[1] != " " else "-"
    return [first[0] + edge * inner + first[-1], *label, last]


def _facts(token: Token) -> list[str]:
    counter = "none" if token.next_counter is None else f"{token.next_counter:,}"
    if token.step is not None:
        counter = f"{token.step:,}, the step of its own clock"
    left_s = token.display.remaining_ns / BILLION
    shows = "lit" if token.display.lcd.lit else "dark"
    facts = [
        ("type", f"{token.profile}, {token.token_type.value}-based"),
        ("counter" if token.step is None else "step", counter),
        ("LCD", f"{shows}, dark in {left_s:.0f} s" if left_s else shows),
        ("button", "down" if token.pressed else "up"),
    ]
    if token.failure is not None:
        facts.append(("stopped", token.failure))
    return [f"{name:<{_LABEL}}{text}" for name, text in facts]


def _gauge(picture: Picture, width: int) -> Sequence[str]:
    if picture.token is None or picture.bench is None:
        return ()
    position = picture.token.position(picture.bench.now_ns)
    view = picture.token.view
    name = [] if view is None else [f"against {view.name}"]
    try:
        lines = gauge_lines(view, position, max(width, MIN_WIDTH), unicode=picture.unicode)
    except UsageError as e:
        return (str(e),)
    return [*name, *lines] if view is not None else lines[:1]


def _message(picture: Picture) -> str:
    return f"{picture.url} does not answer; trying again" if picture.lost else picture.message


def _plain(line: str, unicode: bool) -> str:  # noqa: FBT001  # said in one word where it is called
    """Return a line that no terminal takes for more than text, a column for each character."""
    shown = re.sub(r"[^ -~]", lambda found: _shown(found[0]), line)
    return shown if unicode else shown.encode("ascii", "replace").decode()


def _shown(char: str) -> str:
    wide = unicodedata.east_asian_width(char) in {"W", "F"}
    none = unicodedata.category(char) in {"Mn", "Me"}
    return "?" if wide or none or not char.isprintable() else char
