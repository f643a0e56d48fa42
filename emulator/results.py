"""What the bench's verbs answer: plain values, and a ticket for what takes time.

Nothing in here knows ports, SCPI or clocks.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, NamedTuple, TypeVar

from firmware_model.climate import Climate
from firmware_model.crystal import Crystal
from firmware_model.damage import Damage
from firmware_model.segments import Lcd

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PressResult:
    """What became of one press.

    Attributes:
        code: the digits as a reader takes them when they light, which a worn LCD may
            have other than they are; ``None`` if no code lit that can be read.
        refused: why not, in one word or two (``lit``, ``dead``, ``unreadable`` …);
            ``None`` if there is a code.
        factor: counter or time step of the code; ``None`` if there is none.
        at_ns: bench time at which the code lit or the press was refused.
    """

    code: str | None
    refused: str | None
    factor: int | None
    at_ns: int

    def __repr__(self) -> str:
        # A code that nobody has used yet is a credential.
        shown = "lit" if self.code is not None else f"refused={self.refused!r}"
        return f"<PressResult {shown} factor={self.factor} at_ns={self.at_ns}>"


class View(NamedTuple):
    """One look at a token.

    Attributes:
        serial: its serial number.
        lcd: what the LCD shows.
        remaining_ns: bench time until it goes dark by itself; 0 when dark, or
            when it stays as it is (error display).
        pressed: whether the button's contact is closed.
        mode: what the firmware is doing, one of :class:`firmware_model.Mode`'s values.
        counter: next counter to be used; ``None`` for a time token, a broken memory,
            and without power.
        token_time_ns: what the token's own clock believes, ns since 1970, UTC;
            ``None`` for an event token, and without power.
    """

    serial: str
    lcd: Lcd
    remaining_ns: int
    pressed: bool
    mode: str
    counter: int | None
    token_time_ns: int | None

    def __repr__(self) -> str:
        return f"<View {self.serial} {self.mode} counter={self.counter}>"


class Condition(NamedTuple):
    """What a token is made of at one moment.

    Attributes:
        temperature_mc: around it, milli °C.
        millivolts: of its supply, under the load of the moment; 0 without a battery.
        battery_percent: what is left of the battery's charge; 0 without one.
        battery_present: whether one is in.
        crystal: what its clock runs on.
        damage: what is worn or broken.
        climate: how the temperature goes on.
    """

    temperature_mc: int
    millivolts: int
    battery_percent: int
    battery_present: bool
    crystal: Crystal
    damage: Damage
    climate: Climate


class Ticket(Generic[T]):
    """A result that is there now, or will be when bench time has come to it.

    Belongs to the bench's thread, like everything else of the bench. Callbacks run one
    after another, never one inside another: one that asks the bench for the next thing
    is called again when it has returned, however long such a chain gets.
    """

    __slots__ = ("_callbacks", "_value")

    def __init__(self) -> None:
        self._value: tuple[T] | None = None
        self._callbacks: list[Callable[[T], None]] = []

    @property
    def done(self) -> bool:
        """Whether the result is there."""
        return self._value is not None

    @property
    def result(self) -> T:
        """The result.

        Raises:
            LookupError: it is not there yet.
        """
        if self._value is None:
            raise LookupError("the result is not there yet; wait for Ticket.done")
        return self._value[0]

    def resolve(self, value: T) -> None:
        """Set the result, once, and tell whoever waits."""
        if self._value is not None:
            raise LookupError("the ticket has its result already")
        self._value = (value,)
        callbacks, self._callbacks = self._callbacks, []
        _TELLING.call(partial(callback, value) for callback in callbacks)

    def then(self, callback: Callable[[T], None]) -> None:
        """Call back with the result: now if it is there, else when it comes.

        Inside a callback, now means as soon as that one has returned.
        """
        if self._value is not None:
            _TELLING.call((partial(callback, self._value[0]),))
        else:
            self._callbacks.append(callback)


class _Telling(threading.local):
    """The callbacks that are due in this thread."""

    def __init__(self) -> None:
        self._due: deque[Callable[[], None]] = deque()
        self._busy = False

    def call(self, callbacks: Iterable[Callable[[], None]]) -> None:
        """Call them in order, after the one under way if there is one."""
        self._due.extend(callbacks)
        if self._busy:
            return
        self._busy = True
        try:
            while self._due:
                self._due.popleft()()
        finally:
            self._busy = False


_TELLING: Final = _Telling()
