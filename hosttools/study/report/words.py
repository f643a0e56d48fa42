"""The sentences of a report: what a manager asks, answered."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hosttools.study.answers import Answer, Window
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.odds import Odds
from hosttools.study.sensitivity import Effect
from hosttools.study.shares import Share
from hosttools.words import counted

SETTINGS = {
    "uses_per_day": "how often people sign",
    "retries": "how many fresh codes they try first",
    "pocket_bursts_per_day": "how often pockets press",
    "pocket_presses": "how many presses a pocket makes at a time",
    "pocket_presses_sigma": "how heavy the tail of a pocket's presses is",
    "pocket_gap_s": "how slowly a pocket presses",
    "child_bursts_per_year": "how often a child plays with it",
    "child_presses": "how many presses a child makes",
    "mistyped": "how often a digit is mistyped",
    "submitted_twice": "how often a code is submitted twice",
    "too_late": "how often a code is typed too late",
    "first_twice": "how often the first code goes into both fields",
    "drift_sigma_ppm": "the spread of the crystals",
    "drift_tail_share": "the share of poor crystals",
    "drift_tail_ppm": "how poor the poor crystals are",
    "ageing_sigma_ppm": "how crystals age",
    "temperature_sigma_c": "how warm or cold holders keep them",
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
_TROUBLE: Final = (
    "Resyncs are made by the users themselves; calls are what support hears of; a lock-out is a"
    " token locked by refused codes. "
)
WINDOWS: Final = (
    "A line falls as the window widens; where it meets the dotted target is the recommended"
    " window, with its 95 % interval. Users beyond it have to resync, those beyond the resync"
    " window have to call support. A time token's codes that are typed too late are left out: a"
    " fresh one does."
)
GUESSING: Final = (
    "Codes that are right at any time, times the tries, out of a million: the wider the window,"
    " the better the odds. An attacker tries until the lock, or for a day, one code in 10 s at"
    " most and slower where throttled. An arrow: none of the simulated attacks got in, and the"
    " chance is most likely below it."
)
_HOUR_S: Final = 3600


def answers_in_short(study: Study, answers: Sequence[Answer]) -> Iterator[str]:
    """Say which windows do, by the lives under the first policy, and which policies do."""
    target = percent(study.target)
    first = answers[0]
    if first.event_window is not None and first.event_call_window is not None:
        yield (
            f"Support calls stay under {target} of users a year with"
            f" {_wide('a look-ahead', 'presses', first.event_call_window)}, as"
            f" {_one_in(first.form_failed)} ends in a call. For no more than {target} to have to"
            f" resync at all it takes {_wide('one', 'presses', first.event_window)}."
        )
    if first.time_window is not None:
        yield (
            f"For time tokens, {_wide('a window', 'steps either way', first.time_window)} leaves"
            f" no more than {target} of users a year to resync."
        )
    quiet = [a for a in answers if a.called_a_year.share <= study.target]
    if not quiet:
        best = min(answers, key=lambda a: a.called_a_year.share)
        yield (
            f"No policy that was asked keeps calls under {target} of users a year;"
            f" {best.name} comes nearest with {between(best.called_a_year)}."
        )
    for answer in quiet:
        sure = answer.called_a_year.high <= study.target
        yield (
            f"{answer.name} keeps calls under {target} of users a year:"
            f" {between(answer.called_a_year)}{'' if sure else ', so the study is not sure of it'}."
        )
    for answer in answers:
        if answer.add_refused.share:
            yield (
                f"{answer.name}: the form refuses to add {between(answer.add_refused)} of the"
                " tokens, as their clocks are too far off when they come from the shelf."
            )


def _wide(what: str, unit: str, window: Window) -> str:
    if window.window is None:
        return f"no window up to 4,095 {unit}"
    return f"{what} of {window.window:,} {unit} ({_interval(window)})"


def _interval(window: Window) -> str:
    low = "?" if window.low is None else f"{window.low:,}"
    high = "more than this study can tell" if window.high is None else f"{window.high:,}"
    return f"95 % interval: {low} to {high}"


def _one_in(failed: Share) -> str:
    if not failed.share:
        return "no resync form of this study"
    return f"one resync form in {1 / failed.share:,.0f}"


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


def first_time(answer: Answer) -> str:
    """Say when users meet their first refusal."""
    if answer.tenth_s_month is None:
        return "Fewer than one user in ten is ever out of step."
    told = f"One user in ten has been out of step by the end of month {answer.tenth_s_month}"
    half = answer.half_s_month
    return told + ("." if half is None else f", half of all users by that of month {half}.")


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


def trouble_caption(answers: Sequence[Answer]) -> str:
    """Say what resyncs, calls and lock-outs are."""
    locks = any(answer.locks for answer in answers)
    return (
        _TROUBLE + ("" if locks else "No token was locked. ") + "Each panel has a scale of its own."
    )


def effects_caption(first: Answer) -> str:
    """Say how assumptions were compared."""
    return (
        f"Each assumption is halved and doubled by itself, for {first.name}, with all else drawn"
        " as before; what can't be doubled is at its bound. The longer the bar, the more the"
        " result leans on it."
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
    """Return a share as people read it; all but a few are not all.

    >>> percent(0.0314), percent(0.00002), percent(0.5), percent(0), percent(0.9996)
    ('3.1 %', '0.002 %', '50 %', '0 %', '99.96 %')
    """
    hundredths = share * 100
    if 99.5 <= hundredths < 100:  # noqa: PLR2004  # what would be rounded to all
        return f"{math.floor(hundredths * 100) / 100:g} %"
    return f"{hundredths:.0f} %" if hundredths >= 10 else f"{hundredths:.2g} %"  # noqa: PLR2004  # two digits


def between(share: Share) -> str:
    """Return a share with its interval.

    >>> between(Share(0.03, 0.02, 0.05))
    '3 % (2 to 5 %)'
    """
    low = percent(share.low).removesuffix(" %")
    return f"{percent(share.share)} ({low} to {percent(share.high)})"


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
        reach.append(
            f"{counted(policy.steps_back, 'step')} back and {policy.steps_forward} forward"
        )
    return (
        f"With {' and '.join(reach)} ({choice.name}),"
        f" {percent(answer.resynced_a_year.share)} of users resync at least once a year, and"
        f" {percent(answer.called_a_year.share)} call support. For 1,000 users that is"
        f" {rate(answer.resyncs)} resyncs, {rate(answer.calls)} calls and {rate(answer.locks)}"
        f" lock-outs a year. At the end of month {study.months}, {percent(answer.out[-1])} of"
        f" tokens are out of step. {first_time(answer)}"
    )


def cautions(choice: PolicyChoice, answer: Answer) -> Iterator[str]:
    """Say what a policy does to time tokens by its own rule, whatever their clocks."""
    policy = choice.policy
    if answer.time_window is None:
        return
    if not policy.track_drift:
        yield (
            "It learns how far a clock is off from the forms alone, not from logins: as the clock"
            " wanders on, the window alone has to hold it until the next resync."
        )
    elif policy.steps_forward < policy.steps_back:
        yield (
            "It takes the step of every accepted code for the token's clock. A code that is typed"
            " when its step is over therefore moves the expected step back, and the next one,"
            f" typed in time, lies ahead of it: by up to {policy.steps_back}, where"
            f" {policy.steps_forward} forward is allowed. Most of its refusals come of this rule"
            " and not of clocks: allow as many steps forward as back, or turn track_drift off."
        )


def odds_of(answers: Sequence[Answer]) -> list[tuple[str, Odds]]:
    """Return every attack that was played with the name of its row."""
    found = [
        (answer.name, kind, odds)
        for answer in answers
        for kind, odds in (("event", answer.event_odds), ("time", answer.time_odds))
        if odds is not None
    ]
    both = len({kind for _, kind, _ in found}) > 1
    return [(f"{name}, {kind}" if both else name, odds) for name, kind, odds in found]


def guessing(answers: Sequence[Answer]) -> str:
    """Say what the policy that is best for an attacker gives away."""
    name, odds = max(odds_of(answers), key=lambda row: row[1].formula)
    got_in = round(odds.simulated.share * odds.attacks)
    return (
        f"An attacker does best against {name}: with {counted(odds.width, 'code')} right at any"
        f" time and {odds.tries:,} {'guess' if odds.tries == 1 else 'guesses'}"
        f" {_span(odds.span_s)}, one gets in with a chance of {chance(odds.formula)} by"
        f" the formula of RFC 4226 E.2; of {odds.attacks:,} simulated attacks, {got_in:,} did:"
        f" {between(odds.simulated)}."
    )


def chance(share: float) -> str:
    """Return a chance as people read it.

    >>> chance(0.00011), chance(0.25)
    ('1 in 9,091', '25 %')
    """
    return f"1 in {1 / share:,.0f}" if 0 < share < 1 / 20 else percent(share)


def _span(span_s: int) -> str:
    if span_s < _HOUR_S:
        return "in a few minutes" if span_s else "at once"
    hours = span_s / _HOUR_S
    return f"in {hours:,.0f} hours"


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
