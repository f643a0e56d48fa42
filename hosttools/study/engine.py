"""Whole lives of holders, tokens and server records, one after another, in one compiled loop.

The shape of a life is :mod:`hosttools.holder.life`'s: the holder wants codes at the hours that
they work, one thing goes wrong now and then, pockets and children press in bursts, and a
refusal is followed by fresh codes, the resync form, and then a call to support. Every draw
comes from a stream and an index of its own (:mod:`hosttools.study.philox`), so that another
policy changes what follows from its verdicts and nothing else.

A life that turns out otherwise, as a look at codes shows, is taken back by living it once more
with a weight of -1.
"""

from typing import Final, NamedTuple

import numpy as np

from firmware_model.climate import YEAR_NS
from hosttools.study.compiled import compiled
from hosttools.study.model import FORM_SLIPS, SLIPS
from hosttools.study.philox import Block, Stream, draw
from hosttools.study.rules import (
    FAR,
    NOTHING,
    Fate,
    Record,
    Said,
    Status,
    aged,
    expected,
    factor_at,
    help_up,
    pair,
    press,
    verify,
    window,
)
from hosttools.study.tables import (
    CELLS,
    DAY_NS,
    HOUR_NS,
    HOURS,
    MONTH_NS,
    PART,
    WEEK_NS,
    Ints,
    Of,
    Records,
    When,
    World,
)
from hosttools.study.tally import NEEDS, Count, Monthly

LOOK: Final = 9
"""Numbers of a look: token, which look of its life, tokens before, factor, what was typed of
it, and the server's next, lowest, highest and expected factor."""

TRACE: Final = 8
"""Numbers of a traced act: see :class:`Traced`."""


class Traced(NamedTuple):
    """One act of a life that is written down.

    Attributes:
        act: 0 a press, 1 one code, 2 a form, 3 help, 4 a new token.
        at: when, ns from the start.
        hold: for how long, for a press.
        factor: what the press lit, or is typed; the first of two.
        second: of a form; of one code: what its digits turned into.
        said: the server's answer.
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
MOST_LOOKS: Final = 4_096
"""Looks of one life; codes beyond that are taken for nobody's."""
MOST_FATES: Final = 64
"""Looks of one life that may turn out to matter; one in thousands does."""
MOST_TRACED: Final = 65_536
"""Acts of one life that are written down; what comes after them is not."""

