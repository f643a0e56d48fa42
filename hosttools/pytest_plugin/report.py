"""What a failed test shows of its tokens, and the case that it leaves behind."""

import hashlib
import re
import shlex
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from emulator.errors import EmulatorError
from emulator.journal import Record
from emulator.journalform import kind_of
from emulator.render.terminal import lcd_lines
from firmware_model.profile import TokenType
from hosttools.cases import SUFFIX, save, take
from hosttools.errors import HostError
from hosttools.hand import Can, Token
from hosttools.hand.bench import BenchHand
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


def describe(world: World) -> str:
    """Return what is to be seen of a test's tokens now, for its report."""
    parts = [_token(world, token) for token in world.tokens[:_TOKENS]]
    if len(world.tokens) > _TOKENS:
        parts.append(f"and {len(world.tokens) - _TOKENS} more tokens")
    events = _events(world)
    if events:
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


def _events(world: World) -> list[Record]:
    if not any(isinstance(token.hand, BenchHand) for token in world.tokens):
        return []
    journal = world.runner.bench.journal

    def told() -> list[Record]:
        shown = (record for record in journal.since(0) if kind_of(record.event) in _KINDS)
        return list(deque(shown, maxlen=_EVENTS))

    return world.runner.call(told)


def tell(world: World, failure: str) -> Told:
    """Return what a failed test's report shows, and properties for its JUnit record.

    Args:
        world: the test's.
        failure: what went wrong, as pytest tells it.
    """
    text = describe(world)
    serials = [token.serial for token in world.tokens if isinstance(token.hand, BenchHand)]
    if not serials:
        return text, []
    try:
        path = _case_path(world)
        _keep_case(world, serials, failure, path)
    except (HostError, EmulatorError, OSError) as e:
        return f"{text}\n\nno case: {e}", []
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    command = f"galh case replay {shlex.quote(str(shown))}"
    return f"{text}\n\ncase: {shown}\nreplay it: {command}", [("galh_case", str(path))]


def _keep_case(world: World, serials: Sequence[str], failure: str, path: Path) -> None:
    servers = {world.server.name: world.server.keeps} if world.has_server else {}
    bench = world.runner.bench
    case = world.runner.call(
        lambda: take(
            bench,
            serials,
            servers=servers,
            title=world.name,
            failure=failure,
            seed=world.options.seed,
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of the run before
    save(path, case)


def _case_path(world: World) -> Path:
    """Return where the case of a test is kept: named by the test, whatever its name has in it."""
    mark = hashlib.sha256(world.name.encode()).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", world.name.rsplit("/", 1)[-1]).strip("-")[:80]
    return world.options.artifacts() / f"{name}-{mark}{SUFFIX}"
