"""What a holder does with a token: sign, try again, submit the form, call support.

The shape of :mod:`hosttools.holder.life`, compiled: one thing goes wrong now and then, and a
refusal is followed by fresh codes, the resync form, and then a call to support.
"""

from typing import Final

from hosttools.study.compiled import compiled
from hosttools.study.desk import (
    CALLED_EVER,
    CODE,
    EXPONENTIAL,
    FORM,
    HELP,
    LOOKS,
    MOST_LOOKS,
    REST_NS,
    TAKEN,
    Now,
    count,
    mark,
    note,
    quantile,
    seen,
    trace,
)
from hosttools.study.model import FORM_SLIPS, SLIPS
from hosttools.study.philox import Block, Stream, draw
from hosttools.study.rules import NOTHING, Fate, Said, Status, help_up, pair, verify, window
from hosttools.study.tables import Ints, Of
from hosttools.study.tally import Count, Monthly

_ATTEMPTS: Final = 128
"""Blocks of a recovery: fresh codes, and the form as the last; habits allow 100 retries."""
_PLACES: Final = 840
"""1 to 8 divide it, as :mod:`hosttools.holder.life` has it; 12 likewise."""
_KEYS: Final = 12

# Enums as plain numbers: compiled code has no attributes of classes.
_PACE: Final = int(Of.PACE)
_SLIPS: Final = int(Stream.SLIP)
_RECOVERY: Final = int(Stream.RECOVERY)
_RECOVERY_SLIPS: Final = int(Stream.RECOVERY_SLIP)
_TRANSPOSED, _MISTYPED, _PREVIOUS, _AGAIN, _TWICE, _TOO_LATE = range(1, len(SLIPS) + 1)
_FIRST_TWICE, _FORM_TRANSPOSED, _FORM_MISTYPED, _FORM_TWICE = range(1, len(FORM_SLIPS) + 1)
_ACTIVE: Final = int(Status.ACTIVE)
_LOCKED: Final = int(Status.LOCKED)
_UNKNOWN: Final = int(Fate.UNKNOWN)
_ACCEPTED: Final = int(Said.ACCEPTED)
_REFUSED: Final = int(Said.REFUSED)
_BLOCKED: Final = int(Said.LOCKED)
"""And what comes after it, throttled: neither is looked at."""
_SAME_FORM: Final = int(Said.TWICE)
_SUBMITTED: Final = int(Count.SUBMITTED)
_GUESSED: Final = int(Count.GUESSED)
_FORMS: Final = int(Count.FORMS)
_FORMS_TAKEN: Final = int(Count.FORMS_TAKEN)
_DESYNCS: Final = int(Monthly.DESYNCS)
_LATE: Final = int(Monthly.LATE)
_RESYNCS: Final = int(Monthly.RESYNCS)
_CALLS: Final = int(Monthly.CALLS)
_LOCKS: Final = int(Monthly.LOCKS)
# What happened to a holder: in this year, as the counts of years have it, and ever.
_RESYNCED: Final = 1
_CALLED: Final = 2 | CALLED_EVER
_LOCKED_ONCE: Final = 4 | CALLED_EVER << 1
_REFUSED_ONCE: Final = CALLED_EVER << 2


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
        count(now, _GUESSED)
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
        # The last accepted code is a replay whatever else it is.
        last = factor == now.life.next - 1
        if typo != 0 or ((ahead or not low <= factor <= high) and not last):
            fate = _look(now, at, factor, typo)
    said = verify(now.rules, now.profile, life, at, NOTHING if typo != 0 else factor, fate)
    count(now, _SUBMITTED)
    count(now, _SUBMITTED + 1 + min(said, _BLOCKED))
    if said == _REFUSED and life.status == _LOCKED:
        note(now, _LOCKS)
        mark(now, _LOCKED_ONCE)
    trace(now, CODE, at, 0, factor, typo, said)
    return said


