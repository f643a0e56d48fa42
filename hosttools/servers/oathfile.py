"""What servers have in common whose tokens are in a UsersFile: liboath, pam_oath, RADIUS."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from emulator.serverview import ServerView
from hosttools.servers.clockfile import ClockedServer, ClockFile, find_libfaketime
from hosttools.servers.roster import Roster
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome
from hosttools.servers.worker import Worker

WINDOW: Final = 10
"""How many presses or steps may be missed; pam_oath's own default is 5."""

MAX_WINDOW: Final = 100_000


class RosterServer(ClockedServer):
    """A server that takes tokens of both types and may have a UsersFile that is known here.

    It knows users, no serial numbers: a code is good if it is of any of the user's tokens.

    Args:
        name: the server's.
        roster: its tokens; ``None``: they are not known here.
        window: how many presses or steps may be missed, to be told by :meth:`view`.
    """

    def __init__(self, name: str, roster: Roster | None, window: int) -> None:
        self.name = name
        self.window = window
        self._roster = roster
        self.can = frozenset({Can.EVENT, Can.TIME, Can.AT_ONCE})
        if roster is not None:
            self.can |= {Can.ENROL, Can.REMOVE, Can.VIEW}

    def user_of(self, serial: str) -> str:
        """Return the user whose token it is; one that was not enrolled here is a user itself."""
        return serial if self._roster is None else self._roster.user_of(serial)

    def enrol(self, token: Enrolment) -> None:
        """Put a token into the UsersFile."""
        if self._roster is None:
            super().enrol(token)
        else:
            self._roster.enrol(token)

    def remove(self, serial: str) -> None:
        """Take a token out of the UsersFile."""
        if self._roster is None:
            super().remove(serial)
        else:
            self._roster.remove(serial)

    def view(self, serial: str) -> ServerView:
        """Return what the UsersFile says of a token."""
        if self._roster is None:
            return super().view(serial)
        return self._roster.view(serial, self.name, self.window)


class OathFileServer(RosterServer):
    """One that lives in a child process of ours. Each login is a process of its own.

    Args:
        name: the server's.
        module: what the child runs.
        usersfile: the server's tokens; ``None``: a file of our own, gone with the server.
        window: how many presses or steps may be missed.
        foreign: without a UsersFile the tokens are somewhere else, not in a file of ours.

    Raises:
        ServerError: a library is missing, or the UsersFile can't be used.
    """

    def __init__(
        self, name: str, module: str, usersfile: Path | None, window: int, *, foreign: bool = False
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="galh-"))
        try:
            path = usersfile or (None if foreign else self.folder / "users.oath")
            super().__init__(name, None if path is None else Roster(path), window)
            self.usersfile = path
            self._clock = None if find_libfaketime() is None else ClockFile(self.folder / "clock")
            environment = None
            if self._clock is not None:
                self._clock.start()
                environment = self._clock.environment(os.environ)
                self.can |= {Can.CLOCK}
            self.worker = Worker(module, environment=environment)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def close(self) -> None:
        """End the child; remove what is ours."""
        self.worker.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def unsendable(code: str) -> Answer | None:
    """Return the refusal of what can't be passed on as a C string, or ``None``."""
    if "\0" in code:
        return Answer(Outcome.REFUSED, "not submitted: it has a NUL in it")
    return None
