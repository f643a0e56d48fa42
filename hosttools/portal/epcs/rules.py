"""What a prescription has to be before anybody may sign it, as pure functions.

The drugs are made up, so that nothing written here can be mistaken for advice; their
schedules are what the rules hang on. Limits that are not the law's are ours, and say so.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Schedule(enum.Enum):
    """A drug's schedule under the Controlled Substances Act; 21 CFR part 1308."""

    NONE = "none"
    """Not controlled."""
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"

    @property
    def controlled(self) -> bool:
        """Whether the rules of 21 CFR part 1311 apply."""
        return self is not Schedule.NONE


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug in one strength and form.

    Attributes:
        slug: names it in forms and in the database.
        name: what is prescribed.
        strength: of one unit.
        form: what a unit is.
        schedule: how it is controlled.
    """

    slug: str
    name: str
    strength: str
    form: str
    schedule: Schedule

    @property
    def title(self) -> str:
        """What people pick in a list."""
        mark = f" (C-{self.schedule.value})" if self.schedule.controlled else ""
        return f"{self.name} {self.strength} {self.form}{mark}"


FORMULARY: Final[Mapping[str, Drug]] = {
    drug.slug: drug
    for drug in (
        Drug("samplodone-5", "Samplodone", "5 mg", "tablet", Schedule.II),
        Drug("samplodone-10", "Samplodone", "10 mg", "tablet", Schedule.II),
        Drug("mockphenidate-20", "Mockphenidate", "20 mg", "capsule", Schedule.II),
        Drug("trialbutal-50", "Trialbutal", "50 mg", "capsule", Schedule.III),
        Drug("demozepam-1", "Demozepam", "1 mg", "tablet", Schedule.IV),
        Drug("pretendol-50", "Pretendol", "50 mg", "tablet", Schedule.IV),
        Drug("fauxodeine-10", "Fauxodeine", "10 mg/5 ml", "syrup, ml", Schedule.V),
        Drug("placebicillin-250", "Placebicillin", "250 mg", "capsule", Schedule.NONE),
    )
}
"""Every drug of the practice, by slug. All are made up."""

MAX_QUANTITY: Final = 999
MAX_DIRECTIONS: Final = 200
MIN_DIRECTIONS: Final = 3
MAX_REFILLS: Final[Mapping[Schedule, int]] = {
    Schedule.II: 0,
    Schedule.III: 5,
    Schedule.IV: 5,
    Schedule.V: 11,
    Schedule.NONE: 11,
}
"""21 CFR 1306.12 (a) and 1306.22 (a); the 11, a year of months, is ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is filled in to prescribe something.

    Attributes:
        drug: slug of :data:`FORMULARY`.
        quantity: units, as the drug's form counts them.
        directions: how it is taken, for the label.
        refills: how often it may be filled again.
    """

    drug: str
    quantity: int
    directions: str
    refills: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a draft.

    Attributes:
        field: which, by the name it has in :class:`Draft`.
        text: what was given and what is allowed.
    """

    field: str
    text: str


def faults(draft: Draft) -> tuple[Fault, ...]:
    """Say all that is wrong with a draft; nothing if it may be signed once it is ready.

    >>> draft = Draft(drug="samplodone-5", quantity=20, directions="One at night", refills=1)
    >>> faults(draft)[0].text
    'refills: 1; allowed for schedule II is 0'
    """
    found: list[Fault] = []
    drug = FORMULARY.get(draft.drug)
    if drug is None:
        found.append(Fault("drug", "drug: not one of the list; pick one of it"))
    if not 1 <= draft.quantity <= MAX_QUANTITY:
        found.append(
            Fault("quantity", f"quantity: {draft.quantity}; allowed are 1 to {MAX_QUANTITY}")
        )
    directions = draft.directions.strip()
    if not MIN_DIRECTIONS <= len(directions) <= MAX_DIRECTIONS:
        found.append(
            Fault(
                "directions",
                f"directions: {len(directions)} characters; allowed are {MIN_DIRECTIONS} to"
                f" {MAX_DIRECTIONS}",
            )
        )
    elif not directions.isprintable():
        found.append(Fault("directions", "directions: they have to be one line of plain text"))
    if drug is not None and not 0 <= draft.refills <= MAX_REFILLS[drug.schedule]:
        most = MAX_REFILLS[drug.schedule]
        allowed = f"are 0 to {most}" if most else "is 0"
        of = f"schedule {drug.schedule.value}" if drug.schedule.controlled else "this drug"
        found.append(Fault("refills", f"refills: {draft.refills}; allowed for {of} {allowed}"))
    return tuple(found)


_DEA: Final = re.compile(r"[ABFGM][A-Z9][0-9]{7}")
"""Practitioners' first letters, the initial of a name (9: of a business), six digits, a check."""


def dea_number(text: str) -> str | None:
    """Return a DEA number as it is written, ``None`` if none can look like that.

    The seventh digit is the last of the sum of the first, third and fifth and twice the
    sum of the second, fourth and sixth. It finds slips; nothing tells whether one was issued.

    >>> dea_number("ba 1234563")
    'BA1234563'
    >>> dea_number("BA1234560") is None
    True
    """
    number = "".join(text.split()).upper()
    if not (number.isascii() and _DEA.fullmatch(number)):
        return None
    digits = [int(char) for char in number[2:]]
    check = sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])
    return number if check % 10 == digits[6] else None


def made_up_dea_number(last_name: str, six: str) -> str:
    """Return a DEA number of the right form for a practice doctor.

    Args:
        last_name: its initial is the second letter.
        six: the digits before the check.
    """
    digits = [int(char) for char in six]
    check = sum(digits[0::2]) + 2 * sum(digits[1::2])
    return f"B{last_name[0].upper()}{six}{check % 10}"
