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
from hosttools.servers.seam import Answer, Outcome, ServerError

_FIRST: Final = (
    Outcome.LOCKED,
    Outcome.THROTTLED,
    Outcome.REPLAYED,
    Outcome.CHALLENGED,
    Outcome.REFUSED,
)
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


def _same(found: object, expected: object) -> bool:
    return isinstance(found, bool) == isinstance(expected, bool) and found == expected
