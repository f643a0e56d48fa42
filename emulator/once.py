"""Requests with an idempotency key: one that is sent again does not press again.

The key is in the journal before the first edge of a press, so it survives a kill. What
a request was answered with is told by counter or step; codes are worked out anew for
whoever sends it again. Asked and never answered means that the process died in between:
the answer then is ``interrupted``, and nothing is pressed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from emulator.annotations import Answered, Asked
from emulator.errors import KeyBusyError, KeyReusedError
from emulator.journal import Journal, Record
from emulator.results import Ticket
from emulator.series import Presses

MOST: Final = 10_000
"""Keys that are remembered; of more, the oldest are forgotten."""

MAX_KEY: Final = 255


@dataclass(slots=True)
class Request:
    """What was asked for under a key.

    Attributes:
        digest: SHA-256 of what was asked, in hex.
        ticket: its result, if it was asked in this process.
        answered: what became of it, if it was asked before; ``None``: nobody knows.
    """

    digest: str
    ticket: Ticket[Presses] | None = None
    answered: Answered | None = None


class Once:
    """The requests that have been made.

    Args:
        journal: where they are kept.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._requests: dict[str, Request] = {}

    def recall(self, records: Iterable[Record]) -> None:
        """Remember what an earlier process was asked, from its journal."""
        for record in records:
            event, key = record.event, record.key
            if key is not None and isinstance(event, Asked):
                self._remember(key, Request(event.request))
            elif key in self._requests and isinstance(event, Answered):
                self._requests[key].answered = event

    def find(self, key: str, serial: str, body: str) -> Request | None:
        """Return the request that was made under a key; ``None``: it is new.

        Raises:
            KeyReusedError: another one was.
            KeyBusyError: the same, and it is not answered yet.
        """
        request = self._requests.get(key)
        if request is None:
            return None
        if request.digest != _digest(serial, body):
            raise KeyReusedError(
                f"idempotency key {key!r} was used for another request; take a new key for"
                " each request, and the same only to repeat it"
            )
        if request.ticket is not None and not request.ticket.done:
            raise KeyBusyError(
                f"the request with idempotency key {key!r} is still under way; ask again later"
            )
        return request

    def ask(self, key: str, serial: str, body: str, at_ns: int) -> None:
        """Note a new request, before anything of it happens."""
        digest = _digest(serial, body)
        self._remember(key, Request(digest))
        self._journal.append(serial, Asked(at_ns, digest))

    def answer(self, key: str, ticket: Ticket[Presses]) -> None:
        """Keep where the result of a request will be."""
        self._requests[key].ticket = ticket

    def answered(self, serial: str, at_ns: int, presses: Presses) -> None:
        """Note what became of a request, by counter or step."""
        told = tuple((press.at_ns, press.factor, press.refused) for press in presses)
        self._journal.append(serial, Answered(at_ns, told))

    def forget(self, key: str) -> None:
        """Forget a request that could not even begin."""
        self._requests.pop(key, None)

    def _remember(self, key: str, request: Request) -> None:
        self._requests.pop(key, None)
        self._requests[key] = request
        while len(self._requests) > MOST:
            del self._requests[next(iter(self._requests))]


def _digest(serial: str, body: str) -> str:
    return hashlib.sha256(f"{serial}\n{body}".encode()).hexdigest()
