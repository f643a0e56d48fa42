"""The sentences of a report: what a manager asks, answered."""

from collections.abc import Iterator

from hosttools.study.answers import Answer, Share, Window
from hosttools.study.model import PolicyChoice, Study
from hosttools.study.sensitivity import Effect

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
        f" {answer.resyncs:,.0f} resyncs and {answer.calls:,.0f} calls a year. At the end of"
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


def what_matters(effects: list[Effect]) -> str:
    """Say which assumption the result leans on."""
    if not effects:
        return ""
    top = effects[0]
    return (
        f"What matters most is {SETTINGS[top.setting]}: half of it makes {top.resyncs[0]:,.0f}"
        f" resyncs for 1,000 users a year, twice as much {top.resyncs[1]:,.0f}."
    )
