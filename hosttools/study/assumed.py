"""What a study takes people for where it is told nothing: habits of the many.

The holder of :mod:`hosttools.holder` is one of whom a test wants to see something happen, soon.
Of a whole fleet most never call support. Nobody has published how often pockets and children
press, so these are our numbers, and moderate ones; a study's sensitivity tells what each does.
"""

from collections.abc import Mapping
from typing import Final

from hosttools.holder.habits import Habits
from hosttools.study.settings import OUR_DEFAULT

ASSUMED: Final[Mapping[str, tuple[float, str]]] = {
    "uses_per_day": (
        4,
        OUR_DEFAULT + ": half of what a Symantec VIP fob's 15,000 codes in 5 years allow",
    ),
    "pocket_bursts_per_day": (
        0.01,
        OUR_DEFAULT + ": once in three months. Help pages of Univ. of Maryland, Cornell and"
        " Mines warn of it, as of what happens to some",
    ),
    "child_bursts_per_year": (0.05, OUR_DEFAULT + ": one holder in twenty, once a year"),
    "retries": (3, OUR_DEFAULT + ": a form that few know of is not the first thing they try"),
}
"""Habits otherwise than the holder's own defaults: the value, and why."""

TYPICAL: Final = Habits(**{name: value for name, (value, _) in ASSUMED.items()})  # type: ignore[arg-type]  # names of habits
