"""Records in a database that any number of threads and processes share.

Each act reads the record, decides, writes it back and audits the verdict in
one change that has the database to itself from before the read: of two
submissions of one code, the second sees what the first one did. A verdict is
returned once it is on the disk, so that no kill can take an acceptance back.
The database holds secrets: a file is created with mode 0600.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final, Self

from firmware_model.errors import FirmwareError
from hosttools.errors import (
    ConflictError,
    RecordError,
    StateError,
    UnknownTokenError,
    UsageError,
)
from hosttools.refserver.admin import (
    assign,
    enrol,
    expire,
    order,
    replace,
    revoke,
    ship,
    unlock,
)
from hosttools.refserver.database import Database, SqliteFile
from hosttools.refserver.forms import reset
from hosttools.refserver.judge import Judge
from hosttools.refserver.lifecycle import TERMINAL, aged
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import FAR, Record, Status, name_of, serial_of
from hosttools.refserver.schema import (
    DELETE,
    INSERT,
    INSERT_AUDIT,
    SELECT_ALL,
    SELECT_AUDIT,
    SELECT_AUDIT_OF,
    SELECT_ONE,
    UPDATE,
    AuditEntry,
    Value,
    audit_row,
    record_of,
    row_of,
)
from hosttools.refserver.seam import Hearer
from hosttools.refserver.verdict import Verdict

OPERATOR: Final = "operator"
"""Who does what no holder does, if nobody says a name."""


class Store:
    """The server's tokens in one database.

    Args:
        place: an SQLite file, created if it is not there; ``":memory:"`` keeps nothing.
            Or a database that is open, with the tables of
            :func:`hosttools.refserver.schema.tables`.
        policy: how the server treats its tokens; a function is asked at each act.
        busy_s: how long to wait for other processes, seconds; of a file only.

    Attributes:
        judge: how codes and pairs are judged; another one has bugs on purpose.

    Raises:
        StateError: the file is not ours, is damaged, is of a newer release, or can't be
            read or written.
        BusyError: another process held it for longer than ``busy_s``.
    """

    def __init__(
        self,
        place: Path | str | Database,
        policy: Policy | Callable[[], Policy] | None = None,
        *,
        busy_s: float = 30.0,
    ) -> None:
        self._policy = policy or Policy()
        self.judge = Judge()
        self._hearers: list[Hearer] = []
        self._db = SqliteFile(place, busy_s) if isinstance(place, Path | str) else place

    @property
    def policy(self) -> Policy:
        """How the server treats its tokens."""
        return self._policy if isinstance(self._policy, Policy) else self._policy()

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._policy = policy
        self.rules_changed()

    def tell(self, hearer: Hearer) -> None:
        """Tell somebody of all that is done here from now on, once it is kept."""
        self._hearers.append(hearer)

    def rules_changed(self) -> None:
        """Tell them that the policy is another one: whoever keeps it elsewhere calls this."""
        for hearer in self._hearers:
            hearer.rules_changed()

    def close(self) -> None:
        """Close the database. Closing it again does nothing."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def together(self) -> AbstractContextManager[object]:
        """Have all that is done in the block kept, or, if it raises, nothing.

        Raises:
            StateError, BusyError: see the class.
        """
        return self._db.write()

    def add(self, record: Record) -> None:
        """Take a token in as it is, without a word in the audit.

        Raises:
            RecordError: there is one with this serial number.
            StateError, BusyError: see the class.
        """
        with self._db.write():
            self._insert(record)

    def enrol(self, record: Record, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Take a token in that is in somebody's hands, with its status.

        Raises:
            RecordError: there is one with this serial number.
            UsageError: a time that the database has no room for.
            StateError, BusyError: see the class.
        """
        return self._take_in(enrol(record), now_ns, actor)

    def order(self, record: Record, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Take a token in that is being made. Raises as :meth:`enrol`."""
        return self._take_in(order(record), now_ns, actor)

    def remove(self, serial: str) -> None:
        """Forget a token. What happened to it stays in the audit.

        Raises:
            RecordError: there is none.
            StateError, BusyError: see the class.
        """
        with self._db.write():
            self._db.execute(DELETE, {"serial": self._load(serial).serial})

    def get(self, serial: str) -> Record:
        """Return a token's record; the serial may have spaces and hyphens.

        Raises:
            RecordError: there is none.
            StateError, BusyError: see the class.
        """
        with self._db.read():
            return self._load(serial)

    def list(self, after: str = "", limit: int | None = None) -> tuple[Record, ...]:
        """Return records by serial number.

        Args:
            after: only serial numbers that come after this one.
            limit: at most so many; ``None``: all.

        Raises:
            StateError, BusyError: see the class.
        """
        with self._db.read():
            values: dict[str, Value] = {"after": after, "at_most": FAR if limit is None else limit}
            rows = self._db.execute(SELECT_ALL, values)
            return tuple(self._record(row) for row in rows)

    def verify(self, serial: str, code: str, now_ns: int) -> Verdict:
        """Hold one code against a token; see :func:`hosttools.refserver.verify`.

        Raises:
            RecordError: no such token.
            UsageError: a time that the database has no room for.
            StateError, BusyError: see the class.
        """
        judge = self.judge.verify
        return self._act(serial, now_ns, lambda r: judge(r, self.policy, code, now_ns))

    def sync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Submit the add form; see :func:`hosttools.refserver.sync`. Raises as ``verify``."""
        judge = self.judge.sync
        return self._act(serial, now_ns, lambda r: judge(r, self.policy, code1, code2, now_ns))

    def resync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Submit the resync form; see :func:`hosttools.refserver.resync`. Raises as ``verify``."""
        judge = self.judge.resync
        return self._act(serial, now_ns, lambda r: judge(r, self.policy, code1, code2, now_ns))

    def unlock(self, serial: str, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Forget all refusals of a token, as an operator. Raises as ``verify``."""
        return self._act(serial, now_ns, unlock, actor)

    def reset(
        self, serial: str, code1: str, code2: str, now_ns: int, actor: str = OPERATOR
    ) -> Verdict:
        """Find a token again by two codes of it, as an operator. Raises as ``verify``.

        See :func:`hosttools.refserver.reset`.
        """
        return self._act(
            serial, now_ns, lambda r: reset(r, self.policy, code1, code2, now_ns), actor
        )

    def revoke(self, serial: str, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Take a token out of use for good, as an operator. Raises as ``verify``."""
        return self._act(serial, now_ns, revoke, actor)

    def ship(self, serial: str, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Send an ordered token on its way. Raises as ``verify``."""
        return self._act(serial, now_ns, ship, actor)

    def assign(self, serial: str, holder: str, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Give a token to its holder, see :func:`hosttools.refserver.assign`.

        Raises:
            RecordError: no such token, or no user can be called that.
            UsageError, StateError, BusyError: as of ``verify``.
        """
        return self._act(serial, now_ns, lambda r: assign(r, holder), actor)

    def replace(self, serial: str, by: str, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """Put another token in the place of one, see :func:`hosttools.refserver.replace`.

        Raises:
            RecordError: no such token, or no such token in its place that could be used.
            UsageError, StateError, BusyError: as of ``verify``.
        """

        def decide(record: Record) -> tuple[Record, Verdict]:
            new = aged(self._load(by), now_ns)
            if new.status in TERMINAL:
                raise ConflictError(
                    f"token {new.serial} is {new.status.value}, and takes nobody's place any"
                    " more; name one that can be used"
                )
            return replace(record, new.serial)

        return self._act(serial, now_ns, decide, actor)

    def expire(self, serial: str, now_ns: int, actor: str = OPERATOR) -> Verdict:
        """End the time of a token now, for good. Raises as ``verify``."""
        return self._act(serial, now_ns, lambda r: expire(r, now_ns), actor)

    def audit(self, serial: str | None = None, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return the last verdicts, oldest first, of one token or of all.

        Raises:
            StateError, BusyError: see the class.
        """
        wanted = None if serial is None else serial_of(serial)
        if not 0 <= limit <= FAR:
            raise UsageError(f"{limit} audit entries; allowed are 0 to {FAR}")
        with self._db.read():
            if wanted is None:
                rows = self._db.execute(SELECT_AUDIT, {"at_most": limit})
            else:
                rows = self._db.execute(SELECT_AUDIT_OF, {"serial": wanted, "at_most": limit})
        try:
            return tuple(AuditEntry.from_row(row) for row in reversed(rows))
        except (ValueError, TypeError):
            raise StateError(
                f"{self._db.name}: the audit table is damaged; restore the file from a copy"
            ) from None

    def _act(
        self,
        serial: str,
        now_ns: int,
        decide: Callable[[Record], tuple[Record, Verdict]],
        actor: str | None = None,
    ) -> Verdict:
        """Decide on a token, keep what becomes of it, and tell the audit who did it.

        Args:
            serial: the token's.
            now_ns: server time.
            decide: what is done.
            actor: who does it; ``None``: its holder.
        """
        _check_time(now_ns)
        with self._db.write():
            before = self._load(serial)
            after, verdict = decide(aged(before, now_ns))
            if after != before:
                self._db.execute(UPDATE, row_of(after))
            who = before.holder if actor is None else name_of(actor, "an operator")
            self._keep(verdict, after, now_ns, before.status, who)
        return verdict

    def _take_in(self, taken: tuple[Record, Verdict], now_ns: int, actor: str) -> Verdict:
        _check_time(now_ns)
        record, verdict = taken
        who = name_of(actor, "an operator")
        with self._db.write():
            self._insert(record)
            self._keep(verdict, record, now_ns, None, who)
        return verdict

    def _keep(
        self, verdict: Verdict, record: Record, now_ns: int, before: Status | None, who: str
    ) -> None:
        self._db.execute(INSERT_AUDIT, audit_row(verdict, now_ns, before, who))
        for hearer in self._hearers:
            self._db.afterwards(partial(hearer.judged, verdict, record, now_ns))

    def _insert(self, record: Record) -> None:
        if self._find(record.serial) is not None:
            raise ConflictError(
                f"token {record.serial} is in {self._db.name} already; an existing"
                " record is never replaced"
            )
        self._db.execute(INSERT, row_of(record))

    def _load(self, serial: str) -> Record:
        wanted = serial_of(serial)
        record = self._find(wanted)
        if record is None:
            raise UnknownTokenError(f"no token {wanted} in {self._db.name}; add it first")
        return record

    def _find(self, serial: str) -> Record | None:
        rows = self._db.execute(SELECT_ONE, {"serial": serial})
        return self._record(rows[0]) if rows else None

    def _record(self, row: tuple[object, ...]) -> Record:
        try:
            return record_of(row)
        except (FirmwareError, RecordError, ValueError, TypeError, AttributeError) as e:
            # The value itself may be a secret: name the row only.
            raise StateError(
                f"{self._db.name}: the record of token {row[0]!r} is damaged"
                f" ({type(e).__name__}); restore the file from a copy"
            ) from None


def _check_time(now_ns: int) -> None:
    if not -FAR <= now_ns <= FAR:
        raise UsageError(f"server time {now_ns} ns; a store takes {-FAR} to {FAR} (the year 2116)")
