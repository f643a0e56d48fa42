"""A TOML file that somebody wrote: read with bounds, and all that is wrong with it noted.

What the keys mean is for whoever reads it.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Final

from emulator.faults.values import short
from hosttools.errors import HostError
from hosttools.servers.described.tables import nearest

LARGEST: Final = 4 << 20
"""Bytes of the largest file that is read: 10,000 recorded steps are about one million."""
LONGEST_SEED: Final = 64
"""Characters of a seed that is a text."""

MakeError = Callable[[tuple[str, ...]], HostError]
"""Makes an error of all that is wrong."""


class Notes:
    """What is wrong with one file.

    Args:
        source: what messages call it.

    Attributes:
        problems: so far, each with where it is.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self.problems: list[str] = []

    def bad(self, where: str, problem: object) -> None:
        """Note something; ``where`` may be empty."""
        self.problems.append(f"{self._source}: {where}{': ' if where else ''}{problem}")

    def unknown(self, data: Iterable[str], known: Collection[str], where: str) -> None:
        """Note the keys that there are not, with the one that may be meant."""
        for key in data:
            if key not in known:
                self.bad(where, f"unknown key {short(key)}; {nearest(key, known)}")

    def version(self, data: dict[str, Any], reads: int) -> None:
        """Note a version that is missing, or is not the one that this release reads."""
        if "version" not in data:
            self.bad("", f"version is missing; write version = {reads}")
        elif data["version"] != reads or isinstance(data["version"], bool):
            self.bad("", f"version = {short(data['version'])}; this release reads {reads}")

    def seed(self, seed: object, default: int) -> int | str:
        """Return a seed; the default in place of what is none, which is noted."""
        text = isinstance(seed, str) and len(seed) <= LONGEST_SEED
        number = isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) < 2**63
        if isinstance(seed, int | str) and (text or number):
            return seed
        allowed = f"allowed are whole numbers and texts of {LONGEST_SEED} characters"
        self.bad("seed", f"{short(seed)}; {allowed}")
        return default

    def tables(self, data: object, key: str, most: int) -> list[dict[str, Any]]:
        """Return an array of tables; an empty one in place of what is none, which is noted."""
        if not isinstance(data, list) or not all(isinstance(table, dict) for table in data):
            self.bad(key, f"{short(data)}; write [[{key}]] above each")
            return []
        if len(data) > most:
            self.bad(key, f"{len(data)} of them; at most {most} are allowed")
            return []
        return data


def text_of(path: Path, error: MakeError) -> str:
    """Read a file's text.

    Args:
        path: the file.
        error: makes what is raised if it is too large, no text, or can't be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise error((f"{path} is larger than {LARGEST} bytes",))
        return data.decode()
    except OSError as e:
        raise error((f"{path} can't be read: {e.strerror}",)) from None
    except UnicodeDecodeError as e:
        raise error((f"{path} is no UTF-8 text: {e.reason} at byte {e.start}",)) from None


def parsed(
    text: str, source: str, error: MakeError, *, parse_float: Callable[[str], Any] = float
) -> dict[str, Any]:
    """Parse TOML.

    Args:
        text: the file's.
        source: what messages call it.
        error: makes what is raised if it is none.
        parse_float: what becomes of a number with a point.
    """
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise error((f"{source}: nested too deeply",)) from None
    except ValueError as e:  # tomllib's own, and numbers too long for Python
        raise error((f"{source} is no TOML: {e}",)) from None