@compiled
def _measure(now: Now, at: int, factor: int, late: bool) -> None:  # noqa: FBT001  # compiled code has no keywords only
    """Take note of how wide a window a code needs, and of one that needs too wide a one."""
    life = now.life
    late = late and now.profile.timed != 0  # a fresh code will do
    e, low, high = window(now.profile, now.rules, life, at)
    if not late:
        life.need = max(life.need, abs(factor - e))
    used = factor < life.next
    if used or low <= factor <= high or life.status != _ACTIVE or at < life.throttled:
        return
    if late:
        note(now, _LATE)
        return
    note(now, _DESYNCS)
    mark(now, _REFUSED_ONCE)
    if life.first < 0:
        life.first = now.desk.month


@compiled
def sign(now: Now, at: int, block: Block, planned: bool, index: int) -> tuple[int, bool]:  # noqa: FBT001  # as above
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
    shows = seen(now, at)
    done = at + group.hold_ns
    if slip == _AGAIN:
        again = done + max(int(group.again_ns * quantile(group, _PACE, a)), REST_NS)
        shows = seen(now, again)
        done = again + group.hold_ns
    reading = group.reading_ns * quantile(group, _PACE, block[1])
    done += int(reading + group.typing_ns * quantile(group, _PACE, block[2]))
    if slip == _TOO_LATE:
        done += int(group.lit_ns + group.late_ns * quantile(group, EXPONENTIAL, a))
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
    first = seen(now, at)
    typing = group.reading_ns + group.typing_ns
    held = at + group.hold_ns
    dark = group.lit_ns + int(group.dark_ns * quantile(group, _PACE, block[2]))
    then = held + max(int(typing * quantile(group, _PACE, block[1])), dark)
    second = seen(now, then)
    done = then + group.hold_ns + int(typing * quantile(group, _PACE, c))
    if NOTHING in (first, second):
        return done, False
    typed = second
    if slip == _FIRST_TWICE:
        typed = first
    elif slip in (_FORM_TRANSPOSED, _FORM_MISTYPED):
        typed = NOTHING
    said = pair(now.rules, now.profile, now.life, done, first, typed)
    count(now, _FORMS)
    trace(now, FORM, done, 0, first, typed, said)
    taken = said == TAKEN
    if slip == _FORM_TWICE:
        done += int(group.resubmit_ns * quantile(group, _PACE, b))
        # A form is evaluated once; what was not evaluated, or not counted, is again.
        if said in (TAKEN, _REFUSED):
            said = _SAME_FORM
        else:
            said = pair(now.rules, now.profile, now.life, done, first, typed)
        count(now, _FORMS)
        trace(now, FORM, done, 0, first, typed, said)
    if taken:
        count(now, _FORMS_TAKEN)
        note(now, _RESYNCS)
        mark(now, _RESYNCED)
    return done, taken


@compiled
def recover(now: Now, at: int, use: int) -> int:
    """Try fresh codes, then the form, then call support; return when it is over."""
    group, rules, token = now.group, now.rules, now.desk.token
    for attempt in range(group.retries):
        index = use * _ATTEMPTS + attempt
        block = draw(rules.k0, rules.k1, token, _RECOVERY, index)
        at += group.lit_ns + int(group.dark_ns * quantile(group, _PACE, block[0]))
        at, accepted = sign(now, at, block, False, index)  # noqa: FBT003  # Numba's calls
        if accepted:
            return at
    index = use * _ATTEMPTS + _ATTEMPTS - 1
    block = draw(rules.k0, rules.k1, token, _RECOVERY, index)
    at += group.lit_ns + int(group.dark_ns * quantile(group, _PACE, block[0]))
    at, taken = _form(now, at, block, index)
    if not taken:
        call_support(now, at)
    return at


@compiled
def call_support(now: Now, at: int) -> None:
    """Have support put the server in step with the token."""
    help_up(now.profile, now.life, at)
    note(now, _CALLS)
    mark(now, _CALLED)
    trace(now, HELP, at, 0, NOTHING, NOTHING, 0)
