"""Rules, outcomes and extracts, as a description writes them.

Foreign input: what can't be is refused with its place.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from hosttools.servers.described.replies import Answers, Extract, Path, Rule, Rules
from hosttools.servers.described.tables import Table, shown
from hosttools.servers.seam import Outcome

_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Language:
    """How a kind of server says things.

    Attributes:
        status: what descriptions call :attr:`Reply.status`.
        low, high: its range.
        good: what it is when all is well.
        http: whether there are headers and cookies.
    """

    status: str
    low: int
    high: int
    good: frozenset[int]
    http: bool


HTTP: Final = Language("status", 100, 599, frozenset(range(200, 400)), http=True)
PROGRAM: Final = Language("exit", 0, 255, frozenset({0}), http=False)


def read_rules(table: Table, key: str, language: Language) -> Rules:
    """Read a rule, or a list of them."""
    rules = tuple(_rule(each, language) for each in table.tables(key))
    if not rules:
        raise table.error("an empty list; give at least one rule", key)
    return rules


def read_answers(table: Table, language: Language, *, last: bool) -> Answers | None:
    """Read the outcomes of a step.

    Args:
        table: the step.
        language: how the server says things.
        last: whether every reply must come to something here.
    """
    rules = {o: read_rules(table, w, language) for w, o in _OUTCOMES.items() if w in table}
    otherwise = None
    if last and "otherwise" in table:
        others = [word for word in _OUTCOMES if word != Outcome.ACCEPTED.value]
        otherwise = _OUTCOMES[table.word("otherwise", others)]
    reason = read_extract(table, "reason", language) if "reason" in table else None
    if last and Outcome.ACCEPTED not in rules:
        raise table.error("accepted is missing: how does a reply that takes the code look?")
    if last and otherwise is None and len(rules) == 1:
        raise table.error('no refusal is known; give refused, or otherwise = "refused"')
    return Answers(rules, otherwise, reason) if rules else None


def read_extract(table: Table, key: str, language: Language) -> Extract:
    """Read where a value is found."""
    within = table.table(key)
    kinds = ("json", "regex", *(("field", "header", "cookie") if language.http else ()))
    given = [kind for kind in kinds if kind in within]
    if len(given) != 1:
        within.done()
        raise within.error(f"give exactly one of {', '.join(kinds)}")
    (kind,) = given
    place: str | Path | re.Pattern[str]
    if kind == "regex":
        place = within.pattern(kind)
        if place.groups != 1:
            raise within.error(
                f"{place.groups} groups; the value is what the one group holds", kind
            )
    elif kind == "json":
        place = _path(within.text(kind))
    else:
        place = within.text(kind).lower() if kind == "header" else within.text(kind)
    within.done()
    return Extract(kind, place)


def _rule(table: Table, language: Language) -> Rule:
    rule = Rule(
        statuses=_statuses(table, language) if language.status in table else frozenset(),
        json=tuple(_expected(table.table("json"))) if "json" in table else (),
        contains=tuple(t.casefold() for t in table.texts("contains", [])),
        pattern=table.pattern("regex") if "regex" in table else None,
        headers=_headers(table.table("header")) if language.http else (),
    )
    table.done()
    if rule == Rule():
        raise table.error('no condition; for all other replies there is otherwise = "refused"')
    return rule


def _statuses(table: Table, language: Language) -> frozenset[int]:
    key = language.status
    value = table.value(key)
    found: set[int] = set()
    for each in value if isinstance(value, list) else [value]:
        hundred = re.fullmatch(r"([1-5])xx", each) if isinstance(each, str) else None
        if hundred and language.http:
            found.update(range(int(hundred[1]) * 100, int(hundred[1]) * 100 + 100))
        elif type(each) is int and language.low <= each <= language.high:
            found.add(each)
        else:
            also = ' or "2xx"' if language.http else ""
            raise table.error(
                f"{shown(each)}; allowed are {language.low} to {language.high}{also}, or a list",
                key,
            )
    return frozenset(found)


def _headers(table: Table) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name.lower(), table.pattern(name)) for name in table)


def _expected(table: Table, path: Path = ()) -> list[tuple[Path, tuple[Any, ...]]]:
    """Read what is expected in JSON; ``a.b = 1`` and ``"a.b" = 1`` are the same."""
    found: list[tuple[Path, tuple[Any, ...]]] = []
    for key in table:
        value = table.value(key)
        way = (*path, *_path(key))
        if isinstance(value, dict):
            found += _expected(table.table(key), way)
            continue
        values = tuple(value) if isinstance(value, list) else (value,)
        for each in values:
            if not isinstance(each, str | int | float):
                raise table.error(f"{shown(each)}; give texts, numbers, true or false", key)
        found.append((way, values))
    return found


def _path(text: str) -> Path:
    return tuple(text.split("."))
