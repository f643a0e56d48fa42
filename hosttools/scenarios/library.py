"""The scenarios that ship with the package, by name."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from hosttools.errors import UsageError
from hosttools.scenarios.model import Scenario
from hosttools.scenarios.reader import read_scenario
from hosttools.servers.described.tables import nearest

FOLDER: Final = Path(__file__).resolve().parent / "library"


def names() -> tuple[str, ...]:
    """Return the names of all, sorted.

    >>> "customer-procedure" in names()
    True
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def read(given: str) -> Scenario:
    """Read the scenario that is meant: a file's, or one that ships, by its name.

    Raises:
        ScenarioError: it can't be read, or can't be.
        UsageError: neither a file nor a name.
    """
    path = Path(given)
    if path.suffix != ".toml" and not path.exists():
        if given not in names():
            raise UsageError(f"no scenario {given!r}, and no such file; {nearest(given, names())}")
        path = FOLDER / f"{given}.toml"
    return replace(read_scenario(path), source=given)


def library() -> tuple[Scenario, ...]:
    """Return all that ship; each one's source is its name."""
    return tuple(read(name) for name in names())
