"""A token in another process, whose clock follows the test's.

A process of its own can't see a freeze, so it lives on a manual clock, and what passed
in the test is sent before each verb: elapsed time as an advance, a clock that was set as
the setting of a time token's clock. What the verb itself takes (a press, a wait until
dark) passes in the test as well.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.hand import Hand, Pressed
from hosttools.hand.seam import DEFAULT_HOLD_S
from hosttools.pytest_plugin.clock import GalhClock, Moved

T = TypeVar("T")

_NOTHING: Final = Moved()


class FollowingHand:
    """A token in the hand that takes its time from a test's clock.

    Args:
        hand: the token, on a manual clock of its own.
        clock: the test's.
    """

    def __init__(self, hand: Hand, clock: GalhClock) -> None:
        self._hand = hand
        self._clock = clock
        self._timed = hand.token_type() is TokenType.TIME
        self._owed = _NOTHING
        self._taking = False
        self.can = hand.can

    def moved(self, by: Moved) -> None:
        """Take note of what passed in the test; it is sent with the next verb."""
        if not self._taking:
            owed = self._owed
            self._owed = Moved(owed.elapsed_ns + by.elapsed_ns, owed.set_by_ns + by.set_by_ns)

    def _do(self, verb: Callable[[], T]) -> T:
        self._clock.time_ns()  # looks at the freeze
        owed, self._owed = self._owed, _NOTHING
        if owed.elapsed_ns:
            self._hand.advance(owed.elapsed_ns / SECOND)
        if owed.set_by_ns and self._timed:
            self._hand.shift_token_time(owed.set_by_ns)
        return verb()

    def _pass(self, verb: Callable[[], T]) -> T:
        """Do something that takes time."""

        def timed() -> T:
            begin_ns = self._hand.time_ns()
            try:
                return verb()
            finally:
                took_ns = self._hand.time_ns() - begin_ns
                self._taking = True  # it has passed over there already
                try:
                    self._clock.pass_ns(took_ns)
                finally:
                    self._taking = False

        return self._do(timed)

    def serial(self) -> str:
        """Return the serial number."""
        return self._hand.serial()

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""
        return self._hand.token_type()

    def profile_name(self) -> str:
        """Return what product it is."""
        return self._hand.profile_name()

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:
        """Press and let go."""
        return self._pass(lambda: self._hand.press(hold_s))

    def press_many(
        self, times: int, hold_s: float = DEFAULT_HOLD_S, *, limit_s: float | None = None
    ) -> tuple[Pressed, ...]:
        """Press so many times."""
        return self._pass(lambda: self._hand.press_many(times, hold_s, limit_s=limit_s))

    def wait_dark(self, timeout_s: float | None = None) -> None:
        """Wait until the LCD is dark."""
        self._pass(lambda: self._hand.wait_dark(timeout_s))

    def clock_mode(self) -> str:
        """Return ``manual``."""
        return self._hand.clock_mode()

    def rate(self) -> float:
        """Return 0."""
        return self._hand.rate()

    def time_ns(self) -> int:
        """Return the test's time, ns since 1970, UTC."""
        return self._clock.time_ns()

    def down(self) -> None:
        """Close the button's contact."""
        self._do(self._hand.down)

    def up(self) -> None:
        """Open it."""
        self._do(self._hand.up)

    def lcd(self) -> Lcd:
        """Return what the LCD shows."""
        return self._do(self._hand.lcd)

    def remaining_ns(self) -> int:
        """Return how long it stays lit."""
        return self._do(self._hand.remaining_ns)

    def advance(self, seconds: float) -> None:
        """Let time pass at once, in the test too."""
        self._pass(lambda: self._hand.advance(seconds))

    def counter(self) -> int:
        """Return an event token's next counter."""
        return self._do(self._hand.counter)

    def set_counter(self, counter: int) -> None:
        """Set it."""
        self._do(lambda: self._hand.set_counter(counter))

    def token_time_ns(self) -> int:
        """Return what a time token's own clock believes."""
        return self._do(self._hand.token_time_ns)

    def shift_token_time(self, by_ns: int) -> None:
        """Have that clock gain so much at once."""
        self._do(lambda: self._hand.shift_token_time(by_ns))

    def reset(self) -> None:
        """Let the supply fail for an instant."""
        self._do(self._hand.reset)

    def temperature(self) -> float:
        """Return how warm it is around the token, °C."""
        return self._do(self._hand.temperature)

    def set_temperature(self, celsius: float) -> None:
        """Put the token where it is so warm."""
        self._do(lambda: self._hand.set_temperature(celsius))

    def set_ppm(self, ppm: float) -> None:
        """Set the crystal's rate error."""
        self._do(lambda: self._hand.set_ppm(ppm))

    def inject(self, fault: str) -> None:
        """Arm a fault."""
        self._do(lambda: self._hand.inject(fault))

    def close(self) -> None:
        """Put the token down."""
        self._hand.close()
