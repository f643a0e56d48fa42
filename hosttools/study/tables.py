"""A study as arrays of numbers: what the compiled loop reads.

Distributions are tables of their quantiles, so that a draw is a look-up and a line between two
entries. No logarithm and no exponential is left to the loop: their last bit depends on the C
library, and a study gives the same numbers on every machine.
"""

import dataclasses
import enum
import functools
import itertools
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_model.climate import YEAR_NS
from firmware_model.profile import SECOND, PressWhileLit, Profile, TokenType
from hosttools.holder.habits import Habits
from hosttools.refserver.policy import Policy
from hosttools.study.model import FORM_SLIPS, SLIPS, HolderGroup, Study
from hosttools.study.philox import key_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Records = npt.NDArray[np.void]

HOUR_NS: Final = 3600 * SECOND
DAY_NS: Final = 24 * HOUR_NS
WEEK_NS: Final = 7 * DAY_NS
MONTH_NS: Final = 30 * DAY_NS
START_NS: Final = 1_767_571_200 * SECOND
"""2026-01-05, a Monday, in the holders' own time: when they add their tokens."""
HOURS: Final = 168
GUIDES: Final = 4096
"""Parts of a week's measure: so many that most of them lie within one hour."""

CELLS: Final = 512
PART: Final = CELLS + 1
"""Entries of each of a table's three parts: all, the lowest cell, the highest cell."""
_ENDS: Final = 2.0**-33
_ONE: Final = 1 << 32
_NEVER_NS: Final = 1e30
"""Mean time between what never happens; no draw makes a life of it."""
_SIGNIFICANT: Final = 12
"""Digits that a table keeps: fewer than C libraries agree on."""


class Of(enum.IntEnum):
    """Distributions, each with a median of 1 but for the first two."""

    EXPONENTIAL = 0
    """Of mean 1."""
    NORMAL = 1
    """Of mean 0 and sigma 1."""
    PACE = 2
    POCKET_COUNT = 3
    POCKET_GAP = 4
    CHILD_COUNT = 5
    CHILD_GAP = 6
    USES = 7
    POCKETS = 8
    SHELF = 9
    LIFE = 10


class When(enum.IntEnum):
    """What happens more at some hours than at others."""

    USE = 0
    POCKET = 1
    CHILD = 2


class World(NamedTuple):
    """All that a life depends on, beside who lives it.

    Attributes:
        rules: the study and the server, one record.
        profiles: a record for each product.
        groups: a record for each group of holders.
    """

    rules: Records
    profiles: Records
    groups: Records


RULES: Final = np.dtype(
    [
        (name, np.int64)
        for name in (
            "k0",  # key of all draws
            "k1",
            "months",
            "year",  # months of what is called a year: twelve, or all of a shorter study
            "check",  # whether codes are compared
            "look_ahead",
            "look_back",
            "resync_window",
            "steps_back",
            "steps_forward",
            "resync_steps",
            "pair_gap",
            "track_drift",
            "lock_after",
            "resync_limit",
            "resync_unlocks",
            "throttle_ns",
            "throttle_max_ns",
        )
    ]
)
PROFILE: Final = np.dtype(
    [
        (name, np.int64)
        for name in (
            "until",  # cumulative share, of 2^32
            "timed",
            "debounce_ns",
            "busy_ns",  # from the accepted press to the lit LCD
            "lit_ns",
            "while_lit",
            "first",
            "spent",
            "step_ns",
            "t0_ns",
            "curvature_ppb",
            "turnover_mc",
            "life_ns",
        )
    ]
)
GROUP: Final = np.dtype(
    [("until", np.int64), ("retries", np.int64), ("lit_ns", np.int64)]
    + [(name, np.int64) for name in ("hold_ns", "pocket_hold_ns", "child_hold_ns")]
    + [
        (name, np.float64)
        for name in (
            "use_ns",  # mean time between, in the hours' own measure
            "pocket_ns",
            "child_ns",
            "pocket_presses",
            "child_presses",
            "pocket_gap_ns",
            "child_gap_ns",
            "reading_ns",
            "typing_ns",
            "dark_ns",
            "again_ns",
            "resubmit_ns",
            "late_ns",
            "drift_ppb",
            "tail_ppb",
            "tail_share",  # of 2^32
            "ageing_ppb",
            "warm_mc",
            "warm_sigma_mc",
            "swing_c",
            "shelf_mc",
            "shelf_ns",
            "life_ns",
        )
    ]
    + [
        ("slips", np.int64, (len(SLIPS),)),  # cumulative, of 2^32
        ("form_slips", np.int64, (len(FORM_SLIPS),)),
        ("draws", np.float64, (len(Of), 3 * PART)),  # quantiles
        ("weeks", np.float64, (len(When), HOURS + 1)),  # share of the hours so far, ns
        ("paces", np.float64, (len(When), HOURS)),  # time that goes by with it in each hour
        ("guides", np.uint8, (len(When), GUIDES)),  # hour in which each 4,096th of it begins
    ]
)
WHILE_LIT: Final = tuple(PressWhileLit)
"""By the number that a profile's record has."""


