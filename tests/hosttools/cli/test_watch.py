"""``galh watch``: its picture, its keys, and a real terminal round it."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import RealClock
from emulator.serverview import ServerView
from firmware_model.profile import TokenType
from firmware_model.segments import Lcd, encode
from hosttools.benchanswers import BenchError, BenchState, Display, Event, Token
from hosttools.benchclient import BenchClient
from hosttools.cli.watch import Watch
from hosttools.cli.watchscreen import KEYS, SHOWN_KINDS, Picture, alarmed, gauge_rows, screen, told
from hosttools.testing import BACKSTOP_S

Galh = Callable[..., tuple[int, str, str]]
Serve = Callable[..., Any]
EVENT, TIME = "GALH12345678", "GALT00000042"
NOW_NS = 1_767_600_000_000_000_000
_SIZES = {"LINES", "COLUMNS"}
HANDED_BACK = b"\x1b[?1049l"
"""How xterm leaves the screen that full-screen programs draw on."""


def _token(text: str = "", *, counter: int | None = 40, server: int | None = 3) -> Token:
    lcd = Lcd(encode(text or " " * 6))
    view = None
    if server is not None:
        view = ServerView(name="vpn", next_counter=server, look_ahead=10, resync_window=1000)
    return Token(
        serial=EVENT,
        profile="GALH",
        token_type=TokenType.EVENT,
        pressed=False,
        mode="lit" if text else "asleep",
        display=Display(lcd, 12_000_000_000 if text else 0, 9),
        next_counter=counter,
        step=None,
        step_s=None,
        token_time_ns=None,
        view=view,
        failure=None,
    )


def _picture(token: Token | None = None, **changed: Any) -> Picture:  # noqa: ANN401  # Picture's
    bench = BenchState(1, NOW_NS, "manual", 0.0, virtual=True, sequence=9, oldest=1, run="a")
    settings: dict[str, Any] = {"serial": EVENT, "token": token, "bench": bench} | changed
    return Picture("http://127.0.0.1:1", **settings)


def _event(kind: str, sequence: int = 1, by: str = "", **data: Any) -> Event:  # noqa: ANN401  # JSON
    return Event(sequence, EVENT, kind, NOW_NS + 250_000_000, by, data)


# The picture.


def test_picture_shows_token() -> None:
    """LCD, counter, time left and what the keys do are in the picture."""
    shown = "\n".join(screen(_picture(_token("755224")), 90, 24))

    assert "|_|" in shown or "_|" in shown
    assert "counter 40" in shown
    assert "lit, dark in 12 s" in shown
    assert "2026-01-05 08:00:00 UTC, paused" in shown
    assert all(line in shown for line in KEYS)


def test_gauge_is_loud_outside() -> None:
    """A token that needs a resync is told by the gauge, whose lines stand out."""
    picture = _picture(_token())
    lines = screen(picture, 80, 24)
    rows = gauge_rows(picture, 80)

    assert alarmed(picture)
    assert lines[rows.start] == "against vpn"
    assert lines[rows.start + 1].startswith("+37 NEEDS A RESYNC")


@pytest.mark.parametrize(
    ("token", "loud"),
    [
        (_token(server=40), False),
        (_token(server=30), False),
        (_token(server=29), True),
        (_token(server=41), True),
        (_token(server=None), False),
        (_token(counter=None), False),
        (None, False),
    ],
)
def test_when_it_is_loud(token: Token | None, *, loud: bool) -> None:
    """Loud is where one code is not accepted any more."""
    assert loud is alarmed(_picture(token))


def test_back() -> None:
    """Flipped, the back is up, with the serial number, in the same place."""
    front, back = (screen(_picture(_token("755224"), flipped=f), 90, 24) for f in (False, True))

    assert len(front) == len(back)
    assert "S/N" not in "\n".join(front)
    assert "S/N" in "\n".join(back)
    assert any(EVENT in line for line in back[1:])


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (_event("edge", by="pty", closed=True), "button pressed   by pty"),
        (_event("lit", factor=7), "code of 7 lit"),
        (_event("refused", reason="lit"), "refused lit"),
        (_event("note", text="a new lineage begins"), "a new lineage begins"),
        (
            _event("submitted", server="vpn", verb="verify", accepted=False, reason="too far"),
            "vpn refuses (verify): too far",
        ),
        (_event("advanced", to_ns=NOW_NS + 30_250_000_000), "time advanced by 30 s"),
        (_event("advanced"), "time advanced by 0 s"),
        (_event("brown_out", millivolts=1800), "brown out"),
        (_event("lit"), "code of None lit"),
    ],
)
def test_events_in_words(event: Event, line: str) -> None:
    """Each event is a line with bench time, what happened, and by whom."""
    assert f"08:00:00.250   {line}" == told(event)


def test_newest_events_stay() -> None:
    """Where there is little room the oldest events go first; the message stays."""
    events = [_event("note", number, text=f"number {number}") for number in range(50)]
    lines = screen(_picture(_token(), events=events, message="refused: lit"), 80, 20)
    shown = [line for line in lines if "number" in line]

    assert 20 == len(lines)
    assert "number 49" in shown[-1]
    assert "number 0" not in "".join(shown)
    assert "refused: lit" == lines[-1]


def test_no_answer_is_told() -> None:
    """While the bench doesn't answer, the last picture stays and says so."""
    lines = screen(_picture(_token("755224"), lost=True), 80, 24)

    assert "http://127.0.0.1:1 does not answer; trying again" == lines[-1]
    assert any("counter 40" in line for line in lines)


