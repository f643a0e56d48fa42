"""A file that is replaced as a whole: after a kill or a power cut it is the old or the new."""

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def replace_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a file of mode 0600, synced, in the place of the one before.

    See :func:`replace_text`.
    """
    replace_text(path, json.JSONEncoder().iterencode(value))


def replace_text(path: Path, parts: Iterable[str]) -> None:
    """Write a text file of mode 0600, synced, in the place of the one before.

    One process at a time. :func:`sync_folder` afterwards makes the rename durable too.

    Args:
        path: where.
        parts: the text, one after another.

    Raises:
        OSError: it can't be written; the one before stays.
    """
    new = path.with_name(f".new-{path.name}")
    new.unlink(missing_ok=True)  # left by a kill
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def sync_folder(path: Path) -> None:
    """Make durable which files a folder has.

    Raises:
        OSError: the disk says that it is not.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
