"""Attackers who guess: as many tries as a policy lets them, and as lucky as the RFC says."""

import pytest

from firmware_model.profile import TokenType
from hosttools.refserver import Policy
from hosttools.study.model import ProfileShare, Study
from hosttools.study.odds import DAY_S, PACE_S, guess_chance, odds, tries_of

BOTH = (ProfileShare(name="GALH"), ProfileShare(name="GALT"))


@pytest.mark.parametrize(
    ("width", "tries", "chance"), [(1, 1, 1e-6), (11, 10, 1.1e-4), (1001, 5, 5.005e-3)]
)
def test_chance_is_the_rfc_s(width: int, tries: int, chance: float) -> None:
    """RFC 4226 section E.2: s times v over ten to the power of the digits."""
    assert pytest.approx(chance, rel=1e-12) == guess_chance(width, tries)


def test_chance_is_no_more_than_certain() -> None:
    """The formula is a bound, and may pass 1."""
    assert 1.0 == guess_chance(10**6, 10)


@pytest.mark.parametrize("kind", TokenType)
def test_an_attacker_succeeds_as_often_as_the_rfc_says(kind: TokenType) -> None:
    """Codes that are computed and guessed at give the formula's chance, within the interval."""
    study = Study(guesses=1, profiles=BOTH)
    policy = Policy(
        look_ahead=999, resync_window=1000, steps_back=600, steps_forward=399, resync_steps=1000
    )
    found = odds(study, policy, kind)
    assert found is not None
    assert (1, 1000, 0.001) == (found.tries, found.width, found.formula)
    assert found.simulated.low < found.formula < found.simulated.high


def test_a_time_token_s_window_moves_on() -> None:
    """Of 8,640 tries in a day, each meets the codes of its own time: as likely as the first."""
    study = Study(profiles=BOTH[1:])
    found = odds(study, Policy(lock_after=0, steps_back=10, steps_forward=9), TokenType.TIME)
    assert found is not None
    assert (8640, 20) == (found.tries, found.width)
    whole = 1 - (1 - 20 / 10**6) ** 8640
    assert found.simulated.low < whole < found.simulated.high


def test_the_widest_window_is_played_too() -> None:
    """Of a hundred thousand codes that are right, one in ten guesses finds one."""
    policy = Policy(look_ahead=99_999, resync_window=100_000)
    found = odds(Study(guesses=1), policy, TokenType.EVENT)
    assert found is not None
    assert found.simulated.low < 0.1 < found.simulated.high


def test_no_such_tokens_no_odds() -> None:
    """A fleet of event tokens has no time window to guess in."""
    assert odds(Study(), Policy(), TokenType.TIME) is None


@pytest.mark.parametrize(
    ("policy", "guesses", "tries", "span_s"),
    [
        (Policy(lock_after=4), 0, 4, 3 * PACE_S),
        (Policy(lock_after=4), 3, 3, 2 * PACE_S),
        (Policy(lock_after=4), 9, 4, 3 * PACE_S),
        (Policy(lock_after=0), 0, DAY_S // PACE_S, DAY_S - PACE_S),
        (Policy(lock_after=0), 10_000, 10_000, 9_999 * PACE_S),
        (Policy(lock_after=0, throttle_s=30), 4, 4, 30 + 60 + 90),
        (Policy(lock_after=0, throttle_s=600, throttle_max_s=3600), 0, 27, None),
    ],
)
def test_tries_of_an_attacker(policy: Policy, guesses: int, tries: int, span_s: int | None) -> None:
    """As many as the study says, or a day lets through; a lock ends it, throttling slows it."""
    times = tries_of(policy, guesses)
    assert tries == len(times)
    assert span_s is None or span_s == times[-1]