def test_ascii() -> None:
    """Where the output takes nothing else, all of it is ASCII."""
    picture = _picture(_token("755224"), unicode=False, message="żółw")

    assert "\n".join(screen(picture, 80, 24)).isascii()


@given(
    st.integers(1, 120),
    st.integers(1, 40),
    st.text(max_size=30),
    st.lists(st.tuples(st.sampled_from([*SHOWN_KINDS, "gap", "x"]), st.integers(), st.text())),
    st.sampled_from([None, _token(), _token("755224"), _token(server=None)]),
)
def test_picture_fits(
    width: int, height: int, text: str, events: list[tuple[str, int, str]], token: Token | None
) -> None:
    """Whatever happened, the picture fits and has nothing that a terminal would obey."""
    picture = _picture(
        token,
        message=text,
        place=text,
        events=[Event(1, "", k, at, by, {"text": by, "to_ns": at}) for k, at, by in events],
    )
    lines = screen(picture, width, height)

    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)
    assert all(line.isprintable() for line in lines)


# The keys.


@pytest.fixture
def watch(serve: Serve) -> Iterator[Watch]:
    """Watch an event token and a time token."""
    with BenchClient(serve(EVENT, TIME).url) as client:
        yield Watch(client, (), unicode=True)


def _type(watch: Watch, keys: str) -> Picture:
    for key in keys:
        watch.key(key)
    return watch.picture


def test_space_presses(watch: Watch) -> None:
    """Space presses, and the picture has the code; again while lit says why not."""
    picture = _type(watch, " ")
    assert picture.token is not None
    assert picture.token.display.lcd.lit
    assert "lit" in [event.kind for event in picture.events]
    assert "refused: lit" == _type(watch, " ").message


def test_hold(watch: Watch) -> None:
    """One key takes the button down and lets it go, and the end lets it go too."""
    held = []
    for key in "hhh":
        token = _type(watch, key).token
        assert token is not None
        held.append(token.pressed)
    watch.let_go()
    watch.refresh()

    assert [True, False, True] == held
    assert watch.picture.token is not None
    assert not watch.picture.token.pressed


def test_other_tokens(watch: Watch) -> None:
    """Tab and p go round the tokens; events are those of the token."""
    _type(watch, " ")
    serials = [_type(watch, key).serial for key in "\tnp\t"]

    assert [TIME, EVENT, TIME, EVENT] == serials
    assert {EVENT} == {event.serial for event in watch.picture.events}
    assert "1 of 2" == watch.picture.place


def test_time(watch: Watch) -> None:
    """Keys advance the clock and set its rate."""
    before, after = watch.picture.bench, _type(watch, "a").bench
    assert before is not None
    assert after is not None
    assert 30_000_000_000 == after.now_ns - before.now_ns
    fast = _type(watch, "3").bench
    paused = _type(watch, "0").bench
    assert fast is not None
    assert paused is not None
    assert (86_400.0, 0.0) == (fast.rate, paused.rate)


