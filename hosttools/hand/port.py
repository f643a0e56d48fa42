"""A token at the other end of a serial port, whatever that port is.

Speaks the line protocol of docs/serial-protocol.md through pyserial: a pty, TCP or
RFC 2217 port of ``galh serve``, ``galh://SERIAL`` in this process, or a device that
implements the protocol, of which docs/rig.md says how little is enough.
"""

import functools
import re
from typing import Final

from firmware_model.products import PROFILES
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.hand.conversation import DEFAULT_TIMEOUT_S, CommandError, Conversation
from hosttools.hand.seam import DEFAULT_HOLD_S, Can, Pressed, one_by_one

_SLACK_S: Final = 10.0
_CODE: Final = re.compile(r"[0-9]{6,8}")
_REFUSED: Final = re.compile(r"REFUSED ([A-Z][A-Z _-]{0,30})")
_COUNTER: Final = re.compile(r"[0-9]{1,20}")
_BARS: Final = re.compile(r"[0-9]{1,2}")
_FLAG: Final = re.compile(r"[01]")
_PERCENT: Final = re.compile(r"[0-9]{1,2}|100")
_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,9}))?")
_WORD: Final = re.compile(r"[A-Z]{1,20}")
_TYPE: Final = re.compile(r"EVENT|TIME")
_SERIAL: Final = re.compile(r"[A-Z0-9]{1,24}")
_CELSIUS: Final = re.compile(r"[+-]?[0-9]{1,4}(?:\.[0-9]{1,9})?(?:[Ee][+-]?[0-9]{1,3})?")
_HEX: Final = re.compile(r"#H((?:[0-9A-Fa-f]{2}){1,32})")

_NEEDED: Final = {
    Can.EDGES: {"BUTTON:DOWN", "BUTTON:UP"},
    Can.LOOK: {"DISPLAY:SEGMENTS?", "DISPLAY:BARS?", "DISPLAY:REMAINING?"},
    Can.ADVANCE: {"CLOCK:ADVANCE"},
    Can.COUNTER: {"TOKEN:COUNTER?"},
    Can.SET_COUNTER: {"TOKEN:COUNTER"},
    Can.TOKEN_TIME: {"TOKEN:TIME?"},
    Can.SHIFT_TOKEN_TIME: {"CRYSTAL:JUMP"},
    Can.RESET: {"*RST"},
    Can.MATTER: {"ENVIRONMENT:TEMPERATURE", "CRYSTAL:PPM", "FAULT:INJECT"},
}
"""Headers that a port must list before its token is said to be able to do it."""

_ONLY: Final = {
    Can.COUNTER: TokenType.EVENT,
    Can.SET_COUNTER: TokenType.EVENT,
    Can.TOKEN_TIME: TokenType.TIME,
    Can.SHIFT_TOKEN_TIME: TokenType.TIME,
}


