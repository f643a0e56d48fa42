"""Reads a study from TOML; all that is wrong with a file is told at once.

A file states what it wants otherwise than the defaults and nothing else. It can name no
command, no server and no path.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from emulator.faults.values import short
from hosttools.errors import UsageError
from hosttools.holder.habits import Habits, habits_from_mapping
from hosttools.refserver.policies import POLICIES
from hosttools.refserver.policy import Policy
from hosttools.servers.described.tables import nearest
from hosttools.study.assumed import ASSUMED
from hosttools.study.model import (
    LONGEST_TITLE,
    MOST_OF_A_KIND,
    VERSION,
    HolderGroup,
    PolicyChoice,
    ProfileShare,
    Study,
    StudyError,
    Tokens,
)
from hosttools.tomlfile import Notes, parsed, text_of

R = TypeVar("R")

LIKE: Final = "like"
"""The key of a policy that names one of :data:`hosttools.refserver.policies.POLICIES`."""

NUMBERS: Final = ("months", "target", "guesses")
TOP: Final = (
    "version",
    "title",
    "seed",
    "count",
    *NUMBERS,
    "check_codes",
    "tokens",
    "profile",
    "holder",
    "policy",
)
GROUP: Final = ("name", "share", "uses_spread", "pocket_spread")


def read_study(source: str | Path) -> Study:
    """Read a study.

    Args:
        source: a file's path, or TOML text.

    Raises:
        StudyError: it can't be read, or holds what can't be; all that is wrong is told.
    """
    if not isinstance(source, Path):
        return _Reader("study").study(source)
    return _Reader(str(source)).study(text_of(source, StudyError))


class _Reader:
    """Reads one file, and notes what is wrong with it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._notes = Notes(source)

    def study(self, text: str) -> Study:
        """Read it."""
        data = parsed(text, self._source, StudyError)
        self._notes.unknown(data, TOP, "")
        self._notes.version(data, VERSION)
        settings: dict[str, Any] = {key: data[key] for key in ("count", *NUMBERS) if key in data}
        settings |= self._plain(data)
        if "tokens" in data:
            settings["tokens"] = self._made(Tokens, self._table(data["tokens"], "tokens"), "tokens")
        for key, name, make in (
            ("profile", "profiles", self._profile),
            ("holder", "holders", self._holder),
            ("policy", "policies", self._policy),
        ):
            if key in data:
                settings[name] = tuple(
                    make(table, f"{key} {number}")
                    for number, table in enumerate(
                        self._notes.tables(data[key], key, MOST_OF_A_KIND), 1
                    )
                )
        if not self._notes.problems:  # what is left out for its errors would make others
            try:
                return Study(**settings)
            except StudyError as e:
                self._notes.problems += [f"{self._source}: {problem}" for problem in e.problems]
        raise StudyError(self._notes.problems)

    def _plain(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Read what is no number between bounds."""
        plain: dict[str, Any] = {}
        title = data.get("title", "")
        if (
            not isinstance(title, str)
            or len(title) > LONGEST_TITLE
            or not (title or " ").isprintable()
        ):
            self._notes.bad(
                "title", f"{short(title)}; allowed is one line of {LONGEST_TITLE} characters"
            )
        elif title:
            plain["title"] = title
        plain["seed"] = self._notes.seed(data.get("seed", 1), 1)
        check = data.get("check_codes", False)
        if not isinstance(check, bool):
            self._notes.bad("check_codes", f"{short(check)}; allowed are true and false")
        plain["check_codes"] = check
        return plain

    def _profile(self, table: dict[str, Any], where: str) -> ProfileShare | None:
        return self._made(ProfileShare, table, where)

    def _holder(self, table: dict[str, Any], where: str) -> HolderGroup | None:
        self._notes.unknown(table, (*GROUP, *(f.name for f in dataclasses.fields(Habits))), where)
        settings = {key: value for key, value in table.items() if key in GROUP}
        habits = {f.name: table[f.name] for f in dataclasses.fields(Habits) if f.name in table}
        assumed = {name: value for name, (value, _) in ASSUMED.items()}
        try:
            return HolderGroup(**settings, habits=habits_from_mapping(assumed | habits))
        except UsageError as e:
            self._notes.bad(where, e)
        return None

    def _policy(self, table: dict[str, Any], where: str) -> PolicyChoice | None:
        known = ("name", LIKE, *(f.name for f in dataclasses.fields(Policy)))
        self._notes.unknown(table, known, where)
        like = table.get(LIKE, "default")
        if not (isinstance(like, str) and like in POLICIES):
            self._notes.bad(where, f"like = {short(like)}; {nearest(str(like), POLICIES)}")
            return None
        given = {key: table[key] for key in known[2:] if key in table}
        if "name" not in table and given:
            self._notes.bad(where, "name is missing: what the report is to call it")
            return None
        try:
            policy = dataclasses.replace(POLICIES[like].policy, **given)
            return PolicyChoice(name=table.get("name", like), policy=policy)
        except UsageError as e:
            self._notes.bad(where, e)
        return None

    def _made(self, owner: Callable[..., R], table: dict[str, Any], where: str) -> R | None:
        known = [f.name for f in dataclasses.fields(owner)]  # type: ignore[arg-type]  # a class
        self._notes.unknown(table, known, where)
        try:
            return owner(**{key: value for key, value in table.items() if key in known})
        except UsageError as e:
            self._notes.bad(where, e)
        return None

    def _table(self, data: object, key: str) -> dict[str, Any]:
        if isinstance(data, dict):
            return data
        self._notes.bad(key, f"{short(data)}; it must be a table, [{key}]")
        return {}
