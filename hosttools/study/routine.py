"""Uses on which nothing is out of the ordinary: nine in ten, and so the loop's pace.

A shortcut, never another rule: a counter's token that was dark is pressed once, its code lies
in the window and is typed right and in time. What :mod:`hosttools.study.acts` would make of
that is done here with the state in registers; whatever else comes is left to it. The lives
that are compared with the object model go through here too.
"""

from typing import Final

from hosttools.study.compiled import compiled
from hosttools.study.desk import (
    AT_ONCE,
    CODE,
    EXPONENTIAL,
    PRESS,
    Now,
    moment,
    quantile,
    write,
)
from hosttools.study.philox import Stream, draw_many
from hosttools.study.rules import Said, Status
from hosttools.study.tables import Of, When
from hosttools.study.tally import Count

# Enums as plain numbers: compiled code has no attributes of classes.
_USES: Final = int(Stream.USE)
_USE: Final = int(When.USE)
_PACE: Final = int(Of.PACE)
_ACTIVE: Final = int(Status.ACTIVE)
_ACCEPTED: Final = int(Said.ACCEPTED)
_PRESSES: Final = int(Count.PRESSES)
_USED: Final = int(Count.USES)
_SUBMITTED: Final = int(Count.SUBMITTED)


@compiled
def plan(now: Now, use: int, mean_ns: float) -> None:
    """Draw the next uses: when they are wished for, and how long reading and typing take."""
    group, desk, words = now.group, now.desk, now.desk.words
    draw_many(now.rules.k0, now.rules.k1, desk.token, _USES, use, words)
    for i in range(AT_ONCE):
        reading = group.reading_ns * quantile(group, _PACE, words[1, i])
        desk.typed[i] = int(reading + group.typing_ns * quantile(group, _PACE, words[2, i]))
    share = desk.share
    for i in range(AT_ONCE):
        share += mean_ns * quantile(group, EXPONENTIAL, words[0, i])
        desk.wishes[i] = moment(group, _USE, share)
    desk.share = share


@compiled
def routine(now: Now, use: int, stop: int) -> int:
    """Sign for as long as nothing is out of the ordinary.

    Args:
        now: whose.
        use: the next one.
        stop: when something else comes.

    Returns:
        The next use that is none of these; at the latest the first that is not planned yet.
    """
    rules, profile, group, desk, life = now.rules, now.profile, now.group, now.desk, now.life
    if profile.timed != 0 or life.status != _ACTIVE or life.throttled != 0:
        return use
    wishes, typed, slips, least = desk.wishes, desk.typed, desk.words[3], group.slips[-1]
    hold, debounce, spent = group.hold_ns, profile.debounce_ns, profile.spent
    glows = profile.busy_ns + profile.lit_ns
    # A code that lies ahead may be a nearer one's too, and is looked at.
    widest = 0 if rules.check != 0 else rules.look_ahead
    busy, dark, counter, lowest, need = life.busy, life.dark, life.counter, life.next, life.need
    begin = i = use % AT_ONCE
    while i < AT_ONCE:
        at = max(wishes[i], busy + 1)
        felt, ahead = at + debounce, counter - lowest
        if at >= stop or felt < dark or slips[i] < least or counter >= spent:
            break
        if ahead < 0 or ahead > widest:
            break
        counter += 1
        dark = felt + glows
        busy = at + hold + typed[i]
        if desk.tracing != 0:
            write(desk, PRESS, at, hold, counter - 1, -1, 0, counter, lowest)
            write(desk, CODE, busy, 0, counter - 1, 0, _ACCEPTED, counter, counter)
        need = max(need, ahead)
        lowest = counter
        i += 1
    if i > begin:
        signed = (i - begin) * desk.weight
        counts = now.sums.counts
        counts[_USED] += signed
        counts[_PRESSES] += signed
        counts[_SUBMITTED] += signed
        counts[_SUBMITTED + 1 + _ACCEPTED] += signed
        life.before = life.shown if i == begin + 1 else counter - 2
        life.busy, life.dark, life.lit = busy, dark, dark - profile.lit_ns
        life.counter, life.next, life.need = counter, lowest, need
        life.on = life.shown = counter - 1
        life.failures = 0
    return use + i - begin
