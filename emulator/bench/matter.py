"""Verbs of what happens to the matter of a token: heat, batteries, wear, faults."""

from collections.abc import Callable, Sequence

from emulator.acts import Act
from emulator.bench.core import BenchCore
from emulator.device import Device
from emulator.errors import UsageError
from emulator.happening import FaultControl, Happening
from emulator.results import Condition
from emulator.views import condition_of
from firmware_model.damage import UNHARMED
from firmware_model.errors import StimulusError
from firmware_model.stimuli import Harm, SupplyDip


class MatterVerbs(BenchCore):
    """See :class:`emulator.bench.Bench`."""

    def condition(self, serial: str) -> Condition:
        """Return what a token is made of now: temperature, supply, crystal, damage.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        return condition_of(self._ready(serial).state, self._engine.now_ns)

    def reset(self, serial: str) -> None:
        """Reset a token as at power-on: RAM is lost, the memory is kept.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        self.happen(serial, SupplyDip(self._engine.now_ns))

    def happen(self, serial: str, stimulus: Happening) -> None:
        """Let one physical thing happen to a token, now.

        Args:
            serial: which token.
            stimulus: what happens; its ``at_ns`` does not count.

        Raises:
            UsageError: no such token, it can't happen to this one, or it is no
                :data:`emulator.happening.Happening`. Nothing has happened then.
            StateError: the token's flash failed.
        """
        if not isinstance(stimulus, Happening):
            raise UsageError(
                f"a {type(stimulus).__name__} is nothing physical; the button, the counter and"
                " the clock have verbs of their own"
            )
        device = self._ready(serial)
        try:
            self._engine.act(device, stimulus._replace(at_ns=self._engine.now_ns))
        except StimulusError as e:
            raise UsageError(str(e)) from None

    def attend(self, serial: str, begin: Callable[[Device], Act]) -> None:
        """Begin an act that sees all that its token does, and may do something to it.

        Args:
            serial: which token.
            begin: makes the act for it.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        self._engine.perform(begin(self._ready(serial)))
        self._engine.settle()

    def inject(self, serial: str, text: str) -> str:
        """Arm one fault of a token and return its name, see :class:`FaultControl`.

        Raises:
            UsageError: no such token or fault, or no fault engine.
        """
        return self._fault_control(serial).inject(serial, text)

    def fault_list(self, serial: str) -> Sequence[str]:
        """Return the faults of a token that are armed, each in a line.

        Raises:
            UsageError: no such token, or no fault engine.
        """
        return self._fault_control(serial).fault_list(serial)

    def clear_faults(self, serial: str) -> None:
        """Disarm all faults of a token, if there are any, and mend its damage.

        Raises:
            UsageError: no such token.
            StateError: the token's flash failed.
        """
        device = self._ready(serial)
        if self.faults is not None:
            self.faults.clear_faults(serial)
        if device.state.physics.damage != UNHARMED:
            self.happen(serial, Harm(self._engine.now_ns, UNHARMED))

    def _fault_control(self, serial: str) -> FaultControl:
        self._device(serial)
        if self.faults is None:
            raise UsageError("no fault engine on this bench")
        return self.faults
