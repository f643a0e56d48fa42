"""A token of a bench that is reached over HTTP (``galh serve --http``)."""

from typing import Final

from emulator.results import PressResult
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.benchanswers import Token
from hosttools.benchclient import PRESSES_S, BenchClient
from hosttools.errors import HostError
from hosttools.hand.seam import (
    DEFAULT_HOLD_S,
    DEFAULT_LIMIT_S,
    Can,
    Pressed,
    check_hold,
    check_series,
    lacks,
    needs,
    no_single,
    usual_lit_ns,
)

_SLACK_S: Final = 10.0
_MOST: Final = 1_000
"""Presses in one request: beyond, an answer takes so long that somebody asks why."""


class HttpHand:
    """A token of a bench at a URL.

    Args:
        client: the bench; closed with the hand.
        serial: which token; ``None``: the only one.

    Raises:
        UsageError: no such token, or none is named and there are several.
        BenchError: no bench answers.
    """

    def __init__(self, client: BenchClient, serial: str | None = None) -> None:
        self._client = client
        token = client.token(serial) if serial is not None else _only(client)
        self._serial, self._type, self._profile = token.serial, token.token_type, token.profile
        event = self._type is TokenType.EVENT
        can = {Can.EDGES, Can.LOOK, Can.MATTER}
        can |= {Can.COUNTER, Can.SET_COUNTER} if event else {Can.TOKEN_TIME}
        if client.bench().virtual:
            can.add(Can.ADVANCE)
        self.can = frozenset(can)

    def serial(self) -> str:
        """Return the serial number."""
        return self._serial

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""
        return self._type

    def profile_name(self) -> str:
        """Return what product it is."""
        return self._profile

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press and let go; return the code as it lit, or why none did."""
        check_hold(hold_s)
        return _pressed(self._client.press(self._serial, hold_s=hold_s)[-1])

    def press_many(
        self,
        times: int,
        hold_s: float = DEFAULT_HOLD_S,
        *,
        limit_s: float | None = None,
    ) -> tuple[Pressed, ...]:
        """Press so many times, see :meth:`hosttools.hand.seam.Hand.press_many`.

        The bench itself refuses more than 120 host seconds, whatever the limit.
        """
        check_series(
            times,
            hold_s,
            rate=self.rate(),
            lit_ns=usual_lit_ns(self._profile),
            limit_s=min(DEFAULT_LIMIT_S if limit_s is None else limit_s, PRESSES_S),
        )
        given: list[Pressed] = []
        while len(given) < times and (not given or given[-1].refused is None):
            if given:
                self.wait_dark()
            number = min(times - len(given), _MOST)
            results = self._client.press(self._serial, times=number, hold_s=hold_s)
            given.extend(map(_pressed, results))
        return tuple(given)

    def wait_dark(self, timeout_s: float | None = None) -> None:
        """Wait until the LCD is dark; time that can be moved is moved to that moment."""
        if timeout_s is None:
            timeout_s = self.remaining_ns() / SECOND + _SLACK_S
        rate = self.rate()
        host_s = timeout_s / rate if rate else 0.0
        if not self._client.wait(self._serial, "dark", timeout_s=timeout_s, host_s=host_s).met:
            raise HostError(f"the display of {self._serial} did not go dark within {timeout_s:g} s")

    def clock_mode(self) -> str:
        """Return ``real``, ``scaled`` or ``manual``."""
        return self._client.bench().mode

    def rate(self) -> float:
        """Return bench seconds in a second: 1 on a real clock, 0 on a manual one."""
        return self._client.bench().rate

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return self._client.bench().now_ns

    def down(self) -> None:
        """Close the button's contact."""
        self._client.down(self._serial)

    def up(self) -> None:
        """Open it."""
        self._client.up(self._serial)

    def lcd(self) -> Lcd:
        """Return what the LCD shows."""
        return self._client.display(self._serial).lcd

    def remaining_ns(self) -> int:
        """Return bench time until the LCD goes dark by itself; 0 when it is dark."""
        return self._client.display(self._serial).remaining_ns

    @needs(Can.ADVANCE)
    def advance(self, seconds: float) -> None:
        """Let bench time pass at once; a real clock refuses."""
        self._client.advance(seconds)

    @needs(Can.COUNTER)
    def counter(self) -> int:
        """Return an event token's next counter.

        Raises:
            HostError: no power, or a memory that is broken.
        """
        counter = self._client.token(self._serial).next_counter
        if counter is None:
            raise HostError(f"token {self._serial} has no counter that can be read now")
        return counter

    @needs(Can.SET_COUNTER)
    def set_counter(self, counter: int) -> None:
        """Set it."""
        self._client.set_counter(self._serial, counter)

    @needs(Can.TOKEN_TIME)
    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, ns since 1970, UTC.

        Raises:
            HostError: it has no power.
        """
        time_ns = self._client.token(self._serial).token_time_ns
        if time_ns is None:
            raise HostError(f"token {self._serial} has no power: its clock stands")
        return time_ns

    def shift_token_time(self, by_ns: int) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: the API has no such verb.

        Raises:
            NotOfferedError: always.
        """
        lacks("a token over HTTP", Can.SHIFT_TOKEN_TIME)

    def reset(self) -> None:
        """Refuse: the API has no such verb.

        Raises:
            NotOfferedError: always.
        """
        lacks("a token over HTTP", Can.RESET)

    def temperature(self) -> float:
        """Return how warm it is around the token, °C."""
        return self._client.temperature(self._serial)

    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm, from now on."""
        self._client.change(self._serial, temperature_c=celsius)

    def set_ppm(self, ppm: float) -> None:
        """Set the crystal's rate error at its turnover temperature, millionths."""
        self._client.change(self._serial, crystal_ppm=ppm)

    def inject(self, fault: str) -> None:
        """Arm a fault, an inline table as in a fault file."""
        self._client.inject(self._serial, fault)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()


def _only(client: BenchClient) -> Token:
    page = client.tokens(limit=1)
    if page.matched != 1:
        raise no_single(f"the bench at {client.url}", page.matched)
    return page.tokens[0]


def _pressed(result: PressResult) -> Pressed:
    return Pressed(result.code, result.refused)
