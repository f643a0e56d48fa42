"""What can happen to the matter of a token, and the seam for what makes it happen by itself."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    CaseOpened,
    ClockJump,
    Drain,
    Harm,
    Retune,
    SetClock,
    SupplyDip,
)

Happening: TypeAlias = (
    Ambient
    | BatteryIn
    | BatteryOut
    | BitRot
    | CaseOpened
    | ClockJump
    | Drain
    | Harm
    | Retune
    | SetClock
    | SupplyDip
)
"""A physical thing that can happen to a token."""


class FaultControl(Protocol):
    """What arms faults on a bench's tokens, see :attr:`emulator.bench.Bench.faults`."""

    def inject(self, serial: str, text: str) -> str:
        """Arm one fault of a token and return its name.

        Args:
            serial: which token.
            text: the fault: an inline table of TOML, see ``emulator.faults``.

        Raises:
            UsageError: there is no such fault, or it can't come true.
        """

    def fault_list(self, serial: str) -> Sequence[str]:
        """Return the faults of a token that are armed, each in a line."""

    def clear_faults(self, serial: str) -> None:
        """Disarm all faults of a token."""
