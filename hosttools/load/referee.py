"""Judges a server's answers: is there an order of what was sent at once that explains them?

One token is one object that a server keeps, and each submission to it is one act, whatever
else goes on. So what was sent one after another has to be answered as by a server that does
one thing at a time, and what was sent at once as by one that does it in some order (Wing
and Gong, 1993: the answers are linearizable). Where an answer was lost, the server may have
acted or not, and both are kept in mind.

A referee keeps no digits.
"""

from collections import Counter, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hosttools.load.rules import REFUSED, Right, Rules, Submission, step_of
from hosttools.servers import Answer, Enrolment, Outcome

KEPT: Final = 40
"""Lines of a token's history that a report tells."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A verdict that can't be right.

    Attributes:
        serial: the token's.
        sent: what was submitted.
        expected: what would have been right.
        got: what the server said.
        history: what happened to the token before, oldest first.
        at_ns: host time of the answer, ns since 1970, UTC.
    """

    serial: str
    sent: str
    expected: str
    got: str
    history: tuple[str, ...]
    at_ns: int

    def as_dict(self) -> dict[str, object]:
        """Return it as plain values, for JSON and to be sent."""
        return {
            "serial": self.serial,
            "sent": self.sent,
            "expected": self.expected,
            "got": self.got,
            "history": list(self.history),
            "at_ns": self.at_ns,
        }


class Referee:
    """Knows what a server may believe of one token.

    Args:
        rules: a model of the server.
        token: the token, as it was enrolled.

    Attributes:
        history: what was sent and answered, as words.
    """

    def __init__(self, rules: Rules, token: Enrolment) -> None:
        self._rules = rules
        self._serial = token.serial
        self._step_ns = step_of(token)
        self._beliefs: frozenset[Hashable] = frozenset({rules.enrolled(token)})
        self.history: deque[str] = deque(maxlen=KEPT)

    def judge(self, at_once: Sequence[Submission]) -> Wrong | None:
        """Judge what was sent at once, each submission with its answer.

        Returns:
            What is wrong; ``None``: nothing. After something wrong nobody knows what the
            server believes: get another token.
        """
        search = _Search(self._rules, self._step_ns)
        alike = _alike(at_once)
        beliefs = frozenset(end for belief in self._beliefs for end in search.ends(belief, alike))
        wrong = None if beliefs else self._wrong(at_once)
        self._beliefs = beliefs or self._beliefs
        self.history.append(f"{_sent(at_once)}: {_told(s.said for s in at_once)}")
        return wrong

    def sure(self, submission: Submission) -> bool:
        """Whether a submission can come to nothing but being accepted.

        Args:
            submission: with the time as it is now; its answer is not looked at.
        """
        return {"accepted"} == set(self._expected([submission]))

    def _wrong(self, at_once: Sequence[Submission]) -> Wrong:
        reasons = dict.fromkeys(s.answer.reason for s in at_once if s.answer and s.answer.reason)
        return Wrong(
            serial=self._serial,
            sent=_sent(at_once),
            expected=" or ".join(dict.fromkeys(self._expected(at_once))),
            got="; ".join([_told(s.said for s in at_once), *reasons]),
            history=tuple(self.history),
            at_ns=max(s.ended_ns for s in at_once),
        )

    def _expected(self, at_once: Sequence[Submission]) -> Iterator[str]:
        """Yield the right answers, as of a server that does one after the other."""
        search = _Search(self._rules, self._step_ns)
        states: set[tuple[Hashable, tuple[str, ...]]] = {(b, ()) for b in self._beliefs}
        for submission in _alike(at_once):
            states = {
                (after, (*told, _word(outcomes)))
                for belief, told in states
                for outcomes, after in search.answers(belief, submission)
            }
        yield from sorted({_told(told) for _, told in states})


class _Search:
    """Looks for orders of what was sent at once; what was worked out before is not again.

    Args:
        rules: a model of the server.
        step_ns: the token's time step; ``None`` for an event token.
    """

    def __init__(self, rules: Rules, step_ns: int | None) -> None:
        self._rules = rules
        self._step_ns = step_ns
        self._ends: dict[tuple[Hashable, tuple[Submission, ...]], frozenset[Hashable]] = {}
        self._answers: dict[tuple[Hashable, Submission], frozenset[Right]] = {}

    def ends(self, belief: Hashable, left: tuple[Submission, ...]) -> frozenset[Hashable]:
        """Return what the server may believe after all that is left, in any order of it."""
        if not left:
            return frozenset({belief})
        if (belief, left) not in self._ends:
            self._ends[belief, left] = frozenset(
                end
                for place, submission in enumerate(left)
                if submission not in left[:place]  # else its twin was first already
                for after in self._after(belief, submission)
                for end in self.ends(after, (*left[:place], *left[place + 1 :]))
            )
        return self._ends[belief, left]

    def answers(self, belief: Hashable, submission: Submission) -> frozenset[Right]:
        """Return how the server may answer a submission at some moment of its time."""
        if (belief, submission) not in self._answers:
            s = submission
            self._answers[belief, s] = frozenset(
                right
                for now_ns in self._rules.moments(s.began_ns, s.ended_ns, self._step_ns)
                for right in self._rules.answers(belief, s.verb, s.codes, now_ns)
            )
        return self._answers[belief, submission]

    def _after(self, belief: Hashable, submission: Submission) -> Iterator[Hashable]:
        """Yield what the server may believe after one submission that was answered so."""
        answer = submission.answer
        if answer is None:
            yield belief  # it never got there
        for right in self.answers(belief, submission):
            if answer is None or answer.outcome in right.outcomes:
                yield right.belief


def _alike(at_once: Sequence[Submission]) -> tuple[Submission, ...]:
    """Return submissions with the time of all of them, so that those of one code are equal."""
    began_ns = min(s.began_ns for s in at_once)
    ended_ns = max(s.ended_ns for s in at_once)
    return tuple(
        replace(
            s,
            what="",
            began_ns=began_ns,
            ended_ns=ended_ns,
            answer=s.answer and Answer(s.answer.outcome),
        )
        for s in at_once
    )


def _word(outcomes: frozenset[Outcome]) -> str:
    return "refused" if outcomes == REFUSED else "/".join(sorted(o.value for o in outcomes))


def _sent(at_once: Sequence[Submission]) -> str:
    return ", ".join(
        f"{number} times at once: {what}" if number > 1 else what
        for what, number in Counter(f"{s.verb.value} {s.what}" for s in at_once).items()
    )


def _told(words: "Iterator[str] | tuple[str, ...]") -> str:
    """Return answers as people count them.

    >>> _told(("accepted", "replayed", "replayed"))
    '1 accepted, 2 replayed'
    >>> _told(("accepted",))
    'accepted'
    """
    counted = Counter(words)
    if counted.total() == 1:
        return next(iter(counted))
    return ", ".join(f"{number} {word}" for word, number in sorted(counted.items()))
