"""What the sums of a study say: shares with their intervals, rates, windows, odds.

Plain functions of a tally; nothing is drawn here but an attacker's guesses.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from hosttools.kernel import codes, prepare
from hosttools.refserver.policy import Policy
from hosttools.study.model import DIGITS, Study
from hosttools.study.philox import key_of
from hosttools.study.tables import Ints
from hosttools.study.tally import NEEDS, Count, Monthly, Tally

_Z: Final = 1.96
"""Of an interval that holds the truth in 95 of 100 studies."""
GUESSES_WITHOUT_LOCK: Final = 10
"""Codes that an attacker tries where nothing locks and the study says no number."""
_CODES: Final = 4_000_000
_KEYS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Share:
    """A share of something, with the interval that holds the true one in 95 of 100 studies."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Window:
    """The narrowest window that bothers no more users a year than asked for.

    Attributes:
        window: presses that may be skipped, or time steps either way; ``None``: wider than
            any that is told apart.
        low: the interval, as of a share.
        high: likewise; ``None``: the study is too small to tell.
        beyond: share of user-years that a window of 0, 1, 2... leaves beyond it; what is wider
            than the last leaves no more.
    """

    window: int | None
    low: int | None
    high: int | None
    beyond: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Odds:
    """What an attacker has from guessing.

    Attributes:
        tries: codes tried on one token.
        width: codes that are right at any time.
        formula: chance by RFC 4226 section E.2.
        simulated: share of the tokens that were guessed at and gave in.
        tokens: how many those were.
    """

    tries: int
    width: int
    formula: float
    simulated: Share
    tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """All about one policy. Rates are for 1,000 users and a year of 365 days.

    Attributes:
        name: the policy's.
        presses: of buttons, in the whole study.
        refusals: codes typed as shown, refused as out of the window; first of their use.
        late: likewise, of time tokens, typed too late.
        resyncs: resync forms accepted.
        calls: to support.
        locks: tokens locked.
        replaced: tokens whose life was over.
        resynced_a_year: share of users with a resync or more in a year.
        called_a_year: likewise, calls.
        locked_a_year: likewise, locks.
        out: share of tokens out of step, by month.
        never: share of holders never out of step so far, by month.
        half_s_month: month in which half of them have been; ``None``: later.
        event_window: look-ahead, or resync window, that event tokens need.
        time_window: likewise, steps either way, time tokens.
        odds: of guessing.
    """

    name: str
    presses: int
    refusals: float
    late: float
    resyncs: float
    calls: float
    locks: float
    replaced: float
    resynced_a_year: Share
    called_a_year: Share
    locked_a_year: Share
    out: tuple[float, ...]
    never: tuple[float, ...]
    half_s_month: int | None
    event_window: Window | None
    time_window: Window | None
    odds: Odds

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def answers(study: Study, tally: Tally) -> list[Answer]:
    """Return what a study says, policy by policy."""
    return [
        _answer(study, tally, number, choice.name, choice.policy)
        for number, choice in enumerate(study.policies)
    ]


def bother(study: Study, tally: Tally, policy: int = 0) -> tuple[float, float]:
    """Return resyncs and calls to support, for 1,000 users and a year."""
    monthly = tally.monthly[policy].sum(axis=0)
    scale = _scale(study, tally, policy)
    return float(monthly[Monthly.RESYNCS]) * scale, float(monthly[Monthly.CALLS]) * scale


def wilson(hits: int, of: int, independent: int | None = None) -> Share:
    """Return a share with its interval (Wilson's).

    Args:
        hits: how many.
        of: of how many.
        independent: of how many that know nothing of each other, if those are fewer: years
            of one holder are alike.

    >>> print(f"{wilson(1, 1000).low:.5f} {wilson(1, 1000).high:.5f}")
    0.00018 0.00564
    """
    if not of:
        return Share(0.0, 0.0, 1.0)
    p, n = hits / of, independent or of
    middle = p + _Z * _Z / (2 * n)
    reach = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
    scale = 1 + _Z * _Z / n
    return Share(p, max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0))


