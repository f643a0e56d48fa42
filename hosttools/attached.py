"""The built-in reference server, attached to a bench: what the page submits codes to.

It lives in the bench's thread, takes the bench's time as its own, and tells the bench of
everything that it was sent and of what it believes. So the page, the journal and the
divergence gauge need no knowledge of servers.
"""

import contextlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from emulator import errors
from emulator.annotations import ServerPlaced, Submitted
from emulator.bench import Bench
from firmware_model.nvm import Config
from hosttools.errors import BusyError, HostError, RecordError, StateError, UsageError
from hosttools.keptrecord import kept_text
from hosttools.refserver import Policy, Record, Status, Store, Verdict
from hosttools.refserver.view import DEFAULT_NAME, server_view

T = TypeVar("T")

_CODES: Final = {"verify": 1, "sync": 2, "resync": 2}
"""How many codes each verb takes."""


@contextlib.contextmanager
def as_bench_errors() -> Iterator[None]:
    """Turn what the host's side refuses into the bench's errors, which HTTP has statuses for.

    Raises:
        BusyError: somebody else holds it.
        StateError: a database that is damaged or can't be written.
        UsageError: asked for what can't be.
        ConflictError: it can't be done to this token, or on this clock.
    """
    try:
        yield
    except BusyError as e:
        raise errors.BusyError(str(e)) from e
    except StateError as e:
        raise errors.StateError(str(e)) from e
    except UsageError as e:
        raise errors.UsageError(str(e)) from e
    except HostError as e:
        raise errors.ConflictError(str(e)) from e


class Teller:
    """Tells a bench's journal what the reference server keeps and says, so that it can be replayed.

    Args:
        bench: belongs to the thread that calls.
        name: the server's.
    """

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._name = name
        self._placed: dict[str, tuple[int, Record]] = {}  # number of the record that told it

    def place(self, record: Record, policy: Policy) -> None:
        """Tell all that is known of a token, if somebody else changed it.

        And if what was told is about to leave the journal's memory.
        """
        serial, journal = record.serial, self._bench.journal
        told_at, told = self._placed.get(serial, (0, None))
        if told == record and journal.head - told_at <= journal.capacity // 2:
            return
        kept = kept_text(record, policy)
        self._bench.annotate(serial, ServerPlaced(self._bench.now_ns(), self._name, kept))
        self._placed[serial] = journal.head, record

    def tell(self, verdict: Verdict, record: Record, policy: Policy, now_ns: int) -> None:
        """Tell what was said to a token's codes, and what the server believes since."""
        self._bench.annotate(
            verdict.serial,
            Submitted(
                at_ns=now_ns,
                server=self._name,
                verb=verdict.act.value,
                accepted=verdict.accepted,
                reason=verdict.operator,
                factor=verdict.factor,
                second_factor=verdict.second_factor,
                verdict=verdict.kind.value,
            ),
        )
        if verdict.serial in self._placed:
            self._placed[verdict.serial] = self._placed[verdict.serial][0], record
        self.push(record, policy)

    def push(self, record: Record, policy: Policy) -> None:
        """Tell what the server believes of a token."""
        view = server_view(record, policy, self._bench.now_ns(), name=self._name)
        self._bench.set_server_view(record.serial, view)


