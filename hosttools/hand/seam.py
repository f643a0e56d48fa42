"""A token in somebody's hand, whatever holds it: a program, a rig, a person.

A backend is a :class:`Hand`: it says what it can do (:attr:`Hand.can`), and what it can't
raises :class:`hosttools.errors.NotOfferedError`; all that goes wrong is a
:class:`hosttools.errors.HostError`. Recipes, scenarios and the prober press
hands; people who write tests press a :class:`hosttools.hand.Token`, which stands on one.
"""

import enum
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Final, NoReturn, ParamSpec, Protocol, TypeVar

from firmware_model.products import PROFILES
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.errors import NotOfferedError, UsageError

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_HOLD_S: Final = 0.1
DEFAULT_LIMIT_S: Final = 120.0
"""Host seconds that a series of presses may take."""

MAX_TIMES: Final = 1_000_000
MIN_HOLD_S: Final = 0.001
MAX_HOLD_S: Final = 3600.0

LIT: Final = frozenset({"lit", "cleared", "busy"})
"""Refusals that end by themselves when the LCD goes dark."""


class Can(enum.Enum):
    """What a hand may be able to do. Who needs more says so, and skips."""

    EDGES = "press and let go as two acts"
    LOOK = "look at the display without a press"
    ADVANCE = "let time pass at once"
    COUNTER = "read an event token's next counter"
    SET_COUNTER = "set an event token's next counter"
    TOKEN_TIME = "read a time token's own clock"  # noqa: S105  # what it can do, not a password
    SHIFT_TOKEN_TIME = "let a time token's own clock jump"  # noqa: S105  # likewise
    RESET = "let the supply fail for an instant"
    MATTER = "change what the token is made of and goes through: crystal, temperature, faults"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press gave.

    Attributes:
        code: the digits as they lit; ``None`` if none lit.
        refused: why not, in lower case; ``None`` if a code lit.
    """

    code: str | None
    refused: str | None

    def __repr__(self) -> str:
        return "<Pressed lit>" if self.refused is None else f"<Pressed refused={self.refused!r}>"


class Hand(Protocol):
    """A token in somebody's hand. Belongs to one thread, unless its backend says more.

    Times are bench time: that of the clock which the token lives by.
    """

    @property
    def can(self) -> frozenset[Can]:
        """What it can do besides pressing and waiting."""

    def serial(self) -> str:
        """Return the serial number."""

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""

    def profile_name(self) -> str:
        """Return what product it is."""

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press and let go; return the code as it lit, or why none did.

        Args:
            hold_s: how long the button is held, bench seconds, 0.001 to 3600.

        Raises:
            UsageError: a hold out of range.
        """

    def press_many(
        self,
        times: int,
        hold_s: float = DEFAULT_HOLD_S,
        *,
        limit_s: float | None = None,
    ) -> tuple[Pressed, ...]:
        """Press so many times that so many codes light, waiting until dark in between.

        Args:
            times: how many, 1 to :data:`MAX_TIMES`.
            hold_s: how long the button is held each time, seconds.
            limit_s: most host seconds that it may take; ``None``: as usual for this hand.

        Returns:
            What each press gave; the last is the first that was refused, if one was for
            another reason than that the display was lit.

        Raises:
            UsageError: a number out of range, or it would take longer.
        """

    def wait_dark(self, timeout_s: float | None = None) -> None:
        """Wait until the LCD is dark; time that can be moved is moved to that moment.

        Args:
            timeout_s: most bench time to wait; ``None``: a little longer than the LCD
                has left.
        """

    def clock_mode(self) -> str:
        """Return ``real``, ``scaled`` or ``manual``."""

    def rate(self) -> float:
        """Return bench seconds in a second: 1 on a real clock, 0 on a manual one."""

    def time_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""

    def down(self) -> None:
        """Close the button's contact (:attr:`Can.EDGES`)."""

    def up(self) -> None:
        """Open it (:attr:`Can.EDGES`)."""

    def lcd(self) -> Lcd:
        """Return what the LCD shows (:attr:`Can.LOOK`)."""

    def remaining_ns(self) -> int:
        """Return bench time until the LCD goes dark by itself; 0 when dark (:attr:`Can.LOOK`)."""

    def advance(self, seconds: float) -> None:
        """Let bench time pass at once (:attr:`Can.ADVANCE`)."""

    def counter(self) -> int:
        """Return an event token's next counter (:attr:`Can.COUNTER`)."""

    def set_counter(self, counter: int) -> None:
        """Set it (:attr:`Can.SET_COUNTER`)."""

    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes, UTC (:attr:`Can.TOKEN_TIME`)."""

    def shift_token_time(self, by_ns: int) -> None:
        """Have that clock gain so much at once; negative: lose (:attr:`Can.SHIFT_TOKEN_TIME`)."""

    def reset(self) -> None:
        """Let the supply fail for an instant: RAM is lost (:attr:`Can.RESET`)."""

    def temperature(self) -> float:
        """Return how warm it is around the token, °C (:attr:`Can.MATTER`)."""

    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm, from now on (:attr:`Can.MATTER`)."""

    def set_ppm(self, ppm: float) -> None:
        """Set the crystal's rate error, millionths; positive runs fast (:attr:`Can.MATTER`)."""

    def inject(self, fault: str) -> None:
        """Arm a fault, an inline table as in a fault file (:attr:`Can.MATTER`)."""

    def close(self) -> None:
        """Put the token down, and let go of what reaches it."""


