"""``galh watch``: a bench's tokens in a terminal, for people on ssh.

Asks the bench over HTTP and shows what it says; the keys are the buttons. Whatever ends
it, the terminal is as it was before.
"""

import contextlib
import curses
import dataclasses
import locale
import shutil
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from hosttools.benchanswers import Event, Token
from hosttools.benchclient import BenchClient
from hosttools.cli.options import (
    bearer_option,
    json_option,
    print_json,
    read_bearer,
    speaks_unicode,
)
from hosttools.cli.watchscreen import SHOWN_KINDS, Picture, alarmed, gauge_rows, screen
from hosttools.errors import HostError, UsageError

FRAME_MS: Final = 150
"""How often the bench is asked, host milliseconds; our default."""

TIMEOUT_S: Final = 2.0
"""How long keys may be dead while the bench doesn't answer."""

MOST_TOKENS: Final = 200
_EVENTS: Final = 200
_LOOK_BACK: Final = 1_000
"""Records of the journal, of any token, that the first picture is made from."""

_RATES: Final = {"0": 0.0, "1": 1.0, "2": 60.0, "3": 86_400.0}
_STEP_S: Final = 30.0
_PAIR: Final = 2


class Watch:
    """What is looked at, and what the keys do to it; knows no terminal.

    Args:
        client: the bench.
        serials: the tokens; empty: all of the bench.
        unicode: whether more than ASCII can be shown.

    Raises:
        HostError: the bench doesn't answer, or has no such token.
    """

    def __init__(self, client: BenchClient, serials: tuple[str, ...], *, unicode: bool) -> None:
        self._client = client
        self._picture = Picture(client.url, unicode=unicode)
        matched = len(serials)
        if serials:
            self._serials = [client.token(serial).serial for serial in serials]
        else:
            page = client.tokens(limit=MOST_TOKENS)
            self._serials, matched = [token.serial for token in page.tokens], page.matched
        self._more = (
            f", {matched:,} on the bench: name those to watch"
            if matched > MOST_TOKENS and not serials
            else ""
        )
        self._codes: deque[str] = deque(maxlen=_PAIR)
        self._events: deque[Event] = deque(maxlen=_EVENTS)
        self._cursor: int | None = None
        self._keys = self._bindings()
        self._choose(0)
        self.refresh()

    @property
    def picture(self) -> Picture:
        """What is known now."""
        return self._picture

    @property
    def serial(self) -> str:
        """The token that is looked at."""
        if not self._serials:
            raise UsageError("there is no token on the bench; make one first")
        return self._serials[self._at]

    def refresh(self) -> None:
        """Ask the bench; one that doesn't answer is asked again the next time."""
        try:
            token = self._client.token(self.serial) if self._serials else None
            bench = self._client.bench()
            if self._cursor is None or bench.sequence < self._cursor:  # or it was started anew
                self._events.clear()
                self._cursor = max(bench.sequence - _LOOK_BACK, 0)
            if token is not None and self._cursor < bench.sequence:
                found, self._cursor = self._client.journal(
                    self._cursor, limit=_LOOK_BACK, serials=[token.serial], kinds=SHOWN_KINDS
                )
                self._events.extend(found)
        except UsageError as e:  # the token is gone, for instance
            self._show(token=None, lost=False, message=str(e))
        except HostError:
            self._show(lost=True)
        else:
            self._show(token=token, bench=bench, events=tuple(self._events), lost=False)

    def key(self, key: str) -> None:
        """Do what a key says; one that says nothing does nothing."""
        act = self._keys.get(key)
        if act is None:
            return
        self._show(message="")
        try:
            act()
        except HostError as e:
            self._show(message=str(e))
        self.refresh()

    def let_go(self) -> None:
        """Release the button, if it is held."""
        token = self._picture.token
        if token is not None and token.pressed:
            with contextlib.suppress(HostError):
                self._client.up(token.serial)

    def as_dict(self) -> dict[str, Any]:
        """Return what is known as plain values, for JSON."""
        bench, token = self._picture.bench, self._picture.token
        return {
            "bench": None if bench is None else dataclasses.asdict(bench),
            "token": None if token is None else _token_dict(token),
            "events": [dict(event.data) for event in self._picture.events],
        }

    def _bindings(self) -> dict[str, Callable[[], None]]:
        rates = {key: self._setter(rate) for key, rate in _RATES.items()}
        return rates | {
            " ": self._press,
            "h": self._hold,
            "\t": self._next,
            "n": self._next,
            "p": self._previous,
            "a": lambda: self._client.advance(_STEP_S),
            "s": self._submit,
            "r": self._resync,
            "f": lambda: self._show(flipped=not self._picture.flipped),
        }

    def _setter(self, rate: float) -> Callable[[], None]:
        return lambda: self._client.set_rate(rate)

    def _press(self) -> None:
        (result,) = self._client.press(self.serial)
        if result.code is None:
            self._show(message=f"refused: {result.refused}")
            return
        self._codes.append(result.code)

    def _hold(self) -> None:
        token = self._picture.token
        if token is not None and token.pressed:
            self._client.up(self.serial)
        else:
            self._client.down(self.serial)

    def _next(self) -> None:
        self._choose(self._at + 1)

    def _previous(self) -> None:
        self._choose(self._at - 1)

    def _choose(self, at: int) -> None:
        count = len(self._serials)
        self._at = at % count if count else 0
        self._codes.clear()
        self._events.clear()
        self._cursor = None
        place = f"{self._at + 1} of {count}{self._more}" if count > 1 else ""
        self._show(serial=self.serial if count else "", place=place, token=None, events=())

    def _submit(self) -> None:
        if not self._codes:
            raise UsageError("no code to submit yet: press first")
        self._hand_in("verify", self._codes[-1])

    def _resync(self) -> None:
        if len(self._codes) < _PAIR:
            raise UsageError("a resync takes two codes in a row: press, wait until dark, press")
        self._hand_in("resync", *self._codes)

    def _hand_in(self, verb: str, *codes: str) -> None:
        answer = self._client.submit(self.serial, verb, *codes)
        self._show(message=f"{answer.kind.replace('_', ' ')}: {answer.message}")

    def _show(self, **changed: Any) -> None:  # noqa: ANN401  # fields of a Picture
        self._picture = dataclasses.replace(self._picture, **changed)


