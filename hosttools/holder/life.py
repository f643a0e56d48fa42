"""A holder's life, planned from habits and a seed: no clock, no token, no I/O.

Each concern (when to sign, how long to read, whether a digit slips …) draws from a
stream of its own, named ``holder/SERIAL/…``: another habit changes what it is about
and leaves the rest as it was, save that one act may have to wait for another.

What excludes what: the holder does one thing at a time, so a use that would come
during another begins right after it; and while the token is in the holder's hand,
neither pocket nor child presses it.
"""

import heapq
import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from emulator.bench import MAX_HOLD_NS
from emulator.streams import Stream
from firmware_model.profile import SECOND
from hosttools.errors import UsageError
from hosttools.holder.acts import ACCIDENTS, Act, Attempt, PressAct, Slip, SlipKind, Why
from hosttools.holder.habits import Habits

HOUR_NS: Final = 3600 * SECOND
DAY_NS: Final = 24 * HOUR_NS
_THURSDAY: Final = 3  # 1970-01-01 was one; Monday is 0
_EVERY_DAY: Final = (1.0,) * 7
_DAYS_A_YEAR: Final = 365
_PLACES: Final = 840  # 1 to 8 divide it: every digit of every code is equally likely
_NEIGHBOURS: Final = 12  # so do the 2, 3 or 4 neighbours of a key


class _Times(NamedTuple):
    """A lognormal time or number.

    Attributes:
        median: half are below it.
        sigma: spread of the logarithm.
    """

    median: float
    sigma: float


class _Span(NamedTuple):
    """A stretch of bench time, the end excluded."""

    start_ns: int
    end_ns: int


def life(habits: Habits, seed: int | str, serial: str, start_ns: int, days: int) -> Iterator[Act]:
    """Plan what a holder does, one act after another, strictly in time.

    The same arguments give the same life, on any machine. It is made as it is asked
    for: years take no memory.

    Args:
        habits: how the holder is.
        seed: of the whole study; serial numbers tell its holders apart.
        serial: the token's serial number.
        start_ns: when the holder gets the token, bench time.
        days: for how long. Nothing begins after that; what has begun comes to its end.

    Raises:
        UsageError: a negative number of days.
    """
    if days < 0:
        raise UsageError(f"a life of {days} days; allowed are 0 and more")
    root = _root(seed, serial)
    span = _Span(start_ns, start_ns + days * DAY_NS)
    pocket = _bursts(
        root.child("pocket"),
        Why.POCKET,
        habits,
        (habits.pocket_bursts_per_day, habits.pocket_hours),
        _Times(habits.pocket_presses, habits.pocket_presses_sigma),
        _Times(habits.pocket_gap_s, habits.pocket_gap_sigma),
        _Times(habits.pocket_hold_s, habits.pocket_hold_sigma),
        span,
    )
    child = _bursts(
        root.child("child"),
        Why.CHILD,
        habits,
        (habits.child_bursts_per_year / _DAYS_A_YEAR, habits.child_hours),
        _Times(habits.child_presses, habits.child_presses_sigma),
        _Times(habits.child_gap_s, habits.child_gap_sigma),
        _Times(habits.child_hold_s, habits.child_hold_sigma),
        span,
    )
    return _one_at_a_time(_uses(habits, root, span), pocket, child)


def recovery(habits: Habits, seed: int | str, serial: str, use: int, at_ns: int) -> Iterator[Act]:
    """Plan what a holder does after a refusal: fresh codes, then the resync form.

    Whoever plays it stops as soon as one is accepted. Each use has streams of its own
    for this, so that a refusal changes nothing of the life that follows.

    Args:
        habits: how the holder is.
        seed: as of the life.
        serial: the token's serial number.
        use: the number of the use that was refused.
        at_ns: when the holder reads the refusal, bench time.
    """
    person = _Person(habits, _root(seed, serial).child(f"recovery/{use}"))
    for _ in range(habits.retries):
        acts = person.sign(Why.RETRY, use, at_ns + person.until_dark())
        yield from acts
        at_ns = acts[-1].at_ns
    yield from person.resync(use, at_ns + person.until_dark())


