"""Who may log in: accounts, their roles, passwords and signing PINs.

A password is looked at for as long whether the name is known or not, and outside of any
change, as it takes time on purpose.
"""

import dataclasses
import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from hosttools.errors import ConflictError, UsageError
from hosttools.portal import auditlog
from hosttools.portal.passwords import Hashing, hashed, matches
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.tables import account as account_table
from hosttools.portal.tables import session as session_table

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 200
"""Characters; a longer one would be work for the hash and nothing else."""
MAX_TEXT: Final = 200
"""Characters of a full name, an address and so on."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_PIN: Final = re.compile(r"[0-9]{4}")


class Role(enum.Enum):
    """What somebody is in the practice, or outside of it."""

    DOCTOR = "doctor"
    STAFF = "staff"
    ADMIN = "admin"
    """The practice's administrator."""
    SUPPORT = "support"
    """The support desk of whoever runs the portal."""


class EpcsStatus(enum.Enum):
    """How far a doctor is on the way to signing controlled substances."""

    NONE = "none"
    NOMINATED = "nominated"
    ACTIVE = "active"
    LOST = "lost"
    """The identity could not be proven any more: back to registration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may log in.

    Attributes:
        name: what is typed to log in, lower case.
        role: what they are.
        full_name: as people write it.
        email: where the practice mailbox says letters go.
        phone: the practice phone's number.
        practice: the practice's name; empty for the support desk.
        home_address: one line.
        office_address: one line.
        epcs: how far on the way to signing; of a doctor.
        disabled: whether they may log in no more.
    """

    name: str
    role: Role
    full_name: str
    email: str = ""
    phone: str = ""
    practice: str = ""
    home_address: str = ""
    office_address: str = ""
    epcs: EpcsStatus = EpcsStatus.NONE
    disabled: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        plain = dataclasses.asdict(self)
        return {**plain, "role": self.role.value, "epcs": self.epcs.value}


def find(portal: "Portal", name: str) -> Account:
    """Return an account by its name.

    Raises:
        Refusal: there is none.
    """
    with portal.db.read() as at:
        row = _row(at, name)
    if row is None:
        raise Refusal(Why.NOT_FOUND, f"There is no account {name_of(name)!r}.")
    return account_of(row)


def list_all(portal: "Portal") -> tuple[Account, ...]:
    """Return all accounts by name."""
    with portal.db.read() as at:
        rows = at.execute(select(account_table)).all()
    return tuple(sorted((account_of(row) for row in rows), key=lambda account: account.name))


def add(
    portal: "Portal",
    account: Account,
    password: str,
    *,
    pin: str | None = None,
    actor: str = "portal",
    hashing: Hashing | None = None,
) -> Account:
    """Make an account.

    Args:
        portal: where.
        account: what it is.
        password: 10 to 200 characters.
        pin: 4 digits for signing, of a doctor; ``None``: a password signs only.
        actor: who makes it, for the log.
        hashing: what a guess of the password costs; ``None``: as the portal says.

    Raises:
        UsageError: a name, text, password or PIN that can't be.
        ConflictError: there is one of this name.
    """
    if not _NAME.fullmatch(account.name):
        raise UsageError(
            f"account name {account.name!r}; allowed are up to 40 of a-z, 0-9, dot, hyphen and"
            " underscore, with a letter or digit first"
        )
    _check_texts(account)
    if account.role is not Role.DOCTOR and (pin is not None or account.epcs is not EpcsStatus.NONE):
        raise UsageError(f"a PIN or EPCS access for {account.role.value}; only a doctor has these")
    _check_password(password)
    cost = hashing or portal.hashing
    kept = hashed(password, cost, portal.draws)
    kept_pin = "" if pin is None else hashed(_checked_pin(pin), cost, portal.draws)
    with portal.db.write() as at:
        if _row(at, account.name) is not None:
            raise ConflictError(f"there is an account {account.name!r} already")
        values = {**account.as_dict(), "password_hash": kept, "pin_hash": kept_pin}
        at.execute(insert(account_table).values(values))
        auditlog.append(portal, at, actor, "account added", account.name, role=account.role.value)
    return account


def set_password(
    portal: "Portal", name: str, password: str, *, actor: str, keep: str = ""
) -> Account:
    """Give an account a new password, and end its sessions.

    Args:
        portal: where.
        name: whose.
        password: 10 to 200 characters.
        actor: who does it, for the log.
        keep: digest of the one session that goes on.

    Raises:
        UsageError: a password that can't be.
        Refusal: no such account.
    """
    _check_password(password)
    kept = hashed(password, portal.hashing, portal.draws)
    with portal.db.write() as at:
        account = _change(at, name, password_hash=kept)
        end_sessions(at, account, keep=keep)
        auditlog.append(portal, at, actor, "password changed", account.name)
    return account


