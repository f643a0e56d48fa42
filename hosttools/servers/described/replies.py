"""What a server or a program came back with, and the rules that make an outcome of it.

A rule holds if all its conditions do. Outcomes that say more come before plain refusals;
a reply that is accepted and refused at once means that the description is wrong, and is
an error: nobody may take a guess for a server's word.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, Final

from hosttools.servers.described.placeholders import Value
from hosttools.servers.described.tables import Table, shown
from hosttools.servers.seam import Answer, Outcome, ServerError

_FIRST: Final = (
    Outcome.LOCKED,
    Outcome.THROTTLED,
    Outcome.REPLAYED,
    Outcome.CHALLENGED,
    Outcome.REFUSED,
)
_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}
_NOTHING: Final = object()

Path = tuple[str, ...]
"""The way into JSON: names, and numbers into lists."""


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status, or a program's exit status.
        text: what it said.
        document: where JSON is looked for, if not in the text.
        headers: names in lower case.
        cookies: by name.
        broken: whether this is the sign of a fault rather than of a refusal.
    """

    status: int
    text: str = field(repr=False)
    document: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    broken: bool = False

    @cached_property
    def json(self) -> object:
        """What it said as JSON; something that equals nothing if it is none."""
        try:
            return json.loads(self.text if self.document is None else self.document)
        except (ValueError, RecursionError):
            return _NOTHING

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The values of inputs and metas in its HTML, by name."""
        reader = _Fields()
        reader.feed(self.text)
        return reader.found

    def at(self, path: Path) -> object:
        """Return what is at a place of its JSON."""
        place = self.json
        for step in path:
            match place:
                case dict() if step in place:
                    place = place[step]
                case list() if step.isdecimal() and int(step) < len(place):
                    place = place[int(step)]
                case _:
                    return _NOTHING
        return place


class _Fields(HTMLParser):
    """Finds the hidden fields that forms carry."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        value = given.get("value" if tag == "input" else "content")
        name = given.get("name")
        if tag in {"input", "meta"} and name and value is not None:
            self.found.setdefault(name, value)


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


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions on a reply, all of which must hold.

    Attributes:
        statuses: any of them; empty: all.
        json: places, and what may be there.
        contains: texts that must be in it, whatever their case.
        pattern: what must be found in it.
        headers: what must be found in headers.
    """

    statuses: frozenset[int] = frozenset()
    json: tuple[tuple[Path, tuple[Any, ...]], ...] = ()
    contains: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    headers: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def holds(self, reply: Reply) -> bool:
        """Return whether all conditions do."""
        text = reply.text.casefold()
        return (
            (not self.statuses or reply.status in self.statuses)
            and all(part in text for part in self.contains)
            and (self.pattern is None or self.pattern.search(reply.text) is not None)
            and all(p.search(reply.headers.get(name, "")) for name, p in self.headers)
            and all(any(_same(reply.at(path), v) for v in values) for path, values in self.json)
        )


Rules = tuple[Rule, ...]
"""Any of them."""


def any_holds(rules: Rules, reply: Reply) -> bool:
    """Return whether a reply is what one of the rules asks for."""
    return any(rule.holds(reply) for rule in rules)


@dataclass(frozen=True, slots=True)
class Extract:
    """One value of a reply.

    Attributes:
        kind: ``json``, ``regex``, ``field``, ``header`` or ``cookie``.
        place: where.
    """

    kind: str
    place: str | Path | re.Pattern[str]

    def of(self, reply: Reply) -> Value | None:
        """Return it; ``None``: it is not there."""
        match self.place:
            case re.Pattern():
                found = self.place.search(reply.text)
                return None if found is None else found[1]
            case tuple():
                value = reply.at(self.place)
                return value if isinstance(value, str | int) else None
            case str():
                holder = {"field": reply.fields, "header": reply.headers, "cookie": reply.cookies}
                return holder[self.kind].get(self.place)


@dataclass(frozen=True, slots=True)
class Answers:
    """How a reply becomes an answer.

    Attributes:
        rules: what is taken for which outcome.
        otherwise: what all else is; ``None``: an error.
        reason: where the server's own words are.
    """

    rules: Mapping[Outcome, Rules]
    otherwise: Outcome | None = None
    reason: Extract | None = None

    def judge(self, reply: Reply) -> Answer | None:
        """Return what a reply means; ``None``: nothing.

        Raises:
            ServerError: it means two things at once.
        """
        held = [outcome for outcome in _FIRST if any_holds(self.rules.get(outcome, ()), reply)]
        if any_holds(self.rules.get(Outcome.ACCEPTED, ()), reply):
            if held:
                raise ServerError(
                    f"an answer with {reply.status} is both accepted and {held[0].value} by the"
                    " description; make its rules narrower"
                )
            held = [Outcome.ACCEPTED]
        if not held and self.otherwise is not None and not reply.broken:
            held = [self.otherwise]
        if not held:
            return None
        reason = self.reason.of(reply) if self.reason else None
        return Answer(held[0], "" if reason is None else str(reason))


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


def _same(found: object, expected: object) -> bool:
    return isinstance(found, bool) == isinstance(expected, bool) and found == expected
