"""A name that stays: symlinks to ports whose own names change at every start.

Beside each link ``NAME`` lies ``.NAME.galh`` (0600), which says what the link's
owner made it point to. The owner keeps it locked (flock), so the kernel tells who
lives: a lock is gone with its process, kill -9 included, and a process id that
was given anew fools nobody. Nothing but such a link is ever replaced or removed.
"""

import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emulator.errors import BusyError, EmulatorError, PortError, UsageError

_SIDECAR_MAX = 64 * 1024


def plan_links(link: str, serials: Sequence[str]) -> dict[str, Path]:
    """Decide where each token's link goes, and make the directory if it takes one.

    It is a directory, with a link named by the serial number for each token, if
    it ends with a slash, is one already, or there are several tokens; else it is
    the link itself. A directory that is not there is made (it alone, not its
    parents, 0777 less the umask) and stays when the links go.

    Raises:
        UsageError: empty, or a file where a directory has to be.
        PortError: the directory can't be made.
    """
    if not link:
        raise UsageError("an empty --link; give a path for the link, or a directory")
    place = Path(link).absolute()
    if not (link.endswith(os.sep) or place.is_dir() or len(serials) > 1):
        return dict.fromkeys(serials, place)
    try:
        place.mkdir(exist_ok=True)
    except FileExistsError:
        raise UsageError(
            f"--link {link}: that is {_kind(place)}, and {len(serials)} links want a directory;"
            " name another, or move it away"
        ) from None
    except OSError as error:
        raise PortError(
            f"--link {link}: can't make the directory ({error.strerror});"
            " its parent must be there, and you must be allowed to write to it"
        ) from error
    return {serial: place / serial for serial in serials}


class Link:
    """A symlink of ours, until it is closed or the process ends."""

    def __init__(self, path: Path, target: str, lock: int) -> None:
        self._path = path
        self._target = target
        self._lock: int | None = lock

    @property
    def path(self) -> Path:
        """Where the link is."""
        return self._path

    @classmethod
    def create(cls, path: str | Path, target: str | Path) -> "Link":
        """Make a symlink, replacing only what a process of ours left behind.

        Args:
            path: where; its directory must be there.
            target: what it points to, such as ``/dev/pts/5``.

        Raises:
            BusyError: a live process has that link; the message names it.
            UsageError: something else is there; it is left as it is.
            PortError: the directory is not there or can't be written to.
        """
        place = Path(path).absolute()
        sidecar = _sidecar(place)
        try:
            lock = _lock(place, sidecar)
            try:
                _make(place, str(target), lock)
            except BaseException:
                # Leave no sidecar that says nothing; one that does names a stale link.
                if not os.fstat(lock).st_size:
                    sidecar.unlink(missing_ok=True)
                os.close(lock)
                raise
        except EmulatorError:
            raise
        except OSError as error:
            raise PortError(
                f"can't make the link {place} ({error.strerror}); its directory must be there,"
                " and you must be allowed to write to it"
            ) from error
        return cls(place, str(target), lock)

    def close(self) -> None:
        """Remove the link, if it still is ours. A second call does nothing."""
        if self._lock is None:
            return
        # Whoever removed or replaced it, or its directory, meant to.
        with contextlib.suppress(OSError):
            if _points_to(self._path) == self._target:
                self._path.unlink()
            sidecar = _sidecar(self._path)
            if _is(sidecar, self._lock):
                sidecar.unlink()
        os.close(self._lock)
        self._lock = None


def _sidecar(link: Path) -> Path:
    return link.with_name(f".{link.name}.galh")


def _lock(place: Path, sidecar: Path) -> int:
    """Open and lock the sidecar, and return its descriptor."""
    while True:
        fd = _open(sidecar)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # An owner that is leaving removes the file that we may have opened.
            if _is(sidecar, fd):
                return fd
        except BlockingIOError:
            holder = _holder(fd)
            os.close(fd)
            raise BusyError(
                f"the link {place} belongs to {holder};"
                " stop that one first, or choose another --link"
            ) from None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _open(sidecar: Path) -> int:
    # O_NONBLOCK: a pipe of that name must not make us wait.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        fd = os.open(sidecar, flags, 0o600)
    except OSError:
        if os.path.lexists(sidecar) and not stat.S_ISREG(sidecar.lstat().st_mode):
            raise _foreign(sidecar) from None
        raise
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise _foreign(sidecar)
    return fd


def _is(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def _make(place: Path, target: str, lock: int) -> None:
    """Put the link there, with the sidecar locked."""
    claim = _read_claim(lock)
    if claim is None and os.fstat(lock).st_size:
        raise _foreign(_sidecar(place))
    if claim is not None and _points_to(place) == claim["target"]:
        place.unlink()  # stale: the lock is ours, so its owner is gone
    elif os.path.lexists(place):
        raise _foreign(place)
    # The stale link goes first, then the claim, then the link: killed in between,
    # we leave no link that the claim does not cover.
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps({"pid": os.getpid(), "target": target}).encode(), 0)
    try:
        # Unlike a rename, this can't replace what somebody put there meanwhile.
        place.symlink_to(target)
    except BaseException as error:
        os.ftruncate(lock, 0)
        if isinstance(error, FileExistsError):
            raise _foreign(place) from None
        raise


def _read_claim(fd: int) -> dict[str, Any] | None:
    """Read who claims the link and what it points to; ``None`` if it does not say."""
    try:
        claim = json.loads(os.pread(fd, _SIDECAR_MAX, 0))
    except (ValueError, RecursionError):
        return None
    if not isinstance(claim, dict):
        return None
    pid, target = claim.get("pid"), claim.get("target")
    return claim if isinstance(pid, int) and isinstance(target, str) else None


def _holder(fd: int) -> str:
    claim = _read_claim(fd)
    return "a process that is starting" if claim is None else f"process {claim['pid']}"


def _points_to(path: Path) -> str | None:
    try:
        return str(path.readlink())
    except OSError:
        return None


def _foreign(path: Path) -> UsageError:
    return UsageError(
        f"{path} is {_kind(path)} that is not ours, and stays as it is;"
        " move it away, or choose another --link"
    )


def _kind(path: Path) -> str:
    target = _points_to(path)
    if target is not None:
        return f"a symlink to {target}"
    return "a directory" if path.is_dir() else "a file"