def check_hold(hold_s: float) -> None:
    """Check how long the button is to be held.

    Raises:
        UsageError: not from a millisecond to an hour.
    """
    if not MIN_HOLD_S <= hold_s <= MAX_HOLD_S:
        raise UsageError(f"a hold of {hold_s:g} s; allowed are {MIN_HOLD_S:g} to {MAX_HOLD_S:g} s")


def usual_lit_ns(profile_name: str) -> int:
    """Return how long a product's codes stay lit; as the GALH fob's, of one that nobody knows."""
    return PROFILES.get(profile_name, PROFILES["GALH"]).lit_ns


def check_series(
    times: int, hold_s: float, *, rate: float, lit_ns: int, limit_s: float | None = None
) -> None:
    """Check that so many presses can be made, in time.

    Args:
        times: how many.
        hold_s: how long each is held, bench seconds.
        rate: bench seconds in a host second; 0: waiting costs nothing.
        lit_ns: how long a code stays lit, bench time.
        limit_s: most host seconds that it may take; ``None``: :data:`DEFAULT_LIMIT_S`.

    Raises:
        UsageError: it can't be.
    """
    limit_s = DEFAULT_LIMIT_S if limit_s is None else limit_s
    if not 1 <= times <= MAX_TIMES:
        raise UsageError(f"{times} presses; allowed are 1 to {MAX_TIMES}")
    check_hold(hold_s)
    needed_s = (times * hold_s + (times - 1) * lit_ns / SECOND) / rate if rate else 0.0
    if needed_s > limit_s:
        raise UsageError(
            f"{times} presses take about {needed_s:.0f} s on this clock, more than the limit of"
            f" {limit_s:g} s; use a manual or faster clock, or raise the limit"
        )


def one_by_one(
    hand: Hand,
    times: int,
    hold_s: float = DEFAULT_HOLD_S,
    *,
    limit_s: float | None = None,
    each: Callable[[Pressed], object] = lambda _: None,
) -> tuple[Pressed, ...]:
    """Press a hand that has no verb of its own for a series, see :meth:`Hand.press_many`.

    Args:
        hand: what presses.
        times: see there.
        hold_s: likewise.
        limit_s: likewise.
        each: is told what every press gave, as soon as it did.
    """
    lit_ns = usual_lit_ns(hand.profile_name())
    check_series(times, hold_s, rate=hand.rate(), lit_ns=lit_ns, limit_s=limit_s)
    given: list[Pressed] = []
    while len(given) < times and (not given or given[-1].refused is None):
        if given:
            hand.wait_dark()
        pressed = hand.press(hold_s)
        if pressed.refused in LIT and times > 1:
            hand.wait_dark()  # somebody else pressed
            pressed = hand.press(hold_s)
        given.append(pressed)
        each(pressed)
    return tuple(given)


def lacks(hand: str, *needed: Can) -> NoReturn:
    """Refuse what a hand can't do.

    Raises:
        NotOfferedError: always.
    """
    raise NotOfferedError(f"{hand} can't {' or '.join(need.value for need in needed)}")


def require(hand: Hand, *needed: Can) -> None:
    """Check that a hand can do all that is needed.

    Raises:
        NotOfferedError: it can't; the message says what.
    """
    missing = [need for need in needed if need not in hand.can]
    if missing:
        lacks(f"token {hand.serial()}", *missing)


def no_single(where: str, count: int) -> UsageError:
    """Return the error that no token was named where there is not just one."""
    if not count:
        return UsageError(f"{where} has no token")
    return UsageError(f"{where} has {count} tokens; name one by its serial number")


def needs(
    can: Can,
) -> Callable[[Callable[Concatenate[Any, P], T]], Callable[Concatenate[Any, P], T]]:
    """Have a backend's verb refuse at once what its hand can't do, always in the same way."""

    def decorate(verb: Callable[Concatenate[Any, P], T]) -> Callable[Concatenate[Any, P], T]:
        @functools.wraps(verb)
        def checked(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:  # noqa: ANN401  # any backend
            require(self, can)
            return verb(self, *args, **kwargs)

        return checked

    return decorate
