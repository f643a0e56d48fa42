"""Scenarios from TOML. Foreign input: all that is wrong is told at once, each with its place.

Nothing in a scenario chooses what is run or read on this machine: servers come from the
command line, secrets from samples or from the scenario's own seed.
"""

import dataclasses
import decimal
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from emulator.errors import UsageError as EmulatorUsageError
from hosttools.errors import PolicyError, UsageError
from hosttools.refserver import Policy
from hosttools.refserver.policies import POLICIES
from hosttools.scenarios.check import problems_of
from hosttools.scenarios.model import START_NS, VERSION, Scenario, ScenarioError, Step, TokenSpec
from hosttools.scenarios.steps import WHATS, Expect
from hosttools.scenarios.values import Moment, Text, Word, kinds, short
from hosttools.servers.described.tables import nearest
from hosttools.tomlfile import Notes, parsed, text_of

R = TypeVar("R")

MOST_STEPS: Final = 50_000
MOST_TOKENS: Final = 1_000

TOP: Final = ("version", "title", "seed", "start", "policy", "token", "step")
OF_STEP: Final = ("do", "token", "note", "expect")
"""Keys that every step takes, beside those of what it does."""

LIKE: Final = "like"
"""The key of a policy that names one of :data:`hosttools.refserver.policies.POLICIES`."""

START: Final = Moment("bench time at the start", key="start")
TITLE: Final = Text("what it is about, in a line", key="title")
NOTE: Final = Text("what the step is about, for people", key="note")
TOKEN: Final = Word("which token, by its name or serial number; the only one needs none")


def read_scenario(source: str | Path) -> Scenario:
    """Read a scenario.

    Args:
        source: a file's path, or TOML text.

    Raises:
        ScenarioError: it can't be read, or holds what can't be; all that is wrong is told.
    """
    if not isinstance(source, Path):
        return _Reader("scenario").scenario(source)
    return _Reader(str(source)).scenario(text_of(source, ScenarioError))


class _Reader:
    """Reads one file, and notes what is wrong with it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._notes = Notes(source)

    def scenario(self, text: str) -> Scenario:
        """Read it."""
        data = parsed(text, self._source, ScenarioError, parse_float=_decimal)
        self._notes.unknown(data, TOP, "")
        self._notes.version(data, VERSION)
        read = Scenario(
            title=self._kind(TITLE, data.get("title", ""), "title", ""),
            seed=self._notes.seed(data.get("seed", 0), 0),
            start_ns=self._kind(START, data["start"], "start", START_NS)
            if "start" in data
            else START_NS,
            policy=self._policy(data["policy"]) if "policy" in data else None,
            tokens=tuple(self._tokens(data.get("token", []))),
            steps=tuple(self._steps(data.get("step", []))),
            source=self._source,
        )
        if not self._notes.problems:  # what is left out for its errors would make others
            self._notes.problems += [f"{self._source}: {problem}" for problem in problems_of(read)]
        if self._notes.problems:
            raise ScenarioError(tuple(self._notes.problems))
        return read

    def _policy(self, data: object) -> Policy | None:
        if not isinstance(data, dict):
            self._notes.bad("policy", f"{short(data)}; it must be a table, [policy]")
            return None
        known = (LIKE, *(field.name for field in dataclasses.fields(Policy)))
        self._notes.unknown(data, known, "policy")
        like = data.get(LIKE)
        if like is not None and not (isinstance(like, str) and like in POLICIES):
            self._notes.bad("policy", f"like = {short(like)}; {nearest(str(like), POLICIES)}")
            like = None
        base = Policy() if like is None else POLICIES[like].policy
        given = {key: value for key, value in data.items() if key in known and key != LIKE}
        try:
            return dataclasses.replace(base, **given)
        except PolicyError as e:
            self._notes.bad("policy", e)
        return None

    def _tokens(self, data: object) -> Iterable[TokenSpec]:
        for number, table in enumerate(self._notes.tables(data, "token", MOST_TOKENS), 1):
            where = f"token {number}"
            self._notes.unknown(table, tuple(kinds(TokenSpec)), where)
            token = self._record(TokenSpec, table, where)
            if token is not None:
                yield token

    def _steps(self, data: object) -> Iterable[Step]:
        for number, table in enumerate(self._notes.tables(data, "step", MOST_STEPS), 1):
            do = table.get("do")
            if not isinstance(do, str) or do not in WHATS:
                given = "do is missing" if do is None else f"do = {short(do)}"
                hint = f"allowed are {', '.join(WHATS)}" if do is None else nearest(str(do), WHATS)
                self._notes.bad(f"step {number}", f"{given}; {hint}")
                continue
            where = f"step {number} ({do})"
            known = kinds(WHATS[do])
            own = kinds(Expect) if do == "expect" else {}
            self._notes.unknown(table, (*OF_STEP, *known, *own), where)
            what: Any = self._record(WHATS[do], table, where)
            step = Step(
                what=what,
                token=self._kind(TOKEN, table.get("token", "-"), f"{where}: token", "")
                if "token" in table
                else "",
                expect=self._expect(table, own, where),
                note=self._kind(NOTE, table.get("note", ""), f"{where}: note", ""),
            )
            if what is not None:
                yield step

    def _expect(
        self, table: Mapping[str, Any], own: Mapping[str, object], where: str
    ) -> Expect | None:
        """Read what is expected: a table, or the keys of a step that does nothing else."""
        inline = table.get("expect", {})
        if not isinstance(inline, dict):
            self._notes.bad(f"{where}: expect", f"{short(inline)}; it must be a table")
            return None
        self._notes.unknown(inline, tuple(kinds(Expect)), f"{where}: expect")
        both = inline | {key: value for key, value in table.items() if key in own}
        return self._record(Expect, both, f"{where}: expect") if both else None

    def _record(self, owner: Callable[..., R], data: Mapping[str, Any], where: str) -> R | None:
        """Read the settings of one of our records; ``None`` if one of them can't be."""
        before = len(self._notes.problems)
        values = {}
        for key, (name, kind, needed) in kinds(owner).items():  # type: ignore[arg-type]  # a class
            if key in data:
                values[name] = self._kind(kind, data[key], f"{where}: {key}", None)
            elif needed:
                self._notes.bad(where, f"{key} is missing: {kind.doc}; allowed is {kind.allowed}")
        return owner(**values) if len(self._notes.problems) == before else None

    def _kind(self, kind: Any, value: object, where: str, instead: Any) -> Any:  # noqa: ANN401  # each kind has its own type
        try:
            read = kind.read(value)
            kind.check(read)
        except (EmulatorUsageError, UsageError) as e:
            self._notes.bad(where, e)
            return instead
        return read


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError(f"{short(text)} is no number") from None
