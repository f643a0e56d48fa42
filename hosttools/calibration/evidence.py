"""What moments and comparisons of codes prove, and what they leave open.

Reaction time
-------------

A person hits Enter 0.2 to 0.3 s after what they see. Both ends of a time that is
measured from sight to sight are late by about as much, so most of it cancels; what
is left shows as the spread of the trials. Times are rounded to 0.1 s.

Event or time
-------------

Two presses that give the same code make a time token: an event token never repeats
one. Codes that differ prove nothing by themselves: a time step may have ended in
between. But n + 1 different codes in a row lie in n + 1 time steps, so n - 1 whole
steps lie between the first and the last; where there was no time for that, it is an
event token.
"""

import statistics
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from firmware_model.profile import MILLISECOND, SECOND, StepChange, TokenType
from hosttools.calibration.observations import Observations, Sighting, WhileLit

MARGIN_NS: Final = SECOND
"""What two moments seen by a person may be wrong by together; our default."""

MIN_GAP_NS: Final = 2 * SECOND
"""A press while lit that came sooner is lost in reaction times; our default."""

MIN_STEP_S: Final = 30
"""The shortest time step that products have (RFC 6238 section 5.2; relatives: 30, 60 s)."""

MAX_STEP_S: Final = 60
"""The longest one (Feitian c200)."""

_TENTH: Final = 100 * MILLISECOND


class Evidence(NamedTuple):
    """What codes and their times say of event or time.

    Attributes:
        proved: which of the two; ``None``: could be either.
        shortest_ns: a time step is at least as long.
        longest_ns: a time step is at most as long; ``None``: no limit is known.
    """

    proved: TokenType | None
    shortest_ns: int
    longest_ns: int | None


def type_evidence(sightings: Sequence[Sighting]) -> Evidence:
    """Weigh codes that presses made, in order of time."""
    shortest_ns = max(
        (b.at_ns - a.at_ns for a, b in combinations(sightings, 2) if a.code == b.code),
        default=None,
    )
    longest_ns = min(
        ((run[-1].at_ns - run[0].at_ns + MARGIN_NS) // (len(run) - 2) for run in _runs(sightings)),
        default=None,
    )
    if shortest_ns is not None:
        return Evidence(TokenType.TIME, max(shortest_ns - MARGIN_NS, 0), longest_ns)
    event = longest_ns is not None and longest_ns < MIN_STEP_S * SECOND
    return Evidence(TokenType.EVENT if event else None, 0, longest_ns)


def _runs(sightings: Sequence[Sighting]) -> Iterator[Sequence[Sighting]]:
    """Return every run of three codes and more in which each differs from the one before."""
    for start in range(len(sightings)):
        for end in range(start + 1, len(sightings)):
            if sightings[end].code == sightings[end - 1].code:
                break
            if end - start > 1:
                yield sightings[start : end + 1]


def lit_ns(seen: Observations) -> int | None:
    """Return the lit time, to 0.1 s; ``None`` if it was not measured."""
    if not seen.glows:
        return None
    times = lit_times(seen)
    # One that goes dark at the end of its time step shows its full time at best.
    cut_short = seen.step_change is StepChange.DARK
    return rounded(max(times) if cut_short else int(statistics.median(times)))


def stayed_longer(press: WhileLit, usual_ns: int | None) -> bool | None:
    """Whether a code's lit time started again at a press; ``None``: can't be told.

    Args:
        press: a press that left the same code.
        usual_ns: the lit time without it.
    """
    if press.told_longer is not None or usual_ns is None or press.lasted_ns is None:
        return press.told_longer
    if press.gap_ns < MIN_GAP_NS:
        return None
    from_first, from_press = (
        abs(press.lasted_ns - wait_ns - usual_ns) for wait_ns in (0, press.gap_ns)
    )
    if min(from_first, from_press) > press.gap_ns // 3:
        return None  # fits neither
    return from_press < from_first


def lit_times(seen: Observations) -> list[int]:
    """Return how long each code stayed that was left alone."""
    return [glow.dark_ns - glow.sighting.at_ns for glow in seen.glows]


def seconds(time_ns: int) -> str:
    """Return a time to 0.1 s, as people read it.

    >>> seconds(30_249_000_000)
    '30.2'
    """
    return f"{rounded(time_ns) / SECOND:.1f}"


def rounded(time_ns: int) -> int:
    """Return a time to 0.1 s."""
    return (time_ns + _TENTH // 2) // _TENTH * _TENTH