def test_real_clock_refuses(serve: Serve) -> None:
    """What the clock can't do is said in the last line."""
    with BenchClient(serve(EVENT, clock=RealClock()).url) as client:
        assert "real" in _type(Watch(client, (), unicode=True), "a").message


def test_submit_and_resync(watch: Watch) -> None:
    """The last code goes to the server, the last two bring the token back."""
    first = _type(watch, "s").message
    accepted = _type(watch, " s").message
    again = _type(watch, "s").message
    alone = _type(watch, "r").message
    back = _type(watch, "aa ar").message

    assert "no code to submit yet: press first" == first
    assert accepted.startswith("accepted: ")
    assert again.startswith("replayed: ")
    assert alone.startswith("a resync takes two codes")
    assert "replayed" in back or "resynced" in back


def test_other_keys(watch: Watch) -> None:
    """A key without a meaning does nothing; f flips."""
    before = watch.picture
    _type(watch, "xZ\x1b")

    assert before == watch.picture
    assert _type(watch, "f").flipped


def test_bench_goes_and_comes(serve: Serve) -> None:
    """While nobody answers the picture stays; then it goes on."""
    served = serve(EVENT)
    with BenchClient(served.url, delays_s=()) as client:
        shown = Watch(client, (), unicode=True)
        with mock.patch.object(client, "token", side_effect=BenchError("no answer")):
            shown.refresh()
        lost = shown.picture
        shown.refresh()

    assert lost.lost
    assert lost.token is not None
    assert not shown.picture.lost


def test_token_that_goes(serve: Serve) -> None:
    """A token that is taken away is told of, in the bench's words."""
    served = serve(EVENT)
    with BenchClient(served.url) as client:
        shown = Watch(client, (EVENT,), unicode=True)
        served.runner.call(lambda: served.runner.bench.remove(EVENT))
        shown.refresh()

    assert "no token" in shown.picture.message
    assert "no token to look at" in "\n".join(screen(shown.picture, 80, 24))


def test_empty_bench(serve: Serve) -> None:
    """A bench without tokens says so, and keys do no harm."""
    served = serve(EVENT)
    served.runner.call(lambda: served.runner.bench.remove(EVENT))
    with BenchClient(served.url) as client:
        assert "there is no token" in _type(Watch(client, (), unicode=True), "\tp ").message


# The command.


def test_once(galh: Galh, serve: Serve) -> None:
    """--once prints one picture and ends; it needs no terminal."""
    exit_code, out, err = galh("watch", serve(EVENT).url, "--once")

    assert (0, "") == (exit_code, err)
    assert out.startswith(EVENT)
    assert "0 IN STEP" in out


def test_json(galh: Galh, serve: Serve) -> None:
    """--json prints the figures."""
    told = json.loads(galh("watch", serve(EVENT).url, EVENT, "--json")[1])

    assert (EVENT, "event", 0) == tuple(
        told["token"][name] for name in ("serial", "token_type", "next_counter")
    )
    assert "manual" == told["bench"]["mode"]


def test_no_terminal(galh: Galh) -> None:
    """Without a terminal and without --once: exit 2, and the message says what to do."""
    exit_code, out, err = galh("watch", "http://127.0.0.1:1")

    assert (2, "") == (exit_code, out)
    assert "--once prints one picture" in err


def test_nobody_there(galh: Galh) -> None:
    """Where nobody listens: exit 1 and a message, no traceback."""
    exit_code, out, err = galh("watch", "http://127.0.0.1:1", "--once")

    assert (1, "") == (exit_code, out)
    assert err.startswith("galh: no answer from http://127.0.0.1:1")


def test_bearer_file(galh: Galh, serve: Serve, tmp_path: Path) -> None:
    """The bearer token comes from a file; it is in nothing that is printed."""
    url, path = serve(EVENT, bearer="a-long-secret").url, tmp_path / "bearer"
    path.write_text("a-long-secret\n", encoding="ascii")
    without = galh("watch", url, "--once")
    done = galh("watch", url, "--once", "--bearer-file", path)

    assert (2, 0) == (without[0], done[0])
    assert "a-long-secret" not in "".join(str(part) for part in done)


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff"])
def test_no_bearer_in_file(galh: Galh, tmp_path: Path, content: bytes | None) -> None:
    """A file without a bearer token: exit 2."""
    path = tmp_path / "bearer"
    if content is not None:
        path.write_bytes(content)

    assert 2 == galh("watch", "http://127.0.0.1:1", "--once", "--bearer-file", path)[0]