def world_of(study: Study, policy: Policy) -> World:
    """Return a study's world under one of its policies."""
    groups = study.holders
    return World(
        rules=_rules(study, policy),
        profiles=_records(PROFILE, [_profile(s.profile) for s in study.profiles], study.profiles),
        groups=_records(GROUP, [_group(study, group) for group in groups], groups),
    )


def _rules(study: Study, policy: Policy) -> Records:
    record = np.zeros(1, RULES)
    record["k0"], record["k1"] = key_of(study.seed)
    record["months"] = study.months
    record["year"] = min(study.months, 12)
    record["check"] = study.check_codes
    settings = {field.name for field in dataclasses.fields(policy)}
    for name in RULES.names or ():
        if name in settings:
            record[name] = getattr(policy, name)
    record["throttle_ns"] = policy.throttle_s * SECOND
    record["throttle_max_ns"] = policy.throttle_max_s * SECOND
    return record


def _records(dtype: "np.dtype[np.void]", rows: list[dict[str, Any]], shares: Any) -> Records:  # noqa: ANN401  # whatever has a share
    whole = math.fsum(item.share for item in shares)
    untils = _cumulative([item.share / whole for item in shares])
    untils[-1] = _ONE
    records = np.zeros(len(rows), dtype)
    for record, row, until in zip(records, rows, untils, strict=True):
        record["until"] = until
        for name, value in row.items():
            record[name] = value
    return records


def _cumulative(chances: list[float]) -> list[int]:
    return [round(math.fsum(chances[: i + 1]) * _ONE) for i in range(len(chances))]


def _profile(profile: Profile) -> dict[str, int]:
    timed = profile.token_type is TokenType.TIME
    last = 2**profile.counter_bits - 1
    codes = profile.first_counter + profile.max_codes if profile.max_codes else last
    return {
        "timed": int(timed),
        "debounce_ns": profile.debounce_ns,
        "busy_ns": profile.compute_ns + (0 if timed else profile.commit_ns),
        "lit_ns": profile.lit_ns,
        "while_lit": WHILE_LIT.index(profile.press_while_lit),
        "first": profile.first_counter,
        "spent": min(codes, last, 2**62),
        "step_ns": profile.step_s * SECOND,
        "t0_ns": profile.t0_s * SECOND,
        "curvature_ppb": profile.crystal_ppb,
        "turnover_mc": profile.turnover_mc,
        # A day before its own clock says so, whichever way that is off.
        "life_ns": (profile.life_days - 1) * DAY_NS if profile.life_days else 2**62,
    }