def set_pin(portal: "Portal", name: str, pin: str, *, actor: str) -> Account:
    """Give a doctor a new signing PIN. Raises as :func:`set_password`."""
    kept = hashed(_checked_pin(pin), portal.hashing, portal.draws)
    with portal.db.write() as at:
        account = _change(at, name, pin_hash=kept)
        auditlog.append(portal, at, actor, "pin changed", account.name)
    return account


def set_disabled(portal: "Portal", name: str, *, disabled: bool, actor: str) -> Account:
    """Let an account log in no more, or again.

    Its sessions end, and a doctor's access to signing does (21 CFR 1311.125 (d)): one who
    is let in again has to be nominated and approved again.

    Raises:
        Refusal: no such account.
    """
    with portal.db.write() as at:
        account = _change(at, name, disabled=disabled)
        act = "account disabled" if disabled else "account enabled"
        auditlog.append(portal, at, actor, act, account.name)
        if disabled:
            end_sessions(at, account)
            if account.epcs in {EpcsStatus.NOMINATED, EpcsStatus.ACTIVE}:
                account = set_epcs(portal, account.name, EpcsStatus.NONE, actor=actor)
    return account


def set_epcs(portal: "Portal", name: str, epcs: EpcsStatus, *, actor: str) -> Account:
    """Move a doctor on the way to signing; whether that may be is for the caller to know.

    Raises:
        Refusal: no such account.
    """
    with portal.db.write() as at:
        account = _change(at, name, epcs=epcs.value)
        auditlog.append(portal, at, actor, "epcs status", account.name, status=epcs.value)
    return account


def check_password(portal: "Portal", account: Account, password: str) -> bool:
    """Return whether a password is an account's. Call it outside of a change: it takes time.

    Raises:
        StateError: what is kept of it is damaged.
    """
    return check_login(portal, account.name, password)


def check_login(portal: "Portal", name: str, password: str) -> bool:
    """Return whether name and password go together and may log in.

    An unknown name, and one that is disabled, takes as long as a wrong password.

    Raises:
        StateError: what is kept of it is damaged.
    """
    with portal.db.read() as at:
        row = _row(at, name)
    right = matches(password[:MAX_PASSWORD], portal.decoy if row is None else row.password_hash)
    return right and row is not None and not row.disabled


def check_pin(portal: "Portal", account: Account, pin: str) -> bool:
    """Return whether a PIN is an account's; one without a PIN has none that is right.

    Raises:
        StateError: what is kept of it is damaged.
    """
    with portal.db.read() as at:
        row = _row(at, account.name)
    kept = "" if row is None else row.pin_hash
    right = matches(pin[:MAX_PASSWORD], kept or portal.decoy)
    return right and bool(kept) and row is not None and not row.disabled


def usable(at: Connection, name: str) -> Account | None:
    """Return an account that may log in; ``None``: there is none of this name."""
    row = _row(at, name)
    return None if row is None or row.disabled else account_of(row)


def is_known(at: Connection, name: str) -> bool:
    """Return whether there is an account of this name."""
    return _row(at, name) is not None


def account_of(row: Row[Any]) -> Account:
    """Read a row that has all columns of an account."""
    values = {field.name: getattr(row, field.name) for field in dataclasses.fields(Account)}
    return Account(**{**values, "role": Role(row.role), "epcs": EpcsStatus(row.epcs)})


def end_sessions(at: Connection, account: Account, *, keep: str = "") -> None:
    """Log an account out everywhere, but for the session of one digest."""
    mine = session_table.c.account == account.name
    at.execute(delete(session_table).where(mine, session_table.c.digest != keep))


def name_of(text: str) -> str:
    """Return an account's name from how people type it."""
    return text.strip().lower()


def _row(at: Connection, name: str) -> Row[Any] | None:
    wanted = name_of(name)
    if not _NAME.fullmatch(wanted):  # a database need not take what no name can be
        return None
    return at.execute(select(account_table).where(account_table.c.name == wanted)).one_or_none()


def _change(at: Connection, name: str, **values: str | bool) -> Account:
    row = _row(at, name)
    if row is None:
        raise Refusal(Why.NOT_FOUND, f"There is no account {name_of(name)!r}.")
    at.execute(update(account_table).where(account_table.c.name == row.name).values(**values))
    changed = _row(at, name)
    assert changed is not None  # noqa: S101  # it was there a line ago
    return account_of(changed)


def _check_texts(account: Account) -> None:
    for field in dataclasses.fields(account):
        text = getattr(account, field.name)
        if isinstance(text, str) and not (len(text) <= MAX_TEXT and text.isprintable()):
            raise UsageError(
                f"{field.name}: {len(text)} characters; allowed are {MAX_TEXT} that can be shown,"
                " on one line"
            )
    if not account.full_name.strip():
        raise UsageError("full_name: empty; give the name as people write it")


def _check_password(password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UsageError(
            f"a password of {len(password)} characters; allowed are {MIN_PASSWORD} to"
            f" {MAX_PASSWORD}"
        )


def _checked_pin(pin: str) -> str:
    if not _PIN.fullmatch(pin):
        raise UsageError("a signing PIN has 4 digits")
    return pin