def _token_dict(token: Token) -> dict[str, Any]:
    told = dataclasses.asdict(token)
    told["token_type"] = token.token_type.value
    told["display"]["lcd"] = token.display.lcd._asdict()
    return told


@click.command()
@click.argument("url", metavar="URL")
@click.argument("serials", nargs=-1, metavar="[SERIAL]...")
@bearer_option
@click.option("--once", is_flag=True, help="Print one picture and end.")
@json_option
def watch(
    url: str,
    serials: tuple[str, ...],
    bearer_file: Path | None,
    once: bool,  # noqa: FBT001  # click's signature
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Show tokens of a bench over HTTP in the terminal; keys press the button.

    URL is what galh serve --http prints. SERIAL names the tokens; without any, all of
    the bench. --json prints one picture's figures and ends, as --once does with the
    picture.
    """
    if not (once or as_json or _is_terminal()):
        raise UsageError(
            "galh watch draws on a terminal, and this is none; --once prints one picture,"
            " --json its figures"
        )
    bearer = read_bearer(bearer_file)
    with BenchClient(url, bearer=bearer, timeout_s=TIMEOUT_S, delays_s=()) as client:
        shown = Watch(client, serials, unicode=speaks_unicode())
        if as_json:
            print_json(shown.as_dict())
        elif once:
            click.echo("\n".join(screen(shown.picture, *shutil.get_terminal_size())))
        else:
            _in_terminal(shown)


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


class _Stopped(Exception):  # noqa: N818  # an event, not an error
    """A signal said to stop."""


def _in_terminal(shown: Watch) -> None:
    locale.setlocale(locale.LC_ALL, "")  # or curses writes ASCII only
    try:
        with _stopped_by(signal.SIGTERM, signal.SIGHUP):
            curses.wrapper(_run, shown)
    except _Stopped:
        pass
    except curses.error as e:
        raise UsageError(f"this terminal can't be drawn on: {e}; --once needs none") from None
    finally:
        shown.let_go()


@contextlib.contextmanager
def _stopped_by(*numbers: signal.Signals) -> Iterator[None]:
    """Have signals end the block in good order."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(window: curses.window, shown: Watch) -> None:
    with contextlib.suppress(curses.error):  # a terminal that can't hide its cursor
        curses.curs_set(0)
    window.timeout(FRAME_MS)
    while True:
        _draw(window, shown.picture)
        pressed = window.getch()
        if pressed == ord("q"):
            return
        if pressed == curses.KEY_RESIZE:
            continue
        if pressed == curses.KEY_BTAB:
            pressed = ord("p")
        if 0 <= pressed < 0x80:  # noqa: PLR2004  # ASCII
            shown.key(chr(pressed))
        else:
            shown.refresh()


def _draw(window: curses.window, picture: Picture) -> None:
    height, width = window.getmaxyx()
    columns = width - 1  # a character in the last corner would scroll
    loud = gauge_rows(picture, columns) if alarmed(picture) else range(0)
    window.erase()
    for row, line in enumerate(screen(picture, columns, height)):
        window.addstr(row, 0, line, curses.A_REVERSE if row in loud else curses.A_NORMAL)
    window.refresh()
