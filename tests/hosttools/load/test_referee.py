"""Which answers can be explained, and how those that can't are told."""

from hypothesis import given
from hypothesis import strategies as st

from hosttools.load.referee import Referee
from hosttools.load.rules import PolicyRules, Submission, Verb
from hosttools.refserver import Policy
from hosttools.servers import Enrolment, Outcome
from hosttools.servers.reference import ReferenceServer
from tests.hosttools.load.playing import EVENT, NO, OK, TIMED, USED, code, sent, typed


def referee(token: Enrolment = EVENT, throttle_s: int = 0) -> Referee:
    """Return a referee of a token that is in use, at a server with a policy."""
    rules = PolicyRules(Policy(throttle_s=throttle_s), adds=False, exact=True)
    return Referee(rules, token)


def test_a_history_that_is_right() -> None:
    """Codes in order, one that was skipped, one typed again."""
    judge = referee().judge

    assert judge([typed(0, OK)]) is None
    assert judge([typed(5, OK)]) is None
    assert judge([typed(5, USED)]) is None
    assert judge([typed(3, USED)]) is None
    assert judge([typed(100, NO)]) is None
    assert judge([sent(Verb.RESYNC, code(101), code(102), said=OK)]) is None
    assert judge([typed(103, OK)]) is None


def test_a_code_accepted_twice() -> None:
    """It is told with what was expected, and what came before."""
    judging = referee()
    judging.judge([typed(0, OK)])
    wrong = judging.judge([typed(0, OK, at_s=3)])

    assert wrong is not None
    assert "GALH00004226" == wrong.serial
    assert "verify it" == wrong.sent
    assert ("replayed", "accepted") == (wrong.expected, wrong.got)
    assert ("verify it: accepted",) == wrong.history
    assert 3_000_000_000 == wrong.at_ns


def test_no_digits_are_told() -> None:
    """A report of what is wrong holds no code."""
    judging = referee()
    wrong = judging.judge([typed(0, NO)])

    assert wrong is not None
    assert code(0) not in repr(wrong) + str(wrong.as_dict()) + repr(typed(0, NO))


def test_one_of_many_at_once_is_accepted() -> None:
    """In whatever order the answers came."""
    for place in range(4):
        answers = [USED] * 4
        answers[place] = OK

        assert referee().judge([typed(0, said) for said in answers]) is None


def test_two_of_many_at_once_are_accepted() -> None:
    """A race: no order explains it."""
    wrong = referee().judge([typed(0, said) for said in (OK, USED, OK)])

    assert wrong is not None
    assert "3 times at once: verify it" == wrong.sent
    assert ("1 accepted, 2 replayed", "2 accepted, 1 replayed") == (wrong.expected, wrong.got)


def test_none_of_many_at_once_is_accepted() -> None:
    """Each took the other for the first: whoever clicks twice is out."""
    wrong = referee().judge([typed(0, USED), typed(0, USED)])

    assert wrong is not None
    assert "1 accepted, 1 replayed" == wrong.expected


def test_two_codes_at_once_in_either_order() -> None:
    """The later one may overtake: then the earlier is used."""
    assert referee().judge([typed(0, OK), typed(1, OK)]) is None
    assert referee().judge([typed(0, USED), typed(1, OK)]) is None
    assert referee().judge([typed(0, OK), typed(1, USED)]) is not None


def test_one_form_at_once() -> None:
    """Of a form that is submitted many times, one is taken."""
    pair = [sent(Verb.RESYNC, code(20), code(21), said=said) for said in (NO, OK, NO)]

    assert referee().judge(pair) is None
    assert referee().judge([pair[1], pair[1]]) is not None


def test_a_lost_answer_leaves_both_open() -> None:
    """The server may have taken the code or not; once it is known, it is known."""
    for said in (OK, USED):
        judging = referee()

        assert judging.judge([typed(0, None)]) is None
        assert judging.judge([typed(0, said)]) is None
        assert judging.judge([typed(0, OK)]) is not None


def test_throttling_ends_some_time_during_a_request() -> None:
    """A server that throttles until then may say either."""
    for said in (OK, Outcome.THROTTLED):
        judging = referee(throttle_s=5)

        assert judging.judge([sent(Verb.VERIFY, "000000", said=NO)]) is None
        assert judging.judge([typed(0, Outcome.THROTTLED, at_s=4)]) is None
        assert judging.judge([typed(0, said, at_s=4.9, took_s=0.2)]) is None
        assert judging.judge([typed(1, OK, at_s=20)]) is None


def test_a_time_step_ends_during_a_request() -> None:
    """A code at the edge of the window may be in it, or not."""
    for said in (OK, NO):
        assert referee(TIMED).judge([typed(10, said, at_s=359, took_s=2)]) is None
    assert referee(TIMED).judge([typed(10, NO, at_s=340, took_s=2)]) is not None
    assert referee(TIMED).judge([typed(10, OK, at_s=361, took_s=2)]) is not None


def test_sure() -> None:
    """Only what can't be refused is sure."""
    judging = referee()

    assert judging.sure(typed(0, None))
    assert judging.sure(typed(10, None))
    assert not judging.sure(typed(11, None))
    assert not judging.sure(sent(Verb.VERIFY, "000000", said=None))


_ACTS = st.lists(
    st.one_of(
        st.tuples(st.just(Verb.VERIFY), st.tuples(st.integers(0, 40))),
        st.tuples(st.just(Verb.RESYNC), st.tuples(st.integers(0, 40), st.integers(0, 40))),
    ),
    max_size=12,
)


@given(_ACTS, st.data())
def test_the_reference_server_is_right_and_nothing_else(
    acts: list[tuple[Verb, tuple[int, ...]]], data: st.DataObject
) -> None:
    """What the server says of any history is right; any other answer is not."""
    policy = Policy(
        look_ahead=5,
        look_back=20,
        resync_window=20,
        lock_after=3,
        resync_limit=2,
        operator_search=0,
    )
    judging = Referee(PolicyRules(policy, adds=True, exact=True), EVENT)
    with ReferenceServer(policy=policy, clock=lambda: 0) as server:
        server.enrol(EVENT)
        first = server.sync(EVENT.serial, code(0), code(1))
        assert judging.judge([sent(Verb.SYNC, code(0), code(1), said=first.outcome)]) is None
        for verb, factors in acts:
            codes = tuple(map(code, factors))
            submit = server.verify if verb is Verb.VERIFY else server.resync
            answer = submit(EVENT.serial, *codes)
            other = data.draw(st.sampled_from(sorted(set(Outcome) - {answer.outcome}, key=str)))
            lie = Submission(verb, codes, "", 0, 0, type(answer)(other))

            assert judging.judge([lie]) is not None
            assert judging.judge([sent(verb, *codes, said=answer.outcome)]) is None
