"""What a description leaves out of the file: passwords and addresses, read when a server opens.

Written ``{env = "NAME"}`` or ``{file = "PATH"}``. What is read is never shown.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hosttools.servers.described.tables import LARGEST, DescriptionError, Table


class Source(Protocol):
    """Where a text comes from."""

    def read(self) -> str:
        """Return the text.

        Raises:
            DescriptionError: it is not there.
        """


@dataclass(frozen=True, slots=True)
class Literal:
    """A text of the file itself."""

    text: str

    def read(self) -> str:
        """Return it."""
        return self.text


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """An environment variable, by its name."""

    name: str

    def read(self) -> str:
        """Return what it holds; an empty one is as good as none."""
        text = os.environ.get(self.name, "")
        if not text:
            raise DescriptionError(f"environment variable {self.name} is not set; set it")
        return text


@dataclass(frozen=True, slots=True)
class FromFile:
    """A file's content, without the line end behind it."""

    path: Path

    def read(self) -> str:
        """Return it."""
        try:
            with self.path.open(encoding="utf-8") as file:
                return file.read(LARGEST).rstrip("\r\n")
        except OSError as e:
            raise DescriptionError(f"{self.path} can't be read: {e.strerror}") from None
        except ValueError:
            raise DescriptionError(f"{self.path} is no text in UTF-8") from None


def read_secret(table: Table, key: str, folder: Path) -> Source:
    """Read where a secret comes from; the secret itself is refused.

    Args:
        table: where it is.
        key: under which key.
        folder: what a file's path is relative to.
    """
    if isinstance(table.value(key), str):
        raise table.error('no secrets in here; give {env = "NAME"} or {file = "PATH"}', key)
    within = table.table(key)
    source: Source
    match ("env" in within, "file" in within):
        case (True, False):
            source = FromEnvironment(within.text("env"))
        case (False, True):
            source = FromFile(folder / within.text("file"))
        case _:
            within.done()
            raise within.error('give exactly one of env = "NAME" and file = "PATH"')
    within.done()
    return source


def read_text(table: Table, key: str, folder: Path) -> Source:
    """Read a text, or where it comes from."""
    if isinstance(table.value(key), str):
        return Literal(table.text(key))
    return read_secret(table, key, folder)