class AttachedReference:
    """The reference server, knowing every token of a bench.

    A token that the server doesn't know is added as it is, in step. Tokens that come on
    the bench later are added when they are first asked for, or by :meth:`enrol`.

    Args:
        bench: belongs to the thread that calls.
        store: the server's tokens; ``None``: in memory, with the default policy. Whoever
            makes one closes it.
        name: the server's.
        active: whether tokens are added as active; else they wait to be added with two
            codes (``sync``), as after the import of a seed file.

    Attributes:
        name: as given.

    Raises:
        ConflictError: the store knows one of the tokens with another secret.
        StateError, BusyError: the store can't be read or written.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        store: Store | None = None,
        name: str = DEFAULT_NAME,
        active: bool = True,
    ) -> None:
        self.name = name
        self._bench = bench
        self._store = store if store is not None else Store(":memory:")
        self._active = active
        self._teller = Teller(bench, name)
        for serial in bench.serials():
            self.enrol(serial)

    @property
    def policy(self) -> Policy:
        """How it treats its tokens."""
        return self._store.policy

    def get(self, serial: str) -> Record:
        """Return what it keeps of a token.

        Raises:
            RecordError: nothing.
            StateError, BusyError: the store can't be read.
        """
        return self._store.get(serial)

    def enrolled(self, serial: str) -> bool:
        """Return whether it knows a token."""
        with as_bench_errors():
            return self._find(serial) is not None

    def enrol(self, serial: str) -> Record:
        """Add a token of the bench, if it isn't known, and return what is known of it.

        The bench is told what the server believes, if it doesn't know.

        Raises:
            UsageError: no such token on the bench.
            ConflictError: it is known with another secret.
            StateError, BusyError: the store can't be read or written.
        """
        config = self._bench.config(serial)
        with as_bench_errors():
            record = self._find(serial)
            if record is None:
                record = self._in_step(config)
                self._store.enrol(record, self._bench.now_ns())
        if not hmac.compare_digest(record.secret.reveal(), config.secret.reveal()):
            raise errors.ConflictError(
                f"{self.name} knows {serial} with another secret: a token of that serial number"
                " was there before; give the new one another, or attach a new server"
            )
        self._teller.place(record, self.policy)
        if self._bench.server_view(serial) is None:
            with as_bench_errors():
                self._teller.push(record, self.policy)
        return record

    def submit(self, serial: str, verb: str, codes: Sequence[str]) -> dict[str, Any]:
        """Hand it codes, as the token's holder.

        Args:
            serial: of which token.
            verb: ``verify`` with one code, ``sync`` or ``resync`` with two.
            codes: as they were typed; anything at all.

        Returns:
            ``accepted``, ``kind`` (a value of :class:`hosttools.refserver.Kind`) and
            ``message``, what the holder reads. What the operator reads is in the journal.

        Raises:
            UsageError: no such token or verb, or not so many codes.
            ConflictError: it is known with another secret.
            StateError, BusyError: the store can't be read or written.
        """
        verdict = self.judge(serial, verb, codes)
        return {
            "accepted": verdict.accepted,
            "kind": verdict.kind.value,
            "message": verdict.user,
        }

    def judge(self, serial: str, verb: str, codes: Sequence[str]) -> Verdict:
        """Do as :meth:`submit` does, and return the whole verdict."""
        if len(codes) != _CODES.get(verb):
            allowed = ", ".join(f"{name} ({count})" for name, count in _CODES.items())
            raise errors.UsageError(
                f"{verb!r} with {len(codes)} codes; allowed are, with so many codes: {allowed}"
            )
        self.enrol(serial)
        now_ns = self._bench.now_ns()
        with as_bench_errors():
            if verb == "verify":
                verdict = self._store.verify(serial, codes[0], now_ns)
            elif verb == "sync":
                verdict = self._store.sync(serial, codes[0], codes[1], now_ns)
            else:
                verdict = self._store.resync(serial, codes[0], codes[1], now_ns)
            self._tell(verdict, now_ns)
        return verdict

    def unlock(self, serial: str) -> None:
        """Forget all refusals of a token, as an operator. Raises as :meth:`enrol`."""
        self.enrol(serial)
        now_ns = self._bench.now_ns()
        with as_bench_errors():
            self._tell(self._store.unlock(serial, now_ns), now_ns)

    def _tell(self, verdict: Verdict, now_ns: int) -> None:
        self._teller.tell(verdict, self._store.get(verdict.serial), self.policy, now_ns)

    def _find(self, serial: str) -> Record | None:
        try:
            return self._store.get(serial)
        except RecordError:
            return None

    def _in_step(self, config: Config) -> Record:
        """Return the record of a token that is added to the server as it is."""
        record = Record.of_token(config)
        if self._active:
            record = replace(record, status=Status.ACTIVE)
        if self._bench.failure(config.serial) is not None:
            return record  # it can't be looked at, and gives no code either
        view = self._bench.look(config.serial)
        if view.counter is not None:
            return replace(record, next_factor=view.counter)
        if view.token_time_ns is None:
            return record
        # What the token's clock is ahead by now is known to the server from the first day.
        # Compared with the moment of that look: a fast clock has gone on since.
        ahead = record.expected_factor(view.token_time_ns) - record.expected_factor(
            self._bench.settled_ns
        )
        return replace(record, drift_steps=ahead)


class Call(Protocol):
    """Calls a function in another thread, and returns what it returns."""

    def __call__(self, function: Callable[[], T], /) -> T:
        """Call it."""


class ServerElsewhere:
    """An attached server for other threads than its bench's: every call is made in that one.

    It judges by bench time; the times that it is told don't count.

    Args:
        server: the server.
        call: calls a function in the bench's thread.
    """

    def __init__(self, server: AttachedReference, call: Call) -> None:
        self._server = server
        self._call = call

    @property
    def policy(self) -> Policy:
        """How it treats its tokens."""
        return self._server.policy

    def get(self, serial: str) -> Record:
        """Return what it knows of a token."""
        return self._call(lambda: self._server.enrol(serial))

    def verify(self, serial: str, code: str, now_ns: int) -> Verdict:  # noqa: ARG002  # protocol
        """Judge one code."""
        return self._call(lambda: self._server.judge(serial, "verify", [code]))

    def sync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:  # noqa: ARG002  # protocol
        """Judge the two codes of the add form."""
        return self._call(lambda: self._server.judge(serial, "sync", [code1, code2]))

    def resync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:  # noqa: ARG002  # protocol
        """Judge the two codes of the resync form."""
        return self._call(lambda: self._server.judge(serial, "resync", [code1, code2]))
