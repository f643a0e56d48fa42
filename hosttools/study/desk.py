"""What the loop of a study works on: whose life it is, what is counted, noted and written down.

Records, so that passing them on costs nothing; and what every act of a life begins with.
"""

from typing import Final, NamedTuple

import numpy as np

from hosttools.study.compiled import compiled
from hosttools.study.rules import FAR, NOTHING, Record, Said, factor_at, press
from hosttools.study.tables import CELLS, GUIDES, HOUR_NS, HOURS, PART, WEEK_NS, Of, When
from hosttools.study.tally import Count

LOOK: Final = 9
"""Numbers of a look: token, which look of its life, tokens before, factor, what was typed of
it, and the server's next, lowest, highest and expected factor."""

# What an act is.
PRESS: Final = 0
CODE: Final = 1
FORM: Final = 2
HELP: Final = 3
FRESH: Final = 4


class Traced(NamedTuple):
    """One act of a life that is written down.

    Attributes:
        act: a press, one code, a form, help from support, a fresh token.
        at: when, ns from the start.
        hold: for how long, of a press; of a fresh token: how long it lay, ns.
        factor: what the press lit, or is typed; the first of two; of a fresh token: its
            crystal's tolerance on the shelf, ppb.
        second: of a form; of one code: what fingers made of it; of a fresh token: its
            crystal's ageing, ppb.
        said: the server's answer; of a fresh token: its crystal's tolerance in use, with what
            a temperature that goes up and down takes, ppb.
        counter: of the token afterwards, or the step that its clock is in.
        next: the server's, afterwards.
    """

    act: int
    at: int
    hold: int
    factor: int
    second: int
    said: int
    counter: int
    next: int


AT_ONCE: Final = 64
"""Uses drawn together: one by one they take three times as long."""
LOOKS: Final = 32_768
"""Looks that a run has room for: one that may not do for the next life stops before it."""
MOST_LOOKS: Final = 16_384
"""Looks of one life; codes beyond that are taken for nobody's."""
MOST_FATES: Final = 64
"""Looks of one life that may turn out to matter; one in thousands does."""
MOST_TRACED: Final = 65_536
"""Acts of one life that are written down; what comes after them is not."""

BURST: Final = np.dtype(
    [
        ("at", np.int64),  # when it presses next, ns from the start
        ("left", np.int64),  # presses of the burst
        ("presses", np.int64),  # of all bursts so far
        ("bursts", np.int64),  # so far
        ("next", np.int64),  # when the next burst begins
        ("size", np.int64),  # presses that it has
        ("share", np.float64),  # of the hours, up to then
        ("mean_ns", np.float64),  # of the hours, from burst to burst
        ("gaps", np.int64, (4,)),  # random words
    ]
)
"""A pocket or a child, and what it is about to do."""

DESK: Final = np.dtype(
    [
        ("token", np.int64),
        ("weight", np.int64),  # how often a life counts: 1, or -1 to take it back
        ("month", np.int64),
        ("fates", np.int64),  # how many outcomes are known of this life
        ("fate_looks", np.int64, (MOST_FATES,)),  # which look each is of
        ("fate_factors", np.int64, (MOST_FATES,)),  # and what came of it
        ("words", np.int64, (4, AT_ONCE)),  # blocks of the next uses, word by word
        ("wishes", np.int64, (AT_ONCE,)),  # when they are
        ("typed", np.int64, (AT_ONCE,)),  # from letting go to the code sent, ns
        ("share", np.float64),  # of the hours, up to the last of them
        ("bursts", BURST, (len(When),)),  # of each kind of accident
        ("looked", np.int64),
        ("looks", np.int64, (LOOKS, LOOK)),
        ("tracing", np.int64),  # whether acts are written down
        ("traced", np.int64),
        ("trace", np.int64, (MOST_TRACED, len(Traced._fields))),
    ]
)
"""What the loop reads and writes beside the sums: whose life it is, what is to be looked at."""


