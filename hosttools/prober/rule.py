"""What a rule of a server's sync logic is, and what one can ask for to measure it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from firmware_model.profile import TokenType
from hosttools.prober.finding import Finding, NotMeasuredError
from hosttools.prober.search import most_tries
from hosttools.prober.subject import Subject
from hosttools.prober.supply import Supply
from hosttools.prober.world import World
from hosttools.servers import Can, Server

DEFAULT_REACH: Final = 20_000
"""Presses and steps up to which edges are looked for: a week of time steps."""


class Probe:
    """A measurement at work: a server, tokens, time, and what was found so far.

    Args:
        server: the server under test.
        world: its time.
        supply: its tokens.
        reach: presses and steps up to which edges are looked for.
        look_up: returns the finding of an earlier rule.
    """

    def __init__(
        self,
        server: Server,
        world: World,
        supply: Supply,
        *,
        reach: int,
        look_up: Callable[[str], Finding],
    ) -> None:
        self.server = server
        self.world = world
        self.reach = reach
        self._supply = supply
        self._look_up = look_up

    @property
    def fresh(self) -> bool:
        """Whether each token is one that the server never had a code of."""
        return self._supply.fresh

    def can(self, *offered: Can) -> bool:
        """Return whether the server offers all of this."""
        return self.server.can >= set(offered)

    def new(
        self, token_type: TokenType, *, user: str | None = None, first_digit: str = ""
    ) -> Subject:
        """Return a token in step with the server, see :meth:`Supply.take`."""
        return self._supply.take(token_type, user=user, first_digit=first_digit)

    def event(self) -> Subject:
        """Return an event token in step with the server."""
        return self.new(TokenType.EVENT)

    def timed(self) -> Subject:
        """Return a time token in step with the server."""
        return self.new(TokenType.TIME)

    def used(self) -> Subject:
        """Return an event token of which the server has just taken a code."""
        subject = self.event()
        if self.fresh:
            must(subject.verify(subject.next, sure=True).accepted, "the next code")
        return subject

    def used_timed(self, *, idle_steps: int = 0) -> Subject:
        """Return a time token of which the server has taken a code, some steps ago."""
        subject = self.timed()
        if self.fresh:
            must(subject.verify(subject.next, sure=True).accepted, "the code of this time step")
        if idle_steps:
            self.world.advance(idle_steps * subject.step_ns)
        return subject

    def any(self) -> Subject:
        """Return a token of the kind that the server takes, event tokens first."""
        return self.used() if self.can(Can.EVENT) else self.used_timed(idle_steps=1)

    def found(self, rule_id: str) -> Finding:
        """Return what an earlier rule came to, one of :attr:`Rule.after`."""
        return self._look_up(rule_id)

    def number(self, rule_id: str) -> int:
        """Return the number that another rule came to.

        Raises:
            NotMeasuredError: it came to none.
        """
        measured = self.found(rule_id).measured
        if not isinstance(measured, int):
            raise NotMeasuredError(f"not measured: it takes {rule_id}, which is not known")
        return measured


def must(accepted: bool, what: str) -> None:  # noqa: FBT001  # reads as an assertion
    """Stop measuring if the server refused what everything else stands on.

    Raises:
        NotMeasuredError: it did.
    """
    if not accepted:
        raise NotMeasuredError(f"not measured: the server refused {what} of a token in step")


class Cost(NamedTuple):
    """What measuring takes.

    Attributes:
        tokens: new tokens, where they can be made.
        codes: codes submitted, without those of the add form.
        failures: submissions that are refused.
    """

    tokens: int
    codes: int
    failures: int


def searching(*, codes: int) -> Cost:
    """Return what looking for an edge takes.

    Args:
        codes: for each number that is tried.
    """
    tries = most_tries(DEFAULT_REACH)
    return Cost(tries, codes * tries, tries // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One property of a server's sync logic that can be measured from outside.

    Attributes:
        id: stable; in JSON, JUnit and on the command line.
        title: what is measured.
        unit: of the number; empty: none.
        needs: what the server must offer; without the clock it is unknown, without
            anything else not applicable.
        measure: does it.
        cost: what it takes, at most, where the server does as it should.
        reference: where the standards speak of it.
        after: the rules whose findings it asks for; they come earlier.
        searches: whether it looks for an edge, which is then tried on other tokens again.
        fresh: whether one token that the server knows already will not do.
        lockout: whether it locks tokens; measured on request only.
    """

    id: str
    title: str
    unit: str = ""
    needs: frozenset[Can]
    measure: Callable[[Probe], Finding]
    cost: Cost
    reference: str
    after: tuple[str, ...] = ()
    searches: bool = False
    fresh: bool = False
    lockout: bool = False
