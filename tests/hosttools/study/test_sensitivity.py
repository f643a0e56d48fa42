"""Assumptions halved and doubled: what is changed, and what is said of it."""

import dataclasses

import pytest

from hosttools.holder.habits import Habits, habits_from_mapping
from hosttools.study.model import FORM_SLIPS, SLIPS, HolderGroup, ProfileShare, Study, Tokens
from hosttools.study.sensitivity import (
    ACCIDENTS,
    HABITS,
    MATTER,
    TOKENS,
    Effect,
    Variant,
    base_of,
    effects,
    variants_of,
)
from hosttools.study.tally import Count, Monthly, Tally


def values(study: Study) -> dict[str, object]:
    """Return what a study takes for granted, by name."""
    (group,) = study.holders
    return dataclasses.asdict(group.habits) | dataclasses.asdict(study.tokens)


def found(study: Study, setting: str, factor: float) -> Study:
    """Return the variant with a setting changed."""
    (one,) = [v.study for v in variants_of(study) if (v.setting, v.factor) == (setting, factor)]
    return one


@pytest.mark.parametrize(("count", "fewer"), [(1, 1), (50, 50), (10**6, TOKENS)])
def test_the_base_is_smaller(count: int, fewer: int) -> None:
    """Some thousands of holders at most, and the first policy alone."""
    base = base_of(Study(count=count, check_codes=True))
    assert (fewer, Study().policies[:1], False) == (base.count, base.policies, base.check_codes)


def test_one_assumption_changes_at_a_time() -> None:
    """Each is halved and doubled; all else, and the seed, stays."""
    study = Study(profiles=(ProfileShare(name="GALH"), ProfileShare(name="GALT")))
    base = base_of(study)
    before = values(base)
    made = variants_of(study)
    assert [(s, f) for s in HABITS + ACCIDENTS + MATTER for f in (0.5, 2.0)] == [
        (v.setting, v.factor) for v in made
    ]
    for variant in made:
        after = values(variant.study)
        changed = {name: after[name] for name in before if after[name] != before[name]}
        old = before[variant.setting]
        assert isinstance(old, int | float)
        high = 2.0 if variant.setting == "pocket_presses_sigma" else float("inf")
        new = min(old * variant.factor, high)
        assert {variant.setting: round(new) if variant.setting == "retries" else new} == changed
        same = dataclasses.replace(variant.study, holders=base.holders, tokens=base.tokens)
        assert base == same


@pytest.mark.parametrize(
    ("product", "minded", "not_minded"),
    [("GALH", ACCIDENTS, MATTER), ("GALT", MATTER, ACCIDENTS)],
)
def test_what_no_token_minds_is_left_out(
    product: str, minded: tuple[str, ...], not_minded: tuple[str, ...]
) -> None:
    """An event token has no clock; a time token doesn't count presses."""
    study = Study(profiles=(ProfileShare(name=product),))
    changed = {variant.setting for variant in variants_of(study)}
    assert set(minded) <= changed
    assert changed.isdisjoint(not_minded)


def test_every_group_is_changed() -> None:
    """What is assumed of people is changed in all groups."""
    groups = (
        HolderGroup(name="calm", habits=Habits(uses_per_day=4)),
        HolderGroup(name="busy", habits=Habits(uses_per_day=40)),
    )
    doubled = found(Study(holders=groups), "uses_per_day", 2.0)
    assert [8, 80] == [group.habits.uses_per_day for group in doubled.holders]


def test_bounds_are_kept() -> None:
    """What can't be doubled is at its bound."""
    study = Study(tokens=Tokens(drift_tail_share=0.8), profiles=(ProfileShare(name="GALT"),))
    doubled = found(study, "drift_tail_share", 2.0)
    assert 1 == doubled.tokens.drift_tail_share


@pytest.mark.parametrize(
    ("slips", "slip"),
    [(slips, slip) for slips in (SLIPS, FORM_SLIPS) for slip in slips if slip in HABITS],
)
def test_slips_stay_shares_of_one(slips: tuple[str, ...], slip: str) -> None:
    """A slip is doubled no further than the others leave room, of a code and of the form."""
    habits = habits_from_mapping({slip: 0.9})
    doubled = found(Study(holders=(HolderGroup(habits=habits),)), slip, 2.0)
    totals = [
        sum(getattr(doubled.holders[0].habits, name) for name in each)
        for each in (SLIPS, FORM_SLIPS)
    ]
    assert max(totals) <= 1
    assert slip not in slips or pytest.approx(1) == max(totals)


def test_what_matters_most_comes_first() -> None:
    """Effects are for 1,000 users and a year, by the resyncs between half and twice."""
    base = base_of(Study(count=400, months=12))
    counts = {"small": (10, 12), "large": (30, 5)}
    variants, tallies = [], {}
    for setting, both in counts.items():
        for factor, resyncs in zip((0.5, 2.0), both, strict=True):
            study = dataclasses.replace(base, title=f"{setting} {factor}")
            tally = Tally.empty(study)
            tally.counts[0, Count.TOKENS] = base.count
            tally.monthly[0, 0, [Monthly.RESYNCS, Monthly.CALLS]] = resyncs, 1
            variants.append(Variant(setting, factor, study))
            tallies[study.title] = tally
    a_year = 1000 * 365 / (400 * 360)
    large, small = effects(variants, lambda study: tallies[study.title])
    assert expected("large", (30, 5), a_year) == large
    assert expected("small", (10, 12), a_year) == small


def expected(setting: str, resyncs: tuple[int, int], a_year: float) -> Effect:
    """Return an effect of so many resyncs, and a call each."""
    return Effect(setting, (resyncs[0] * a_year, resyncs[1] * a_year), (a_year, a_year))
