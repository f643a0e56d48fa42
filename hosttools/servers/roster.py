"""Tokens in a UsersFile that liboath and pam_oath keep, put in and taken out under their lock.

Nothing that liboath wrote of other tokens is touched. It knows users, no serial numbers:
which user has which token is remembered in here, and a token that somebody else put into
the file goes by its user's name.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator.serverview import ServerView
from firmware_model.profile import TokenType
from hosttools.errors import UsageError
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.usersfile import parse_usersfile, write_usersfile
from hosttools.servers.seam import Enrolment, ServerError

_UNUSED_FIELDS: Final = 5


@dataclass(frozen=True, slots=True)
class _Entry:
    user: str
    secret_hex: str


class Roster:
    """A UsersFile. Any number of threads may use it at a time.

    Args:
        path: the file; it is made, mode 0600, if it is not there.

    Raises:
        ServerError: it can't be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[str, _Entry] = {}
        self._threads = threading.Lock()  # the file's lock is one between processes only
        with _reaching(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))

    def user_of(self, serial: str) -> str:
        """Return the user whose token it is; one that was not enrolled here is a user itself."""
        entry = self._entries.get(serial)
        return serial if entry is None else entry.user

    def enrol(self, token: Enrolment) -> None:
        """Put a token into the file.

        Raises:
            ServerError: the token is there already, liboath has no such tokens, or the
                file can't be written.
        """
        line = _line(token)
        with self._editing() as lines:
            if token.serial in self._entries:
                raise ServerError(f"{token.serial} is enrolled already; remove it first")
            lines.append(line)
            self._entries[token.serial] = _Entry(token.holder, token.secret.reveal().hex())

    def remove(self, serial: str) -> None:
        """Take a token out of the file.

        Raises:
            ServerError: it was not enrolled here, or the file can't be written.
        """
        with self._editing() as lines:
            entry = self._known(serial)
            lines[:] = [line for line in lines if not _is_of(line, entry)]
            del self._entries[serial]

    def view(self, serial: str, name: str, window: int) -> ServerView:
        """Return what the file says of a token.

        Args:
            serial: which.
            name: the server's.
            window: how far it looks, inclusive.

        Raises:
            ServerError: it was not enrolled here, or is not in the file any more.
        """
        entry = self._known(serial)
        with _reaching(self.path):
            lines = self.path.read_bytes().splitlines(keepends=True)
        for line in lines:
            if _is_of(line.decode(errors="replace"), entry):
                try:
                    [(_, record)] = parse_usersfile(line, str(self.path))
                except SeedFileError as e:
                    raise ServerError(f"{name} wrote what is no line of a UsersFile: {e}") from e
                timed = record.token_type is TokenType.TIME
                # It searches from the last code on, which is good no more.
                used = len(line.split()) > _UNUSED_FIELDS
                return ServerView(
                    name=name,
                    next_counter=None if timed else record.counter or 0,
                    step_offset=0 if timed else None,  # it keeps none
                    look_ahead=max(window - used, 0) if not timed else window,
                )
        raise ServerError(f"{serial} is not in {self.path} any more")

    def _known(self, serial: str) -> _Entry:
        entry = self._entries.get(serial)
        if entry is None:
            raise ServerError(f"{serial} was not enrolled in {self.path} from here")
        return entry

    @contextlib.contextmanager
    def _editing(self) -> Iterator[list[str]]:
        """Give the lines of the file and keep what becomes of them, as liboath does it."""
        with self._threads, _reaching(self.path), _lock(self.path):
            lines = self.path.read_text(encoding="utf-8").splitlines()
            yield lines
            new = self.path.with_name(f".new-{self.path.name}")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write("".join(line + "\n" for line in lines))
            new.replace(self.path)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold the lock that liboath takes to write: see update_usersfile in its usersfile.c."""
    place = path.with_name(f"{path.name}.lock")
    with place.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield
        place.unlink(missing_ok=True)


@contextlib.contextmanager
def _reaching(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise ServerError(f"{path} can't be used: {e.strerror}") from e


def _line(token: Enrolment) -> str:
    if not token.holder.isprintable() or token.holder != "".join(token.holder.split()):
        raise ServerError(f"{token.holder!r} can't be a user's name in a UsersFile")
    timed = token.token_type is TokenType.TIME
    try:
        text = write_usersfile(
            [
                SeedRecord(
                    serial=token.serial,
                    secret=token.secret,
                    token_type=token.token_type,
                    algorithm=token.algorithm,
                    digits=token.digits,
                    step_s=token.step_s if timed else None,
                    counter=None if timed else token.counter,
                )
            ]
        )
    except UsageError as e:
        raise ServerError(f"liboath has no such token: {e}") from e
    fields = text.splitlines()[-1].split("\t")
    fields[1] = token.holder
    return "\t".join(fields)


def _is_of(line: str, entry: _Entry) -> bool:
    fields = line.split()
    return fields[1:2] == [entry.user] and fields[3:4] == [entry.secret_hex]
