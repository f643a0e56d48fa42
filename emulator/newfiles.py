"""New files that are whole wherever a kill or a power cut may come.

One file appears by a rename, once it is durable. Many are written into a folder that
nobody looks into yet, made durable together, and appear with the folder: syncing each of
40,000 files of its own takes sixteen times as long as asking for all at once.
"""

import contextlib
import ctypes
import errno
import os
from pathlib import Path
from typing import Final

from emulator.errors import StateError
from emulator.jsonfile import sync_folder

_EACH_UP_TO: Final = 64
"""Files up to which each is synced: more than that, and the whole file system is, once."""


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, synced, mode 0600.

    It appears by a rename, whole, wherever a kill may come. One process at a time.

    Raises:
        StateError: it can't be written, or is there already.
    """
    new = path.with_name(f".new-{path.name}")
    try:
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        new.unlink(missing_ok=True)  # left by a kill
        _write(new, data, sync=True)
        new.rename(path)
    except OSError as e:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise StateError(f"{path} can't be written: {e.strerror}") from e


def write_unseen(path: Path, data: bytes) -> None:
    """Write a file, mode 0600, into a folder of which :func:`sync_tree` has still to come.

    Raises:
        StateError: it can't be written, or is there already.
    """
    try:
        _write(path, data, sync=False)
    except OSError as e:
        raise StateError(f"{path} can't be written: {e.strerror}") from e


def sync_tree(folder: Path, files: int) -> None:
    """Return once all that is in a folder, at any depth, is durable.

    Args:
        folder: which.
        files: how many files it has, about.

    Raises:
        OSError: the disk says that it is not. Linux before 5.8 does not say so of
            many files at once, see syncfs(2).
    """
    if files > _EACH_UP_TO and _sync_file_system(folder):
        return
    for place, _, names in os.walk(folder):
        for name in names:
            sync_folder(Path(place, name))  # a file is opened and synced just like a folder
        sync_folder(Path(place))


def _sync_file_system(folder: Path) -> bool:
    """Sync the file system that a folder is on; return whether this system knows how to."""
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if syncfs(fd):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(fd)
    return True


def _write(path: Path, data: bytes, *, sync: bool) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb", buffering=0) as file:
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if sync:
            os.fsync(fd)