def _root(seed: int | str, serial: str) -> Stream:
    return Stream(seed, f"holder/{serial}")


class _Person:
    """What a holder does on purpose; every kind of draw has a stream of its own."""

    def __init__(self, habits: Habits, root: Stream) -> None:
        self._habits = habits
        self._root = root
        self._streams: dict[str, Stream] = {}

    def sign(self, why: Why, use: int, at_ns: int) -> list[Act]:
        """Press, perhaps again; read, type, submit, perhaps again."""
        habits = self._habits
        press = self._press(at_ns, why, use)
        acts: list[Act] = [press]
        slips = [
            *self._happens(SlipKind.PREVIOUS_CODE, habits.previous_code),
            *self._fingers(),
        ]
        again = self._happens(SlipKind.AGAIN_WHILE_LIT, habits.again_while_lit)
        if again:
            pause_ns = self._pace("again_after", habits.again_after_s)
            press = self._press(press.end_ns + pause_ns, Why.AGAIN_WHILE_LIT, use)
            acts.append(press)
        done_ns = press.end_ns + self._read_and_type()
        late = self._happens(SlipKind.TOO_LATE, habits.too_late)
        if late:
            done_ns += _ns(habits.lit_s + self._stream("late").exponential(habits.late_s))
        slips += again + late
        return acts + self._submit(Attempt(done_ns, press.at_ns, use, tuple(slips)))

    def resync(self, use: int, at_ns: int) -> list[Act]:
        """Code 1, wait until dark, press again, code 2, submit."""
        first = self._press(at_ns, Why.RESYNC, use)
        typed_ns = first.end_ns + self._read_and_type()
        dark_ns = first.end_ns + self.until_dark()
        second = self._press(max(typed_ns, dark_ns), Why.RESYNC, use)
        slips = (
            *self._happens(SlipKind.FIRST_TWICE, self._habits.first_twice),
            *self._fingers(),
        )
        done_ns = second.end_ns + self._read_and_type()
        form = Attempt(done_ns, second.at_ns, use, slips, pair=True)
        return [first, second, *self._submit(form)]

    def until_dark(self) -> int:
        """Return how long the holder waits before pressing again, ns."""
        return _ns(self._habits.lit_s) + self._pace("dark_wait", self._habits.dark_wait_s)

    def _press(self, at_ns: int, why: Why, use: int) -> PressAct:
        hold = _Times(self._habits.hold_s, self._habits.hold_sigma)
        return PressAct(at_ns, _hold_ns(self._stream("hold"), hold), why, use)

    def _submit(self, attempt: Attempt) -> list[Act]:
        twice = self._happens(SlipKind.SUBMITTED_TWICE, self._habits.submitted_twice)
        slips = (*attempt.slips, *twice)
        at_ns = attempt.at_ns
        times = [at_ns]
        if twice:
            times.append(at_ns + self._pace("submit_again", self._habits.submit_again_s))
        return [
            Attempt(moment, attempt.pressed_ns, attempt.use, slips, attempt.pair)
            for moment in times
        ]

    def _read_and_type(self) -> int:
        reading_ns = self._pace("reading", self._habits.reading_s)
        return reading_ns + self._pace("typing", self._habits.typing_s)

    def _fingers(self) -> list[Slip]:
        return [
            *self._happens(SlipKind.TRANSPOSED, self._habits.transposed),
            *self._happens(SlipKind.MISTYPED, self._habits.mistyped),
        ]

    def _happens(self, kind: SlipKind, p: float) -> list[Slip]:
        """Return the slip, or nothing."""
        stream = self._stream(f"slip/{kind.value}")
        if not stream.chance(p):
            return []
        return [Slip(kind, stream.below(_PLACES), stream.below(_NEIGHBOURS))]

    def _pace(self, name: str, median_s: float) -> int:
        return _ns(self._stream(name).lognormal(median_s, self._habits.pace_sigma))

    def _stream(self, name: str) -> Stream:
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = self._root.child(name)
        return stream


