"""A Robot Framework library: keywords that press a token.

Robot finds keywords, names and scope by attributes, so this imports nothing of it. What a
keyword returns, Robot logs: an unused code that a suite keeps in a variable is in its log.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from hosttools.errors import NotOfferedError, UsageError
from hosttools.hand import Can, Token, open_hand
from hosttools.manufacture import config_of
from hosttools.refserver import Record
from hosttools.refserver.codes import Codes
from hosttools.seedfiles import read_seed, seed_path

F = TypeVar("F", bound=Callable[..., object])


class SkippedError(NotOfferedError):
    """Skips the test that asks more of a token than whoever holds it can do."""

    ROBOT_SKIP_EXECUTION = True
    ROBOT_SUPPRESS_NAME = True


def _named(name: str) -> Callable[[F], F]:
    """Give a keyword another name than its function has."""

    def named(function: F) -> F:
        function.__dict__["robot_name"] = name
        return function

    return named


class GalhLibrary:
    """Presses GALH one-time-password tokens, emulated or real.

    `Open Token` takes one in the hand that lives elsewhere: behind a serial port, ``galh serve``,
    or HTTP. `Open Sample Token` has one that lives in Robot's own process, on a clock that stands
    still until somebody presses or waits. There is one token in the hand at a time; it stays there
    until `Close Token` or the end of the suite.

    A press that lights no code fails the test, except in `Press Should Be Refused`. A keyword
    that whoever holds the token can't do skips the test, with the reason.

    | *** Settings ***
    | Library           hosttools.frameworks.robot.GalhLibrary
    | Test Setup        Open Sample Token    GALH00004226
    |
    | *** Test Cases ***
    | First Code
    |     ${code}=    Press Button
    |     Display Should Show    ${code}

    Robot writes what a keyword returns to its log. Codes that no server has seen yet are
    credentials: guard the log of a suite that presses a real token, or keep them out of it with
    `Set Log Level    NONE`.
    """

    ROBOT_LIBRARY_SCOPE = "SUITE"
    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        self.ROBOT_LIBRARY_LISTENER = self
        self._token: Token | None = None

    def open_token(self, target: str, serial: str | None = None, seeds: Path | None = None) -> None:
        """Take a token in the hand that lives elsewhere.

        ``target`` is a device path, a pyserial URL (``socket://``, ``rfc2217://``) or the URL of a
        bench (``http://``). ``serial`` says which token, where there are several. ``seeds`` is the
        token's seed file, or the name of a sample, for `Code Should Match Counter`.
        """
        self.close_token()
        token = self._token = Token(open_hand(target, serial))
        if seeds is not None:
            self._token = Token(token.hand, config_of(read_seed(seed_path(seeds), token.serial)))

    def open_sample_token(self, serial: str = "GALH00004226") -> None:
        """Take a sample token in the hand, whose secret is published; it lives in this process."""
        self.close_token()
        self._token = Token.in_process(serial)

    def close_token(self) -> None:
        """Put the token down, if there is one in the hand."""
        token, self._token = self._token, None
        if token is not None:
            token.close()

    def press_button(self, hold: timedelta = timedelta(milliseconds=100)) -> str:
        """Press the button, hold it for a time, let go, and return the code."""
        return self._held().press(hold.total_seconds())

    @_named("Press Button ${times} Times")
    def press_button_times(self, times: int) -> list[str]:
        """Press so often that so many codes light, and return them; waits until dark in between."""
        return self._held().press_many(times)

    def press_should_be_refused(self, reason: str | None = None) -> None:
        """Press, and fail if a code lights, or if it is refused for another reason.

        Reasons are such as ``lit``, ``dead``, ``reset``.
        """
        refused = self._held().try_press().refused
        if refused is None:
            raise AssertionError("a code lit")
        if reason is not None and refused != reason.lower():
            raise AssertionError(f"the press was refused for another reason: {refused}")

    def get_fresh_code(self) -> str:
        """Wait until the display is dark, press, and return the code."""
        return self._held().fresh_code()

    def wait_until_dark(self) -> None:
        """Wait until the display is dark; time that can be moved is moved there."""
        self._held().wait_dark()

    def let_time_pass(self, time: timedelta) -> None:
        """Let time pass at once, on a clock that is not the host's: ``31 seconds``, ``90 days``."""
        self._held(Can.ADVANCE).advance(time.total_seconds())

    def display_should_show(self, text: str) -> None:
        """Fail unless the digits of the display read so."""
        shown = self._held(Can.LOOK).text
        if shown != text:
            raise AssertionError(f"the display shows {shown or 'nothing'}, not {text}")

    def display_should_be_dark(self) -> None:
        """Fail if any segment is on."""
        if self._held(Can.LOOK).lit:
            raise AssertionError("the display is lit")

    def code_should_match_counter(self, code: str, counter: int) -> None:
        """Fail unless the code is that of this counter, by the reference server's reckoning.

        Needs the seed: a sample token's is known, another's is in a seed file.
        """
        token = self._held()
        try:
            codes = Codes(Record.of_token(token.config))
        except NotOfferedError as e:
            raise SkippedError(str(e)) from None
        if codes.search((range(counter, counter + 1),), code) != ([counter],):
            raise AssertionError(f"this is not the code of counter {counter}")

    def counter_should_be(self, counter: int) -> None:
        """Fail unless this is the next counter of the event token."""
        found = self._held(Can.COUNTER).counter
        if found != counter:
            raise AssertionError(f"the next counter is {found}, not {counter}")

    def _held(self, *needed: Can) -> Token:
        """Return the token in the hand, if it can do what is needed."""
        if self._token is None:
            raise UsageError("there is no token in the hand; use Open Token first")
        try:
            self._token.require(*needed)
        except NotOfferedError as e:
            raise SkippedError(str(e)) from None
        return self._token

    def _close(self) -> None:
        """Put the token down when Robot lets go of the library."""
        self.close_token()
