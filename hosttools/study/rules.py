"""The firmware's and the server's rules, over again, for the compiled loop.

A second account, kept small and held to the first one: on sampled lives it gives the same
counters, offsets and verdicts as :mod:`firmware_model` and :mod:`hosttools.refserver` (see
the differential test). Codes appear nowhere: a code is its moving factor, and what may be typed
instead of it is asked for elsewhere (:mod:`hosttools.study.looks`).
"""

import enum
from typing import Any, Final

import numpy as np

from firmware_model.climate import YEAR_NS
from firmware_model.profile import PressWhileLit
from hosttools.study.compiled import compiled
from hosttools.study.tables import START_NS, WHILE_LIT

Record = Any
"""A record of NumPy's: its fields are its attributes once compiled."""

NOTHING: Final = -1
"""No factor: the LCD shows no code, or what was typed is none."""
FAR: Final = 1 << 62
"""Later than anything that happens."""


class Status(enum.IntEnum):
    """Where a token is in its life at the server."""

    ASSIGNED = 0
    ACTIVE = 1
    LOCKED = 2


class Said(enum.IntEnum):
    """What the server says."""

    ACCEPTED = 0
    REPLAYED = 1
    REFUSED = 2
    """Invalid or out of sync: counted, and told apart by nobody here."""
    LOCKED = 3
    THROTTLED = 4
    TAKEN = 5
    """The form did what it is for: the token is added, or in step again."""
    UNCOUNTED = 6
    """The form was refused as its codes are used ones: not counted."""
    BLOCKED = 7
    """The form was refused too often; only an operator helps."""
    TWICE = 8
    """The form was evaluated already."""


class Fate(enum.IntEnum):
    """What a look at codes says, where it isn't a factor."""

    REPLAY = -2
    REFUSE = -3
    UNKNOWN = -4


LIFE: Final = np.dtype(
    [
        (name, np.int64)
        for name in (
            "profile",
            "group",
            "counter",
            "next",  # of the server: lowest factor that it still allows
            "drift",  # of the server, steps
            "failures",
            "form_failures",
            "status",
            "throttled",  # until then, ns from the start; 0: not
            "lit",  # when the last code lit, or will
            "dark",  # when it goes dark
            "on",  # factor of the code that lit last
            "shown",  # factor that the holder saw last
            "before",  # factor that they saw before, another one
            "busy",  # until then the token is in the hand, or pressed
            "born",  # tokens that the holder had before
            "added",  # when
            "ends",  # when it has to be replaced
            "aged",  # ns that it had lain on a shelf
            "warm_mc",
            "tolerance_ppb",
            "ageing_ppb",
            "looks",  # codes looked at so far
            "fate",  # of these, whose outcome was asked for
            "need",  # widest window of the year
            "marks",  # what happened in the year, and ever
            "first",  # month of the first desync; -1: none
        )
    ]
    + [("gain", np.float64), ("speed", np.float64)]
)
"""One holder, their token and the server's record of it; times in ns from the start."""

_IGNORE: Final = WHILE_LIT.index(PressWhileLit.IGNORE)
_SAME: Final = WHILE_LIT.index(PressWhileLit.SAME_CODE)
_CLEAR: Final = WHILE_LIT.index(PressWhileLit.CLEAR)
_ACTIVE: Final = int(Status.ACTIVE)
_LOCKED: Final = int(Status.LOCKED)
_UNKNOWN: Final = int(Fate.UNKNOWN)
_REPLAY: Final = int(Fate.REPLAY)
_YEAR: Final = float(YEAR_NS)


@compiled
def aged(age_ns: float) -> float:
    """Integrate the ageing of a crystal over its age, as a share of its first year's, ns.

    As :mod:`firmware_model.crystal` has it: linear between 0, 1, 3, 7, 15 … years.
    """
    years = age_ns / _YEAR
    octave, start, whole, before = 0, 0.0, 1.0, 0.0
    while years >= start + whole:
        before += whole * (octave + 0.5)
        start += whole
        whole *= 2.0
        octave += 1
    into = years - start
    return (before + octave * into + into * into / (2.0 * whole)) * _YEAR


@compiled
def clock(life: Record, at: int) -> int:
    """Return how far the token's own clock is ahead, ns."""
    used = float(at - life.added)
    old = 0.0
    if life.ageing_ppb != 0:
        old = (aged(life.aged + used) - aged(float(life.aged))) * (life.ageing_ppb * 1e-9)
    return int(np.floor(life.gain + used * life.speed + old))


