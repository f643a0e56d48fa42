"""The reference server of a case: it judges again what it judged.

It goes on from what the journal says it kept, by the times of the journal. What was
typed is made again from counters and steps; where the server could not tell them, a
code that is valid nowhere near stands in its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from emulator.annotations import Submitted
from firmware_model.oath import Algorithm, Secret
from hosttools.cases.acts import Act, Serve, Submit
from hosttools.cases.model import Case
from hosttools.cases.typist import Typist
from hosttools.keptrecord import Kept
from hosttools.refserver import Kind, Policy, Verdict, resync, revoke, sync, unlock, verify

_FORMS: Final = {"sync": sync, "resync": resync}
_ADMIN: Final = {"unlock": unlock, "revoke": revoke}
_EVALUATES_NOTHING: Final = frozenset(
    {
        Kind.REVOKED,
        Kind.NOT_ACTIVE,
        Kind.DOUBLE_SUBMIT,
        Kind.ALREADY_ACTIVE,
        Kind.RESYNC_BLOCKED,
        Kind.LOCKED,
        Kind.MALFORMED,
    }
)
"""What is said to a form without looking at its codes: it is not the last one then."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One submission, judged again.

    Attributes:
        sequence: number of the record.
        serial: which token.
        told: what the server said then.
        kind: what it says now; ``None``: what it kept of the token is not in the case, or
            it is another server.
    """

    sequence: int
    serial: str
    told: Submitted
    kind: str | None

    @property
    def same(self) -> bool:
        """Whether it says the same; true too if it wasn't judged."""
        return self.kind is None or self.kind == self.told.verdict


def judge(case: Case, acts: Iterable[Act]) -> tuple[Judged, ...]:
    """Judge the submissions among some acts again.

    Raises:
        CaseError: a server's record that can't be.
    """
    desks: dict[tuple[str, str], _Desk] = {}
    typists: dict[tuple[Secret, Algorithm, int], Typist] = {}
    judged = []
    for act in acts:
        if isinstance(act, Serve):
            kept = case.kept(act.placed)
            record = kept.record
            key = (record.secret, record.algorithm, record.digits)
            typist = typists.setdefault(key, Typist(record))
            where = (act.placed.server, act.serial)
            desks[where] = _Desk(kept, typist, desks.get(where))
        elif isinstance(act, Submit):
            desk = desks.get((act.told.server, act.serial))
            kind = None if desk is None or not act.told.verdict else desk.judge(act.told)
            judged.append(Judged(act.sequence, act.serial, act.told, kind))
    return tuple(judged)


class _Desk:
    """A server and one token."""

    def __init__(self, kept: Kept, typist: Typist, before: "_Desk | None") -> None:
        self._policy: Policy = kept.policy
        self._record = kept.record
        self._typist = typist
        self._form: tuple[str, str] | None = None  # the codes of the last one that counted
        if kept.form:
            self._form = (
                before._form if before is not None else None  # noqa: SLF001  # our own class
            ) or (self._nowhere(0), self._nowhere(0))

    def judge(self, told: Submitted) -> str | None:
        """Return what is said to a submission now; ``None``: it can't be one of ours."""
        verdict = self._judge(told)
        return None if verdict is None else verdict.kind.value

    def _judge(self, told: Submitted) -> Verdict | None:
        verb, record, policy = told.verb, self._record, self._policy
        verdict: Verdict | None = None
        if verb in _ADMIN:
            self._record, verdict = _ADMIN[verb](record)
        elif verb == "verify":
            code = "" if told.verdict == Kind.MALFORMED.value else self._code(told, told.factor)
            self._record, verdict = verify(record, policy, code, told.at_ns)
        elif verb in _FORMS:
            pair = self._pair(told)
            if told.verdict == Kind.DOUBLE_SUBMIT.value and not record.form_mark and self._form:
                # The form that this one repeats came before all that is known of the server.
                record = replace(record, form_mark=record.mark(verb, *pair))
            self._record, verdict = _FORMS[verb](record, policy, *pair, told.at_ns)
            if verdict.kind not in _EVALUATES_NOTHING:
                self._form = pair
        return verdict

    def _pair(self, told: Submitted) -> tuple[str, str]:
        if told.verdict == Kind.MALFORMED.value:
            return "", ""
        if told.verdict == Kind.DOUBLE_SUBMIT.value and self._form is not None:
            return self._form
        first = self._code(told, told.factor)
        if told.verdict == Kind.SAME_CODE.value:
            return first, first
        return first, self._code(told, told.second_factor)

    def _code(self, told: Submitted, factor: int | None) -> str:
        return self._nowhere(told.at_ns) if factor is None else self._typist.code(factor)

    def _nowhere(self, now_ns: int) -> str:
        policy, record = self._policy, self._record
        reach = max(policy.resync_window, policy.resync_steps, policy.operator_search)
        reach += policy.pair_gap + 1
        expected, used = record.expected_factor(now_ns), record.next_factor
        return self._typist.nowhere(
            range(expected - reach, expected + reach), range(used - policy.look_back, used)
        )
