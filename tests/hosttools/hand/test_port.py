"""A token behind a serial port, and what else may be behind one."""

import os
import pty
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from unittest import mock

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import VirtualClock
from emulator.inprocess import alive
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT
from firmware_model.profile import SECOND, Profile, TokenType
from firmware_model.segments import Lcd, encode
from hosttools.hand import CommandError, PortError, PortToken, Pressed, conversation
from hosttools.testing import BACKSTOP_S

OK = b'0,"No error"\n'


class ScriptedLine:
    """Stands for pyserial: whatever is asked, the next of these bytes come; then silence."""

    def __init__(self, answers: bytes) -> None:
        self.answers = answers
        self.timeout = 0.0
        self.is_open = True
        self.sent = b""

    def write(self, data: bytes) -> None:
        """Take a line."""
        if not self.is_open:
            raise serial.PortNotOpenError
        self.sent += data

    def read_until(self, end: bytes, size: int) -> bytes:
        """Read a line, or what there is when the time is over."""
        length = self.answers.find(end) + 1 or len(self.answers)
        line, self.answers = self.answers[: min(length, size)], self.answers[min(length, size) :]
        return line

    def close(self) -> None:
        """Close."""
        self.is_open = False


@contextmanager
def _scripted(answers: bytes) -> Iterator[tuple[PortToken, ScriptedLine]]:
    line = ScriptedLine(OK + answers)
    with mock.patch("serial.serial_for_url", return_value=line), PortToken("scripted") as token:
        yield token, line


@contextmanager
def _alive(profile: Profile = GALH, serial_number: str = "GALH00000042") -> Iterator[PortToken]:
    config = configure(serial_number, profile, Secret(b"12345678901234567890"))

    with (
        alive([config], clock=VirtualClock(59 * SECOND)),
        PortToken(f"galh://{serial_number}") as token,
    ):
        yield token


# A real session at the other end.


def test_press_gives_code() -> None:
    """A press answers with the code as it lit."""
    with _alive() as token:
        assert Pressed("755224", None) == token.press()


def test_press_while_lit_says_so() -> None:
    """A refused press answers with the reason, in lower case."""
    with _alive() as token:
        token.press()

        assert Pressed(None, "lit") == token.press()


def test_wait_dark_goes_to_the_moment() -> None:
    """On a manual clock, waiting until dark takes what the LCD has left, and no time."""
    with _alive() as token:
        token.press()
        lit_until = token.time_ns() + token.remaining_ns()
        token.wait_dark()

        assert lit_until == token.time_ns()
        assert not token.lcd().lit


def test_lcd_of_time_token() -> None:
    """The LCD comes as segments and bars: at the end of a step one of six is left."""
    with _alive(GALT, "GALT00000042") as token:
        token.press()

        assert Lcd(encode("287082"), 1, 6, battery_sign=True) == token.lcd()


def test_clock_of_time_token() -> None:
    """Bench time and the token's own are nanoseconds since 1970."""
    with _alive(GALT, "GALT00000042") as token:
        token.advance(0.5)

        assert 59 * SECOND + SECOND // 2 == token.time_ns() == token.token_time_ns()
        assert token.rate() == 0


def test_counter_rises() -> None:
    """The next counter of an event token is one more after a press."""
    with _alive() as token:
        token.press()

        assert token.counter() == 1


def test_what_it_is() -> None:
    """Serial number, product, type, clock and temperature, as plain values."""
    with _alive(GALT, "GALT00006238") as token:
        token.set_temperature(-5.5)

        assert ("GALT00006238", "GALT") == (token.serial(), token.profile_name())
        assert (TokenType.TIME, "manual") == (token.token_type(), token.clock_mode())
        assert -5.5 == token.temperature()


def test_reset_while_held() -> None:
    """The button goes down, the supply fails, the button comes up: nothing lights."""
    with _alive() as token:
        token.down()
        token.reset()
        token.up()
        token.advance(1.0)

        assert (0, False) == (token.counter(), token.lcd().lit)


def test_refusal_carries_number() -> None:
    """A command that the port refuses raises with the SCPI error's number and text."""
    with _alive() as token, pytest.raises(CommandError, match=r"CLOC:ADV .* was refused: -") as e:
        token.advance(-1)

    assert e.value.number == -222


def test_conversation_goes_on_after_refusal() -> None:
    """A refused query leaves nothing behind that the next one would take for its answer."""
    with _alive() as token:
        with pytest.raises(CommandError):
            token.ask("TOK:TIME?")

        assert token.counter() == 0


def test_command_is_no_query() -> None:
    """Asking what has no answer is an error at once, not a timeout."""
    with _alive() as token:
        with pytest.raises(PortError, match="got no answer"):
            token.ask("CLOC:ADV 1")

        assert token.counter() == 0


# Something else at the other end.


def test_port_that_is_not_there() -> None:
    """A port that can't be opened says how to find one."""
    with pytest.raises(PortError, match=r"/nowhere/tty can't be opened.*galh serve prints"):
        PortToken("/nowhere/tty")


def test_silence_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that says nothing is given up after the timeout."""
    # The answer is late, not what is sent, however slow this machine is.
    monkeypatch.setattr(conversation, "_write_timeout_s", lambda *_: None)
    master, slave = pty.openpty()
    try:
        with pytest.raises(PortError, match=r"no answer to \*CLS .* within 0.01 s"):
            PortToken(os.ttyname(slave), timeout_s=0.01)
    finally:
        os.close(master)
        os.close(slave)


def test_port_that_takes_nothing_ends_in_time() -> None:
    """A port whose other end reads nothing is given up after the timeout, not never."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(slave, False)
    try:
        with suppress(BlockingIOError):
            while True:
                os.write(slave, b"x" * 1024)
        with pytest.raises(PortError, match="takes nothing"):
            PortToken(os.ttyname(slave), timeout_s=0.01)
    finally:
        os.close(master)
        os.close(slave)