class PortToken(Conversation):
    """A token behind a serial port.

    A conversation that lost step (no answer in time, or one that can't be) is over:
    the port is closed, since a late answer would be taken for the next one's.

    Args:
        port: a device path, or any URL that pyserial opens.
        select: which token, on a port that speaks for several.
        timeout_s: how long sending or an answer may take, beyond the time that a
            command itself takes on the token's clock.

    Raises:
        BusyError: another program has it.
        PortError: it can't be opened, or no token answers.
        CommandError: it has no such token.
    """

    def __init__(
        self, port: str, *, select: str | None = None, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        super().__init__(port, timeout_s=timeout_s)
        if select is not None:
            try:
                self.tell(f'INST:SEL "{select}"')
            except CommandError:
                self.close()
                raise

    @functools.cached_property
    def can(self) -> frozenset[Can]:
        """What it can do, by the headers that the port lists (``SYSTem:HELP:HEADers?``)."""
        try:
            listed = _headers(self.ask_block("SYST:HELP:HEAD?").decode("ascii", "replace"))
        except CommandError:
            return frozenset()
        found = {can for can, headers in _NEEDED.items() if listed.issuperset(headers)}
        token_type = self.token_type()
        found -= {can for can, only in _ONLY.items() if only is not token_type}
        if self.clock_mode() == "real":
            found.discard(Can.ADVANCE)
        return frozenset(found)

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press the button and let go; return the code as it lit, or why none did."""
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
                LCD has left.
        """
        if timeout_s is None:
            timeout_s = self._left_s() + _SLACK_S
        rate = self.rate()
        extra_s = timeout_s / rate if rate else 0.0
        self.ask(f"DISP:WAIT? DARK,{timeout_s:.9f}", extra_s=extra_s)

    def _left_s(self) -> float:
        try:
            return self.remaining_ns() / SECOND
        except CommandError:  # a rig that sees whether it is lit, and not for how long
            return PROFILES.get(self.profile_name(), PROFILES["GALH"]).lit_ns / SECOND

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

    def down(self) -> None:
        """Close the button's contact."""
        self.tell("BUTT:DOWN")

    def up(self) -> None:
        """Open it."""
        self.tell("BUTT:UP")

    def reset(self) -> None:
        """Let the supply fail for an instant: RAM is lost, the memory is kept."""
        self.tell("*RST")

    def temperature(self) -> float:
        """Return how warm it is around the token, °C."""
        return float(self._match(_CELSIUS, "ENV:TEMP?", self.ask("ENV:TEMP?"))[0])

    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm, from now on."""
        self.tell(f"ENV:TEMP {celsius:.3f}")

    def set_ppm(self, ppm: float) -> None:
        """Set the crystal's rate error at its turnover temperature, millionths."""
        self.tell(f"CRYS:PPM {ppm:.3f}")

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

    def lcd(self) -> Lcd:
        """Return what the LCD shows."""
        segments = self._match(_HEX, "DISP:SEGM?", self.ask("DISP:SEGM?"))[1]
        bars, count = (
            int(self._match(_BARS, query, self.ask(query))[0])
            for query in ("DISP:BARS?", "DISP:BARS:COUN?")
        )
        battery, sign = (
            self._match(_FLAG, query, self.ask(query))[0] == "1"
            for query in ("DISP:BATT?", "DISP:BATT:SIGN?")
        )
        contrast = int(self._match(_PERCENT, "DISP:CONT?", self.ask("DISP:CONT?"))[0])
        return Lcd(tuple(bytes.fromhex(segments)), bars, count, battery, sign, contrast)

    def remaining_ns(self) -> int:
        """Return bench time until the LCD goes dark by itself; 0 when it is dark."""
        return self._nanoseconds("DISP:REM?")

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return self._nanoseconds("CLOC:TIME?")

    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, ns since 1970, UTC."""
        return self._nanoseconds("TOK:TIME?")

    def counter(self) -> int:
        """Return an event token's next counter."""
        return int(self._match(_COUNTER, "TOK:COUN?", self.ask("TOK:COUN?"))[0])

    def set_counter(self, counter: int) -> None:
        """Set it."""
        self.tell(f"TOK:COUN {counter}")

    def shift_token_time(self, by_ns: int) -> None:
        """Have a time token's own clock gain so much at once; negative: lose."""
        sign = "-" if by_ns < 0 else ""
        self.tell(f"CRYS:JUMP {sign}{abs(by_ns) // SECOND}.{abs(by_ns) % SECOND:09d}")

    def _nanoseconds(self, query: str) -> int:
        sign, whole, fraction = self._match(_DECIMAL, query, self.ask(query)).groups("")
        nanos = int(whole) * 1_000_000_000 + int(fraction.ljust(9, "0"))
        return -nanos if sign else nanos


def _headers(listing: str) -> set[str]:
    """Return the headers that SYSTem:HELP:HEADers? lists, queries with their ``?``."""
    found = set()
    for line in listing.split("\n"):
        header, _, kind = line.strip().upper().lstrip(":").partition("/")
        found.add(header)
        if not kind:  # neither a query only nor without one
            found.add(f"{header}?")
    return found
