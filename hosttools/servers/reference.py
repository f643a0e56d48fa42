"""The built-in reference server on the seam: in this process, and over HTTP.

The first choice for who writes a probe or a scenario: it does all that the seam has, and is
judged by a clock that stands where it is told. The one in this process needs nothing
installed; the one over HTTP needs httpx, which the extra ``web`` brings.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from emulator.serverview import ServerView
from hosttools.benchanswers import as_mapping, value
from hosttools.benchwire import DEFAULT_TIMEOUT_S, DELAYS_S, Peer, Wire
from hosttools.errors import HostError
from hosttools.refserver import Kind, Policy, Record, Store, Verdict
from hosttools.refserver.record import serial_of
from hosttools.refserver.view import DEFAULT_NAME, server_view
from hosttools.servers.seam import Answer, Can, Enrolment, Outcome, Server, ServerError

if TYPE_CHECKING:
    import httpx

_PEER: Final = Peer("a reference server", "galh server --http")

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

    can = frozenset(Can) - {Can.PROCEDURE}

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

    def policy(self) -> Policy:
        """Return how it treats its tokens."""
        return self._store.policy

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time, ns since 1970, UTC; it stands still there."""
        self._clock = lambda: now_ns

    def close(self) -> None:
        """Close the store that it made itself."""
        if self._owned:
            self._store.close()


class HttpReferenceServer(Server):
    """The reference server at a URL, as ``galh server --http`` serves it.

    Several threads may ask it at once. Its clock can be set if it was started with
    ``--clock manual``; else it is its host's, and :attr:`can` says so.

    Args:
        url: where it is, such as ``http://127.0.0.1:8080``.
        bearer: the bearer token that it asks for beyond loopback.
        name: the server's.
        timeout_s: how long an answer may take.
        delays_s: how long to wait before each new try after a lost connection; a code is
            never sent twice.
        transport: what carries the requests; ``None``: the network.

    Raises:
        ServerError: nobody is there, it is no reference server, or httpx is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        bearer: str | None = None,
        name: str = DEFAULT_NAME,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        delays_s: Sequence[float] = DELAYS_S,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        self.name = name
        with _reached():
            self._wire = Wire(
                url,
                bearer=bearer,
                timeout_s=timeout_s,
                delays_s=delays_s,
                transport=transport,
                peer=_PEER,
            )
        try:
            with self._reading():
                mode = value(self._wire.get("/clock"), "mode", str)
        except ServerError:
            self._wire.close()
            raise
        lacks = {Can.PROCEDURE} if mode == "manual" else {Can.PROCEDURE, Can.CLOCK}
        self.can = frozenset(Can) - lacks

    def enrol(self, token: Enrolment) -> None:
        """Make a token known; :meth:`sync` makes it ready."""
        with _reached():
            record = record_of(token)
            self._wire.send(
                "POST",
                "/tokens",
                {
                    "serial": record.serial,
                    "type": record.token_type.value,
                    "secret": record.secret.reveal().hex(),
                    "algorithm": record.algorithm.value,
                    "digits": record.digits,
                    "step_s": record.step_s,
                    "counter": record.next_factor,
                    "holder": record.holder or None,
                },
            )

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the add form."""
        return self._submit(serial, "sync", code1=code1, code2=code2)

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code."""
        return self._submit(serial, "verify", code=code)

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the resync form."""
        return self._submit(serial, "resync", code1=code1, code2=code2)

    def unlock(self, serial: str) -> None:
        """Forget a token's failures."""
        with _reached():
            self._wire.send("POST", f"{_path(serial)}/unlock", {})

    def remove(self, serial: str) -> None:
        """Make a token unknown again."""
        with _reached():
            self._wire.send("DELETE", _path(serial))

    def view(self, serial: str) -> ServerView:
        """Return what it believes of a token."""
        with self._reading():
            token = self._wire.get(_path(serial))
            return ServerView.from_mapping(as_mapping(token["view"]))

    def policy(self) -> Policy:
        """Return how it treats its tokens."""
        with self._reading():
            told = self._wire.get("/policy")
            return Policy(**{field.name: told[field.name] for field in fields(Policy)})

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time, ns since 1970, UTC; it stands still there."""
        if Can.CLOCK not in self.can:
            super().set_clock(now_ns)
        with _reached():
            self._wire.send("PUT", "/clock", {"now_ns": now_ns}, again=True)

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()

    def _submit(self, serial: str, verb: str, **codes: str) -> Answer:
        with self._reading():
            told = self._wire.send("POST", f"{_path(serial)}/{verb}", codes)
            return Answer(outcome_of(Kind(told["kind"])), value(told, "message", str))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with _reached(), self._wire.reading("an answer"):
            yield


def _path(serial: str) -> str:
    return f"/tokens/{serial_of(serial)}"


def _answer(verdict: Verdict) -> Answer:
    return Answer(outcome_of(verdict.kind), verdict.user)


@contextmanager
def _reached() -> Iterator[None]:
    """Turn what a store raises into what the seam does: it has one error for all of it."""
    try:
        yield
    except HostError as e:
        raise ServerError(str(e)) from e


def open_server(target: str) -> Server:
    """Open a reference server.

    Args:
        target: the URL of one that is served; empty: a new one in this process.

    Raises:
        ServerError: nobody is there, it is no reference server, or httpx is not installed.
    """
    return HttpReferenceServer(target) if target else ReferenceServer()
