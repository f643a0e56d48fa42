"""What every description has, whatever the server speaks: verbs, steps, tokens, secrets.

A verb is one step or several, in order. Each step sends something, judges what comes
back, and may take values from it for the steps after it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from emulator.serverview import MAX_NAME
from firmware_model.errors import IdentifierError
from firmware_model.identifier import normalise
from firmware_model.profile import SECOND
from hosttools.servers.described.placeholders import ALWAYS, ENROLMENT, NAME, OF_TOKEN
from hosttools.servers.described.replies import Answers, Extract, Rule, Rules
from hosttools.servers.described.rules import Language, read_answers, read_extract, read_rules
from hosttools.servers.described.sources import Literal, Source, read_secret, read_text
from hosttools.servers.described.tables import Table
from hosttools.servers.seam import Can

SESSION: Final = "session"
"""What comes before all else, and again after a time: an operator's log-in."""

VIEW: Final = "view"
"""What a server believes of a token: the last step extracts the fields of a ``ServerView``."""

VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    SESSION: (),
    "enrol": (*OF_TOKEN, *ENROLMENT),
    "sync": (*OF_TOKEN, "code1", "code2"),
    "verify": (*OF_TOKEN, "code"),
    "resync": (*OF_TOKEN, "code1", "code2"),
    "unlock": OF_TOKEN,
    "remove": OF_TOKEN,
    VIEW: OF_TOKEN,
    "clock": (),
}
"""The verbs, and the placeholders that each has besides :data:`ALWAYS`."""

SUBMISSIONS: Final = frozenset({"sync", "verify", "resync"})
"""The verbs whose last step always comes to an answer."""