class Now(NamedTuple):
    """All that an act of a life touches. Records, so that passing them on costs nothing.

    Attributes:
        rules: the study and the server.
        profile: the product.
        group: of the holder.
        desk: see :data:`DESK`.
        sums: see :data:`~hosttools.study.tally.SUMS`.
        life: see :data:`~hosttools.study.rules.LIFE`.
    """

    rules: Record
    profile: Record
    group: Record
    desk: Record
    sums: Record
    life: Record


REST_NS: Final = 100_000_000
"""The contact rests so long between presses that each is felt."""
CALLED_EVER: Final = 8
"""A mark of a holder: has called support. The next one is for locks, the one after for refusals."""

# Enums as plain numbers: compiled code has no attributes of classes.
EXPONENTIAL: Final = int(Of.EXPONENTIAL)
TAKEN: Final = int(Said.TAKEN)
_PRESSES: Final = int(Count.PRESSES)
_UNIT: Final = 2.0**-23
_GUIDES_A_NS: Final = GUIDES / WEEK_NS
_NEVER: Final = 1e18
"""Share of the hours that no life reaches, ns."""


@compiled
def quantile(group: Record, of: int, word: int) -> float:
    """Return the quantile that 32 random bits stand for, of a distribution of a group's."""
    cell, base = word >> 23, 0
    if cell == 0:
        base, word = PART, (word & 0x7FFFFF) << 9
    elif cell == CELLS - 1:
        base, word = 2 * PART, (word & 0x7FFFFF) << 9
    i = base + (word >> 23)
    left = group.draws[of, i]
    return float(left + (group.draws[of, i + 1] - left) * ((word & 0x7FFFFF) * _UNIT))


@compiled
def moment(group: Record, when: int, share: float) -> int:
    """Return when so much of the hours' own measure of time is over, ns from the start."""
    if share >= _NEVER:
        return FAR
    weeks = int(share / WEEK_NS)
    rest = share - weeks * float(WEEK_NS)
    hour = int(group.guides[when, min(int(rest * _GUIDES_A_NS), GUIDES - 1)])
    while hour < HOURS - 1 and group.weeks[when, hour + 1] <= rest:
        hour += 1
    into = (rest - group.weeks[when, hour]) * group.paces[when, hour]
    return int(weeks * WEEK_NS + hour * HOUR_NS + min(int(into), HOUR_NS))


@compiled
def count(now: Now, what: int) -> None:
    """Count something over the whole study."""
    now.sums.counts[what] += now.desk.weight


@compiled
def note(now: Now, what: int) -> None:
    """Count something of this month."""
    now.sums.monthly[now.desk.month, what] += now.desk.weight


@compiled
def mark(now: Now, marks: int) -> None:
    """Remember of a holder what happened to them."""
    now.life.marks |= marks


@compiled
def trace(now: Now, act: int, at: int, hold: int, factor: int, second: int, said: int) -> None:
    """Write an act down, if that is wanted; see :class:`Traced`."""
    if now.desk.tracing != 0:
        counter = factor_at(now.profile, now.life, at)
        write(now.desk, act, at, hold, factor, second, said, counter, now.life.next)


@compiled
def write(
    desk: Record,
    act: int,
    at: int,
    hold: int,
    factor: int,
    second: int,
    said: int,
    counter: int,
    lowest: int,
) -> None:
    """Write an act down, as long as there is room; see :class:`Traced`."""
    if desk.traced < MOST_TRACED:
        row = desk.trace[desk.traced]
        row[0], row[1], row[2], row[3] = act, at, hold, factor
        row[4], row[5], row[6], row[7] = second, said, counter, lowest
        desk.traced += 1


@compiled
def pressed(now: Now, at: int, hold: int) -> int:
    """Press, count it, and return what lights; see :func:`~hosttools.study.rules.press`."""
    factor = press(now.profile, now.life, at)
    count(now, _PRESSES)
    trace(now, PRESS, at, hold, factor, NOTHING, 0)
    return factor


@compiled
def seen(now: Now, at: int) -> int:
    """Press on purpose, and see what the LCD shows."""
    factor = pressed(now, at, now.group.hold_ns)
    life = now.life
    if factor not in (NOTHING, life.shown):
        life.before, life.shown = life.shown, factor
    return factor