def _uses(habits: Habits, root: Stream, span: _Span) -> Iterator[list[Act]]:
    """Yield the acts of one use after another; none begins before the last has ended."""
    person = _Person(habits, root)
    pattern = (habits.uses_per_day, habits.use_hours)
    wishes = _arrivals(root.child("uses"), habits, pattern, habits.use_weekdays, span)
    free_ns = span.start_ns
    for use, wish_ns in enumerate(wishes):
        acts = person.sign(Why.SIGN, use, max(wish_ns, free_ns))
        yield acts
        free_ns = acts[-1].at_ns + 1


def _bursts(
    stream: Stream,
    why: Why,
    habits: Habits,
    pattern: tuple[float, tuple[float, ...]],
    presses: _Times,
    gap_s: _Times,
    hold_s: _Times,
    span: _Span,
) -> Iterator[list[Act]]:
    """Yield accidental presses; bursts that meet follow each other."""
    counts, gaps, holds = (stream.child(name) for name in ("presses", "gap", "hold"))
    free_ns = span.start_ns
    for begin_ns in _arrivals(stream.child("bursts"), habits, pattern, _EVERY_DAY, span):
        free_ns = max(begin_ns, free_ns)
        for _ in range(max(1, round(counts.lognormal(*presses)))):
            if free_ns >= span.end_ns:
                return
            press = PressAct(free_ns, _hold_ns(holds, hold_s), why)
            yield [press]
            free_ns = press.end_ns + _ns(gaps.lognormal(*gap_s))


def _arrivals(
    stream: Stream,
    habits: Habits,
    pattern: tuple[float, tuple[float, ...]],
    weekdays: tuple[float, ...],
    span: _Span,
) -> Iterator[int]:
    """Yield the moments of a Poisson process whose rate follows the hours of the week.

    Args:
        stream: of unit waiting times, used up at the rate of each hour.
        habits: for the holder's time zone.
        pattern: how many a day of weight 1 on average, and the weights of its hours.
        weekdays: the weights of the days, from Monday.
        span: first and last moment.
    """
    per_day, hours = pattern
    scale = per_day / math.fsum(hours)  # fsum: what sum() of floats returns changed in 3.12
    offset_ns = habits.utc_offset_min * 60 * SECOND
    hour = (span.start_ns + offset_ns) // HOUR_NS
    due = stream.exponential(1.0)
    while (begin_ns := hour * HOUR_NS - offset_ns) < span.end_ns:
        day, hour_of_day = divmod(hour, 24)
        expected = scale * hours[hour_of_day] * weekdays[(day + _THURSDAY) % 7]
        while due < expected:
            at_ns = begin_ns + int(due / expected * HOUR_NS)
            if span.start_ns <= at_ns < span.end_ns:
                yield at_ns
            due += stream.exponential(1.0)
        due -= expected
        hour += 1


def _one_at_a_time(*sources: Iterable[list[Act]]) -> Iterator[Act]:
    """Merge acts in time and leave out accidents while the button or the token is not free.

    Args:
        sources: what belongs together, in time; of two at once the earlier source wins.
    """
    held: PressAct | None = None  # an accident, until it is known to be over in time
    free_ns: int | None = None  # when the button, or the token, is free again
    for acts in heapq.merge(*sources, key=lambda acts: acts[0].at_ns):
        first = acts[0]
        accident = isinstance(first, PressAct) and first.why in ACCIDENTS
        if accident and free_ns is not None and first.at_ns <= free_ns:
            continue
        if held is not None and held.end_ns < first.at_ns:
            yield held
        held = None
        if isinstance(first, PressAct) and accident:
            held, free_ns = first, first.end_ns
        else:
            yield from acts
            free_ns = acts[-1].at_ns
    if held is not None:
        yield held


def _hold_ns(stream: Stream, hold_s: _Times) -> int:
    return min(_ns(stream.lognormal(*hold_s)), MAX_HOLD_NS)


def _ns(seconds: float) -> int:
    """Return seconds as whole nanoseconds, 1 at least: no act takes no time."""
    return max(1, round(seconds * SECOND))
