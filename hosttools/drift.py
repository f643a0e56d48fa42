"""How far a token's clock is off after years, by the model and by the closed formula.

The two share nothing but the crystal's figures: the model runs a token through its
life, nanosecond by nanosecond in integers; the formula is a line of floating point.
"""

from dataclasses import dataclass
from typing import Final

from firmware_model.climate import YEAR_NS, Climate, steady, yearly
from firmware_model.machine import manufacture, step
from firmware_model.nvm import configure
from firmware_model.oath import Key, Secret
from firmware_model.physics import new_physics
from firmware_model.products import GALT
from firmware_model.profile import SECOND, Profile
from firmware_model.state import token_time
from firmware_model.stimuli import Advance

YEAR_S: Final = YEAR_NS // SECOND
_MOST_STEPS: Final = 12
"""A month at a time: that it changes nothing is what the model promises."""


@dataclass(frozen=True, slots=True)
class Climates:
    """The temperature that a token lives in, steady or going up and down once a year.

    Attributes:
        low_c: coldest, °C; at the start.
        high_c: warmest, °C, half a year on; the same as ``low_c`` for a steady one.
    """

    low_c: float
    high_c: float

    def curve(self, at_ns: int) -> Climate:
        """Return it for the model."""
        low_mc, high_mc = round(self.low_c * 1000), round(self.high_c * 1000)
        return steady(low_mc) if low_mc == high_mc else yearly(at_ns, low_mc, high_mc)

    def __str__(self) -> str:
        if self.low_c == self.high_c:
            return f"{self.low_c:g} °C"
        return f"{self.low_c:g} to {self.high_c:g} °C in a year"


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a clock is off, in seconds; positive is fast.

    Attributes:
        years: after how many years.
        model_s: what the token's clock says, less the time.
        formula_s: what the closed formula says.
    """

    years: int
    model_s: float
    formula_s: float


def offsets(
    ppm: float, climate: Climates, years: int, *, start_ns: int = 0, profile: Profile = GALT
) -> list[Offset]:
    """Run a time token through its years, a month at a time.

    Args:
        ppm: tolerance of its crystal; positive runs fast.
        climate: where it lies.
        years: how many, each of 365.25 days.
        start_ns: when it leaves the factory, ns since 1970, UTC.
        profile: a time token's, whose crystal it has.

    Raises:
        StimulusError: no crystal or climate is like that.
    """
    secret = Secret(bytes(range(20)))
    config = configure("GALT00000001", profile, secret)
    physics = new_physics(
        profile,
        start_ns,
        tolerance_ppb=round(ppm * 1000),
        climate=climate.curve(start_ns),
    )
    key = Key(secret, config.algorithm)
    state = manufacture(config, start_ns, physics=physics)
    found = []
    for year in range(1, years + 1):
        for month in range(1, _MOST_STEPS + 1):
            at_ns = start_ns + YEAR_NS * (year - 1) + YEAR_NS * month // _MOST_STEPS
            state, _ = step(state, Advance(at_ns), key)
        model_ns = token_time(state) - state.now_ns
        found.append(Offset(year, model_ns / SECOND, formula(ppm, climate, year, profile)))
    return found


def formula(ppm: float, climate: Climates, years: int, profile: Profile = GALT) -> float:
    """Return (tolerance + B · mean of (T - T₀)²) · t, in seconds.

    A temperature that goes linearly from ``a`` to ``b`` away from the turnover has the
    mean square (a² + a·b + b²) / 3; whole years only.
    """
    turnover_c = profile.turnover_mc / 1000
    a, b = climate.low_c - turnover_c, climate.high_c - turnover_c
    rate = ppm * 1e-6 + profile.crystal_ppb * 1e-9 * (a * a + a * b + b * b) / 3
    return rate * years * YEAR_S