DESK: Final = np.dtype(
    [
        ("token", np.int64),
        ("weight", np.int64),  # how often a life counts: 1, or -1 to take it back
        ("month", np.int64),
        ("fates", np.int64),  # how many outcomes are known of this life
        ("fate_looks", np.int64, (MOST_FATES,)),  # which look each is of
        ("fate_factors", np.int64, (MOST_FATES,)),  # and what came of it
        ("words", np.int64, (4, AT_ONCE)),  # blocks of the next uses, word by word
        ("wishes", np.int64, (AT_ONCE,)),  # and when they are
        ("share", np.float64),  # of the hours, up to the last of them
        ("gaps", np.int64, (len(When), 4)),  # the block of the accidents of each kind
        ("looked", np.int64),
        ("looks", np.int64, (LOOKS, LOOK)),
        ("tracing", np.int64),  # whether acts are written down
        ("traced", np.int64),
        ("trace", np.int64, (MOST_TRACED, TRACE)),
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


_UNIT: Final = 2.0**-23
_NEVER: Final = 1e18
"""Share of the hours that no life reaches, ns."""
_ATTEMPTS: Final = 128
"""Blocks of a recovery: fresh codes, and the form as the last; habits allow 100 retries."""
_REST_NS: Final = 100_000_000
"""The contact rests so long between presses that each is felt."""
_LONGEST_SHELF_NS: Final = 20 * YEAR_NS
_COLDEST_MC: Final = -30e3
_WARMEST_MC: Final = 70e3
_PLACES: Final = 840
"""1 to 8 divide it, as :mod:`hosttools.holder.life` has it; 12 likewise."""
_KEYS: Final = 12

# Enums as plain numbers: compiled code has no attributes of classes.
_KIND, _MATTER, _USES, _SLIPS, _POCKETS, _POCKET_GAPS = (int(stream) for stream in list(Stream)[:6])
_CHILDREN, _CHILD_GAPS, _RECOVERY, _RECOVERY_SLIPS = (int(stream) for stream in list(Stream)[6:10])
_EXPONENTIAL, _NORMAL, _PACE, _POCKET_COUNT, _POCKET_GAP = (int(of) for of in list(Of)[:5])
_CHILD_COUNT, _CHILD_GAP, _USES_SPREAD, _POCKETS_SPREAD, _SHELF, _LIFE = (
    int(of) for of in list(Of)[5:]
)
_USE, _POCKET, _CHILD = (int(when) for when in When)
_TRANSPOSED, _MISTYPED, _PREVIOUS, _AGAIN, _TWICE, _TOO_LATE = range(1, len(SLIPS) + 1)
_FIRST_TWICE, _FORM_TRANSPOSED, _FORM_MISTYPED, _FORM_TWICE = range(1, len(FORM_SLIPS) + 1)
_ACTIVE: Final = int(Status.ACTIVE)
_LOCKED: Final = int(Status.LOCKED)
_UNKNOWN: Final = int(Fate.UNKNOWN)
_ACCEPTED: Final = int(Said.ACCEPTED)
_REFUSED: Final = int(Said.REFUSED)
_BLOCKED: Final = int(Said.LOCKED)
"""And what comes after it, throttled: neither is looked at."""
_TAKEN: Final = int(Said.TAKEN)
_SAME_FORM: Final = int(Said.TWICE)
_TOKENS: Final = int(Count.TOKENS)
_PRESSES: Final = int(Count.PRESSES)
_ACCIDENTS: Final = int(Count.ACCIDENTS)
_USED: Final = int(Count.USES)
_SUBMITTED: Final = int(Count.SUBMITTED)
_GUESSED: Final = int(Count.GUESSED)
_FORMS: Final = int(Count.FORMS)
_FORMS_TAKEN: Final = int(Count.FORMS_TAKEN)
_ADD_REFUSED: Final = int(Count.ADD_REFUSED)
_REPLACED: Final = int(Count.REPLACED)
_YEARS: Final = int(Count.YEARS)
_EVER_CALLED: Final = int(Count.EVER_CALLED)
_OUT, _DESYNCS, _LATE, _RESYNCS, _CALLS, _LOCKS = (int(what) for what in Monthly)
# What happened to a holder: in this year, as the counts of years have it, and ever.
_RESYNCED: Final = 1
_CALLED_EVER: Final = 8
_CALLED: Final = 2 | _CALLED_EVER
_LOCKED_ONCE: Final = 4 | 16
_REFUSED_ONCE: Final = 32


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
    hour = group.guides[when, min(int(rest / HOUR_NS), HOURS - 1)]
    while hour < HOURS - 1 and group.weeks[when, hour + 1] <= rest:
        hour += 1
    begins = group.weeks[when, hour]
    width = group.weeks[when, hour + 1] - begins
    into = min(max((rest - begins) / width, 0.0), 1.0) if width > 0.0 else 0.0
    return int(weeks * WEEK_NS + hour * HOUR_NS + int(into * HOUR_NS))


@compiled
def _count(now: Now, what: int) -> None:
    now.sums.counts[what] += now.desk.weight


@compiled
def _note(now: Now, what: int) -> None:
    now.sums.monthly[now.desk.month, what] += now.desk.weight


@compiled
def _mark(now: Now, marks: int) -> None:
    now.life.marks |= marks


@compiled
def _trace(now: Now, act: int, at: int, hold: int, factor: int, second: int, said: int) -> None:
    desk = now.desk
    if desk.tracing == 0 or desk.traced >= MOST_TRACED:
        return
    n = desk.traced
    desk.traced += 1
    desk.trace[n, 0], desk.trace[n, 1], desk.trace[n, 2] = act, at, hold
    desk.trace[n, 3], desk.trace[n, 4], desk.trace[n, 5] = factor, second, said
    desk.trace[n, 6] = factor_at(now.profile, now.life, at)
    desk.trace[n, 7] = now.life.next


@compiled
def _pressed(now: Now, at: int, hold: int) -> int:
    factor = press(now.profile, now.life, at)
    _count(now, _PRESSES)
    _trace(now, 0, at, hold, factor, NOTHING, 0)
    return factor


@compiled
def _seen(now: Now, at: int) -> int:
    """Press on purpose, and see what the LCD shows."""
    factor = _pressed(now, at, now.group.hold_ns)
    life = now.life
    if factor not in (NOTHING, life.shown):
        life.before, life.shown = life.shown, factor
    return factor


@compiled
def _slip(limits: Ints, word: int) -> int:
    """Return which thing goes wrong, from 1; 0 if nothing does."""
    if word >= limits[-1]:
        return 0
    i = 0
    while word >= limits[i]:
        i += 1
    return i + 1


@compiled
def _look(now: Now, at: int, factor: int, typo: int) -> int:
    """Return what is known of a code that may be some other factor's too; note that it is asked."""
    desk, life = now.desk, now.life
    ordinal = life.looks
    life.looks += 1
    if life.fate < desk.fates and desk.fate_looks[life.fate] == ordinal:
        life.fate += 1
        _count(now, _GUESSED)
        return int(desk.fate_factors[life.fate - 1])
    last = desk.fate_looks[desk.fates - 1] if desk.fates > 0 else NOTHING
    if last < ordinal < MOST_LOOKS and desk.looked < LOOKS and desk.weight > 0:
        e, low, high = window(now.profile, now.rules, life, at)
        row = desk.looks[desk.looked]
        row[0], row[1], row[2], row[3], row[4] = desk.token, ordinal, life.born, factor, typo
        row[5], row[6], row[7], row[8] = life.next, low, high, e
        desk.looked += 1
    return _UNKNOWN


@compiled
def _submit(now: Now, at: int, factor: int, typo: int) -> int:
    """Submit one code, and count what comes of it.

    Args:
        now: whose.
        at: when.
        factor: whose code is typed.
        typo: what the fingers made of it; 0 for nothing else.
    """
    life, fate = now.life, _UNKNOWN
    if now.rules.check != 0 and life.status == _ACTIVE and at >= life.throttled:
        e, low, high = window(now.profile, now.rules, life, at)
        ahead = now.profile.timed == 0 and factor != e
        if typo != 0 or ahead or not low <= factor <= high:
            fate = _look(now, at, factor, typo)
    said = verify(now.rules, now.profile, life, at, NOTHING if typo != 0 else factor, fate)
    _count(now, _SUBMITTED)
    _count(now, _SUBMITTED + 1 + min(said, _BLOCKED))
    if said == _REFUSED and life.status == _LOCKED:
        _note(now, _LOCKS)
        _mark(now, _LOCKED_ONCE)
    _trace(now, 1, at, 0, factor, typo, said)
    return said


@compiled
def _measure(now: Now, at: int, factor: int, late: bool) -> None:  # noqa: FBT001  # compiled code has no keywords only
    """Take note of how wide a window a code needs, and of one that needs too wide a one."""
    life = now.life
    e, low, high = window(now.profile, now.rules, life, at)
    life.need = max(life.need, abs(factor - e))
    used = factor < life.next
    if used or low <= factor <= high or life.status != _ACTIVE or at < life.throttled:
        return
    if late and now.profile.timed != 0:
        _note(now, _LATE)
        return
    _note(now, _DESYNCS)
    _mark(now, _REFUSED_ONCE)
    if life.first < 0:
        life.first = now.desk.month


@compiled
def _sign(now: Now, at: int, block: Block, planned: bool, index: int) -> tuple[int, bool]:  # noqa: FBT001  # as above
    """Press, perhaps again; read, type, submit, perhaps again.

    Args:
        now: whose.
        at: when.
        block: random words.
        planned: whether the holder wants a code, or tries once more.
        index: of the block for what goes wrong.

    Returns:
        When it is done, and whether the last answer was yes.
    """
    group, life = now.group, now.life
    slip = _slip(group.slips, block[3])
    a, b, c, _d = block
    if slip != 0:
        stream = _SLIPS if planned else _RECOVERY_SLIPS
        a, b, c, _d = draw(now.rules.k0, now.rules.k1, now.desk.token, stream, index)
    shows = _seen(now, at)
    done = at + group.hold_ns
    if slip == _AGAIN:
        again = done + max(int(group.again_ns * quantile(group, _PACE, a)), _REST_NS)
        shows = _seen(now, again)
        done = again + group.hold_ns
    reading = group.reading_ns * quantile(group, _PACE, block[1])
    done += int(reading + group.typing_ns * quantile(group, _PACE, block[2]))
    if slip == _TOO_LATE:
        done += int(group.lit_ns + group.late_ns * quantile(group, _EXPONENTIAL, a))
    if shows == NOTHING:
        return done, False
    factor, typo = shows, 0
    if slip == _PREVIOUS and life.before >= 0:
        factor = life.before
    elif slip in (_TRANSPOSED, _MISTYPED):
        typo = slip | (a % _PLACES) << 2 | (b % _KEYS) << 12
    elif planned:
        _measure(now, done, factor, slip == _TOO_LATE)
    said = _submit(now, done, factor, typo)
    if slip == _TWICE:
        done += int(group.resubmit_ns * quantile(group, _PACE, c))
        said = _submit(now, done, factor, typo)
    return done, said == _ACCEPTED


@compiled
def _form(now: Now, at: int, block: Block, index: int) -> tuple[int, bool]:
    """Press, wait until dark, press again, submit both.

    Returns:
        When it is done, and whether the form was taken.
    """
    group = now.group
    slip = _slip(group.form_slips, block[3])
    _a, b, c, _d = draw(now.rules.k0, now.rules.k1, now.desk.token, _RECOVERY_SLIPS, index)
    first = _seen(now, at)
    typing = group.reading_ns + group.typing_ns
    held = at + group.hold_ns
    dark = group.lit_ns + int(group.dark_ns * quantile(group, _PACE, block[2]))
    then = held + max(int(typing * quantile(group, _PACE, block[1])), dark)
    second = _seen(now, then)
    done = then + group.hold_ns + int(typing * quantile(group, _PACE, c))
    if NOTHING in (first, second):
        return done, False
    typed = second
    if slip == _FIRST_TWICE:
        typed = first
    elif slip in (_FORM_TRANSPOSED, _FORM_MISTYPED):
        typed = NOTHING
    said = pair(now.rules, now.profile, now.life, done, first, typed)
    _count(now, _FORMS)
    _trace(now, 2, done, 0, first, typed, said)
    taken = said == _TAKEN
    if slip == _FORM_TWICE:
        done += int(group.resubmit_ns * quantile(group, _PACE, b))
        # A form is evaluated once; what was not evaluated, or not counted, is again.
        if said in (_TAKEN, _REFUSED):
            said = _SAME_FORM
        else:
            said = pair(now.rules, now.profile, now.life, done, first, typed)
        _count(now, _FORMS)
        _trace(now, 2, done, 0, first, typed, said)
    if taken:
        _count(now, _FORMS_TAKEN)
        _note(now, _RESYNCS)
        _mark(now, _RESYNCED)
    return done, taken


@compiled
def _recover(now: Now, at: int, use: int) -> int:
    """Try fresh codes, then the form, then call support; return when it is over."""
    group, rules, token = now.group, now.rules, now.desk.token
    for attempt in range(group.retries):
        index = use * _ATTEMPTS + attempt
        block = draw(rules.k0, rules.k1, token, _RECOVERY, index)
        at += group.lit_ns + int(group.dark_ns * quantile(group, _PACE, block[0]))
        at, accepted = _sign(now, at, block, False, index)  # noqa: FBT003  # Numba's calls
        if accepted:
            return at
    index = use * _ATTEMPTS + _ATTEMPTS - 1
    block = draw(rules.k0, rules.k1, token, _RECOVERY, index)
    at += group.lit_ns + int(group.dark_ns * quantile(group, _PACE, block[0]))
    at, taken = _form(now, at, block, index)
    if not taken:
        _help(now, at)
    return at


@compiled
def _help(now: Now, at: int) -> None:
    help_up(now.profile, now.life, at)
    _note(now, _CALLS)
    _mark(now, _CALLED)
    _trace(now, 3, at, 0, NOTHING, NOTHING, 0)


@compiled
def _begin(now: Now, at: int) -> int:
    """Take a new token out of its box and add it; return when it is done."""
    group, profile, life, rules = now.group, now.profile, now.life, now.rules
    a, b, c, d = draw(rules.k0, rules.k1, now.desk.token, _MATTER, 2 * life.born)
    e, _f, _g, _h = draw(rules.k0, rules.k1, now.desk.token, _MATTER, 2 * life.born + 1)
    sigma = group.tail_ppb if a < group.tail_share else group.drift_ppb
    tolerance = int(sigma * quantile(group, _NORMAL, b))
    life.ageing_ppb = int(group.ageing_ppb * quantile(group, _NORMAL, c))
    lasts = min(int(group.life_ns * quantile(group, _LIFE, e)), profile.life_ns)
    # Nobody hands out a token that is used up.
    shelf = min(int(group.shelf_ns * quantile(group, _SHELF, d)), lasts - DAY_NS)
    life.aged = max(min(shelf, _LONGEST_SHELF_NS), 0)
    life.ends = max(at + lasts - life.aged, at + DAY_NS)
    cold = group.shelf_mc - profile.turnover_mc
    warm = float(life.warm_mc - profile.turnover_mc)
    life.gain = life.aged * (tolerance * 1e-9 + profile.curvature_ppb * cold * cold * 1e-15)
    if life.ageing_ppb != 0:
        life.gain += aged(float(life.aged)) * (life.ageing_ppb * 1e-9)
    # Of a temperature that goes up and down, the mean square is what the clock loses by.
    life.tolerance_ppb = tolerance + int(profile.curvature_ppb * group.swing_c * group.swing_c)
    life.speed = life.tolerance_ppb * 1e-9 + profile.curvature_ppb * warm * warm * 1e-15
    life.added = at
    life.counter = life.next = profile.first
    life.drift = life.failures = life.form_failures = life.status = life.throttled = 0
    life.lit = life.dark = -FAR
    life.on = life.shown = life.before = NOTHING
    _trace(now, 4, at, life.aged, tolerance, life.ageing_ppb, life.tolerance_ppb)
    typing = int(group.reading_ns + group.typing_ns)
    first = _seen(now, at)
    then = at + group.hold_ns + max(typing, group.lit_ns + int(group.dark_ns))
    second = _seen(now, then)
    done = then + group.hold_ns + typing
    said = pair(rules, profile, life, done, first, second)
    _trace(now, 2, done, 0, first, second, said)
    if said != _TAKEN:
        _count(now, _ADD_REFUSED)
        _help(now, done)
    return int(done)


@compiled
def _month_over(now: Now, month: int) -> None:
    """Look at a token at a month's end, and at its holder's year if that ends too."""
    rules, profile, life, desk = now.rules, now.profile, now.life, now.desk
    at = (month + 1) * MONTH_NS
    off = factor_at(profile, life, at) - expected(profile, life, at)
    desk.month = month
    if profile.timed == 0:
        out = off < 0 or off > rules.look_ahead
    else:
        out = off < -rules.steps_back or off > rules.steps_forward
    if out:
        _note(now, _OUT)
    if (month + 1) % rules.year == 0:
        _count(now, _YEARS)
        for mark in range(3):
            if life.marks & (1 << mark):
                _count(now, _YEARS + 1 + mark)
        now.sums.need[profile.timed, min(life.need, NEEDS - 1)] += desk.weight
        life.need = 0
        life.marks &= ~7
    desk.month = min(month + 1, rules.months - 1)


@compiled
def _due(now: Now, kind: int, burst: int, share: float, mean_ns: float) -> tuple[float, int]:
    """Return the hours' measure at which a burst begins, and when that is."""
    stream = _POCKETS if kind == _POCKET else _CHILDREN
    word = draw(now.rules.k0, now.rules.k1, now.desk.token, stream, burst)[0]
    share += mean_ns * quantile(now.group, _EXPONENTIAL, word)
    return share, moment(now.group, kind, share)


@compiled
def _size(now: Now, kind: int, burst: int) -> int:
    """Return how many presses a burst has."""
    group = now.group
    if kind == _POCKET:
        word = draw(now.rules.k0, now.rules.k1, now.desk.token, _POCKETS, burst)[1]
        return max(1, int(group.pocket_presses * quantile(group, _POCKET_COUNT, word) + 0.5))
    word = draw(now.rules.k0, now.rules.k1, now.desk.token, _CHILDREN, burst)[1]
    return max(1, int(group.child_presses * quantile(group, _CHILD_COUNT, word) + 0.5))


@compiled
def _accident(now: Now, kind: int, at: int, number: int, use: int) -> int:
    """Press, unless the token is in a hand, then or before it is let go; return when the next is.

    Args:
        now: whose.
        kind: pocket or child.
        at: when.
        number: of the press, counted from the start.
        use: when the holder wants the token next.
    """
    group, life = now.group, now.life
    hold = group.pocket_hold_ns if kind == _POCKET else group.child_hold_ns
    if at > life.busy and at + hold < use:
        _count(now, _ACCIDENTS)
        _pressed(now, at, hold)
        life.busy = at + hold
    stream = _POCKET_GAPS if kind == _POCKET else _CHILD_GAPS
    gaps = now.desk.gaps[kind]
    if number & 3 == 0:  # a block has the gaps of four presses
        block = draw(now.rules.k0, now.rules.k1, now.desk.token, stream, number >> 2)
        gaps[0], gaps[1], gaps[2], gaps[3] = block
    word = gaps[number & 3]
    if kind == _POCKET:
        gap = group.pocket_gap_ns * quantile(group, _POCKET_GAP, word)
    else:
        gap = group.child_gap_ns * quantile(group, _CHILD_GAP, word)
    return int(at + hold + max(int(gap), _REST_NS))


@compiled
def _plan(now: Now, use: int, mean_ns: float) -> None:
    """Draw the next uses."""
    desk, words, wishes = now.desk, now.desk.words, now.desk.wishes
    for i in range(AT_ONCE):
        block = draw(now.rules.k0, now.rules.k1, desk.token, _USES, use + i)
        words[0, i], words[1, i], words[2, i], words[3, i] = block
    share = desk.share
    for i in range(AT_ONCE):
        share += mean_ns * quantile(now.group, _EXPONENTIAL, words[0, i])
        wishes[i] = moment(now.group, _USE, share)
    desk.share = share


@compiled
def live(world: World, desk: Record, sums: Record, life: Record) -> None:  # noqa: C901, PLR0912, PLR0915  # one loop over what comes next; pieces of it would share all its state
    """Live one life from the first day to the last.

    Args:
        world: for the policy.
        desk: its ``token`` says whose.
        sums: where it is counted.
        life: overwritten; what there is at the end.
    """
    rules = world.rules[0]
    k0, k1, token, end = rules.k0, rules.k1, desk.token, rules.months * MONTH_NS
    kind = draw(k0, k1, token, _KIND, 0)
    life.profile = life.group = 0
    while kind[0] >= world.profiles[life.profile].until:
        life.profile += 1
    while kind[1] >= world.groups[life.group].until:
        life.group += 1
    profile, group = world.profiles[life.profile], world.groups[life.group]
    now = Now(rules, profile, group, desk, sums, life)
    word = draw(k0, k1, token, _KIND, 1)[0]
    warm = group.warm_mc + group.warm_sigma_mc * quantile(group, _NORMAL, word)
    life.warm_mc = int(min(max(warm, _COLDEST_MC), _WARMEST_MC))
    life.born = life.looks = life.need = life.marks = life.fate = 0
    life.first = NOTHING
    use_ns = group.use_ns / quantile(group, _USES_SPREAD, kind[2])
    pocket_ns = group.pocket_ns / quantile(group, _POCKETS_SPREAD, kind[3])
    desk.month = 0
    life.busy = _begin(now, 0)

    use, words, wishes, desk.share = 0, desk.words, desk.wishes, 0.0
    _plan(now, 0, use_ns)
    # Of each kind of accident: bursts so far, presses so far, those left of this burst.
    pocket, pocket_done, pocket_left = 0, 0, 0
    pocket_share, pocket_next = _due(now, _POCKET, 0, 0.0, pocket_ns)
    pocket_at = pocket_next
    child, child_done, child_left = 0, 0, 0
    child_share, child_next = _due(now, _CHILD, 0, 0.0, group.child_ns)
    child_at = child_next
    month, month_ends = 0, MONTH_NS

    while True:
        i = use % AT_ONCE
        begin = max(wishes[i], life.busy + 1)
        at = min(begin, pocket_at, child_at)
        if at >= end:
            break
        while at >= month_ends:
            _month_over(now, month)
            month += 1
            month_ends += MONTH_NS
        if at >= life.ends or (profile.timed == 0 and life.counter >= profile.spent):
            life.born += 1
            _count(now, _REPLACED)
            life.busy = _begin(now, max(at, life.busy + 1))
        elif at == begin:
            _count(now, _USED)
            block = words[0, i], words[1, i], words[2, i], words[3, i]
            life.busy, accepted = _sign(now, at, block, True, use)  # noqa: FBT003  # Numba's calls
            if not accepted:
                life.busy = _recover(now, life.busy, use)
            use += 1
            if use % AT_ONCE == 0:
                _plan(now, use, use_ns)
        elif at == pocket_at:
            if pocket_left == 0:
                pocket_left = _size(now, _POCKET, pocket)
                pocket += 1
                pocket_share, pocket_next = _due(now, _POCKET, pocket, pocket_share, pocket_ns)
            pocket_at = _accident(now, _POCKET, at, pocket_done, begin)
            pocket_done += 1
            pocket_left -= 1
            if pocket_left == 0:
                pocket_at = max(pocket_at, pocket_next)
        else:
            if child_left == 0:
                child_left = _size(now, _CHILD, child)
                child += 1
                child_share, child_next = _due(now, _CHILD, child, child_share, group.child_ns)
            child_at = _accident(now, _CHILD, at, child_done, begin)
            child_done += 1
            child_left -= 1
            if child_left == 0:
                child_at = max(child_at, child_next)
    while month < rules.months:
        _month_over(now, month)
        month += 1
    _count(now, _TOKENS)
    for mark in range(3):
        if life.marks & (_CALLED_EVER << mark):
            _count(now, _EVER_CALLED + mark)
    sums.first[life.first if life.first >= 0 else rules.months] += desk.weight


@compiled
def run_lives(
    world: World, desk: Record, sums: Record, tokens: Ints, lives: Records, begin: int
) -> int:
    """Live lives, one after another, as long as there is room for what is to be looked at.

    Args:
        world: for the policy.
        desk: at hand.
        sums: where they are counted.
        tokens: their numbers, from 0.
        lives: a record each, or one for all.
        begin: the first of them that is still to be lived.

    Returns:
        The next one; as many as there are once all are done.
    """
    run = begin
    while run < tokens.shape[0] and desk.looked + MOST_LOOKS <= LOOKS:
        desk.token = tokens[run]
        live(world, desk, sums, lives[run % lives.shape[0]])
        run += 1
    return run
