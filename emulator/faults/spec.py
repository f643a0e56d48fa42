"""Faults as data: what goes wrong with which token, when, and how often.

Every setting says what it means and what is allowed; the reader of files, the checks
and the tables of the documentation all go by that.
"""

from dataclasses import dataclass, field
from typing import Final

from emulator.errors import UsageError
from emulator.faults.values import HOUR_NS, MOST, Number, Word, check_settings, short
from emulator.faults.whats import WHATS, TemperatureCurve, What
from emulator.faults.whens import After, At, AtPress, Chance, EveryPress, When

_KEYS: Final = {kind: key for key, kind in WHATS.items()}
_NAME: Final = Word("what it is called; no two are called the same")
_TIMES: Final = Number("how often it fires; 0 is without end", 0, MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: what it is called.
        when: what it waits for.
        what: what goes wrong then.
        serial: with which token; ``None``: with each that is on the bench.
        times: how often it fires; 0: without end. ``None``: without end for
            ``every`` and ``chance``, else once.

    Raises:
        UsageError: a value out of range, or values that exclude each other.
    """

    name: str
    when: When
    what: What
    serial: str | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        _NAME.check(self.name)
        if self.times is not None:
            _TIMES.check(self.times)
        check_settings(self.when)
        try:
            self._check_what()
        except UsageError as e:
            raise UsageError(f"{self.what_key}: {e}") from None
        if self.times not in {None, 1} and isinstance(self.when, At | After | AtPress):
            raise UsageError(
                f"times = {self.times}: what waits for one moment fires once; leave it out, or"
                " wait for every, on or chance"
            )

    def _check_what(self) -> None:
        check_settings(self.what)
        if isinstance(self.what, TemperatureCurve) and self.what.period_ns:
            last_ns = self.what.points[-1][0]
            if self.what.period_ns <= last_ns:
                raise UsageError(
                    f"period_h: {self.what.period_ns / HOUR_NS:g} ends before the last point, at"
                    f" {last_ns / HOUR_NS:g} h; allowed are 0 and more than that"
                )

    @property
    def what_key(self) -> str:
        """What files call what goes wrong."""
        return _KEYS[type(self.what)]

    @property
    def most(self) -> int | None:
        """How often it fires; ``None``: without end."""
        if self.times is None:
            return None if isinstance(self.when, EveryPress | Chance) else 1
        return self.times or None


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """All that is to go wrong.

    Attributes:
        faults: one after another.
        seed: of all that is left to chance.
        source: where it was written, for error messages.

    Raises:
        UsageError: two faults of one name.
    """

    faults: tuple[Fault, ...] = ()
    seed: int | str = 0
    source: str = field(default="faults", compare=False)

    def __post_init__(self) -> None:
        seen = set()
        for fault in self.faults:
            if fault.name in seen:
                raise UsageError(
                    f"{self.source}: two faults are called {short(fault.name)}; give each a name"
                    " of its own"
                )
            seen.add(fault.name)