def test_port_that_hangs_up() -> None:
    """A port that is gone in the middle of a conversation is an error of ours."""
    master, slave = pty.openpty()
    tty.setraw(slave)

    def read_command() -> None:
        got = b""
        while not got.endswith(b"SYST:ERR?\n"):
            got += os.read(master, 100)

    def answer_and_leave() -> None:
        read_command()
        os.write(master, OK)
        read_command()
        os.close(master)

    peer = threading.Thread(target=answer_and_leave)
    peer.start()
    with PortToken(os.ttyname(slave), timeout_s=BACKSTOP_S) as token:
        os.close(slave)
        with pytest.raises(PortError):
            token.counter()
    peer.join()


@pytest.mark.parametrize("answer", [b"7", b'"755', b'"755224"\n0,"No err', b""])
def test_half_an_answer(answer: bytes) -> None:
    """An answer that breaks off is none."""
    with _scripted(answer) as (token, _), pytest.raises(PortError, match="no answer to BUTT:PRES"):
        token.press()


@pytest.mark.parametrize(
    "answer",
    [
        b'"hello"\n' + OK,
        b'"75522"\n' + OK,
        b'"755224 "\n' + OK,
        b'"REFUSED \xff"\n' + OK,
        b'"755224"\n"755224"\n',
        b'"755224"\n0,No error\n',
    ],
)
def test_answer_that_no_press_has(answer: bytes) -> None:
    """What is neither a code nor a refusal is not taken for one."""
    with (
        _scripted(answer) as (token, _),
        pytest.raises(PortError, match="doesn't speak the token's protocol"),
    ):
        token.press()


def test_line_that_never_ends() -> None:
    """An endless line is cut, not kept."""
    with _scripted(b"x" * 1_000_000) as (token, line):
        with pytest.raises(PortError, match="no answer"):
            token.counter()

        assert len(line.answers) > 900_000


def test_lost_step_ends_conversation() -> None:
    """After silence the port is closed: a late answer can't be taken for the next one's."""
    with _scripted(b"") as (token, line):
        with pytest.raises(PortError):
            token.press()
        line.answers = b"755224\n" + OK

        with pytest.raises(PortError):
            token.counter()


def test_error_shows_no_code() -> None:
    """An answer out of place is told without its digits: nobody may have used that code yet."""
    with _scripted(b'0,"No error"x\n"755224"\n') as (token, _):
        with pytest.raises(PortError) as e:
            token.tell("*CLS")

        assert "755224" not in str(e.value)
    with _scripted(b'"755224"\n') as (token, _):
        with pytest.raises(PortError) as e:
            token.tell("*CLS")

        assert '"######"' in str(e.value)


def test_error_shows_no_control_characters() -> None:
    """A device's own words can't drive the terminal, nor spell a code."""
    with _scripted(b'-200,"\x1b]0;gone\x07 755224"\n') as (token, _):
        with pytest.raises(CommandError) as e:
            token.tell("BUTT:PRES")

        assert str(e.value).endswith("-200, ?]0;gone? ######")


def test_failed_opening_leaves_nothing_open() -> None:
    """A port that turns out to be no token's is closed again."""
    line = ScriptedLine(b"login: \n")
    with mock.patch("serial.serial_for_url", return_value=line), pytest.raises(PortError):
        PortToken("scripted")

    assert not line.is_open


def test_pressed_hides_the_code() -> None:
    """A code that nobody has used yet does not show in a repr."""
    assert repr(Pressed("755224", None)) == "<Pressed lit>"
    assert repr(Pressed(None, "lit")) == "<Pressed refused='lit'>"


_pieces = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.sampled_from(
            [b"\n", OK, b'"755224"\n', b"1e999\n", b"nan\n", b"-1\n", b"#H3F06\n", b"TIME\n"]
        ),
        st.from_regex(rb'[+-]?\d{1,30},".*"\n', fullmatch=True),
    ),
    max_size=12,
).map(b"".join)


@given(
    _pieces,
    st.sampled_from(
        [
            PortToken.press,
            PortToken.wait_dark,
            PortToken.rate,
            PortToken.lcd,
            PortToken.remaining_ns,
            PortToken.time_ns,
            PortToken.token_time_ns,
            PortToken.counter,
            PortToken.clock_mode,
            PortToken.temperature,
            PortToken.serial,
            PortToken.profile_name,
            PortToken.token_type,
            lambda token: token.advance(1.0),
            lambda token: token.ask("*IDN?"),
        ]
    ),
)
def test_whatever_comes_back(answers: bytes, verb: Callable[[PortToken], object]) -> None:
    """Any bytes make an answer that can be, or an error of ours."""
    with _scripted(answers) as (token, _), suppress(PortError, CommandError):
        verb(token)


@given(_pieces)
def test_whatever_comes_at_opening(answers: bytes) -> None:
    """Any bytes at opening make a token, or an error of ours."""
    line = ScriptedLine(answers)
    opening = mock.patch("serial.serial_for_url", return_value=line)
    with opening, suppress(PortError, CommandError):
        PortToken("scripted").close()

    assert not line.is_open
