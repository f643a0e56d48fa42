"""What a server may answer to a submission, and what it then believes of the token.

A set of rules is a model of a server: from what it may believe of a token, one submission
leads to the outcomes that are right, each with what the server believes afterwards. With a
policy that is known there is one; :mod:`hosttools.load.anyserver` has the rules that hold
for all servers, and leaves open what only a policy would tell.
"""

import dataclasses
import enum
import functools
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeVar

from firmware_model.profile import SECOND, TokenType
from hosttools import refserver
from hosttools.refserver import Policy, Record, Status
from hosttools.servers import Answer, Enrolment, Outcome
from hosttools.servers.reference import outcome_of, record_of

B = TypeVar("B", bound=Hashable)
"""What a server believes of one token."""

ACCEPTED: Final = frozenset({Outcome.ACCEPTED})
REFUSED: Final = frozenset(Outcome) - ACCEPTED
"""Any way of saying no."""


class Verb(enum.Enum):
    """What was submitted."""

    SYNC = "sync"
    VERIFY = "verify"
    RESYNC = "resync"


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent to a server, and what came back.

    Attributes:
        verb: which form.
        codes: what was typed into it.
        what: how a report calls the codes, such as ``counter 12``; never digits.
        began_ns: host time at which it was sent, ns since 1970, UTC.
        ended_ns: host time of the answer.
        answer: the answer; ``None``: none came, so that nobody knows what became of it.
    """

    verb: Verb
    codes: tuple[str, ...] = field(repr=False)
    what: str
    began_ns: int
    ended_ns: int
    answer: Answer | None

    @property
    def said(self) -> str:
        """The answer in a word."""
        return "no answer" if self.answer is None else self.answer.outcome.value


class Right(NamedTuple):
    """One way in which a server may answer.

    Attributes:
        outcomes: what it then says.
        belief: what it believes of the token from there on.
    """

    outcomes: frozenset[Outcome]
    belief: Hashable


class Rules(Protocol):
    """A model of a server, without a clock."""

    def enrolled(self, token: Enrolment) -> Hashable:
        """Return what the server believes of a token that was enrolled just now."""

    def moments(self, began_ns: int, ended_ns: int, step_ns: int | None) -> Iterable[int]:
        """Return server times of which one is as good as that of the submission.

        Args:
            began_ns: when it was sent.
            ended_ns: when its answer was there.
            step_ns: the token's time step; ``None`` for an event token.
        """

    def answers(
        self, belief: Hashable, verb: Verb, codes: tuple[str, ...], now_ns: int
    ) -> Iterable[Right]:
        """Return all the ways in which the server may answer a submission."""


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """A server that follows a policy as the reference server does.

    Attributes:
        policy: how it treats its tokens.
        adds: whether a token is enrolled first, and added by its holder with two codes.
        exact: whether it says why it refuses, as the reference server does; else only
            whether it accepts is compared.
    """

    policy: Policy
    adds: bool
    exact: bool

    def enrolled(self, token: Enrolment) -> Record:
        """Return its record."""
        record = record_of(token)
        return record if self.adds else dataclasses.replace(record, status=Status.ACTIVE)

    def moments(self, began_ns: int, ended_ns: int, step_ns: int | None) -> frozenset[int]:
        """Return both ends, and every time step in between; one is enough if time is nothing."""
        if step_ns is None:
            return frozenset({began_ns, ended_ns} if self.policy.throttle_s else {ended_ns})
        return within(began_ns, ended_ns, step_ns)

    def answers(
        self, belief: Hashable, verb: Verb, codes: tuple[str, ...], now_ns: int
    ) -> tuple[Right]:
        """Return the one right answer."""
        assert isinstance(belief, Record)  # noqa: S101  # enrolled made it
        judge = _JUDGES[verb]
        after, verdict = judge(belief, _short_sighted(self.policy, verb), *codes, now_ns)
        outcome = outcome_of(verdict.kind)
        if self.exact:
            return (Right(frozenset({outcome}), after),)
        return (Right(ACCEPTED if outcome is Outcome.ACCEPTED else REFUSED, after),)


_JUDGES: Final[Mapping[Verb, Callable[..., tuple[Record, refserver.Verdict]]]] = {
    Verb.SYNC: refserver.sync,
    Verb.VERIFY: refserver.verify,
    Verb.RESYNC: refserver.resync,
}


@functools.cache
def _short_sighted(policy: Policy, verb: Verb) -> Policy:
    """Return a policy that accepts the same, and looks no further to explain a refusal.

    What an operator is told of a code that is far off takes thousands of codes to find out,
    and makes no difference to anybody else.
    """
    if verb is not Verb.VERIFY:
        return dataclasses.replace(policy, operator_search=0)
    return dataclasses.replace(
        policy,
        resync_window=policy.look_ahead,
        resync_steps=max(policy.steps_back, policy.steps_forward),
        operator_search=0,
    )


def within(began_ns: int, ended_ns: int, step_ns: int) -> frozenset[int]:
    """Return both ends of a while, and the beginning of each time step in it.

    >>> sorted(within(29, 61, 30))
    [29, 30, 60, 61]
    """
    first = (began_ns // step_ns + 1) * step_ns
    return frozenset({began_ns, ended_ns, *range(first, ended_ns + 1, step_ns)})


def step_of(token: Enrolment) -> int | None:
    """Return a token's time step, ns; ``None`` for an event token."""
    return token.step_s * SECOND if token.token_type is TokenType.TIME else None