def _group(study: Study, group: HolderGroup) -> dict[str, Any]:
    habits, tokens = group.habits, study.tokens
    weeks = [_week(*pattern) for pattern in _patterns(habits)]
    uses, pockets, children = (
        per_day * math.fsum(weekdays) for per_day, _, weekdays in _patterns(habits)
    )
    return {
        "retries": habits.retries,
        "lit_ns": round(habits.lit_s * SECOND),
        **{
            f"{name}_ns": round(getattr(habits, f"{name}_s") * SECOND)
            for name in ("hold", "pocket_hold", "child_hold")
        },
        "use_ns": WEEK_NS / uses if uses else _NEVER_NS,
        "pocket_ns": WEEK_NS / pockets if pockets else _NEVER_NS,
        "child_ns": WEEK_NS / children if children else _NEVER_NS,
        "pocket_presses": habits.pocket_presses,
        "child_presses": habits.child_presses,
        "pocket_gap_ns": habits.pocket_gap_s * SECOND,
        "child_gap_ns": habits.child_gap_s * SECOND,
        "reading_ns": habits.reading_s * SECOND,
        "typing_ns": habits.typing_s * SECOND,
        "dark_ns": habits.dark_wait_s * SECOND,
        "again_ns": habits.again_after_s * SECOND,
        "resubmit_ns": habits.submit_again_s * SECOND,
        "late_ns": habits.late_s * SECOND,
        "drift_ppb": tokens.drift_sigma_ppm * 1000,
        "tail_ppb": tokens.drift_tail_ppm * 1000,
        "tail_share": tokens.drift_tail_share * _ONE,
        "ageing_ppb": tokens.ageing_sigma_ppm * 1000,
        "warm_mc": tokens.temperature_c * 1000,
        "warm_sigma_mc": tokens.temperature_sigma_c * 1000,
        "swing_c": tokens.temperature_swing_c,
        "shelf_mc": round(tokens.shelf_temperature_c * 1000),
        "shelf_ns": tokens.shelf_days * DAY_NS,
        "life_ns": tokens.life_years * YEAR_NS,
        "slips": _cumulative([getattr(habits, name) for name in SLIPS]),
        "form_slips": _cumulative([getattr(habits, name) for name in FORM_SLIPS]),
        "draws": _draws(study, group),
        "weeks": weeks,
        "paces": [_paces(week) for week in weeks],
        "guides": [_guide(week) for week in weeks],
    }


_Pattern = tuple[float, tuple[float, ...], tuple[float, ...]]
_EVERY_DAY: Final = (1.0,) * 7


def _patterns(habits: Habits) -> tuple[_Pattern, ...]:
    """Return times a day, the weights of hours, and those of weekdays, by :class:`When`."""
    return (
        (habits.uses_per_day, habits.use_hours, habits.use_weekdays),
        (habits.pocket_bursts_per_day, habits.pocket_hours, _EVERY_DAY),
        (habits.child_bursts_per_year / 365, habits.child_hours, _EVERY_DAY),
    )


def _week(_per_day: float, hours: tuple[float, ...], weekdays: tuple[float, ...]) -> list[float]:
    weights = [hour * day for day in weekdays for hour in hours]
    whole = math.fsum(weights) or 1.0
    return [_kept(math.fsum(weights[:i]) / whole * WEEK_NS) for i in range(HOURS + 1)]


def _paces(week: list[float]) -> list[float]:
    widths = [after - before for before, after in itertools.pairwise(week)]
    return [HOUR_NS / width if width else 0.0 for width in widths]


def _guide(week: list[float]) -> Ints:
    begins = np.arange(GUIDES) * (WEEK_NS / GUIDES)
    return np.minimum(np.searchsorted(week, begins, side="right") - 1, HOURS - 1)


def _draws(study: Study, group: HolderGroup) -> list[list[float]]:
    habits = group.habits
    sigmas = {
        Of.PACE: habits.pace_sigma,
        Of.POCKET_COUNT: habits.pocket_presses_sigma,
        Of.POCKET_GAP: habits.pocket_gap_sigma,
        Of.CHILD_COUNT: habits.child_presses_sigma,
        Of.CHILD_GAP: habits.child_gap_sigma,
        Of.USES: group.uses_spread,
        Of.POCKETS: group.pocket_spread,
        Of.SHELF: study.tokens.shelf_spread,
        Of.LIFE: study.tokens.life_spread,
    }
    normal = NormalDist()
    exponential = _table(lambda p: -math.log1p(-p))
    return [exponential, _table(normal.inv_cdf), *(_lognormal(sigmas[of]) for of in list(Of)[2:])]


@functools.lru_cache(maxsize=64)
def _lognormal(sigma: float) -> list[float]:
    normal = NormalDist()
    return _table(lambda p: math.exp(sigma * normal.inv_cdf(p)))


def _table(quantile: Callable[[float], float]) -> list[float]:
    """Return quantiles at every 512th, then at every 512th of the lowest and the highest."""
    inside = [min(max(i / CELLS, _ENDS), 1 - _ENDS) for i in range(PART)]
    low = [max(p / CELLS, _ENDS) for p in inside]
    high = [min(1 - (1 - p) / CELLS, 1 - _ENDS) for p in inside]
    return [_kept(quantile(p)) for p in (*inside, *low, *high)]


def _kept(value: float) -> float:
    return float(f"{value:.{_SIGNIFICANT}g}")
