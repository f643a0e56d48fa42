"""liboath of oath-toolkit as the server under test: ``oath_authenticate_usersfile``.

Target: ``liboath:FILE,window=N``; both may be left out. The file is a UsersFile. Needs
Debian's package ``liboath0``; with ``faketime`` its clock can be set.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hosttools.servers.oathfile import MAX_WINDOW, WINDOW, OathFileServer, unsendable
from hosttools.servers.seam import Answer, Outcome, Server, ServerError
from hosttools.servers.target import number_of, read_target

_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "OATH_OK": Outcome.ACCEPTED,
    "OATH_REPLAYED_OTP": Outcome.REPLAYED,
    "OATH_INVALID_OTP": Outcome.REFUSED,
    "OATH_INVALID_DIGITS": Outcome.REFUSED,
    "OATH_UNKNOWN_USER": Outcome.REFUSED,
    "OATH_BAD_PASSWORD": Outcome.REFUSED,
    "OATH_FILE_LOCK_ERROR": Outcome.REFUSED,  # somebody else logs in: it gives up at once
}
"""Of any other: an error of the server."""


class LibOath(OathFileServer):
    """liboath in a child process.

    Args:
        usersfile: its tokens; ``None``: a file of our own.
        window: what is passed to it as such.

    Raises:
        ServerError: liboath is not installed, or the file can't be used.
    """

    def __init__(self, usersfile: Path | None = None, *, window: int = WINDOW) -> None:
        super().__init__("liboath", "hosttools.servers.children.liboath", usersfile, window)

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code of a token's user."""
        refusal = unsendable(code)
        if refusal is not None:
            return refusal
        name, words = self.worker.ask(
            "verify",
            usersfile=str(self.usersfile),
            user=self.user_of(serial),
            code=code,
            window=self.window,
        )
        outcome = _OUTCOMES.get(name)
        if outcome is None:
            raise ServerError(f"{self.name} failed: {name}: {words}")
        return Answer(outcome, words)


def open_server(target: str) -> Server:
    """Open liboath.

    Args:
        target: ``FILE,window=N``.

    Raises:
        UsageError: a target that can't be.
        ServerError: see :class:`LibOath`.
    """
    place, settings = read_target(target, ["window"])
    return LibOath(
        Path(place) if place else None, window=number_of(settings, "window", WINDOW, MAX_WINDOW)
    )