_CAN: Final = {
    "enrol": Can.ENROL,
    "sync": Can.SYNC,
    "resync": Can.RESYNC,
    "unlock": Can.UNLOCK,
    "remove": Can.REMOVE,
    VIEW: Can.VIEW,
    "clock": Can.CLOCK,
}
_TYPES: Final = {"event": Can.EVENT, "time": Can.TIME}
_LONGEST_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every step has.

    Attributes:
        where: the step's place in the file, for errors.
        expect: how a reply looks after which it goes on.
        answers: what replies are outcomes.
        extract: values to take from the reply.
    """

    where: str
    expect: Rules
    answers: Answers | None
    extract: Mapping[str, Extract]


S = TypeVar("S", bound=Step)
Known = frozenset[str]
"""The placeholders that there are at some place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every description has but for its verbs.

    Attributes:
        name: the server's, for people.
        types: tokens that it takes, and whether it can be asked at once.
        timeout_s: how long an answer may take.
        session_ns: how long a session lasts before it is begun anew.
        tokens: what is known of tokens that are on it already, by serial number.
        secrets: where more values come from, by placeholder.
    """

    name: str
    types: frozenset[Can]
    timeout_s: float
    session_ns: int
    tokens: Mapping[str, Mapping[str, Source]]
    secrets: Mapping[str, Source]

    def can(self, verbs: Collection[str]) -> frozenset[Can]:
        """Return what a server with these verbs offers."""
        return self.types | {_CAN[verb] for verb in verbs if verb in _CAN}

    @property
    def names(self) -> frozenset[str]:
        """The placeholders that every step knows."""
        return frozenset({*ALWAYS, *self.secrets})

    @property
    def hidden(self) -> frozenset[str]:
        """The placeholders whose values the file keeps elsewhere."""
        own = (given.items() for given in self.tokens.values())
        return frozenset(self.secrets) | {
            name for items in own for name, source in items if not isinstance(source, Literal)
        }

    @property
    def of_tokens(self) -> frozenset[str]:
        """The placeholders that tokens have of their own."""
        return frozenset(name for given in self.tokens.values() for name in given)


def read_common(table: Table, server: Table, folder: Path, stem: str) -> Common:
    """Read what every description has.

    Args:
        table: the whole file.
        server: its table ``server``.
        folder: what paths are relative to.
        stem: the server's name if the file doesn't say.
    """
    types = {_TYPES[w] for w in server.words("tokens", tuple(_TYPES), list(_TYPES))}
    if server.switch("at_once", default=False):
        types.add(Can.AT_ONCE)
    secrets = table.table("secrets")
    name = server.text("name", stem)
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise server.error(f"allowed are 1 to {MAX_NAME} characters, all printable", "name")
    return Common(
        name=name,
        types=frozenset(types),
        timeout_s=server.seconds("timeout_s", 10.0, 0.1, _LONGEST_S),
        session_ns=int(server.seconds("session_s", 300.0, 1.0, 86_400.0) * SECOND),
        tokens=_tokens(table.table("tokens"), folder),
        secrets={_new_name(secrets, name): read_secret(secrets, name, folder) for name in secrets},
    )


def read_verbs(
    table: Table, common: Common, language: Language, read: Callable[[Table, Step, Known], S]
) -> dict[str, tuple[S, ...]]:
    """Read the verbs.

    Args:
        table: the whole file.
        common: what was read of it already.
        language: how the server says things.
        read: reads what a step sends; it is given what all steps have, and the
            placeholders known there.
    """
    if "verify" not in table:
        raise table.error("is missing: how is a code checked?", "verify")
    verbs: dict[str, tuple[S, ...]] = {}
    later: dict[str, Known] = {}
    for verb, names in VERBS.items():
        if verb not in table:
            continue
        known = common.names | later.get(SESSION, frozenset()) | set(names)
        if OF_TOKEN[0] in names:
            known |= common.of_tokens | later.get("enrol", frozenset())
        steps: list[S] = []
        tables = table.tables(verb)
        for number, each in enumerate(tables, 1):
            last = number == len(tables)
            begun = _read_step(each, language, submission=verb in SUBMISSIONS, last=last)
            step = read(each, begun, known)
            each.done()
            steps.append(step)
            known |= set(step.extract)
        if not steps:
            raise table.error("an empty list; give at least one step", verb)
        if verb == VIEW and not {"next_counter", "step_offset"} & set(steps[-1].extract):
            raise table.error("extract neither next_counter nor step_offset", VIEW)
        later[verb] = frozenset(name for step in steps for name in step.extract)
        verbs[verb] = tuple(steps)
    return verbs


def _read_step(table: Table, language: Language, *, submission: bool, last: bool) -> Step:
    """Read what every step has."""
    answers = read_answers(table, language, last=last) if submission else None
    if submission and last:  # it always ends here
        return Step(where=table.path, expect=(), answers=answers, extract={})
    good = (Rule(statuses=language.good),)
    extract = table.table("extract")
    return Step(
        where=table.path,
        expect=read_rules(table, "expect", language) if "expect" in table else good,
        answers=answers,
        extract={
            _new_name(extract, name): read_extract(extract, name, language) for name in extract
        },
    )


def _tokens(table: Table, folder: Path) -> dict[str, Mapping[str, Source]]:
    tokens: dict[str, Mapping[str, Source]] = {}
    for serial in table:
        try:
            bare = normalise(serial)
        except IdentifierError as e:
            raise table.error(str(e), serial) from None
        if isinstance(table.value(serial), str):
            tokens[bare] = {"user": read_text(table, serial, folder)}
            continue
        own = table.table(serial)
        tokens[bare] = {
            name if name == "user" else _new_name(own, name): read_text(own, name, folder)
            for name in own
        }
    return tokens


_TAKEN: Final = frozenset({*ALWAYS, *(name for names in VERBS.values() for name in names)})


def _new_name(table: Table, name: str) -> str:
    """Return the name of a placeholder of the file's own."""
    if not NAME.fullmatch(name):
        raise table.error("no name; allowed are lower-case letters, digits and _", name)
    if name in _TAKEN:
        raise table.error("every description has a placeholder of that name; give another", name)
    return name
