"""What an empty database is filled with: a practice, whose people everybody may play.

All made up. The passwords are written here and shown on the login page: a portal that has
these accounts is never to be reached from another machine.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, text

from hosttools.errors import ConflictError
from hosttools.portal import accounts, auditlog
from hosttools.portal.accounts import Account, EpcsStatus, Role
from hosttools.portal.passwords import CHEAP
from hosttools.portal.tables import METADATA, key
from hosttools.refserver.schema import TABLES

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

PRACTICE: Final = "Elm Street Family Practice"
OFFICE: Final = "12 Elm Street, Springfield, IL 62704"
PIN: Final = "2468"
"""The signing PIN of every practice doctor."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the practice, with a password that everybody knows."""

    account: Account
    password: str
    pin: str | None = None


def _person(
    name: str,
    role: Role,
    full_name: str,
    number: int,
    password: str,
    *,
    epcs: EpcsStatus = EpcsStatus.NONE,
) -> Person:
    account = Account(
        name=name,
        role=role,
        full_name=full_name,
        email=f"{name}@practice.example",
        phone=f"+1 217 555 01{number:02}",
        practice="" if role is Role.SUPPORT else PRACTICE,
        home_address=f"{number} Oak Lane, Springfield, IL 62704",
        office_address=OFFICE,
        epcs=epcs,
    )
    return Person(account, password, PIN if role is Role.DOCTOR else None)


PEOPLE: Final = (
    _person(
        "dr.adams", Role.DOCTOR, "Alice Adams, MD", 11, "practice-doctor", epcs=EpcsStatus.ACTIVE
    ),
    _person(
        "dr.baker", Role.DOCTOR, "Ben Baker, MD", 12, "practice-doctor", epcs=EpcsStatus.ACTIVE
    ),
    _person("dr.novak", Role.DOCTOR, "Nina Novak, MD", 13, "practice-doctor"),
    _person("clark", Role.STAFF, "Chris Clark, RN", 14, "practice-staff"),
    _person("davis", Role.ADMIN, "Dana Davis", 15, "practice-admin"),
    _person("support", Role.SUPPORT, "Support Desk", 16, "practice-support"),
)
"""Two doctors who are registered for EPCS, one who is not yet, and those around them."""


def fill(portal: "Portal") -> None:
    """Fill a database that has no accounts; one that has is left as it is."""
    from hosttools.portal.epcs import practice as epcs  # noqa: PLC0415  # it works on a portal

    with portal.db.write() as at:
        if accounts.list_all(portal):
            portal.practice = any(_is_practice(account) for account in accounts.list_all(portal))
            return
        for person in PEOPLE:
            accounts.add(portal, person.account, person.password, pin=person.pin, hashing=CHEAP)
        epcs.fill(portal, at)
        auditlog.append(portal, at, "portal", "practice filled", PRACTICE, accounts=len(PEOPLE))
    portal.practice = True


def hire(portal: "Portal", name: str, *, actor: str) -> Account:
    """Make another practice doctor, who may sign and has the password and PIN of the others.

    Args:
        portal: where.
        name: the account's.
        actor: who wants it, for the log.

    Raises:
        ConflictError: there is one of this name, or this is no practice portal.
        UsageError: nobody can be called that.
    """
    from hosttools.portal.epcs import registration, rules  # noqa: PLC0415  # they work on a portal

    if not portal.practice:
        raise ConflictError("practice doctors are for a portal with practice accounts only")
    person = _person(
        name, Role.DOCTOR, f"Dr. {name}", 17, "practice-doctor", epcs=EpcsStatus.ACTIVE
    )
    with portal.db.write() as at:
        account = accounts.add(
            portal, person.account, person.password, pin=person.pin, actor=actor, hashing=CHEAP
        )
        number = rules.made_up_dea_number(name, f"{len(accounts.list_all(portal)) % 10**6:06}")
        registration.set_dea_number(portal, name, number, actor=actor)
        registration.complete(at, name, portal.clock.now_ns())
    return account


def start_over(portal: "Portal", *, actor: str) -> None:
    """Have a practice as it was in the beginning; only the portal's key stays.

    Args:
        portal: whose database.
        actor: who wants it: the new log begins with that.

    Raises:
        ConflictError: there are no practice accounts in it: it is somebody's own.
    """
    with portal.db.write() as at:
        if not any(_is_practice(account) for account in accounts.list_all(portal)):
            raise ConflictError(
                f"{portal.db.name} has no practice accounts; nothing was removed: take another"
                " database for practice"
            )
        for table in reversed(METADATA.sorted_tables):
            if table is not key:  # who serves it meanwhile signs with it
                at.execute(delete(table))
        for name in TABLES:
            at.execute(text(f"DELETE FROM {name}"))  # noqa: S608  # a constant
        auditlog.append(portal, at, actor, "started over", portal.signer.fingerprint)
        portal.set_policy("default", actor=actor)
        fill(portal)


def _is_practice(account: Account) -> bool:
    return any(account.name == person.account.name for person in PEOPLE)
