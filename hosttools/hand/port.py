"""A token at the other end of a serial port, whatever that port is.

Speaks the line protocol of docs/serial-protocol.md through pyserial: a pty, TCP or
RFC 2217 port of ``galh serve``, ``galh://SERIAL`` in this process, or a device that
implements the protocol, of which docs/rig.md says how little is enough.
"""

import functools
import re
from typing import Final

from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.hand.conversation import CommandError, Conversation
from hosttools.hand.seam import (
    DEFAULT_HOLD_S,
    Can,
    Pressed,
    check_hold,
    needs,
    no_single,
    one_by_one,
    usual_lit_ns,
)

_SLACK_S: Final = 10.0
_CODE: Final = re.compile(r"[0-9]{6,8}")
_REFUSED: Final = re.compile(r"REFUSED ([A-Z][A-Z _-]{0,30})")
_COUNTER: Final = re.compile(r"[0-9]{1,20}")
_SMALL: Final = re.compile(r"[0-9]{1,2}|100")
_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,9}))?")
_WORD: Final = re.compile(r"[A-Z]{1,20}")
_TYPE: Final = re.compile(r"EVENT|TIME")
_SERIAL: Final = re.compile(r"[A-Z0-9]{1,24}")
_CELSIUS: Final = re.compile(r"[+-]?[0-9]{1,4}(?:\.[0-9]{1,9})?(?:[Ee][+-]?[0-9]{1,3})?")
_HEX: Final = re.compile(r"#H((?:[0-9A-Fa-f]{2}){1,32})")

_NEEDED: Final = {
    Can.EDGES: {"BUTTON:DOWN", "BUTTON:UP"},
    Can.LOOK: {"DISPLAY:SEGMENTS?", "DISPLAY:REMAINING?"},
    Can.ADVANCE: {"CLOCK:ADVANCE"},
    Can.COUNTER: {"TOKEN:COUNTER?"},
    Can.SET_COUNTER: {"TOKEN:COUNTER"},
    Can.TOKEN_TIME: {"TOKEN:TIME?"},
    Can.SHIFT_TOKEN_TIME: {"CRYSTAL:JUMP"},
    Can.RESET: {"*RST"},
    Can.MATTER: {
        "ENVIRONMENT:TEMPERATURE",
        "ENVIRONMENT:TEMPERATURE?",
        "CRYSTAL:PPM",
        "FAULT:INJECT",
    },
}
"""Headers that a port must list before its token is said to be able to do it."""

_ONLY: Final = {
    Can.COUNTER: TokenType.EVENT,
    Can.SET_COUNTER: TokenType.EVENT,
    Can.TOKEN_TIME: TokenType.TIME,
    Can.SHIFT_TOKEN_TIME: TokenType.TIME,
}


