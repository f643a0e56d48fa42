"""A fob in a test's hand: two made-up tokens as servers know them, and the codes they show."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.servers import Can, Enrolment, Server

START_NS: Final = 1_767_225_600_000_000_000
"""What servers whose clock can be set begin at."""

EVENT: Final = Enrolment(
    serial="GALH00000042",
    token_type=TokenType.EVENT,
    secret=Secret(b"12345678901234567890"),
    user="mallory",
)
TIMED: Final = Enrolment(
    serial="GALT00000042",
    token_type=TokenType.TIME,
    secret=Secret(b"abcdefghij0123456789"),
    user="trudy",
)
"""A server that can't enrol has to know these two from the start, ready for :class:`Fob`."""

SECOND_OF_ONE_USER: Final = Enrolment(
    serial="GALH00000043",
    token_type=TokenType.EVENT,
    secret=Secret(b"98765432109876543210"),
    user="mallory",
)

_FAR: Final = 3_000
"""Counters and steps that a wrong code is none of: more than a window has."""


@dataclass(slots=True)
class Fob:
    """A token that its server takes codes of.

    Args:
        server: on which it is put: enrolled and added, as far as the server has that.
        token: which one.
        ready: whether it is added with its first two codes too.

    Attributes:
        factor: counter of its next press; of a time token, the step.
        now_ns: time token: when its last code was shown.
    """

    server: Server
    token: Enrolment = EVENT
    ready: bool = True
    factor: int = field(init=False)
    now_ns: int = field(init=False, default=START_NS)
    _key: Key = field(init=False)

    def __post_init__(self) -> None:
        can = self.server.can
        self._key = Key(self.token.secret, self.token.algorithm)
        self.factor = self.token.counter
        if self.token.token_type is TokenType.TIME:
            self.factor = START_NS // self._step_ns
            self.server.set_clock(self.now_ns)
        if Can.ENROL in can:
            self.server.enrol(self.token)
        if self.ready and Can.SYNC in can:
            pair = self.press(), self.press()
            assert self.server.sync(self.serial, *pair).accepted

    @property
    def serial(self) -> str:
        """Its serial number."""
        return self.token.serial

    @property
    def _step_ns(self) -> int:
        return self.token.step_s * 1_000_000_000

    def press(self) -> str:
        """Return the next code; a time token's clock, and the server's, go on by a step."""
        code, self.now_ns = self.code(self.factor), self.factor * self._step_ns
        if self.token.token_type is TokenType.TIME:
            self.server.set_clock(self.now_ns)
        self.factor += 1
        return code

    def code(self, factor: int) -> str:
        """Return the code of a counter or a step."""
        return hotp(self._key, factor, self.token.digits)

    def wrong(self, count: int) -> list[str]:
        """Return well-formed codes that are none of its own for as far as servers look."""
        low = max(self.factor - _FAR, 0)
        own = {self.code(factor) for factor in range(low, self.factor + _FAR)}
        every = (f"{number:0{self.token.digits}d}" for number in range(10**self.token.digits))
        return list(islice((code for code in every if code not in own), count))
