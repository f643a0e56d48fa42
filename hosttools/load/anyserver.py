"""Rules that hold for every server, whatever its policy: what must be, and what must never be.

- A code that was accepted, and any before it, is never accepted again.
- The very next code of a token that is in step is accepted: the next counter, or the
  current time step. After a refusal this is left open, as servers lock, throttle and move
  on in ways of their own, until something is accepted again.
- A code that the token does not have is never accepted.
- A pair is accepted only if its codes follow each other and lie ahead. The code after an
  accepted pair is the very next one.

What lies ahead, but is not next, may be accepted or not: that is policy.
"""

import dataclasses
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from firmware_model.profile import TokenType
from hosttools.load.rules import ACCEPTED, REFUSED, Right, Verb, within
from hosttools.refserver import Record
from hosttools.refserver.codes import Codes
from hosttools.servers import Enrolment
from hosttools.servers.reference import record_of

FAR: Final = 1000
"""Factors, either way, in which a code may be found. Further off it counts as none of the
token's: no server that looks there is any good at telling codes from guesses."""

NEAR: Final = 100
"""Factors, either way, in which a code is looked for first, for the time it takes. One that is
found there is not taken for another further off that has, by chance, the same digits."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is known of a token at some server.

    Attributes:
        record: the token; its ``next_factor`` is one past the last that was accepted.
        troubled: whether it was refused anything since something was accepted.
    """

    record: Record
    troubled: bool = False


class AnyServerRules:
    """The rules that hold for every server."""

    def enrolled(self, token: Enrolment) -> Belief:
        """Return what is known of it at first."""
        return Belief(record_of(token))

    def moments(self, began_ns: int, ended_ns: int, step_ns: int | None) -> frozenset[int]:
        """Return both ends, and every time step in between; time is nothing to event tokens."""
        return frozenset({ended_ns}) if step_ns is None else within(began_ns, ended_ns, step_ns)

    def answers(
        self, belief: Hashable, verb: Verb, codes: tuple[str, ...], now_ns: int
    ) -> Iterator[Right]:
        """Return all the ways in which a server may answer."""
        assert isinstance(belief, Belief)  # noqa: S101  # enrolled made it
        record = belief.record
        expected = record.expected_factor(now_ns)
        low = max(record.next_factor, expected - FAR)
        near = range(max(low, expected - NEAR), expected + NEAR)
        hits = Codes(record).search((near,), *codes)
        if not all(hits):
            hits = Codes(record).search((range(low, max(low, expected) + FAR),), *codes)
        if verb is Verb.VERIFY:
            taken = [(factor, factor) for factor in hits[0]]
        else:
            # Each code of a pair of time steps may be typed a while after the one before.
            gap = 1 if record.token_type is TokenType.EVENT else FAR
            first, second = hits
            taken = [(a, b) for a in first for b in second if 1 <= b - a <= gap]
        for _, last in taken:
            yield Right(ACCEPTED, Belief(dataclasses.replace(record, next_factor=last + 1)))
        must = verb is not Verb.RESYNC and any(first == expected for first, _ in taken)
        if belief.troubled or not must:
            yield Right(REFUSED, Belief(record, troubled=True))
