"""Whole lives of holders, tokens and server records, one after another, in one compiled loop.

The shape of a life is :mod:`hosttools.holder.life`'s: the holder wants codes at the hours that
they work (:mod:`hosttools.study.acts`), pockets and children press in bursts
(:mod:`hosttools.study.accidents`), batteries end. Every draw comes from a stream and an index
of its own (:mod:`hosttools.study.philox`), so that another policy changes what follows from its
verdicts and nothing else.

A life that turns out otherwise, as a look at codes shows, is taken back by living it once more
with a weight of -1.
"""

from typing import Final

from firmware_model.climate import YEAR_NS
from hosttools.study.accidents import CHILD, POCKET, accidents, first
from hosttools.study.acts import call_support, recover, sign
from hosttools.study.compiled import compiled, entry
from hosttools.study.desk import (
    AT_ONCE,
    CALLED_EVER,
    FORM,
    FRESH,
    LOOKS,
    MOST_LOOKS,
    TAKEN,
    Now,
    count,
    note,
    quantile,
    seen,
    trace,
)
from hosttools.study.philox import Stream, draw
from hosttools.study.routine import plan, routine
from hosttools.study.rules import FAR, NOTHING, Record, aged, expected, factor_at, pair
from hosttools.study.tables import DAY_NS, MONTH_NS, Ints, Of, Records, World
from hosttools.study.tally import NEEDS, Count, Monthly

_LONGEST_SHELF_NS: Final = 20 * YEAR_NS
_COLDEST_MC: Final = -30e3
_WARMEST_MC: Final = 70e3

# Enums as plain numbers: compiled code has no attributes of classes.
_KIND: Final = int(Stream.KIND)
_MATTER: Final = int(Stream.MATTER)
_NORMAL: Final = int(Of.NORMAL)
_USES_SPREAD: Final = int(Of.USES)
_POCKETS_SPREAD: Final = int(Of.POCKETS)
_SHELF: Final = int(Of.SHELF)
_LIFE: Final = int(Of.LIFE)
_TOKENS: Final = int(Count.TOKENS)
_USED: Final = int(Count.USES)
_ADD_REFUSED: Final = int(Count.ADD_REFUSED)
_REPLACED: Final = int(Count.REPLACED)
_YEARS: Final = int(Count.YEARS)
_EVER_CALLED: Final = int(Count.EVER_CALLED)
_OUT: Final = int(Monthly.OUT)


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
    trace(now, FRESH, at, life.aged, tolerance, life.ageing_ppb, life.tolerance_ppb)
    typing = int(group.reading_ns + group.typing_ns)
    first = seen(now, at)
    then = at + group.hold_ns + max(typing, group.lit_ns + int(group.dark_ns))
    second = seen(now, then)
    done = then + group.hold_ns + typing
    said = pair(rules, profile, life, done, first, second)
    trace(now, FORM, done, 0, first, second, said)
    if said != TAKEN:
        count(now, _ADD_REFUSED)
        call_support(now, done)
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
        note(now, _OUT)
    if (month + 1) % rules.year == 0:
        count(now, _YEARS)
        for mark in range(3):
            if life.marks & (1 << mark):
                count(now, _YEARS + 1 + mark)
        now.sums.need[profile.timed, min(life.need, NEEDS - 1)] += desk.weight
        life.need = 0
        life.marks &= ~7
    desk.month = min(month + 1, rules.months - 1)


@entry
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
    plan(now, 0, use_ns)
    pocket = first(now, POCKET, pocket_ns)
    child = first(now, CHILD, group.child_ns)
    month, month_ends = 0, MONTH_NS

    while True:
        i = use % AT_ONCE
        begin = max(wishes[i], life.busy + 1)
        at = min(begin, pocket.at, child.at)
        if at >= end:
            break
        while at >= month_ends:
            _month_over(now, month)
            month += 1
            month_ends += MONTH_NS
        stop = min(month_ends, life.ends)
        if at >= life.ends or (profile.timed == 0 and life.counter >= profile.spent):
            life.born += 1
            count(now, _REPLACED)
            life.busy = _begin(now, max(at, life.busy + 1))
        elif at == begin:
            before = use
            use = routine(now, use, min(stop, pocket.at, child.at))
            if use == before:
                count(now, _USED)
                block = words[0, i], words[1, i], words[2, i], words[3, i]
                life.busy, accepted = sign(now, at, block, True, use)  # noqa: FBT003  # Numba's calls
                if not accepted:
                    life.busy = recover(now, life.busy, use)
                use += 1
            if use % AT_ONCE == 0:
                plan(now, use, use_ns)
        elif at == pocket.at:
            accidents(now, POCKET, begin, min(stop, begin, child.at))
        else:
            accidents(now, CHILD, begin, min(stop, begin, pocket.at))
    while month < rules.months:
        _month_over(now, month)
        month += 1
    count(now, _TOKENS)
    for mark in range(3):
        if life.marks & (CALLED_EVER << mark):
            count(now, _EVER_CALLED + mark)
    sums.first[life.first if life.first >= 0 else rules.months] += desk.weight


@entry
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