# In a terminal.


class Terminal:
    """A process on a pseudo-terminal of 100 columns and 30 lines."""

    def __init__(self, *arguments: str, term: str = "xterm") -> None:
        self._master, self._slave = pty.openpty()
        self.resize(30, 100)
        self.before = termios.tcgetattr(self._slave)
        self.shown = b""
        # xdist sets LINES and COLUMNS, which curses would believe more than the terminal.
        left = {name: text for name, text in os.environ.items() if name not in _SIZES}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hosttools.cli", *arguments],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            env={**left, "TERM": term, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        )

    @property
    def after(self) -> list[Any]:
        """The terminal's settings now."""
        return termios.tcgetattr(self._slave)

    def resize(self, lines: int, columns: int) -> None:
        """Make the window another size."""
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, size)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def read_until(self, text: bytes) -> None:
        """Read until a text was shown, since the last call."""
        seen = b""
        deadline = time.monotonic() + BACKSTOP_S
        while text not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([self._master], [], [], 0.1)[0]:
                seen += os.read(self._master, 65_536)
            elif self.process.poll() is not None:
                raise AssertionError(seen)
        self.shown += seen

    def wait(self) -> int:
        """Wait for the end, and read what is left."""
        deadline = time.monotonic() + BACKSTOP_S
        while self.process.poll() is None or select.select([self._master], [], [], 0)[0]:
            assert time.monotonic() < deadline, self.shown
            if select.select([self._master], [], [], 0.1)[0]:
                self.shown += os.read(self._master, 65_536)
        return self.process.returncode

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)


MakeTerminal = Callable[..., Terminal]


@pytest.fixture
def terminal() -> Iterator[MakeTerminal]:
    """Return a function that runs ``galh`` on a pseudo-terminal."""
    made: list[Terminal] = []

    def make(*arguments: str, **settings: str) -> Terminal:
        made.append(Terminal(*arguments, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_in_a_terminal(serve: Serve, terminal: MakeTerminal) -> None:
    """Space presses the button of the bench; q hands the terminal back as it was."""
    served = serve(EVENT)
    shown = terminal("watch", served.url)
    shown.read_until(b"IN STEP")
    shown.type(b" ")
    shown.read_until(b"code of 0 lit")
    shown.type(b"q")

    assert 0 == shown.wait()
    assert shown.before == shown.after
    assert HANDED_BACK in shown.shown
    assert 1 == served.runner.call(lambda: served.runner.bench.look(EVENT).counter)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_hand_the_terminal_back(
    serve: Serve, terminal: MakeTerminal, number: signal.Signals
) -> None:
    """A signal ends it in good order: the terminal is as it was, a held button is let go."""
    served = serve(EVENT)
    shown = terminal("watch", served.url)
    shown.read_until(b"IN STEP")
    shown.type(b"h")
    shown.read_until(b"button pressed")
    shown.process.send_signal(number)

    assert (130 if number is signal.SIGINT else 0) == shown.wait()
    assert shown.before == shown.after
    assert HANDED_BACK in shown.shown
    assert not served.runner.call(lambda: served.runner.bench.look(EVENT).pressed)


def test_resize(serve: Serve, terminal: MakeTerminal) -> None:
    """A window may become as small as nothing, and large again."""
    shown = terminal("watch", serve(EVENT).url)
    shown.read_until(b"IN STEP")
    for lines, columns in ((1, 1), (2, 5), (40, 120)):
        shown.resize(lines, columns)
        shown.process.send_signal(signal.SIGWINCH)
    shown.type(b"f")
    shown.read_until(b"S/N")
    shown.type(b"q")

    assert 0 == shown.wait()


def test_unknown_terminal(serve: Serve, terminal: MakeTerminal) -> None:
    """A terminal that curses doesn't know: exit 2, and the message says what to do."""
    shown = terminal("watch", serve(EVENT).url, term="no-such-terminal")

    assert 2 == shown.wait()
    assert b"--once needs none" in shown.shown
