"""What is demanded of a server of whose policy nothing is known."""

import pytest

from hosttools.load.anyserver import FAR, AnyServerRules
from hosttools.load.referee import Referee
from hosttools.load.rules import Submission, Verb
from hosttools.servers import Outcome
from tests.hosttools.load.playing import EVENT, NO, OK, TIMED, USED, code, sent, typed

REFUSALS = [outcome for outcome in Outcome if outcome is not OK]
NEVER_SHOWN = "000000"


def after(*history: Submission) -> Referee:
    """Return a referee of a token with a history that is right."""
    judging = Referee(AnyServerRules(), EVENT)
    for submission in history:
        assert judging.judge([submission]) is None
    return judging


def test_the_next_code_must_be_accepted() -> None:
    """In step, a server has no reason to refuse it, whatever its words."""
    for refusal in REFUSALS:
        assert after(typed(0, OK)).judge([typed(1, refusal)]) is not None


def test_a_code_is_not_accepted_again() -> None:
    """Nor is one that was skipped."""
    for factor in (4, 5):
        assert after(typed(5, OK)).judge([typed(factor, USED)]) is None
        assert after(typed(5, OK)).judge([typed(factor, OK)]) is not None


def test_what_lies_ahead_is_policy() -> None:
    """It may be accepted or not."""
    for said in (OK, *REFUSALS):
        assert after(typed(0, OK)).judge([typed(5, said)]) is None


def test_a_code_that_was_never_shown() -> None:
    """It is no code of the token's within any window."""
    assert NEVER_SHOWN not in map(code, range(FAR + 1))
    assert after().judge([sent(Verb.VERIFY, NEVER_SHOWN, said=NO)]) is None
    assert after().judge([sent(Verb.VERIFY, NEVER_SHOWN, said=OK)]) is not None


def test_after_a_refusal_the_next_code_may_be_refused() -> None:
    """Servers lock and throttle as they like, until they accept again."""
    for said in (OK, Outcome.LOCKED):
        judging = after(typed(0, OK), sent(Verb.VERIFY, NEVER_SHOWN, said=NO), typed(1, said))
        if said is OK:
            assert judging.judge([typed(2, NO)]) is not None


def test_the_code_after_a_resync_must_be_accepted() -> None:
    """And those of the pair are used."""
    pair = sent(Verb.RESYNC, code(50), code(51), said=OK)

    assert after(typed(50, NO), pair).judge([typed(52, OK)]) is None
    assert after(typed(50, NO), pair).judge([typed(52, NO)]) is not None
    assert after(typed(50, NO), pair).judge([typed(51, OK)]) is not None


@pytest.mark.parametrize("pair", [(50, 50), (51, 50), (50, 52), (1, 2)])
def test_a_pair_that_must_not_be_accepted(pair: tuple[int, int]) -> None:
    """The same code twice, swapped, with a gap, and behind."""
    judging = after(typed(10, OK))

    assert judging.judge([sent(Verb.RESYNC, *map(code, pair), said=OK)]) is not None
    assert judging.judge([sent(Verb.RESYNC, *map(code, pair), said=NO)]) is None


def test_the_first_pair_must_be_accepted() -> None:
    """A token whose first two codes are refused can't be added at all."""
    pair = (code(0), code(1))

    assert after().judge([sent(Verb.SYNC, *pair, said=NO)]) is not None
    assert after(sent(Verb.SYNC, *pair, said=OK)).judge([typed(2, NO)]) is not None


def test_a_race() -> None:
    """One of many at once is accepted, no more and no less."""
    for accepted in range(4):
        answers = [OK] * accepted + [NO] * (3 - accepted)
        wrong = after().judge([typed(0, said) for said in answers])

        assert (accepted != 1) == (wrong is not None)


def test_a_time_token() -> None:
    """The code of the step that it is must be accepted, once."""
    judging = Referee(AnyServerRules(), TIMED)

    assert judging.judge([typed(100, OK, at_s=3010)]) is None
    assert judging.judge([typed(100, OK, at_s=3012)]) is not None
    assert judging.judge([typed(101, NO, at_s=3040)]) is not None
    assert judging.judge([typed(105, NO, at_s=3040)]) is None
