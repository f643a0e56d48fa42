"""All that a verb of the portal works on, and how a portal is opened."""

import importlib
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from sqlalchemy import Connection, insert, select

from firmware_model.nvm import Config
from hosttools.errors import StateError
from hosttools.portal import auditlog, rules, wrong
from hosttools.portal.bugs import Bug
from hosttools.portal.database import Database
from hosttools.portal.draws import Draws, SystemDraws
from hosttools.portal.passwords import DEAR, Hashing, decoy
from hosttools.portal.signer import Signer
from hosttools.portal.tables import key as key_table
from hosttools.portal.tables import log, setting
from hosttools.refserver import Policy, Store
from hosttools.refserver.http.clock import ServerClock

PARTS: Final = ("hosttools.portal.epcs.tables", "hosttools.portal.spares.tables")
"""Modules that add tables to the portal's: all are loaded before a database is made."""


class Clockwise(Protocol):
    """What has the time."""

    def now_ns(self) -> int:
        """Return it, ns since 1970, UTC."""


class Drawer(Protocol):
    """Where fobs lie that nobody has pressed yet: the bench, when there is one."""

    def put(self, config: Config, note: str) -> None:
        """Lay one in.

        Args:
            config: what the factory wrote into it.
            note: where it comes from, for people.
        """


@dataclass(kw_only=True)
class Portal:
    """One portal; any number of threads may use it, and other processes its database.

    Attributes:
        db: accounts, sessions, the log and all the rest.
        tokens: the reference server, in the same database: its acts inside of
            ``db.write()`` are a part of that change.
        clock: what it judges by.
        draws: where chance comes from.
        signer: the key of this database.
        hashing: what a guess of a password costs.
        decoy: the hash that is looked at for a name that nobody has.
        drawer: where a spare arrives; ``None``: nowhere, there is no bench.
        bugs: what is wrong on purpose, in this process; may be replaced at any time.
        practice: whether it was opened with the practice accounts, whose passwords
            everybody knows.
    """

    db: Database
    tokens: Store
    clock: Clockwise
    draws: Draws
    signer: Signer
    hashing: Hashing
    decoy: str = field(repr=False)
    drawer: Drawer | None = None
    bugs: frozenset[Bug] = field(default_factory=frozenset)
    practice: bool = False

    @property
    def policy_name(self) -> str:
        """The name of the policy in use; ``custom`` for one that has none."""
        return rules.current(self.db)[0]

    def set_policy(self, policy: Policy | str, *, actor: str = "portal") -> None:
        """Treat tokens by another policy from now on, in every process; see :func:`rules.put`."""
        rules.put(self, policy, actor=actor)

    def close(self) -> None:
        """Let go of the database. Closing it again does nothing."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_portal(
    url: str = ":memory:",
    *,
    clock: Clockwise | None = None,
    draws: Draws | None = None,
    policy: str | Policy | None = None,
    fill: bool = True,
    drawer: Drawer | None = None,
    hashing: Hashing = DEAR,
    make: bool = True,
) -> Portal:
    """Open a portal on its database.

    Args:
        url: an SQLite file's path, ``":memory:"``, or the ``postgresql://`` URL of an
            empty database or one of ours.
        clock: what it judges by; ``None``: the host's.
        draws: where chance comes from; ``None``: the system.
        policy: how tokens are treated, by name or settings; ``None``: as the database
            has it, which begins with ``default``.
        fill: whether an empty database gets the practice accounts and what they work on.
        drawer: where spares arrive.
        hashing: what a guess of a new password costs.
        make: whether a database that is not there is made, or an error.

    Raises:
        PolicyError: there is no such policy.
        UsageError, StateError, BusyError: as of a :class:`Database`.
    """
    for name in PARTS:
        importlib.import_module(name)
    draws = draws or SystemDraws()
    if isinstance(policy, str):
        rules.known(policy)
    db = Database(url, make=make)
    try:
        portal = Portal(
            db=db,
            tokens=Store(db, lambda: rules.current(db)[1]),
            clock=clock or ServerClock(),
            draws=draws,
            signer=_signer(db),
            hashing=hashing,
            decoy=decoy(hashing, draws),
            drawer=drawer,
        )
        portal.tokens.judge = wrong.judge_with(lambda: portal.bugs)
        with db.write() as at:
            new = _is_new(at)
            if new:
                auditlog.append(portal, at, "portal", "opened", portal.signer.fingerprint)
            if new or policy is not None:
                portal.set_policy(policy or "default")
        if fill:
            from hosttools.portal import practice  # noqa: PLC0415  # it works on a portal

            practice.fill(portal)
    except BaseException:
        db.close()
        raise
    return portal


def _signer(db: Database) -> Signer:
    """Return the database's key; the first to open it makes one.

    Raises:
        StateError: it is gone; another one would sign a log that it did not begin.
    """
    with db.write() as at:
        mine = select(key_table.c.private).where(key_table.c.name == "signer")
        kept = at.execute(mine).scalar()
        if kept is not None:
            return Signer(kept)
        if not _is_new(at):
            raise StateError(f"{db.name}: its signing key is gone; restore it from a copy")
        signer = Signer.new()
        at.execute(insert(key_table).values(name="signer", private=signer.private))
        return signer


def _is_new(at: Connection) -> bool:
    """Whether nobody has opened a portal here before; one that was damaged is none."""
    return not any(at.execute(select(table).limit(1)).first() for table in (log, setting))
