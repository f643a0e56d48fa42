"""What a probe will do, and what it will cost, before anything is sent."""

from dataclasses import dataclass
from typing import Any, Final

from hosttools.prober.finding import Finding, Verdict
from hosttools.prober.registry import RULES
from hosttools.prober.rule import Cost, Rule
from hosttools.servers import Can, Server
from hosttools.servers.safety import Guarded
from hosttools.words import spoken

_ADD_CODES: Final = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A rule of a plan.

    Attributes:
        rule: the rule.
        skipped: what it comes to without being measured; ``None``: it is measured.
    """

    rule: Rule
    skipped: Finding | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules to measure, in order, with what they cost.

    Attributes:
        steps: all that were asked for, and what they stand on.
        cost: at most, where the server does as it should.
        budget: refused submissions that the server allows; ``None``: any number.
    """

    steps: tuple[Step, ...]
    cost: Cost
    budget: int | None

    def duration(self, pace_s: float) -> str:
        """Return how long it takes at most by its pace, for people; empty: it has none."""
        return spoken(round(self.cost.codes * pace_s)) if pace_s else ""

    def as_dict(self, server: str) -> dict[str, Any]:
        """Return it as JSON has it.

        Args:
            server: the server's name.
        """
        return {
            "schema": 1,
            "server": server,
            "budget": self.budget,
            **self.cost._asdict(),
            "rules": [
                {"id": step.rule.id, **step.rule.cost._asdict()}
                if step.skipped is None
                else {"id": step.rule.id, "why": step.skipped.why}
                for step in self.steps
            ],
        }


def closure(chosen: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return rules with all that they stand on, in the order in which they are measured."""
    wanted = {rule.id for rule in chosen}
    for rule in reversed(tuple(RULES.values())):
        if rule.id in wanted:
            wanted.update(rule.after)
    return tuple(rule for rule in RULES.values() if rule.id in wanted)


def make_plan(chosen: tuple[Rule, ...], server: Server, *, fresh: bool) -> Plan:
    """Plan to measure rules on a server.

    Args:
        chosen: the rules that are asked for.
        server: nothing is sent to it.
        fresh: whether each token can be a new one.
    """
    budget = server.budget.limit if isinstance(server, Guarded) else None
    steps = tuple(Step(rule, _skipped(rule, server, budget, fresh)) for rule in closure(chosen))
    measured = [step.rule.cost for step in steps if step.skipped is None]
    codes = sum(cost.codes for cost in measured)
    tokens = sum(cost.tokens for cost in measured) if fresh else 0
    if Can.SYNC in server.can:
        codes += _ADD_CODES * tokens
    return Plan(steps, Cost(tokens, codes, sum(cost.failures for cost in measured)), budget)


def _skipped(rule: Rule, server: Server, budget: int | None, fresh: bool) -> Finding | None:  # noqa: FBT001  # see make_plan
    missing = rule.needs - server.can
    if missing == {Can.CLOCK}:
        why = "not measured: it takes a server clock that can be moved"
        return Finding(None, Verdict.UNKNOWN, why)
    if missing:
        names = ", ".join(sorted(can.value for can in missing))
        return Finding(None, Verdict.NOT_APPLICABLE, f"{server.name} does not offer: {names}")
    if rule.fresh and not fresh:
        why = "not measured: it takes a new token, and none can be made by program"
        return Finding(None, Verdict.UNKNOWN, why)
    if budget is not None and rule.cost.failures > budget:
        why = (
            f"not measured: up to {rule.cost.failures} submissions may be refused, and the"
            f" failure budget is {budget} (--budget)"
        )
        return Finding(None, Verdict.UNKNOWN, why)
    return None
