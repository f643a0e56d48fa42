"""Recipes of time tokens: months on a shelf, a cold car, a code typed too late."""

from collections.abc import Iterator
from typing import Final

from firmware_model.profile import SECOND, TokenType
from hosttools.errors import HostError, NotOfferedError
from hosttools.hand import CommandError
from hosttools.recipes.event import note_code, sign_and_resync, submit_noted
from hosttools.recipes.expectation import code_kind
from hosttools.recipes.model import NotApplicable, Number, Reaction, Recipe
from hosttools.recipes.play import Play
from hosttools.refserver import Kind

_DAY_S: Final = 86_400.0
_LIFE_DAYS: Final = 5 * 365
"""No token lies longer than it lives (Symantec VIP fob: 5 years)."""

_COLD_C: Final = -20.0
"""A car in winter; the coldest that a fob is made for (Swivel: -20 to 70 °C)."""

_NEAR_NS: Final = SECOND // 1000
_STRETCH: Final = 0.9
"""Share of the way left that is gone at once, since the rate may change on it."""

_CLOSE_DAYS: Final = 2.0
_LONGEST_DAYS: Final = 30.0


def _slow(play: Play, by: float) -> None:
    _drift(play, -round(by * play.step_ns))


def _fast(play: Play, by: float) -> None:
    _drift(play, round(by * play.step_ns))


def _drift(play: Play, target_ns: int) -> None:
    """Leave the token alone until its clock has gained ``target_ns``."""
    rate_ns = _a_day(play)
    play.tell(f"a day in a drawer: its clock gains {rate_ns / SECOND:+.3f} s")
    if _days(rate_ns, target_ns - play.gained_ns()) <= _LIFE_DAYS:
        days = _wait(play, target_ns, rate_ns)
        play.tell(f"{days:.0f} more days in the drawer: {play.gained_ns() / SECOND:+.1f} s")
    elif target_ns > 0:
        raise NotApplicable(
            f"token {play.serial} gains {rate_ns / SECOND:+.3f} s a day and won't be"
            f" {target_ns / SECOND:g} s fast in its life, as cold and heat only make a crystal"
            " slow; take one whose crystal runs fast"
        )
    else:
        _freeze(play, target_ns)


def _freeze(play: Play, target_ns: int) -> None:
    """Cold makes any tuning-fork crystal slow: its curve is a parabola that opens down."""
    try:
        usual_c = play.token.temperature()
        play.token.set_temperature(_COLD_C)
    except (CommandError, NotOfferedError) as e:
        raise NotApplicable(
            f"token {play.serial} doesn't run slow by itself, and its port knows no"
            f" temperature to make it: {e}"
        ) from e
    try:
        days = _wait(play, target_ns, _a_day(play)) + 1
    finally:
        play.token.set_temperature(usual_c)
    play.tell(
        f"{days:.0f} days in a car in winter, at {_COLD_C:g} °C: {play.gained_ns() / SECOND:+.1f} s"
    )


def _a_day(play: Play) -> float:
    before_ns = play.off_ns()
    play.token.advance(_DAY_S)
    return float(play.off_ns() - before_ns)


def _days(rate_ns: float, left_ns: float) -> float:
    """Return how many days it takes; for ever if it goes the other way."""
    return left_ns / rate_ns if rate_ns * left_ns > 0 else float("inf")


def _wait(play: Play, target_ns: int, rate_ns: float) -> float:
    """Wait until the clock has gained ``target_ns``; return the days that it took."""
    total = 0.0
    left_ns = target_ns - play.gained_ns()
    while abs(left_ns) > _NEAR_NS and left_ns * target_ns > 0:
        days = _days(rate_ns, left_ns)
        if total + days > _LIFE_DAYS:
            raise NotApplicable(
                f"token {play.serial} gains {rate_ns / SECOND:+.3f} s a day and won't come to"
                f" {target_ns / SECOND:+g} s in its life; take another token, or a smaller number"
            )
        days = days if days < _CLOSE_DAYS else min(days * _STRETCH, _LONGEST_DAYS)
        play.token.advance(days * _DAY_S)
        total += days
        before_ns, left_ns = left_ns, target_ns - play.gained_ns()
        rate_ns = (before_ns - left_ns) / days
    return total


def _late(play: Play, by: float) -> None:
    play.ready()
    play.codes.append(play.press())
    shown_ns = play.token.time_ns()
    play.token.wait_dark()
    waited_ns = play.token.time_ns() - shown_ns
    play.token.advance(max(by * play.step_ns - waited_ns, 0) / SECOND)
    play.tell(f"pressed, and the code noted; the LCD goes dark, and {by:.0f} steps go by")


def _late_trial(play: Play, by: float) -> Iterator[Reaction]:
    kind = code_kind(play.distance() - round(by), play.server.policy, timed=True)
    verdict = play.submit(play.codes[0])
    yield play.reaction("sign with the old code", verdict, kind)
    yield play.sign()


def _twice(play: Play, _by: float) -> None:
    play.token.wait_dark()
    play.next_step()
    note_code(play)
    step = play.position().token
    if play.token.remaining_ns() + SECOND < play.left_in_step_ns():
        play.token.wait_dark()
        play.codes.append(play.press())
        play.tell("pressed again as soon as it is dark, in the same step")
    else:  # lit for as long as a step lasts: only a reset makes it dark sooner
        play.token.reset()
        play.codes.append(play.press())
        play.tell("dropped, so that a bad battery contact resets it; pressed again at once")
    if play.position().token != step:
        raise HostError(f"token {play.serial} entered the next step before the second press")


def _twice_trial(play: Play, _by: float) -> Iterator[Reaction]:
    verdict = play.submit(play.codes[1])
    yield play.reaction("sign with the second code of the step", verdict, Kind.REPLAYED)
    yield play.sign()


_STEPS: Final = Number("steps", 4.5, 0.5, 10_000, whole=False)
_BACK: Final = (Kind.OUT_OF_SYNC, Kind.RESYNCED, Kind.ACCEPTED)

TIME_RECIPES: Final = (
    Recipe(
        "time-slow",
        "a clock that has become slow",
        "A slow clock past the window is refused; two codes teach the server its drift",
        TokenType.TIME,
        _STEPS,
        _slow,
        _BACK,
        sign_and_resync,
        advances=True,
    ),
    Recipe(
        "time-fast",
        "a clock that has become fast",
        "A fast clock past the window is refused; two codes teach the server its drift",
        TokenType.TIME,
        _STEPS,
        _fast,
        _BACK,
        sign_and_resync,
        advances=True,
        # A second a day: poor, but "not unusual" (Token2 of its time-based tokens).
        crystal_ppb=11_600,
    ),
    Recipe(
        "stale-code",
        "a code typed long after it went dark",
        "A code of a step that is over is refused; the server can't tell it from a slow clock",
        TokenType.TIME,
        Number("steps", 5, 2, 100),
        _late,
        (Kind.OUT_OF_SYNC, Kind.ACCEPTED),
        _late_trial,
        needs_server="the code is typed into it",
        advances=True,
    ),
    Recipe(
        "same-step",
        "two presses in one time step",
        "Within a step there is one code: the second time it is a replay",
        TokenType.TIME,
        None,
        _twice,
        (Kind.REPLAYED, Kind.ACCEPTED),
        _twice_trial,
        needs_server="the first of the two codes is accepted by it",
        server=submit_noted,
        advances=True,
    ),
)
