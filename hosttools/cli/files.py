"""Writing a new file: all of it or none, and never over another."""

import os
import tempfile
from pathlib import Path

from hosttools.errors import HostError, UsageError


def check_new(*paths: Path | None) -> None:
    """Say before anything is done, not after, that files can't be written.

    Args:
        paths: where they will go; ``None``: nowhere.

    Raises:
        UsageError: one is there already, or has no directory to be in.
    """
    for path in filter(None, paths):
        folder = path.absolute().parent
        if os.path.lexists(path):
            raise UsageError(f"{path} is there already; give another name")
        if not folder.is_dir():
            raise UsageError(f"{path} can't be written: there is no directory {path.parent}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"{path} can't be written: {path.parent} is another's directory")


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that is not there yet.

    Args:
        path: where.
        data: all that is in it.
        mode: who may read it; 0600 for secrets.

    Raises:
        UsageError: it is there already.
        HostError: it can't be written; nothing is left behind.
    """
    temporary = None
    try:
        fd, temporary = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(fd, mode)
            os.fsync(fd)
        os.link(temporary, path)  # unlike a rename, it replaces nothing
    except FileExistsError:
        raise UsageError(f"{path} is there already; give another name") from None
    except OSError as e:
        raise HostError(f"{path} can't be written: {e.strerror}") from e
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
