"""A state taken apart while one step runs through it; it never outlives the step."""

from typing import Final

from firmware_model.cell import safe_charge
from firmware_model.climate import coldest
from firmware_model.crystal import clock_reading
from firmware_model.oath import Key
from firmware_model.profile import SECOND
from firmware_model.state import NEVER, State
from firmware_model.stimuli import (
    Effect,
)


class Run:
    """A state taken apart while a step runs through it."""

    __slots__ = (
        "button",
        "closed",
        "config",
        "counter",
        "done",
        "effects",
        "factor",
        "fail",
        "held",
        "key",
        "lit_at",
        "low",
        "mode",
        "now",
        "older",
        "page",
        "physics",
        "read_at",
        "reading",
        "safe",
        "sequence",
        "settle",
        "slot_a",
        "slot_b",
        "text",
        "tick",
        "used",
        "wanted",
    )

    def __init__(self, state: State, key: Key | None) -> None:
        self.key = key
        self.wanted = 0  # the counter that a programming tool asks for
        self.read_at = NEVER  # when the clock was read, and what it said
        self.reading = 0
        self.effects: list[Effect] = []
        (
            self.config,
            self.slot_a,
            self.slot_b,
            self.older,
            self.sequence,
            self.counter,
            self.now,
            self.mode,
            self.done,
            self.closed,
            self.settle,
            self.button,
            self.held,
            self.tick,
            self.fail,
            self.factor,
            self.page,
            self.text,
            self.lit_at,
            self.low,
            self.used,
            self.safe,
            self.physics,
        ) = state

    def freeze(self) -> State:
        """Put the state together again."""
        # State(...) would take the arguments apart and put them together again.
        return _new_tuple(
            State,
            (
                self.config,
                self.slot_a,
                self.slot_b,
                self.older,
                self.sequence,
                self.counter,
                self.now,
                self.mode,
                self.done,
                self.closed,
                self.settle,
                self.button,
                self.held,
                self.tick,
                self.fail,
                self.factor,
                self.page,
                self.text,
                self.lit_at,
                self.low,
                self.used,
                self.safe,
                self.physics,
            ),
        )

    def token_time(self) -> int:
        """What the token's own clock says, ns since 1970, UTC."""
        if self.now != self.read_at:
            physics = self.physics
            self.reading = clock_reading(physics.rtc, physics.climate, self.now)
            self.read_at = self.now
        return self.reading

    def time_factor(self) -> int:
        """The step of the token's own clock; before T0 it stays at step 0."""
        config = self.config
        return max((self.token_time() - config.t0_s * SECOND) // config.step_ns, 0)

    def charge(self) -> int:
        """Charge drawn from the battery up to now, nA·ns."""
        profile = self.config.profile
        used = self.used + profile.quiescent_na * (self.now - self.physics.battery.at_ns)
        if self.text:
            used += profile.lcd_na * (self.now - self.lit_at)
        return used

    def weigh(self) -> None:
        """Find out up to which charge no press can strain the battery."""
        profile, physics = self.config.profile, self.physics
        self.safe = safe_charge(
            physics.battery.capacity,
            # Of all its temperatures, past ones too: it follows from the state alone.
            coldest(physics.climate, physics.climate.at_ns),
            profile.quiescent_na + profile.active_na,
            profile.low_battery_mv,
        )


_new_tuple: Final = tuple.__new__