def needed(need: Ints, target: float, independent: int) -> Window | None:
    """Return the window that leaves no more than a share of user-years beyond it.

    Args:
        need: user-years by the widest window that any code of them needed.
        target: the share.
        independent: holders; the years of one are taken for one look at the world.
    """
    years = int(need.sum())
    if not years:
        return None
    beyond = (years - np.cumsum(need)) / years
    error = _Z * math.sqrt(target * (1 - target) / max(min(independent, years), 1))

    def narrowest(share: float) -> int | None:
        if share <= 0:
            return None
        place = int(np.argmax(beyond <= share))
        return None if place >= NEEDS - 1 else place

    return Window(
        narrowest(target),
        narrowest(target + error),
        narrowest(target - error),
        tuple(beyond[: int(need.nonzero()[0][-1]) + 1][: NEEDS - 1].tolist()),
    )


def guess_chance(width: int, tries: int) -> float:
    """Return the chance of guessing by RFC 4226 section E.2: s·v / 10^Digit.

    Args:
        width: s, codes that are right at any time.
        tries: v, codes tried.
    """
    return min(width * tries / 10**DIGITS, 1.0)


def odds(study: Study, policy: Policy, *, timed: bool) -> Odds:
    """Let an attacker guess: codes at random, against windows of codes that are computed."""
    tries = study.guesses or policy.lock_after or GUESSES_WITHOUT_LOCK
    width = policy.steps_back + policy.steps_forward + 1 if timed else policy.look_ahead + 1
    tokens = max(1_000, min(_CODES // width, 400_000))
    source = np.random.Generator(np.random.Philox(key=key_of(study.seed)[0]))
    midstates = prepare(source.integers(0, 256, (_KEYS, 20), dtype=np.uint8))
    starts = source.integers(0, 1 << 40, tokens)
    keys = source.integers(0, _KEYS, tokens)
    counters = (starts[:, None] + np.arange(width)).ravel()
    right = codes(midstates, counters, DIGITS, keys=np.repeat(keys, width)).reshape(tokens, width)
    given = np.zeros(tokens, bool)
    for _ in range(tries):
        guess = source.integers(0, 10**DIGITS, tokens)
        given |= (right == guess[:, None]).any(axis=1)
    hits = int(given.sum())
    return Odds(tries, width, guess_chance(width, tries), wilson(hits, tokens), tokens)


def _scale(study: Study, tally: Tally, policy: int) -> float:
    users = int(tally.counts[policy, Count.TOKENS])
    return 1000 * 365 / max(users * study.months * 30, 1)


def _answer(study: Study, tally: Tally, number: int, name: str, policy: Policy) -> Answer:
    counts, monthly = tally.counts[number], tally.monthly[number]
    users, years = int(counts[Count.TOKENS]), int(counts[Count.YEARS])
    scale = _scale(study, tally, number)
    totals = monthly.sum(axis=0) * scale
    first = tally.first[number]
    never = 1 - np.cumsum(first[:-1]) / max(users, 1)
    below = np.flatnonzero(never <= 1 / 2)

    def yearly(what: Count) -> Share:
        return wilson(int(counts[what]), years, users)

    return Answer(
        name=name,
        presses=int(counts[Count.PRESSES]),
        refusals=float(totals[Monthly.DESYNCS]),
        late=float(totals[Monthly.LATE]),
        resyncs=float(totals[Monthly.RESYNCS]),
        calls=float(totals[Monthly.CALLS]),
        locks=float(totals[Monthly.LOCKS]),
        replaced=float(counts[Count.REPLACED] * scale),
        resynced_a_year=yearly(Count.YEARS_RESYNCED),
        called_a_year=yearly(Count.YEARS_CALLED),
        locked_a_year=yearly(Count.YEARS_LOCKED),
        out=tuple((monthly[:, Monthly.OUT] / max(users, 1)).tolist()),
        never=tuple(never.tolist()),
        half_s_month=int(below[0]) + 1 if len(below) else None,
        event_window=needed(tally.need[number, 0], study.target, users),
        time_window=needed(tally.need[number, 1], study.target, users),
        odds=odds(study, policy, timed=not tally.need[number, 0].any()),
    )
