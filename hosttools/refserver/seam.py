"""What a holder, a recipe or a story asks of a server, wherever it runs."""

from typing import Protocol

from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record
from hosttools.refserver.verdict import Verdict


class Hearer(Protocol):
    """Who is told what a :class:`hosttools.refserver.Store` did, once it is kept.

    Both are called in the thread that did it, when the database is free again.
    """

    def judged(self, verdict: Verdict, record: Record, now_ns: int) -> None:
        """Hear of a verdict, what is kept of the token since, and server time."""

    def rules_changed(self) -> None:
        """Hear that tokens are treated otherwise from now on."""


class TokenServer(Protocol):
    """A server that knows tokens and judges their codes.

    :class:`hosttools.refserver.Store` is one. Raises as that does.
    """

    @property
    def policy(self) -> Policy:
        """How it treats its tokens."""

    def get(self, serial: str) -> Record:
        """Return what it knows of a token."""

    def verify(self, serial: str, code: str, now_ns: int) -> Verdict:
        """Judge one code; server time is ns since 1970, UTC."""

    def sync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Judge the two codes of the add form."""

    def resync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Judge the two codes of the resync form."""
