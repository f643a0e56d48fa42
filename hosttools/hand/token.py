"""A token that one can press: what people who write tests hold.

Stands on any :class:`hosttools.hand.seam.Hand`. A press that lights no code is an error
here, since a test that goes on with no code proves nothing; :meth:`Token.try_press`
tells instead.
"""

import base64
import contextlib
from types import TracebackType
from typing import Self

from firmware_model.nvm import Config
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.errors import HostError, NotOfferedError
from hosttools.hand.seam import DEFAULT_HOLD_S, Can, Hand, Pressed, require


class PressRefusedError(HostError):
    """A press that lit no code.

    Args:
        serial: the token's.
        reason: why not, as :attr:`hosttools.hand.Pressed.refused` has it.
    """

    def __init__(self, serial: str, reason: str) -> None:
        super().__init__(f"token {serial} refused a press: {reason}{_HINTS.get(reason, '')}")
        self.reason = reason


_HINTS = {
    "dark": "; no code appeared",
    "lit": "; a code is on the display: wait_dark() before the next press",
}


class Token:
    """A token in your hand.

    Args:
        hand: what holds it; closed with the token.
        config: its seed, for whoever has to tell a server; ``None``: it is not known.

    Attributes:
        hand: as given, for what is not offered here.
        serial: its serial number.
    """

    def __init__(self, hand: Hand, config: Config | None = None) -> None:
        self.hand = hand
        self.serial = hand.serial()
        self._config = config

    @classmethod
    def in_process(cls, serial: str = "GALH00004226") -> Self:
        """Return a sample token, alive in this process on a manual clock.

        Args:
            serial: one of the samples that ship; the default has the secret of RFC 4226.

        Raises:
            UsageError: no sample is called so.
        """
        from hosttools.hand.opening import open_sample  # noqa: PLC0415  # loads seed files

        return cls(*open_sample(serial))

    @classmethod
    def open(cls, target: str, serial: str | None = None) -> Self:
        """Return a token behind a port or a URL, see :func:`hosttools.hand.open_hand`."""
        from hosttools.hand.opening import open_hand  # noqa: PLC0415  # loads what it opens

        return cls(open_hand(target, serial))

    def __repr__(self) -> str:
        return f"<Token {self.serial}>"

    @property
    def can(self) -> frozenset[Can]:
        """What can be done besides pressing and waiting."""
        return self.hand.can

    def require(self, *needed: Can) -> None:
        """Check that this can be done; in a test of our pytest plugin, skip if it can't.

        Raises:
            NotOfferedError: it can't be; the message says what.
        """
        require(self.hand, *needed)

    @property
    def token_type(self) -> TokenType:
        """Whether presses or its clock move the token's factor."""
        return self.hand.token_type()

    @property
    def config(self) -> Config:
        """Its seed and settings, as the factory has them.

        Raises:
            NotOfferedError: they are not known here.
        """
        if self._config is None:
            raise NotOfferedError(f"the seed of {self.serial} is not known here")
        return self._config

    @property
    def secret_hex(self) -> str:
        """The secret in hex, for a server that has to know it: handle it as a password."""
        return self.config.secret.reveal().hex()

    @property
    def secret_base32(self) -> str:
        """The secret in base32, as ``otpauth`` URIs and pyotp have it."""
        return base64.b32encode(self.config.secret.reveal()).decode().rstrip("=")

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> str:
        """Press the button and let go; return the code.

        Args:
            hold_s: how long the button is held, seconds.

        Raises:
            PressRefusedError: no code lit; its ``reason`` says why.
        """
        return self._code(self.try_press(hold_s))

    def try_press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press the button and let go; return the code, or why none lit."""
        return self.hand.press(hold_s)

    def press_many(
        self, times: int, hold_s: float = DEFAULT_HOLD_S, *, limit_s: float | None = None
    ) -> list[str]:
        """Press so often that so many codes light, waiting until dark in between.

        Args:
            times: how many codes.
            hold_s: how long the button is held each time, seconds.
            limit_s: most host seconds that it may take; ``None``: two minutes, and a
                quarter of an hour for a person.

        Raises:
            PressRefusedError: a press lit none, for another reason than a lit display.
            UsageError: it would take longer than the limit.
        """
        return [
            self._code(pressed) for pressed in self.hand.press_many(times, hold_s, limit_s=limit_s)
        ]

    def fresh_code(self) -> str:
        """Wait until the display is dark, press, and return the code.

        Raises:
            PressRefusedError: no code lit.
        """
        self.wait_dark()
        return self.press()

    def wait_dark(self) -> None:
        """Wait until the display is dark; time that can be moved is moved there."""
        self.hand.wait_dark()

    def advance(self, seconds: float) -> None:
        """Let time pass at once (:attr:`Can.ADVANCE`)."""
        self.hand.advance(seconds)

    @property
    def now_ns(self) -> int:
        """The time that the token lives in, ns since 1970, UTC; not its own clock's."""
        return self.hand.time_ns()

    @property
    def lcd(self) -> Lcd:
        """What the display shows (:attr:`Can.LOOK`)."""
        return self.hand.lcd()

    @property
    def text(self) -> str:
        """What the digits of the display read; empty when dark (:attr:`Can.LOOK`)."""
        return self.lcd.text

    @property
    def lit(self) -> bool:
        """Whether any segment is on (:attr:`Can.LOOK`)."""
        return self.lcd.lit

    @property
    def counter(self) -> int:
        """An event token's next counter (:attr:`Can.COUNTER`, :attr:`Can.SET_COUNTER`)."""
        return self.hand.counter()

    @counter.setter
    def counter(self, counter: int) -> None:
        self.hand.set_counter(counter)

    @property
    def clock_offset_s(self) -> float:
        """How far a time token's clock is ahead of the right time (:attr:`Can.TOKEN_TIME`)."""
        return (self.hand.token_time_ns() - self.hand.time_ns()) / SECOND

    def down(self) -> None:
        """Close the button's contact (:attr:`Can.EDGES`)."""
        self.hand.down()

    def up(self) -> None:
        """Open it (:attr:`Can.EDGES`)."""
        self.hand.up()

    def inject(self, fault: str) -> None:
        """Arm a fault, such as ``"{press = 3, reset = {}}"`` (:attr:`Can.MATTER`)."""
        self.hand.inject(fault)

    def close(self) -> None:
        """Put the token down, and let go of what reaches it."""
        self.hand.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        # What is wrong already is what the reader wants to know.
        with contextlib.suppress(*(() if error is None else (HostError,))):
            self.close()

    def _code(self, pressed: Pressed) -> str:
        if pressed.code is None:
            raise PressRefusedError(self.serial, pressed.refused or "unknown")
        return pressed.code