class PortToken(Conversation):
    """A token behind a serial port, see :class:`Conversation`."""

    def select(self, serial: str) -> None:
        """Speak to this token from now on, on a port that speaks for several.

        Raises:
            CommandError: it has no such token, or can't select.
        """
        self.tell(f'INST:SEL "{serial}"')

    def select_only(self) -> None:
        """Speak to the only token from now on, on a port that may speak for several.

        Raises:
            UsageError: there are more, or none.
        """
        count = int(self._match(_COUNTER, "INST:COUN?", self.ask("INST:COUN?"))[0])
        if count != 1:
            raise no_single(f"port {self.port}", count)
        self.select(self._match(_SERIAL, "INST:CAT?", self.ask("INST:CAT?"))[0])

    @functools.cached_property
    def can(self) -> frozenset[Can]:
        """What it can do, by the headers that the port lists (``SYSTem:HELP:HEADers?``)."""
        found = {can for can, headers in _NEEDED.items() if self._listed >= headers}
        token_type = self.token_type()
        found -= {can for can, only in _ONLY.items() if only is not token_type}
        if self.clock_mode() == "real":
            found.discard(Can.ADVANCE)
        return frozenset(found)

    @functools.cached_property
    def _listed(self) -> frozenset[str]:
        try:
            return _headers(self.ask_block("SYST:HELP:HEAD?").decode("ascii", "replace"))
        except CommandError:  # a rig that lists none
            return frozenset()

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press the button and let go; return the code as it lit, or why none did."""
        check_hold(hold_s)
        query = f"BUTT:PRES? {hold_s:.9f}"
        answer = self.ask(query, extra_s=hold_s)  # only a real clock waits for it
        if _CODE.fullmatch(answer):
            return Pressed(answer, None)
        return Pressed(None, self._match(_REFUSED, query, answer)[1].lower())

    def press_many(
        self,
        times: int,
        hold_s: float = DEFAULT_HOLD_S,
        *,
        limit_s: float | None = None,
    ) -> tuple[Pressed, ...]:
        """Press so many times, see :meth:`hosttools.hand.seam.Hand.press_many`."""
        return one_by_one(self, times, hold_s, limit_s=limit_s)

    def wait_dark(self, timeout_s: float | None = None) -> None:
        """Wait until the LCD is dark; a manual clock is moved to that moment.

        Args:
            timeout_s: most bench time to wait; ``None``: ten seconds longer than the
                LCD has left, or can have left.
        """
        if timeout_s is None:
            looks = Can.LOOK in self.can
            left_ns = self.remaining_ns() if looks else usual_lit_ns(self.profile_name())
            timeout_s = left_ns / SECOND + _SLACK_S
        rate = self.rate()
        extra_s = timeout_s / rate if rate else 0.0
        self.ask(f"DISP:WAIT? DARK,{timeout_s:.9f}", extra_s=extra_s)

    @needs(Can.ADVANCE)
    def advance(self, seconds: float) -> None:
        """Let bench time pass at once; a real clock refuses."""
        self.tell(f"CLOC:ADV {seconds:.9f}")

    def rate(self) -> float:
        """Return bench seconds in a second: 1 on a real clock, 0 on a manual one."""
        answer = self.ask("CLOC:RATE?")
        try:
            rate = float(answer)
        except ValueError:
            rate = -1.0
        if not 0 <= rate < float("inf"):
            raise self._nonsense("CLOC:RATE?", answer)
        return rate

    def clock_mode(self) -> str:
        """Return ``real``, ``scaled`` or ``manual``."""
        return self._match(_WORD, "CLOC:MODE?", self.ask("CLOC:MODE?"))[0].lower()

    @needs(Can.EDGES)
    def down(self) -> None:
        """Close the button's contact."""
        self.tell("BUTT:DOWN")

    @needs(Can.EDGES)
    def up(self) -> None:
        """Open it."""
        self.tell("BUTT:UP")

    @needs(Can.RESET)
    def reset(self) -> None:
        """Let the supply fail for an instant: RAM is lost, the memory is kept."""
        self.tell("*RST")

    @needs(Can.MATTER)
    def temperature(self) -> float:
        """Return how warm it is around the token, °C."""
        return float(self._match(_CELSIUS, "ENV:TEMP?", self.ask("ENV:TEMP?"))[0])

    @needs(Can.MATTER)
    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm, from now on."""
        self.tell(f"ENV:TEMP {celsius:.3f}")

    @needs(Can.MATTER)
    def set_ppm(self, ppm: float) -> None:
        """Set the crystal's rate error at its turnover temperature, millionths."""
        self.tell(f"CRYS:PPM {ppm:.3f}")

    @needs(Can.MATTER)
    def inject(self, fault: str) -> None:
        """Arm a fault, an inline table as in a fault file."""
        quoted = fault.replace('"', '""')
        self.tell(f'FAUL:INJ "{quoted}"')

    def serial(self) -> str:
        """Return the serial number."""
        return self._match(_SERIAL, "TOK:SER?", self.ask("TOK:SER?"))[0]

    def profile_name(self) -> str:
        """Return what product it is."""
        return self.ask("TOK:PROF?")

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""
        return TokenType(self._match(_TYPE, "TOK:TYPE?", self.ask("TOK:TYPE?"))[0].lower())

    @needs(Can.LOOK)
    def lcd(self) -> Lcd:
        """Return what the LCD shows; a part that the port lists no query for, as if off."""
        segments = self._match(_HEX, "DISP:SEGM?", self.ask("DISP:SEGM?"))[1]
        bars, count = self._part("DISPLAY:BARS?"), self._part("DISPLAY:BARS:COUNT?")
        battery, sign = self._part("DISPLAY:BATTERY?"), self._part("DISPLAY:BATTERY:SIGN?")
        contrast = self._part("DISPLAY:CONTRAST?", 100)
        digits = tuple(bytes.fromhex(segments))
        return Lcd(digits, bars, count, battery == 1, sign == 1, contrast)

    def _part(self, query: str, unlisted: int = 0) -> int:
        if query not in self._listed:
            return unlisted
        return int(self._match(_SMALL, query, self.ask(query))[0])

    @needs(Can.LOOK)
    def remaining_ns(self) -> int:
        """Return bench time until the LCD goes dark by itself; 0 when it is dark."""
        return self._nanoseconds("DISP:REM?")

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return self._nanoseconds("CLOC:TIME?")

    @needs(Can.TOKEN_TIME)
    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, ns since 1970, UTC."""
        return self._nanoseconds("TOK:TIME?")

    @needs(Can.COUNTER)
    def counter(self) -> int:
        """Return an event token's next counter."""
        return int(self._match(_COUNTER, "TOK:COUN?", self.ask("TOK:COUN?"))[0])

    @needs(Can.SET_COUNTER)
    def set_counter(self, counter: int) -> None:
        """Set it."""
        self.tell(f"TOK:COUN {counter}")

    @needs(Can.SHIFT_TOKEN_TIME)
    def shift_token_time(self, by_ns: int) -> None:
        """Have a time token's own clock gain so much at once; negative: lose."""
        sign = "-" if by_ns < 0 else ""
        self.tell(f"CRYS:JUMP {sign}{abs(by_ns) // SECOND}.{abs(by_ns) % SECOND:09d}")

    def _nanoseconds(self, query: str) -> int:
        sign, whole, fraction = self._match(_DECIMAL, query, self.ask(query)).groups("")
        nanos = int(whole) * 1_000_000_000 + int(fraction.ljust(9, "0"))
        return -nanos if sign else nanos


def _headers(listing: str) -> frozenset[str]:
    """Return the headers that SYSTem:HELP:HEADers? lists, queries with their ``?``."""
    found = set()
    for line in listing.split("\n"):
        header, _, kind = line.strip().upper().lstrip(":").partition("/")
        found.add(header)
        if not kind:  # neither a query only nor without one
            found.add(f"{header}?")
    return frozenset(found)
