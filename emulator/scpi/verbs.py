"""What the SCPI engine asks of a bench; it has no verb of its own.

``emulator.bench`` fits this protocol, and so does the small double of the tests.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any, Protocol

from emulator.annotations import Annotation
from emulator.happening import Happening
from emulator.results import Condition, PressResult, Ticket, View
from firmware_model.profile import Profile, TokenType


class BenchVerbs(Protocol):
    """The verbs of a bench. What can't be raises ``emulator.errors.EmulatorError``."""

    traffic: bool
    """Whether lines, and clients that come and go, are told to the journal."""

    def acting(self, by: str, key: str | None = None) -> AbstractContextManager[None]:
        """Have the journal say who does what is begun meanwhile."""
        ...

    def annotate(self, serial: str, event: Annotation) -> None:
        """Have the journal tell something that changes no token.

        Args:
            serial: the token that it is about; empty: the bench.
            event: what.
        """
        ...

    @property
    def settled_ns(self) -> int:
        """Bench time up to which everything has happened; the clock is not read."""
        ...

    def serials(self) -> Sequence[str]:
        """Return the serial numbers of the tokens, in order."""
        ...

    def press(self, serial: str, hold_ns: int = 100_000_000) -> Ticket[PressResult]:
        """Press the button and let it go after ``hold_ns``."""
        ...

    def down(self, serial: str) -> None:
        """Close the button's contact."""
        ...

    def up(self, serial: str) -> None:
        """Open the button's contact."""
        ...

    def give_up(self, serial: str, ticket: Ticket[Any]) -> None:
        """Note that whoever asked for a press or a wait is gone."""
        ...

    def look(self, serial: str) -> View:
        """Return what can be seen of the token now."""
        ...

    def wait(self, serial: str, *, lit: bool, timeout_ns: int) -> Ticket[bool]:
        """Wait until the LCD is lit, or dark; the ticket's result is false on time-out."""
        ...

    def advance(self, by_ns: int) -> None:
        """Move a virtual clock forward.

        Raises:
            ClockError: a real clock moves by itself.
        """
        ...

    def set_rate(self, rate: Fraction) -> None:
        """Set bench seconds per real second; 0 stops the clock.

        Raises:
            ClockError: a real clock has no rate to set.
        """
        ...

    @property
    def clock_mode(self) -> str:
        """``real``, ``scaled`` or ``manual``."""
        ...

    @property
    def rate(self) -> Fraction:
        """Bench seconds per real second."""
        ...

    def now_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        ...

    def set_counter(self, serial: str, counter: int) -> None:
        """Set the next counter of an event token.

        Raises:
            UsageError: this token can't be set to it.
        """
        ...

    def reset(self, serial: str) -> None:
        """Power the token off and on: RAM is lost, NVM is kept."""
        ...

    def profile(self, serial: str) -> Profile:
        """Return what product the token is.

        Raises:
            UsageError: no such token.
        """
        ...

    def token_type(self, serial: str) -> TokenType:
        """Return what moves the token's moving factor."""
        ...

    def happen(self, serial: str, stimulus: Happening) -> None:
        """Let one physical thing happen to the token, now, whatever its ``at_ns`` says.

        Raises:
            UsageError: it can't happen to this token.
        """
        ...

    def condition(self, serial: str) -> Condition:
        """Return what the token is made of now."""
        ...

    def inject(self, serial: str, text: str) -> str:
        """Arm one fault, an inline table of TOML, and return its name.

        Raises:
            UsageError: no such fault, or no fault engine.
        """
        ...

    def fault_list(self, serial: str) -> Sequence[str]:
        """Return the faults that are armed, each in a line.

        Raises:
            UsageError: no fault engine.
        """
        ...

    def clear_faults(self, serial: str) -> None:
        """Disarm all faults and mend all damage."""
        ...
