"""Which assumption matters: each halved and doubled, by itself, on the same draws."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from firmware_model.profile import TokenType
from hosttools.study.answers import bother
from hosttools.study.model import FORM_SLIPS, SLIPS, Study
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
    "retries",
    "mistyped",
    "submitted_twice",
    "too_late",
    "first_twice",
)
ACCIDENTS: Final = (
    "pocket_bursts_per_day",
    "pocket_presses",
    "pocket_presses_sigma",
    "pocket_gap_s",
    "child_bursts_per_year",
    "child_presses",
)
"""Habits that only event tokens mind."""
MATTER: Final = (
    "drift_sigma_ppm",
    "drift_tail_share",
    "drift_tail_ppm",
    "ageing_sigma_ppm",
    "temperature_sigma_c",
    "temperature_swing_c",
    "shelf_days",
)
"""What only time tokens mind."""
_FACTORS: Final = (0.5, 2.0)
_ROUNDING: Final = 1e-9
"""Kept free, as a sum of shares may come out a little too large."""


def base_of(study: Study) -> Study:
    """Return the study that variants are compared with: fewer holders, the first policy."""
    return dataclasses.replace(
        study,
        count=min(study.count, TOKENS),
        policies=study.policies[:1],
        check_codes=False,
    )


def variants_of(study: Study) -> list[Variant]:
    """Return every assumption halved and doubled; what can't be so is at its bound."""
    base = base_of(study)
    kinds = {share.profile.token_type for share in study.profiles}
    people = HABITS + (ACCIDENTS if TokenType.EVENT in kinds else ())
    made = []
    for setting in people:
        for factor in _FACTORS:
            groups = tuple(
                dataclasses.replace(group, habits=_scaled(group.habits, setting, factor))
                for group in base.holders
            )
            made.append(Variant(setting, factor, dataclasses.replace(base, holders=groups)))
    for setting in MATTER if TokenType.TIME in kinds else ():
        for factor in _FACTORS:
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
    for slips in (SLIPS, FORM_SLIPS):
        if setting in slips:
            # One thing goes wrong at a time: what the others leave.
            others = sum(getattr(record, name) for name in slips if name != setting)
            high = min(high, 1 - others - _ROUNDING)
    value = max(min(value, high), low)
    return dataclasses.replace(record, **{setting: round(value) if field.type is int else value})
