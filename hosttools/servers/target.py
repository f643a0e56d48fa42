"""What follows the name of a server on the command line: ``place,setting=value,...``.

Secrets never do: they come from files and the environment, see :func:`secret_of`.
"""

import os
from collections.abc import Collection
from pathlib import Path

from hosttools.errors import UsageError


def read_target(target: str, settings: Collection[str]) -> tuple[str, dict[str, str]]:
    """Return the place, empty if there is none, and the settings.

    Args:
        target: as it was given.
        settings: those that there are.

    Raises:
        UsageError: a setting that is not there, or twice.

    >>> read_target("127.0.0.1:1812,usersfile=/tmp/users", ["usersfile"])
    ('127.0.0.1:1812', {'usersfile': '/tmp/users'})
    """
    parts = [part.strip() for part in target.split(",")]
    place = parts.pop(0) if "=" not in parts[0] else ""
    found: dict[str, str] = {}
    for part in filter(None, parts):
        name, equals, value = part.partition("=")
        if not equals or name not in settings or name in found:
            raise UsageError(
                f"{part!r} in the target of a server; allowed are {_listed(settings)}, each once"
            )
        found[name] = value
    return place, found


def number_of(settings: dict[str, str], name: str, default: int, high: int) -> int:
    """Return a setting that is a whole number from 0 on.

    Raises:
        UsageError: it is none, or too high.
    """
    text = settings.get(name)
    if text is None:
        return default
    if (
        not (text.isascii() and text.isdecimal() and len(text) <= len(str(high)))
        or (number := int(text)) > high
    ):
        raise UsageError(f"{name}={text}; allowed are whole numbers from 0 to {high}")
    return number


def secret_of(variable: str) -> str | None:
    """Return a secret from the environment or, better, from the file that it names.

    Args:
        variable: what is looked for; the file's is called the same with ``_FILE``.

    Raises:
        UsageError: the file can't be read, or is empty.
    """
    path = os.environ.get(f"{variable}_FILE")
    if path is None:
        return os.environ.get(variable)
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"{variable}_FILE: {path} can't be read: {e}") from None
    if not text:
        raise UsageError(f"{variable}_FILE: {path} is empty; it holds the secret alone")
    return text


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"{name}=..." for name in names) or "no settings"