@compiled
def factor_at(profile: Record, life: Record, at: int) -> int:
    """Return the counter, or the step of the token's clock."""
    if profile.timed == 0:
        return int(life.counter)
    return int(max((START_NS + at + clock(life, at) - profile.t0_ns) // profile.step_ns, 0))


@compiled
def expected(profile: Record, life: Record, at: int) -> int:
    """Return where the server expects the token."""
    if profile.timed == 0:
        return int(life.next)
    return int((START_NS + at - profile.t0_ns) // profile.step_ns + life.drift)


@compiled
def press(profile: Record, life: Record, at: int) -> int:
    """Press the button and let it go; return the factor whose code the LCD then shows."""
    felt = at + profile.debounce_ns
    if felt < life.lit:
        return NOTHING
    if felt < life.dark:
        if profile.while_lit == _IGNORE:
            return int(life.on)
        if profile.while_lit == _SAME:
            life.dark = felt + profile.lit_ns
            return int(life.on)
        if profile.while_lit == _CLEAR:
            life.dark = felt
            return NOTHING
    if profile.timed == 0:
        if life.counter >= profile.spent:
            life.dark = felt
            return NOTHING
        life.on = life.counter
        life.counter += 1
    else:
        life.on = factor_at(profile, life, felt)
    life.lit = felt + profile.busy_ns
    life.dark = life.lit + profile.lit_ns
    return int(life.on)


@compiled
def window(profile: Record, rules: Record, life: Record, at: int) -> tuple[int, int, int]:
    """Return where the server expects a code, and the lowest and highest that it accepts."""
    e = expected(profile, life, at)
    if profile.timed == 0:
        return e, e, e + rules.look_ahead
    return e, max(life.next, e - rules.steps_back), e + rules.steps_forward


@compiled
def verify(rules: Record, profile: Record, life: Record, at: int, factor: int, fate: int) -> int:
    """Submit one code.

    Args:
        rules: the server.
        profile: the product.
        life: whose token.
        at: when.
        factor: of the code; :data:`NOTHING` if it is none's.
        fate: what a look at codes said; :attr:`Fate.UNKNOWN` if nobody looked.
    """
    if life.status != _ACTIVE:
        return 3
    if at < life.throttled:
        return 4
    e, low, high = window(profile, rules, life, at)
    if fate != _UNKNOWN:
        factor = fate
    if factor >= 0 and low <= factor <= high:
        life.next = factor + 1
        if profile.timed != 0 and rules.track_drift != 0:
            life.drift += factor - e
        life.failures = 0
        life.throttled = 0
        return 0
    if fate == _REPLAY or (factor >= 0 and life.next - rules.look_back <= factor < life.next):
        return 1
    life.failures += 1
    if rules.throttle_ns != 0:
        life.throttled = at + min(rules.throttle_ns * life.failures, rules.throttle_max_ns)
    if rules.lock_after != 0 and life.failures >= rules.lock_after:
        life.status = _LOCKED
    return 2


@compiled
def pair(rules: Record, profile: Record, life: Record, at: int, first: int, second: int) -> int:
    """Submit the add form, or the resync form, for the first time."""
    if life.status != 0:
        if rules.resync_limit != 0 and life.form_failures >= rules.resync_limit:
            return 7
        if life.status == _LOCKED and rules.resync_unlocks == 0:
            return 3
    elif rules.resync_limit != 0 and life.form_failures >= rules.resync_limit:
        return 7
    e = expected(profile, life, at)
    low, high, gap = e, e + rules.resync_window, 1
    if profile.timed != 0:
        low = max(life.next, e - rules.resync_steps)
        high = e + rules.resync_steps
        gap = rules.pair_gap
    if low <= first <= high and second != NOTHING and 1 <= second - first <= gap:
        life.next = second + 1
        if profile.timed != 0:
            life.drift += second - e
        life.failures = 0
        life.form_failures = 0
        life.throttled = 0
        life.status = _ACTIVE
        return 5
    old = life.next - rules.look_back
    if old <= first < life.next and old <= second < life.next:
        return 6
    life.form_failures += 1
    return 2


@compiled
def help_up(profile: Record, life: Record, at: int) -> None:
    """Let an operator bring the server in step with what the token showed last."""
    life.next = life.on + 1
    if profile.timed != 0:
        life.drift += life.on - expected(profile, life, at)
    life.status = _ACTIVE
    life.failures = 0
    life.form_failures = 0
    life.throttled = 0
