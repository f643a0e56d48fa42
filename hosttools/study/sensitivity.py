"""Which assumption matters: each halved and doubled, by itself, on the same draws."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hosttools.study.answers import bother
from hosttools.study.model import SLIPS, Study
from hosttools.study.tally import Tally

TOKENS: Final = 2_000
"""Holders that each variant has at most: differences on the same draws need few."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A study with one assumption changed.

    Attributes:
        setting: which.
        factor: by how much.
        study: it, with the first policy alone.
    """

    setting: str
    factor: float
    study: Study


@dataclass(frozen=True, slots=True)
class Effect:
    """What one assumption does, for 1,000 users and a year.

    Attributes:
        setting: which.
        resyncs: with half of it, and with twice.
        calls: likewise.
    """

    setting: str
    resyncs: tuple[float, float]
    calls: tuple[float, float]


HABITS: Final = (
    "uses_per_day",
    "pocket_bursts_per_day",
    "pocket_presses",
    "pocket_presses_sigma",
    "child_bursts_per_year",
    "mistyped",
    "submitted_twice",
    "too_late",
    "first_twice",
)
_ROUNDING: Final = 1e-9
"""Kept free, as a sum of shares may come out a little too large."""
MATTER: Final = ("drift_sigma_ppm", "drift_tail_share", "temperature_swing_c", "shelf_days")


def base_of(study: Study) -> Study:
    """Return the study that variants are compared with: fewer holders, the first policy."""
    return dataclasses.replace(
        study,
        count=min(-(-study.count // 4), TOKENS),
        policies=study.policies[:1],
        check_codes=False,
    )


def variants_of(study: Study) -> list[Variant]:
    """Return every assumption halved and doubled; what can't be so is at its bound."""
    base = base_of(study)
    made = []
    for setting in HABITS:
        for factor in (0.5, 2.0):
            groups = tuple(
                dataclasses.replace(group, habits=_scaled(group.habits, setting, factor))
                for group in base.holders
            )
            made.append(Variant(setting, factor, dataclasses.replace(base, holders=groups)))
    for setting in MATTER:
        for factor in (0.5, 2.0):
            tokens = _scaled(base.tokens, setting, factor)
            made.append(Variant(setting, factor, dataclasses.replace(base, tokens=tokens)))
    return made


def effects(variants: list[Variant], tally_of: Callable[[Study], Tally]) -> list[Effect]:
    """Return what each assumption does, the one that matters most first."""
    found: dict[str, list[tuple[float, float]]] = {}
    for variant in variants:
        result = bother(variant.study, tally_of(variant.study))
        found.setdefault(variant.setting, []).append(result)
    made = [
        Effect(setting, (half[0], twice[0]), (half[1], twice[1]))
        for setting, (half, twice) in found.items()
    ]
    return sorted(made, key=lambda effect: -abs(effect.resyncs[1] - effect.resyncs[0]))


def _scaled(record: Any, setting: str, factor: float) -> Any:  # noqa: ANN401  # habits or tokens
    field = next(f for f in dataclasses.fields(record) if f.name == setting)
    value = getattr(record, setting) * factor
    low, high = field.metadata["low"], field.metadata["high"]
    if setting in SLIPS:
        # One thing goes wrong with a code at a time: what the others leave.
        others = sum(getattr(record, name) for name in SLIPS if name != setting)
        high = min(high, 1 - others - _ROUNDING)
    return dataclasses.replace(record, **{setting: max(min(value, high), low)})
