"""What a failed test shows of its tokens, and the case that it leaves behind."""

import hashlib
import re
import shlex
from collections import deque
from pathlib import Path
from typing import Final

from emulator.errors import EmulatorError
from emulator.journal import Record
from emulator.journalform import kind_of
from emulator.render.terminal import lcd_lines
from firmware_model.profile import TokenType
from hosttools.cases import SUFFIX, Case, save
from hosttools.errors import HostError
from hosttools.hand import Can, Token
from hosttools.journallines import line_of
from hosttools.pytest_plugin.server import gauge
from hosttools.pytest_plugin.world import World

_EVENTS: Final = 12
_KINDS: Final = frozenset(
    {
        *("accepted", "refused", "lit", "extended", "dark", "power_lost", "booted", "brown_out"),
        *("exhausted", "commit_failed", "erased", "set_counter", "advanced", "fired"),
        *("submitted", "note", "stopped", "shift_time"),
    }
)
"""Kinds of records that tell a story; the others are how it came about."""

Told = tuple[str, list[tuple[str, object]]]
"""What a report shows, and the properties of its JUnit record."""

_TOKENS: Final = 4
"""How many tokens of a fleet are shown."""


def describe(world: World, case: Case | None) -> str:
    """Return what is to be seen of a test's tokens now, for its report.

    Args:
        world: the test's.
        case: what happened; ``None``: nobody knows.
    """
    parts = [_token(world, token) for token in world.tokens[:_TOKENS]]
    if len(world.tokens) > _TOKENS:
        parts.append(f"and {len(world.tokens) - _TOKENS} more tokens")
    if events := _events(case):
        parts.append("\n".join(["last events:", *map(line_of, events)]))
    return "\n\n".join(parts)


def _token(world: World, token: Token) -> str:
    lines = [f"token {token.serial}, {world.options.backend}"]
    try:
        lines[0] += f", {world.clock.now().isoformat()}"
        if Can.LOOK in token.can:
            lines.extend(lcd_lines(token.lcd))
        lines.append(f"token   {_where(token)}")
        if world.has_server:
            lines.append(f"server  {_server(world, token)}")
            if {Can.COUNTER, Can.TOKEN_TIME} & token.can:
                lines.extend(line.rstrip() for line in gauge(token, world.server))
    except (HostError, EmulatorError) as e:
        lines.append(f"no more can be told: {e}")
    return "\n".join(lines)


def _where(token: Token) -> str:
    if Can.COUNTER in token.can:
        return f"next counter {token.counter}"
    if Can.TOKEN_TIME in token.can:
        return f"clock {token.clock_offset_s:+.3f} s"
    return f"{token.token_type.value}-based, in somebody's hand"


def _server(world: World, token: Token) -> str:
    record, policy = world.server.record(serial=token.serial), world.server.policy
    if record.token_type is TokenType.EVENT:
        expects = f"expects counter {record.next_factor}, look-ahead {policy.look_ahead}"
        window = f"resync window {policy.resync_window}"
    else:
        expects = f"expects {record.drift_steps:+d} steps, accepts {policy.steps_back} back"
        expects += f" and {policy.steps_forward} forward"
        window = f"resync window {policy.resync_steps} steps"
    failures = f", {record.failures} failures" if record.failures else ""
    return f"{expects}, {window}, {record.status.value}{failures}"


def _events(case: Case | None) -> list[Record]:
    records = () if case is None else case.records
    shown = (record for record in records if kind_of(record.event) in _KINDS)
    return list(deque(shown, maxlen=_EVENTS))


def tell(world: World, failure: str) -> Told:
    """Return what a failed test's report shows, and properties for its JUnit record.

    Args:
        world: the test's.
        failure: what went wrong, as pytest tells it.
    """
    case = None
    try:
        case = world.case(failure)
        path = None if case is None else _keep(case, world)
    except (HostError, EmulatorError, OSError) as e:
        return f"{describe(world, case)}\n\nno case: {e}", []
    text = describe(world, case)
    if path is None:
        return text, []
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    command = f"galh case replay {shlex.quote(str(shown))}"
    return f"{text}\n\ncase: {shown}\nreplay it: {command}", [("galh_case", str(path))]


def _keep(case: Case, world: World) -> Path:
    """Keep a case, and return where: named by the test, whatever its name has in it."""
    mark = hashlib.sha256(world.name.encode()).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", world.name.rsplit("/", 1)[-1]).strip("-")[:80]
    path = world.options.artifacts() / f"{name}-{mark}{SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of the run before
    save(path, case)
    return path
