"""What must hold of a token's life, whatever is done to it in whatever order."""

import dataclasses
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.refserver import (
    Policy,
    Record,
    Status,
    Verdict,
    assign,
    expire,
    order,
    replace,
    reset,
    resync,
    revoke,
    ship,
    sync,
    unlock,
    verify,
)
from hosttools.refserver.lifecycle import TABLE, TERMINAL, aged

SECRET = Secret(b"12345678901234567890")
POLICY = Policy(look_ahead=3, resync_window=10, operator_search=10, look_back=5, lock_after=2)
BEGIN = Record(serial="GALH00000042", token_type=TokenType.EVENT, secret=SECRET, digits=8)

OPERATOR: dict[str, Callable[[Record, int], tuple[Record, Verdict]]] = {
    "ship": lambda record, _: ship(record),
    "assign": lambda record, _: assign(record, "alice"),
    "unlock": lambda record, _: unlock(record),
    "revoke": lambda record, _: revoke(record),
    "replace": lambda record, _: replace(record, "GALH00000043"),
    "expire": expire,
}


class Life(RuleBasedStateMachine):
    """A token, its holder who always types what it shows, and an operator who does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.record = BEGIN
        self.now_ns = 0
        self.passed: list[Status] = []
        self._key = Key(SECRET)

    @initialize(ordered=st.booleans(), life_ns=st.none() | st.integers(0, 50))
    def take_in(self, ordered: bool, life_ns: int | None) -> None:  # noqa: FBT001  # drawn
        """Begin with a token on order, or in its holder's hands."""
        record = dataclasses.replace(BEGIN, expires_ns=life_ns)
        self._keep(order(record)[0] if ordered else record)

    @rule(passed_ns=st.integers(-20, 20))
    def time_passes(self, passed_ns: int) -> None:
        """Let the server's clock go on, or set it back."""
        self.now_ns += passed_ns

    @rule(skipped=st.integers(0, 5))
    def sign(self, skipped: int) -> None:
        """Type the code of a press."""
        usable = aged(self.record, self.now_ns).status is Status.ACTIVE
        record, verdict = verify(self.record, POLICY, self._code(skipped), self.now_ns)
        assert not verdict.accepted or usable
        self._keep(record)

    @rule(add=st.booleans(), skipped=st.integers(0, 12))
    def pair(self, add: bool, skipped: int) -> None:  # noqa: FBT001  # drawn
        """Submit two codes in a row in one of the forms."""
        submit, wanted = (
            (sync, {Status.ASSIGNED}) if add else (resync, {Status.ACTIVE, Status.LOCKED})
        )
        usable = aged(self.record, self.now_ns).status in wanted
        codes = self._code(skipped), self._code(skipped + 1)
        record, verdict = submit(self.record, POLICY, *codes, self.now_ns)
        assert not verdict.accepted or usable
        self._keep(record)

    @rule(skipped=st.integers(0, 12))
    def brought_back(self, skipped: int) -> None:
        """Read two codes in a row to an operator."""
        known = aged(self.record, self.now_ns)
        codes = self._code(skipped), self._code(skipped + 1)
        record, verdict = reset(self.record, POLICY, *codes, self.now_ns)
        assert verdict.accepted == (
            skipped <= POLICY.operator_search
            and known.status in {Status.ASSIGNED, Status.ACTIVE, Status.LOCKED}
        )
        assert (record.status is Status.ASSIGNED) == (known.status is Status.ASSIGNED)
        assert record.next_factor >= known.next_factor
        self._keep(record)

    @rule(act=st.sampled_from(sorted(OPERATOR)))
    def operate(self, act: str) -> None:
        """Do something as an operator, as a store does it."""
        self._keep(OPERATOR[act](aged(self.record, self.now_ns), self.now_ns)[0])

    @invariant()
    def moves_along_the_table(self) -> None:
        """Each status leads to the next by the table, or an expiry lies between."""
        for before, after in zip(self.passed, self.passed[1:], strict=False):
            assert after in {before, *TABLE[before].values()}

    @invariant()
    def an_end_is_one(self) -> None:
        """After the first end, nothing changes any more."""
        ends = [status for status in self.passed if status in TERMINAL]
        assert len(set(ends)) <= 1
        assert ends == self.passed[len(self.passed) - len(ends) :]

    @invariant()
    def nobody_adds_what_is_nobodys(self) -> None:
        """What was ordered was assigned before it was active."""
        if Status.ORDERED in self.passed and Status.ACTIVE in self.passed:
            assert self.record.holder
            assert self.passed.index(Status.ASSIGNED) < self.passed.index(Status.ACTIVE)

    def _keep(self, record: Record) -> None:
        self.record = record
        self.passed.append(record.status)

    def _code(self, skipped: int) -> str:
        return hotp(self._key, self.record.next_factor + skipped, 8)


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=25, deadline=None)
