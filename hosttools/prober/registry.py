"""All rules, in the order in which they are measured and reported."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from hosttools.errors import UsageError
from hosttools.prober import (
    event_resync,
    event_windows,
    failures,
    lockout,
    malformed,
    race,
    time_clock,
    time_resync,
    time_windows,
)
from hosttools.prober.rule import Rule

RULES: Final[Mapping[str, Rule]] = {
    rule.id: rule
    for family in (
        event_windows,
        event_resync,
        time_windows,
        time_resync,
        time_clock,
        failures,
        race,
        malformed,
        lockout,
    )
    for rule in family.RULES
}


def choose(only: Iterable[str] = (), *, lockout: bool = False) -> tuple[Rule, ...]:
    """Return the rules that are asked for.

    Args:
        only: their ids, or what these begin with up to a dot; empty: all.
        lockout: whether tokens may be locked.

    Raises:
        UsageError: there is no such rule, or it locks tokens and nobody said it may.
    """
    wanted = list(only)
    for word in wanted:
        if not any(_named(rule, word) for rule in RULES.values()):
            near = get_close_matches(word, RULES, n=1, cutoff=0)
            raise UsageError(f"no rule {word!r}; did you mean {near[0]}?")
    chosen = tuple(
        rule for rule in RULES.values() if not wanted or any(_named(rule, word) for word in wanted)
    )
    locking = [rule.id for rule in chosen if rule.lockout]
    if wanted and locking and not lockout:
        raise UsageError(f"{', '.join(locking)} lock tokens; say --lockout if they may be locked")
    return tuple(rule for rule in chosen if lockout or not rule.lockout)


def _named(rule: Rule, word: str) -> bool:
    return rule.id == word or rule.id.startswith(f"{word}.")
