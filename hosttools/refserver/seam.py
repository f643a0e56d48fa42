"""What a holder, a recipe or a story asks of a server, wherever it runs."""

from typing import Protocol

from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record
from hosttools.refserver.verdict import Verdict


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
