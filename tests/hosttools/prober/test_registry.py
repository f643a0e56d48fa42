"""The table of rules: complete, in order, and chosen from by name."""

from typing import Final

import pytest

from hosttools.errors import UsageError
from hosttools.prober.finding import Verdict
from hosttools.prober.plan import closure
from hosttools.prober.registry import RULES, choose
from hosttools.servers import Can
from tests.hosttools.prober.probing import probed
from tests.hosttools.prober.tiny import Tiny

STABLE: Final = {
    "hotp.look_ahead.fresh",
    "hotp.look_ahead.used",
    "hotp.replay.same",
    "hotp.replay.older",
    "hotp.resync.ahead",
    "hotp.resync.behind",
    "hotp.resync.gap",
    "hotp.resync.swapped",
    "hotp.resync.same_code_twice",
    "hotp.resync.next_code",
    "hotp.auto_resync",
    "hotp.first_counters",
    "lockout.after",
    "lockout.resync_unlocks",
    "lockout.leaks",
    "failures.move_counter",
    "race.accepted",
    "malformed.accepted",
    "totp.back",
    "totp.forward",
    "totp.replay",
    "totp.drift_tracking",
    "totp.resync.next_code",
}


def test_promised_ids() -> None:
    """Ids that people's pipelines name stay."""
    assert STABLE <= set(RULES)


def test_rules_stand_on_earlier_ones() -> None:
    """What a rule asks for is measured before it, and needs no more than it does."""
    seen: set[str] = set()
    for rule in RULES.values():
        assert set(rule.after) <= seen, rule.id
        for other in rule.after:
            assert RULES[other].needs - {Can.CLOCK} <= rule.needs | {Can.EVENT}, rule.id
        seen.add(rule.id)


@pytest.mark.parametrize("rule_id", RULES)
def test_alone(rule_id: str) -> None:
    """Each rule can be measured alone, with what it says that it stands on, at its cost."""
    report = probed(Tiny(), [rule_id])
    (result,) = [result for result in report.results if result.rule == rule_id]
    cost = RULES[rule_id].cost

    assert Verdict.OK is result.finding.verdict
    assert (True, True) == (
        result.bill.codes <= cost.codes,
        result.bill.failures <= cost.failures,
    ), (result.bill, cost)


def test_families() -> None:
    """A name up to a dot is all that begins with it; what they stand on comes along."""
    chosen = choose(["hotp.resync"])
    assert {"hotp.resync.gap", "hotp.resync.ahead"} <= {rule.id for rule in chosen}
    assert all(rule.id.startswith("hotp.resync.") for rule in chosen)
    assert "hotp.look_ahead.used" in [rule.id for rule in closure(chosen)]


def test_locks_are_not_looked_for_unasked() -> None:
    """Rules that lock tokens are left out, and refused by name."""
    assert not any(rule.lockout for rule in choose())
    assert any(rule.lockout for rule in choose(lockout=True))
    with pytest.raises(UsageError, match="--lockout"):
        choose(["lockout.after"])


def test_unknown_rule() -> None:
    """A name that is none is refused with the nearest."""
    with pytest.raises(UsageError, match=r"hotp\.replay\.same"):
        choose(["hotp.replay.smae"])
