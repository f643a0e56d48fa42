"""What a state directory must be before anything is written into it."""

import json
import stat
from pathlib import Path
from typing import Final

from emulator.errors import StateError

FORMAT: Final = "galh-state"
VERSION: Final = 2
READABLE: Final = (1, 2)


def refuse_foreign(path: Path) -> None:
    """A folder of other things is left alone; an empty one becomes ours."""
    if (path / "format.json").exists():
        check_format(path / "format.json")
        return
    strangers = sorted(
        entry.name
        for entry in path.iterdir()
        if entry.name not in {"lock", "holder.json", "tokens", "bench.slots"}
        and not entry.name.startswith((".format.json-", ".new-"))  # left by a kill
    )
    if strangers:
        raise StateError(
            f"{path} is not a state directory: it has no format.json but {strangers[0]!r};"
            " give an empty or a new folder"
        )


def refuse_open(path: Path) -> None:
    """A folder that anybody can write to could be made to lose a counter."""
    for name in ("lock", "tokens"):
        if (path / name).is_symlink():
            raise StateError(f"{path / name} is a link, which we never make; remove it")
    if path.stat().st_mode & stat.S_IWOTH:
        raise StateError(
            f"{path} can be written to by anybody, who could so set counters back; give a"
            f" folder of your own, or chmod 700 {path}"
        )


def check_format(path: Path) -> int:
    """Return the version of a directory that we can read."""
    try:
        found = json.loads(path.read_bytes())
        kind, version = found["format"], found["version"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise StateError(f"{path} is damaged or not ours") from None
    if kind != FORMAT:
        raise StateError(f"{path} is of another program: its format is {kind!r}")
    if type(version) is not int or version not in READABLE:
        raise StateError(
            f"{path} is of version {version!r}; this release reads"
            f" {' and '.join(map(str, READABLE))}"
        )
    return version


def holder_of(path: Path) -> str:
    """Say who has a directory in use."""
    try:
        found = json.loads((path / "holder.json").read_bytes())
        return f"process {found['pid']} ({found['name']}, since {found['since']})"
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return "another process"
