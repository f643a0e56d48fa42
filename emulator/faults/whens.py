"""When something goes wrong: the moments that a fault can wait for, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias, get_args

from emulator.faults.values import (
    CENTURY_NS,
    MOST,
    Choice,
    Moment,
    Number,
    Probability,
    Word,
    setting,
)
from firmware_model.profile import SECOND
from firmware_model.stimuli import Effect


def _snake(name: str) -> str:
    return "".join("_" * (i > 0 and c.isupper()) + c.lower() for i, c in enumerate(name))


EFFECTS: Final[Mapping[str, type[Any]]] = {_snake(kind.__name__): kind for kind in get_args(Effect)}
"""What the journal tells of a token's doings, by name."""


@dataclass(frozen=True, slots=True)
class At:
    """At a bench time."""

    at_ns: int = setting(Moment("ISO 8601 time, UTC if it names no zone", key="at"))


@dataclass(frozen=True, slots=True)
class After:
    """Some bench time after it was armed."""

    after_ns: int = setting(
        Number("seconds of bench time; 0 is at once", 0, CENTURY_NS, SECOND, key="after_s")
    )


@dataclass(frozen=True, slots=True)
class AtPress:
    """At the n-th accepted press since it was armed."""

    press: int = setting(Number("which press; the first is 1", 1, MOST))


@dataclass(frozen=True, slots=True)
class EveryPress:
    """At every n-th accepted press."""

    every: int = setting(Number("how many presses; 1 is each", 1, MOST))


@dataclass(frozen=True, slots=True)
class On:
    """When the journal tells something of the token."""

    effect: str = setting(Choice("name of the effect", tuple(EFFECTS), key="on"))
    count: int = setting(Number("at every so many of them", 1, MOST), default=1)


@dataclass(frozen=True, slots=True)
class Chance:
    """At an accepted press, with a probability."""

    chance: Fraction = setting(  # noqa: RUF009  # a field specifier
        Probability("the probability, drawn at each accepted press")
    )
    stream: str | None = setting(
        Word("name of the random stream; without it, the fault's name"), default=None
    )


When: TypeAlias = At | After | AtPress | EveryPress | On | Chance
WHENS: Final[Mapping[str, type[When]]] = {
    "at": At,
    "after_s": After,
    "press": AtPress,
    "every": EveryPress,
    "on": On,
    "chance": Chance,
}
