"""A question about a fleet of tokens, as data: who holds what, for how long, against which servers.

Every setting says what it means and where its default comes from, as habits and policies do.
What is drawn for each token has a median and a spread; a spread of 0 makes all alike.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from emulator.faults.values import short
from firmware_model.oath import Algorithm
from firmware_model.products import PROFILES
from firmware_model.profile import HoldAction, Profile, StepChange
from hosttools.errors import UsageError
from hosttools.holder.habits import Habits
from hosttools.refserver.policies import POLICIES
from hosttools.refserver.policy import Policy
from hosttools.study.assumed import TYPICAL
from hosttools.study.settings import (
    NAMES,
    OUR_DEFAULT,
    Checked,
    bounded,
    check,
    check_name,
    worded,
)
from hosttools.tomlfile import LONGEST_SEED

VERSION: Final = 1
FEITIAN: Final = "Feitian c200 in use: stock that aged in the box"
MOST_TOKENS: Final = 100_000_000
MOST_MONTHS: Final = 240
MOST_OF_A_KIND: Final = 16
"""Profiles, groups of holders and policies that one study may have."""
LONGEST_TITLE: Final = 200
DIGITS: Final = 6
"""Of the codes of all products that a study takes."""
SHORTEST_GAP_S: Final = 0.2
"""Accidental presses come no faster: the contact rests between them, and each is felt."""


class StudyError(UsageError):
    """A study that can't be.

    Attributes:
        problems: all that is wrong.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type["StudyError"], tuple[tuple[str, ...]]]:
        return (StudyError, (self.problems,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Checked):
    """What the tokens of a fleet are like, whatever product: crystal, climate, shelf, battery.

    Raises:
        UsageError: a value that can't be.
    """

    drift_sigma_ppm: float = bounded(
        "Standard deviation of the crystals' rate error at 25 °C, ppm",
        OUR_DEFAULT + ": 3 to 4; Deepnet SafeID 3.9, Token2 3.8, Feitian c200 2.9 stated",
        3.5,
        0,
        100,
    )
    drift_tail_share: float = bounded(
        "Share of tokens whose crystal comes from the tail, a wider normal distribution",
        OUR_DEFAULT + ": a good number of 1,200 Feitian c200 were outside their maker's figure",
        0.05,
        0,
        1,
    )
    drift_tail_ppm: float = bounded(
        "Standard deviation of the rate error in that tail, ppm",
        "Token2: 1 s a day, 11.6 ppm, is not unusual",
        12,
        0,
        100,
    )
    ageing_sigma_ppm: float = bounded(
        "Standard deviation of the change of rate in the first year, ppm",
        "TF20: ±3 ppm in the first year, taken as three sigma",
        1,
        0,
        10,
    )
    temperature_c: float = bounded(
        "Mean temperature of a token in use, °C; median of the holders",
        OUR_DEFAULT + ": a room, and a pocket now and then",
        24,
        -20,
        60,
    )
    temperature_sigma_c: float = bounded(
        "Standard deviation of that mean among holders, °C",
        OUR_DEFAULT + ": some keep it in a car, some on the body",
        4,
        0,
        20,
    )
    temperature_swing_c: float = bounded(
        "Standard deviation of the temperature round its mean over days and seasons, °C",
        OUR_DEFAULT,
        5,
        0,
        30,
    )
    shelf_temperature_c: float = bounded("Temperature on the shelf, °C", OUR_DEFAULT, 20, -20, 60)
    shelf_days: float = bounded(
        "Days from manufacture until the holder adds the token, median",
        OUR_DEFAULT + "; " + FEITIAN,
        180,
        0,
        3650,
    )
    shelf_spread: float = bounded(
        "Spread of that time, the standard deviation of its logarithm",
        OUR_DEFAULT + ": one in six is older than a year",
        0.7,
        0,
        2,
    )
    life_years: float = bounded(
        "Years from manufacture until the battery or the case gives up, median; the holder"
        " then gets a new token",
        "Symantec VIP fob: 5 years; HID mini: 6 years",
        6,
        0.1,
        50,
    )
    life_spread: float = bounded(
        "Spread of that time, the standard deviation of its logarithm", OUR_DEFAULT, 0.15, 0, 1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderGroup(Checked):
    """People of one kind.

    Attributes:
        name: what they are called in the report.
        share: how many of them there are, relative to the other groups.
        uses_spread: how different they are in how often they sign.
        pocket_spread: likewise, in how often their pockets press.
        habits: how they treat their tokens.

    Raises:
        UsageError: a value that can't be, or a habit that a study knows nothing of.
    """

    name: str = worded("What they are called in the report", OUR_DEFAULT, NAMES, default="holders")
    share: float = bounded(
        "How many holders are of this group, relative to the others", OUR_DEFAULT, 1, 0.000_001, 1e6
    )
    uses_spread: float = bounded(
        "How different holders are in uses_per_day, the standard deviation of its logarithm",
        OUR_DEFAULT + ": one in six signs more than twice the median, one in six less than half",
        0.7,
        0,
        2,
    )
    pocket_spread: float = bounded(
        "How different they are in pocket_bursts_per_day, likewise",
        OUR_DEFAULT + ": a loose key ring, or a drawer",
        1,
        0,
        2,
    )
    habits: Habits = TYPICAL

    def __post_init__(self) -> None:
        super(HolderGroup, self).__post_init__()  # a slotted dataclass is a new class
        check_name("name", self.name)
        defaults = Habits()
        for name, why in WITHOUT_EFFECT.items():
            if getattr(self.habits, name) != getattr(defaults, name):
                raise UsageError(f"{name} changes nothing in a study: {why}; leave it out")
        for what, names in (("", SLIPS), ("of the resync form, ", FORM_SLIPS)):
            slips = math.fsum(getattr(self.habits, name) for name in names)
            if slips > 1:
                raise UsageError(
                    f"{what}{', '.join(names)} add up to {slips:g}; allowed is 1 at most,"
                    " as one thing goes wrong at a time"
                )
        for name in ("pocket_gap_s", "child_gap_s"):
            if getattr(self.habits, name) < SHORTEST_GAP_S:
                raise UsageError(
                    f"{name} = {getattr(self.habits, name):g}; a study allows"
                    f" {SHORTEST_GAP_S:g} and more"
                )


WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    "utc_offset_min": "its holders live in their own time",
    "hold_sigma": "every press is held for the median time",
    "pocket_hold_sigma": "every press is held for the median time",
    "child_hold_sigma": "every press is held for the median time",
}
"""Habits that a study has no use for, and why."""

SLIPS: Final = (
    "transposed",
    "mistyped",
    "previous_code",
    "again_while_lit",
    "submitted_twice",
    "too_late",
)
"""What may go wrong with one code; one thing at a time."""

FORM_SLIPS: Final = ("first_twice", "transposed", "mistyped", "submitted_twice")
"""Likewise, with the resync form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileShare(Checked):
    """Tokens of one product.

    Attributes:
        name: of a profile that ships.
        share: how many of them there are, relative to the other profiles.
        profile: what it does.
    """

    name: str = worded("Which product", OUR_DEFAULT, ", ".join(PROFILES), default="GALH")
    share: float = bounded(
        "How many tokens are of this product, relative to the others", OUR_DEFAULT, 1, 1e-6, 1e6
    )

    def __post_init__(self) -> None:
        super(ProfileShare, self).__post_init__()  # a slotted dataclass is a new class
        if self.name not in PROFILES:
            raise UsageError(f"name = {short(self.name)}; there are {', '.join(PROFILES)}")
        if self.profile.digits != DIGITS or self.profile.algorithm is not Algorithm.SHA1:
            raise UsageError(f"{self.name} has codes that are no 6 digits of SHA-1")
        if self.profile.step_change is StepChange.DARK:
            raise UsageError(f"{self.name} goes dark at a step's end, which a study can't follow")

    @property
    def profile(self) -> Profile:
        """What the product does."""
        return PROFILES[self.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChoice:
    """One way to run the server; a study compares them on the same lives.

    Attributes:
        name: what it is called in the report.
        policy: the settings.
    """

    name: str
    policy: Policy

    def __post_init__(self) -> None:
        check_name("name", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The whole question.

    Attributes:
        title: what it is about, in a line.
        seed: of all that is left to chance.
        count: how many tokens.
        months: for how long, months of 30 days.
        target: share of users a year who may be bothered, for the recommended windows.
        guesses: codes that an attacker may try; 0: as many as a policy lets them in a day.
        check_codes: whether codes typed wrong are compared with those in the windows.
        tokens: what they are like.
        profiles: which products.
        holders: who holds them.
        policies: which servers.

    Raises:
        StudyError: it can't be.
    """

    title: str = worded(
        "What it is about",
        OUR_DEFAULT,
        f"one line of {LONGEST_TITLE} characters",
        default="A fleet of tokens",
    )
    seed: int | str = worded(
        "Of all that is left to chance",
        OUR_DEFAULT,
        f"whole numbers, and texts of up to {LONGEST_SEED} characters",
        default=1,
    )
    count: int = bounded("How many tokens", OUR_DEFAULT, 100_000, 1, MOST_TOKENS)
    months: int = bounded(
        "For how many months of 30 days", OUR_DEFAULT + ": five years", 60, 1, MOST_MONTHS
    )
    target: float = bounded(
        "Share of users a year who may have to resync (for the look-ahead) or to call support"
        " (for the resync window)",
        OUR_DEFAULT + ": one in a thousand",
        0.001,
        1e-6,
        0.5,
    )
    guesses: int = bounded(
        "Codes that an attacker may try on one token; 0 for as many as the policy's lock and"
        " throttling let them in a day, one in 10 s at most",
        OUR_DEFAULT,
        0,
        0,
        100_000,
    )
    check_codes: bool = worded(
        "Whether codes typed wrong are compared with those in the windows",
        OUR_DEFAULT,
        "`true`, `false`",
        default=False,
    )
    tokens: Tokens = Tokens()
    profiles: tuple[ProfileShare, ...] = (ProfileShare(),)
    holders: tuple[HolderGroup, ...] = (HolderGroup(),)
    policies: tuple[PolicyChoice, ...] = (
        *(
            PolicyChoice(name=name, policy=POLICIES[name].policy)
            for name in ("default", "rfc-strict")
        ),
        PolicyChoice(name="look-ahead 50", policy=Policy(look_ahead=50)),
    )

    def __post_init__(self) -> None:
        problems: list[str] = []
        for setting in dataclasses.fields(self):
            if "low" in setting.metadata:
                try:
                    check(setting.name, getattr(self, setting.name), setting)
                except UsageError as e:
                    problems.append(str(e))
        problems += self._lists()
        problems += self._holds()
        if problems:
            raise StudyError(problems)

    def _lists(self) -> Iterable[str]:
        for key, items in (
            ("profile", self.profiles),
            ("holder", self.holders),
            ("policy", self.policies),
        ):
            if not 1 <= len(items) <= MOST_OF_A_KIND:
                yield f"{len(items)} of [[{key}]]; allowed are 1 to {MOST_OF_A_KIND}"
            names = [item.name for item in items]
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield f"two of [[{key}]] are called {name!r}; give each a name of its own"

    def _holds(self) -> Iterable[str]:
        """Yield the holds that a product would not feel, or take for another wish."""
        for share in self.profiles:
            profile = share.profile
            for group in self.holders:
                for name in ("hold_s", "pocket_hold_s", "child_hold_s"):
                    hold_ns = round(getattr(group.habits, name) * 1e9)
                    acts = profile.hold_action is not HoldAction.NONE
                    longest = profile.hold_ns if acts else 2 * 10**9
                    if not profile.debounce_ns < hold_ns < longest:
                        yield (
                            f"{group.name}: {name} = {getattr(group.habits, name):g}; with"
                            f" {profile.name} allowed are more than {profile.debounce_ns / 1e9:g}"
                            f" and less than {longest / 1e9:g}"
                        )
