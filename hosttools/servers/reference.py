"""The built-in reference server on the seam: in this process, as an adapter for real ones.

The first choice for who writes a probe or a scenario: it does all that the seam has, needs
nothing installed, and is judged by a clock that stands where it is told.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from emulator.serverview import ServerView
from hosttools.errors import HostError
from hosttools.refserver import Kind, Policy, Record, Store, Verdict
from hosttools.refserver.record import serial_of
from hosttools.refserver.view import DEFAULT_NAME, server_view
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome, Server, ServerError

_OUTCOMES: Final[Mapping[Kind, Outcome]] = {
    Kind.ACCEPTED: Outcome.ACCEPTED,
    Kind.ACTIVE: Outcome.ACCEPTED,
    Kind.RESYNCED: Outcome.ACCEPTED,
    Kind.REPLAYED: Outcome.REPLAYED,
    Kind.LOCKED: Outcome.LOCKED,
    Kind.RESYNC_BLOCKED: Outcome.LOCKED,
    Kind.THROTTLED: Outcome.THROTTLED,
}
"""Of any other kind: refused."""


def outcome_of(kind: Kind) -> Outcome:
    """Return what a verdict lets on.

    >>> outcome_of(Kind.RESYNCED), outcome_of(Kind.OUT_OF_SYNC)
    (<Outcome.ACCEPTED: 'accepted'>, <Outcome.REFUSED: 'refused'>)
    """
    return _OUTCOMES.get(kind, Outcome.REFUSED)


def record_of(token: Enrolment) -> Record:
    """Return an enrolment as the reference server keeps it: assigned, to be added by its holder.

    Raises:
        RecordError: it can't be.
    """
    return Record(
        serial=serial_of(token.serial),
        token_type=token.token_type,
        secret=token.secret,
        algorithm=token.algorithm,
        digits=token.digits,
        step_s=token.step_s,
        next_factor=token.counter,
        holder=token.user or "",
    )


class ReferenceServer(Server):
    """The reference server in this process.

    Several threads may ask it at once.

    Args:
        store: its tokens; ``None``: in memory, closed with the adapter. Whoever makes
            one closes it.
        policy: how it treats its tokens, for a store in memory; of no meaning for one
            that is given, which has its own.
        name: the server's.
        clock: server time, ns since 1970, UTC, until :meth:`set_clock` is called.
    """

    can = frozenset(Can)

    def __init__(
        self,
        store: Store | None = None,
        *,
        policy: Policy | None = None,
        name: str = DEFAULT_NAME,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.name = name
        self._store = Store(":memory:", policy) if store is None else store
        self._owned = store is None
        self._clock = clock

    def enrol(self, token: Enrolment) -> None:
        """Make a token known; :meth:`sync` makes it ready."""
        with _reached():
            self._store.enrol(record_of(token), self._clock())

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the add form."""
        with _reached():
            return _answer(self._store.sync(serial, code1, code2, self._clock()))

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code."""
        with _reached():
            return _answer(self._store.verify(serial, code, self._clock()))

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the resync form."""
        with _reached():
            return _answer(self._store.resync(serial, code1, code2, self._clock()))

    def unlock(self, serial: str) -> None:
        """Forget a token's failures."""
        with _reached():
            verdict = self._store.unlock(serial, self._clock())
        if not verdict.accepted:
            raise ServerError(f"{self.name} can't unlock {serial}: {verdict.operator}")

    def remove(self, serial: str) -> None:
        """Make a token unknown again."""
        with _reached():
            self._store.remove(serial)

    def view(self, serial: str) -> ServerView:
        """Return what it believes of a token."""
        with _reached():
            record = self._store.get(serial)
        return server_view(record, self._store.policy, self._clock(), name=self.name)

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time, ns since 1970, UTC; it stands still there."""
        self._clock = lambda: now_ns

    def close(self) -> None:
        """Close the store that it made itself."""
        if self._owned:
            self._store.close()


def _answer(verdict: Verdict) -> Answer:
    return Answer(outcome_of(verdict.kind), verdict.user)


@contextmanager
def _reached() -> Iterator[None]:
    """Turn what a store raises into what the seam does: it has one error for all of it."""
    try:
        yield
    except HostError as e:
        raise ServerError(str(e)) from e
