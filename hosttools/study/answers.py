"""What the sums of a study say: shares with their intervals, rates, windows, odds.

Plain functions of a tally; nothing is drawn here but an attacker's guesses.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from firmware_model.profile import TokenType
from hosttools.refserver.policy import Policy
from hosttools.study.model import Study
from hosttools.study.odds import Odds, odds
from hosttools.study.shares import ALL, Share, Z, wilson
from hosttools.study.tables import Floats, Ints
from hosttools.study.tally import NEEDS, Count, Monthly, Tally


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
        add_refused: share of tokens that the add form refused.
        form_failed: share of resync forms that end in a call to support.
        out: share of tokens out of step, by month.
        never: share of holders never out of step so far, by month.
        tenth_s_month: month in which one in ten of them has been; ``None``: later.
        half_s_month: likewise, half of them.
        event_window: look-ahead of event tokens that leaves no more than the target of users
            a year to resync.
        event_call_window: likewise, to call support.
        time_window: steps either way of time tokens that leave no more than the target of
            users a year to resync.
        event_odds: of guessing at event tokens.
        time_odds: likewise, at time tokens.
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
    add_refused: Share
    form_failed: Share
    out: tuple[float, ...]
    never: tuple[float, ...]
    tenth_s_month: int | None
    half_s_month: int | None
    event_window: Window | None
    event_call_window: Window | None
    time_window: Window | None
    event_odds: Odds | None
    time_odds: Odds | None

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


def needed(need: Ints, target: float, independent: int, of_these: Share = ALL) -> Window | None:
    """Return the window that leaves no more than a share of user-years to what bothers.

    Args:
        need: user-years by the widest window that any code of them needed.
        target: the share.
        independent: holders; the years of one are taken for one look at the world.
        of_these: how many of those beyond the window are bothered.
    """
    years = int(need.sum())
    if not years:
        return None
    beyond = (years - np.cumsum(need)) / years
    n = max(min(independent, years), 1)

    def narrowest(share: float, side: int = 0) -> int | None:
        """Return the window beyond which no more are bothered, of a share of those beyond it."""
        left = min(target / share, 1.0) if share else 1.0
        left += side * Z * math.sqrt(left * (1 - left) / n)
        if left <= 0:
            return None
        place = int(np.argmax(beyond <= left))
        return None if place >= NEEDS - 1 else place

    return Window(
        narrowest(of_these.share),
        narrowest(of_these.low, 1),
        narrowest(of_these.high, -1),
        tuple(beyond[: int(need.nonzero()[0][-1]) + 1][: NEEDS - 1].tolist()),
    )


def _scale(study: Study, tally: Tally, policy: int) -> float:
    users = int(tally.counts[policy, Count.TOKENS])
    return 1000 * 365 / max(users * study.months * 30, 1)


def _month_of(share: float, never: Floats) -> int | None:
    """Return the month by whose end so many have been out of step."""
    past = np.flatnonzero(never <= 1 - share)
    return int(past[0]) + 1 if len(past) else None


def _answer(study: Study, tally: Tally, number: int, name: str, policy: Policy) -> Answer:
    counts, monthly = tally.counts[number], tally.monthly[number]
    users, years = int(counts[Count.TOKENS]), int(counts[Count.YEARS])
    scale = _scale(study, tally, number)
    totals = monthly.sum(axis=0)
    rates = totals * scale
    never = 1 - np.cumsum(tally.first[number][:-1]) / max(users, 1)
    replaced, add_refused = int(counts[Count.REPLACED]), int(counts[Count.ADD_REFUSED])
    # Whose add form is refused calls support too, whatever the window of codes.
    failed = int(totals[Monthly.CALLS]) - add_refused
    form_failed = wilson(failed, failed + int(totals[Monthly.RESYNCS]), users)
    event, time = tally.need[number]

    def yearly(what: Count) -> Share:
        return wilson(int(counts[what]), years, users)

    return Answer(
        name=name,
        presses=int(counts[Count.PRESSES]),
        refusals=float(rates[Monthly.DESYNCS]),
        late=float(rates[Monthly.LATE]),
        resyncs=float(rates[Monthly.RESYNCS]),
        calls=float(rates[Monthly.CALLS]),
        locks=float(rates[Monthly.LOCKS]),
        replaced=float(replaced * scale),
        resynced_a_year=yearly(Count.YEARS_RESYNCED),
        called_a_year=yearly(Count.YEARS_CALLED),
        locked_a_year=yearly(Count.YEARS_LOCKED),
        add_refused=wilson(add_refused, users + replaced, users),
        form_failed=form_failed,
        out=tuple((monthly[:, Monthly.OUT] / max(users, 1)).tolist()),
        never=tuple(never.tolist()),
        tenth_s_month=_month_of(1 / 10, never),
        half_s_month=_month_of(1 / 2, never),
        event_window=needed(event, study.target, users),
        event_call_window=needed(event, study.target, users, form_failed),
        time_window=needed(time, study.target, users),
        event_odds=odds(study, policy, TokenType.EVENT),
        time_odds=odds(study, policy, TokenType.TIME),
    )
