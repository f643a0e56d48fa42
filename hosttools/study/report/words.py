"""The sentences of a report: what a manager asks, answered."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hosttools.study.answers import Answer, Share, Window
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.sensitivity import Effect
from hosttools.words import counted

SETTINGS = {
    "uses_per_day": "how often people sign",
    "pocket_bursts_per_day": "how often pockets press",
    "pocket_presses": "how many presses a pocket makes at a time",
    "pocket_presses_sigma": "how heavy the tail of those presses is",
    "child_bursts_per_year": "how often a child plays with it",
    "mistyped": "how often a digit is mistyped",
    "submitted_twice": "how often a code is submitted twice",
    "too_late": "how often a code is typed too late",
    "first_twice": "how often the first code goes into both fields",
    "drift_sigma_ppm": "the spread of the crystals",
    "drift_tail_share": "the share of poor crystals",
    "temperature_swing_c": "how much the temperature varies",
    "shelf_days": "how long tokens lie on the shelf",
}


OUT: Final = (
    "A token is out of step if its next code would be refused, though it is typed right and at"
    " once. Who signs every day finds out soon; what is left at a month's end are tokens that"
    " nobody used since."
)
NEVER: Final = (
    "A line falls as users meet their first refusal for being out of step; where it crosses one"
    " half, half of them have."
)
TROUBLE: Final = (
    "Resyncs are made by the users themselves; calls are what support hears of. Each panel has a"
    " scale of its own."
)
WINDOWS: Final = (
    "A line falls as the window widens; where it meets the dotted target is the recommended"
    " window, with its 95 % interval. Taken as look-ahead it spares users the resync, as resync"
    " window the call to support."
)
GUESSING: Final = (
    "Codes that are right at any time, times the tries before a lock, out of a million: the wider"
    " the window, the better the odds. An arrow: none of the simulated attacks got in, and the"
    " chance is most likely below it."
)


def out_title(answers: Sequence[Answer]) -> str:
    """Say what there is to see of tokens out of step."""
    if not any(any(answer.out) for answer in answers):
        return "No token is out of step at any month's end"
    return "Out of step at the end: " + _ranked(answers, lambda a: a.out[-1])


def never_title(study: Study, answers: Sequence[Answer]) -> str:
    """Say what there is to see of first times."""
    if all(answer.never[-1] == 1 for answer in answers):
        return "Nobody is ever out of step"
    return f"Never out of step in {_months(study.months)}: " + _ranked(
        answers, lambda a: a.never[-1]
    )


def trouble_title(answers: Sequence[Answer]) -> str:
    """Say what there is to see of resyncs and calls."""
    best = min(answers, key=lambda a: a.calls)
    if not any(answer.calls for answer in answers):
        return "Nobody calls support"
    if len(answers) == 1:
        return f"{rate(best.calls)} calls to support for 1,000 users a year"
    return (
        f"{best.name} needs the fewest calls to support: {rate(best.calls)} for 1,000 users a year"
    )


def effects_caption(first: Answer) -> str:
    """Say how assumptions were compared."""
    return (
        f"Each assumption is halved and doubled by itself, for {first.name}, with all else drawn"
        " as before; the longer the bar, the more the result leans on it."
    )


def rate(value: float) -> str:
    """Return a rate as people read it.

    >>> rate(1234.5), rate(41.2), rate(0.123), rate(0)
    ('1,234', '41', '0.12', '0')
    """
    return f"{value:,.0f}" if value >= 10 or not value else f"{value:.2g}"  # noqa: PLR2004  # two digits


def _ranked(answers: Sequence[Answer], value: Callable[[Answer], float]) -> str:
    least, most = min(answers, key=value), max(answers, key=value)
    if value(least) == value(most):
        return f"{percent(value(most))} of all"
    return f"{percent(value(least))} ({least.name}) to {percent(value(most))} ({most.name})"


def _months(months: int) -> str:
    whole = months % 12 == 0
    return counted(months // 12, "year") if whole else counted(months, "month")


def percent(share: float) -> str:
    """Return a share as people read it.

    >>> percent(0.0314), percent(0.00002), percent(0.5), percent(0)
    ('3.1 %', '0.002 %', '50 %', '0 %')
    """
    hundredths = share * 100
    return f"{hundredths:.0f} %" if hundredths >= 10 else f"{hundredths:.2g} %"  # noqa: PLR2004  # two digits


def between(share: Share) -> str:
    """Return a share with its interval."""
    return f"{percent(share.share)} ({percent(share.low)} to {percent(share.high)})"


def window_text(window: Window | None) -> str:
    """Return a recommended window with its interval."""
    if window is None:
        return "no such tokens"
    best = "wider than 4,095" if window.window is None else f"{window.window:,}"
    if window.low == window.high == window.window and window.window is not None:
        return best
    low = "?" if window.low is None else f"{window.low:,}"
    high = "more than this study can tell" if window.high is None else f"{window.high:,}"
    return f"{best} ({low} to {high})"


def headline(study: Study, choice: PolicyChoice, answer: Answer) -> str:
    """Say in a sentence or two what a policy means for users."""
    policy = choice.policy
    reach = []
    if answer.event_window is not None:
        reach.append(f"a look-ahead of {policy.look_ahead}")
    if answer.time_window is not None:
        reach.append(f"{policy.steps_back} steps back and {policy.steps_forward} forward")
    return (
        f"With {' and '.join(reach)} ({choice.name}),"
        f" {percent(answer.resynced_a_year.share)} of users resync at least once a year, and"
        f" {percent(answer.called_a_year.share)} call support. For 1,000 users that is"
        f" {rate(answer.resyncs)} resyncs and {rate(answer.calls)} calls a year. At the end of"
        f" month {study.months}, {percent(answer.out[-1])} of tokens are out of step."
    )


def advice(study: Study, answer: Answer) -> Iterator[str]:
    """Say which window would be wide enough, and what it costs."""
    words = (
        ("event tokens", answer.event_window, "presses"),
        ("time tokens", answer.time_window, "steps either way"),
    )
    for kind, window, unit in words:
        if window is None:
            continue
        if window.window is None:
            yield (
                f"For {kind}, no window up to 4,095 {unit} leaves only {percent(study.target)} of"
                " users a year outside it."
            )
        else:
            low = "?" if window.low is None else f"{window.low:,}"
            high = "more than this study can tell" if window.high is None else f"{window.high:,}"
            yield (
                f"For {kind}, a window of {window.window:,} {unit} would leave no more than"
                f" {percent(study.target)} of users a year outside it (95 % interval: {low} to"
                f" {high})."
            )


def guessing(answer: Answer) -> str:
    """Say what a window buys an attacker."""
    odds = answer.odds
    return (
        f"With {odds.width} codes right at any time and {odds.tries} tries, an attacker gets in"
        f" with a chance of {odds.formula:.2g} by the formula of RFC 4226 E.2; of"
        f" {odds.tokens:,} simulated attacks, {odds.simulated.share:.2g} succeeded"
        f" ({odds.simulated.low:.2g} to {odds.simulated.high:.2g})."
    )


def what_matters(effects: Sequence[Effect]) -> str:
    """Say which assumption the result leans on."""
    if not effects:
        return ""
    top = effects[0]
    return (
        f"What matters most is {SETTINGS.get(top.setting, top.setting)}: half of it makes"
        f" {rate(top.resyncs[0])} resyncs for 1,000 users a year, twice as much"
        f" {rate(top.resyncs[1])}."
    )
