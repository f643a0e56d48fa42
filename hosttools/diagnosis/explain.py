"""From codes to what happened: every explanation weighed against every other.

Bayes' rule, and nothing else. An explanation says of each code which counter or step it
is and what was misread or mistyped, or that it is none of this token's. It weighs what
its distances (``chances.py``) and slips (``typos.py``) are worth; "none of these tokens'"
weighs what random digits are worth. The weights of all, brought to a sum of 1, are their
probabilities.
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from hosttools.diagnosis.chances import FOREIGN, follow, start
from hosttools.diagnosis.search import Place, find
from hosttools.diagnosis.subject import Subject
from hosttools.diagnosis.typos import Reading, Worn, readings
from hosttools.errors import UsageError
from hosttools.holder.habits import Habits

MAX_SEARCH: Final = 10_000_000
MAX_FACTORS: Final = 200_000_000
"""Codes that one search may compute; minutes."""

_FEWEST, _MOST = 50, 100_000
_ALL: Final = 1_000_000
_BEAM: Final = 400
"""Explanations that are followed to the next code; the others together weigh nothing."""

_KEPT: Final = 20


class Seen(NamedTuple):
    """What one code is.

    Attributes:
        factor: the counter or step whose code was typed.
        reading: what became of it on the way.
    """

    factor: int
    reading: Reading

    @property
    def pressed(self) -> int:
        """The counter or step that the token was at when it was typed."""
        return self.factor + self.reading.pressed


@dataclass(frozen=True, slots=True)
class Explanation:
    """One account of all codes.

    Attributes:
        subject: the token.
        seen: what each code is; ``None``: none of this token's.
        worn: the dead segment of its LCD; ``None``: it takes none.
        probability: of this account among all, those that were not kept included.
        coincidence: probability that so many random digits fit as well somewhere in
            what was searched.
    """

    subject: Subject
    seen: tuple[Seen | None, ...]
    worn: Worn | None
    probability: float
    coincidence: float

    @property
    def known(self) -> tuple[Seen, ...]:
        """The codes that are this token's."""
        return tuple(seen for seen in self.seen if seen is not None)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that can be said.

    Attributes:
        tokens: how many were searched.
        factors: how many codes of theirs.
        explanations: the likeliest first.
        unexplained: probability that no code is of any of these tokens, in what was searched.
    """

    tokens: int
    factors: int
    explanations: tuple[Explanation, ...]
    unexplained: float

    @property
    def best(self) -> Explanation | None:
        """The likeliest; ``None`` if it is likelier that nothing explains the codes."""
        first = next(iter(self.explanations), None)
        return None if first is None or first.probability < self.unexplained else first


class _Account(NamedTuple):
    """An explanation of the codes so far."""

    weight: float
    seen: tuple[Seen | None, ...] = ()
    worn: Worn | None = None
    at: int | None = None


def default_search(tokens: int) -> int:
    """Return how far to search: a million codes shared out, within reason.

    A token has 15,000 codes in its life; for one of a hundred thousand tokens, 50 each way.
    """
    return min(max(_ALL // max(tokens, 1) // 2, _FEWEST), _MOST)


def diagnose(
    suspects: Sequence[Subject],
    codes: Sequence[str],
    search: int | None = None,
    *,
    each_timed: bool = False,
    habits: Habits | None = None,
) -> Diagnosis:
    """Explain codes.

    Args:
        suspects: tokens, see :func:`hosttools.diagnosis.subject.subjects`.
        codes: what was typed, in order, likewise.
        search: how many counters or steps to search ahead and behind of where each token
            is expected; ``None``: see :func:`default_search`.
        each_timed: whether the anchors of time tokens are of each code.
        habits: how often what slips; ``None``: the usual ones.

    Raises:
        UsageError: a search that is too long.
    """
    reach = default_search(len(suspects)) if search is None else search
    if not 1 <= reach <= MAX_SEARCH:
        raise UsageError(f"a search over {reach} counters; allowed are 1 to {MAX_SEARCH}")
    places = [Place(subject.config, subject.span(reach)) for subject in suspects]
    factors = sum(len(place.span) for place in places)
    if factors > MAX_FACTORS:
        raise UsageError(
            f"a search over {factors} codes; allowed are {MAX_FACTORS}: name the token, or search"
            " less far"
        )
    usual = habits or Habits()
    read = [readings(code, usual) for code in codes]
    found = find(places, {reading.code for some in read for reading in some})
    share = 1 / len(suspects)
    accounts: list[tuple[Subject, range, _Account]] = []
    for index, hits in found.items():
        subject, span = suspects[index], places[index].span
        weighing = _Weighing(subject, span, usual, each_timed=each_timed)
        accounts += ((subject, span, a) for a in weighing.accounts(codes, read, hits))
    nothing = FOREIGN * _random(codes, usual)
    total = nothing + share * math.fsum(account.weight for *_, account in accounts)
    best = heapq.nlargest(_KEPT, accounts, key=lambda found: found[2].weight)
    return Diagnosis(
        len(suspects),
        factors,
        tuple(
            Explanation(
                subject,
                account.seen,
                account.worn,
                share * account.weight / total,
                _coincidence(account, codes, read, factors),
            )
            for subject, _, account in best
        ),
        nothing / total,
    )


def _random(codes: Sequence[str], habits: Habits) -> float:
    """Return the probability that codes of random digits are just these; one may be typed twice."""
    distinct = len(set(codes))
    again = habits.first_twice ** (len(codes) - distinct)
    return again * float(10 ** -(len(codes[0]) * distinct))


class _Weighing:
    """Weighs the explanations by one token."""

    def __init__(self, subject: Subject, span: range, habits: Habits, *, each_timed: bool) -> None:
        self._subject = subject
        self._type = subject.config.token_type
        self._habits = habits
        self._timed = each_timed and subject.timed
        self._behind = max(subject.anchors[0] - span.start, 0)
        self._ahead = max(span.stop - subject.anchors[0], 1)

    def accounts(
        self,
        codes: Sequence[str],
        read: Sequence[Sequence[Reading]],
        hits: Mapping[str, Sequence[int]],
    ) -> list[_Account]:
        """Return the likely explanations in which at least one code is the token's."""
        open_: list[_Account] = [_Account(1.0)]
        for number, some in enumerate(read):
            seen = [Seen(factor, r) for r in some for factor in hits.get(r.code, ())]
            longer = [
                account
                for so_far in open_
                for account in (
                    self._without(so_far, codes, number),
                    *self._with(so_far, number, seen),
                )
            ]
            open_ = heapq.nlargest(_BEAM, longer, key=lambda account: account.weight)
        return [account for account in open_ if account.at is not None]

    def _without(self, so_far: _Account, codes: Sequence[str], number: int) -> _Account:
        """Go on with a code that is none of the token's."""
        twin = next((i for i in range(number) if codes[i] == codes[number]), None)
        if twin is None:
            foreign = FOREIGN * float(10 ** -len(codes[number]))
        else:  # the same code again: what that one was, this one is
            foreign = self._habits.first_twice if so_far.seen[twin] is None else 0.0
        return so_far._replace(weight=so_far.weight * foreign, seen=(*so_far.seen, None))

    def _with(self, so_far: _Account, number: int, seen: Sequence[Seen]) -> Iterator[_Account]:
        anchor = self._subject.anchors[number]
        for one in seen:
            reading = one.reading
            worn = so_far.worn or reading.worn
            weight = so_far.weight * reading.chance
            if worn is not None:
                if reading.worn not in {None, worn} or not _agrees(worn, so_far.seen, one):
                    continue
                if so_far.worn is not None and reading.worn is not None:
                    weight = so_far.weight  # it is the same segment: its chance is in already
            at = one.pressed - anchor
            if so_far.at is None:
                weight *= start(self._type, at, self._behind, self._ahead)
            else:
                weight *= follow(self._type, at - so_far.at, self._habits, timed=self._timed)
            yield _Account(weight, (*so_far.seen, one), worn, at)


def _agrees(worn: Worn, earlier: Sequence[Seen | None], last: Seen) -> bool:
    """Whether every code would have been read as it was through a dead segment."""
    return all(
        one is None
        or one.reading.worn is not None
        or worn.reads(one.reading.code) == one.reading.code
        for one in (*earlier, last)
    )


def _coincidence(
    account: _Account, codes: Sequence[str], read: Sequence[Sequence[Reading]], factors: int
) -> float:
    """Return the probability that random digits would have fitted as well.

    As well: slips no rarer than these, gaps between the codes no larger.
    """
    expected = float(factors)
    known = [(number, seen) for number, seen in enumerate(account.seen) if seen is not None]
    for number, seen in known:
        if codes[number] in codes[:number]:
            continue  # no new digits
        as_likely = {r.code for r in read[number] if r.chance >= seen.reading.chance}
        expected *= len(as_likely) / 10 ** len(seen.reading.code)
    for (_, before), (_, after) in pairwise(known):
        gap = abs(after.pressed - before.pressed)
        expected *= 2 * gap if gap > 1 else 1
    return -math.expm1(-expected)
