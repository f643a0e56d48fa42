"""Access to signing: two people let a doctor in (21 CFR 1311.125, 1311.130).

An administrator nominates, and another doctor, who has access already, approves it with two
factors. Nobody does both, and nobody approves oneself. Either of the two takes access away
alone and at once: the rule asks for a second one there too, but what must not wait for
anybody is the taking away.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from hosttools.portal import accounts, auditlog, sessions
from hosttools.portal.accounts import Account, EpcsStatus, Role
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import guard, registration, tables
from hosttools.portal.epcs.factors import Factors, two_factors
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a doctor of the practice stands.

    Attributes:
        account: the doctor.
        registered: whether a credential was issued over two channels.
        dea_number: the doctor's; empty: there is none.
        nominated_by: the administrator; empty: nobody did.
        approved_by: the other doctor; empty: nobody did, or it was so from the start.
    """

    account: Account
    registered: bool
    dea_number: str
    nominated_by: str
    approved_by: str


def list_of(portal: Portal, session: Session) -> tuple[Access, ...]:
    """Return where the doctors of the practice stand, by name.

    Raises:
        Refusal: neither administrator nor doctor.
    """
    with portal.db.read() as at:
        who = _manager(at, session)
        return tuple(
            _access(at, account)
            for account in accounts.list_all(portal)
            if account.role is Role.DOCTOR and account.practice == who.practice
        )


def nominate(portal: Portal, session: Session, doctor: str) -> Access:
    """Propose that a doctor may sign; it takes an approval.

    Raises:
        Refusal: no administrator, no such doctor, one who is not registered or has no DEA
            number, or nothing to propose.
    """
    with portal.db.write() as at:
        admin = sessions.current(at, session)
        if admin.role is not Role.ADMIN:
            raise Refusal(Why.NOT_ALLOWED, "Only an administrator of the practice nominates.")
        account = _doctor(portal, admin, doctor)
        if not guard.is_registered(at, account.name):
            raise Refusal(Why.CONFLICT, f"{account.full_name} has to register for EPCS first.")
        if not registration.prescriber_of(at, account.name):
            raise Refusal(Why.CONFLICT, f"{account.full_name} has no DEA number here.")
        if account.epcs is not EpcsStatus.NONE:
            raise Refusal(Why.CONFLICT, f"{account.full_name} is {account.epcs.value} already.")
        at.execute(delete(tables.access).where(_of(account.name)))
        at.execute(
            insert(tables.access).values(
                account=account.name,
                nominated_by=admin.name,
                nominated_ns=portal.clock.now_ns(),
            )
        )
        accounts.set_epcs(portal, account.name, EpcsStatus.NOMINATED, actor=admin.name)
        auditlog.append(portal, at, admin.name, "access nominated", account.name)
        return _access(at, accounts.find(portal, account.name))


def approve(portal: Portal, session: Session, doctor: str, factors: Factors) -> Access:
    """Let a nominated doctor sign.

    Args:
        portal: whose.
        session: another doctor's, who has access.
        doctor: who was nominated.
        factors: the approving doctor's.

    Raises:
        Refusal: no access, no such doctor, not nominated, oneself, or the factors were
            refused.
    """
    with portal.db.read() as at:
        approver = guard.with_access(portal, at, session)
        _nominated(portal, approver, doctor)
    with two_factors(portal, approver, factors, "access approval") as (at, verdict):
        approver = guard.with_access(portal, at, session)
        account = _nominated(portal, approver, doctor)
        at.execute(
            update(tables.access)
            .where(_of(account.name))
            .values(approved_by=approver.name, approved_ns=portal.clock.now_ns())
        )
        accounts.set_epcs(portal, account.name, EpcsStatus.ACTIVE, actor=approver.name)
        auditlog.append(
            portal, at, approver.name, "access approved", account.name, serial=verdict.serial
        )
        return _access(at, accounts.find(portal, account.name))


def revoke(portal: Portal, session: Session, doctor: str) -> Access:
    """Take access to signing away, at once; what is ready stays unsigned.

    Raises:
        Refusal: neither administrator nor a doctor with access, no such doctor, or there is
            nothing to take away.
    """
    with portal.db.write() as at:
        who = sessions.current(at, session)
        if who.role is not Role.ADMIN:
            who = guard.with_access(portal, at, session)
        account = _doctor(portal, who, doctor)
        if account.epcs not in {EpcsStatus.NOMINATED, EpcsStatus.ACTIVE}:
            raise Refusal(Why.CONFLICT, f"{account.full_name} has no access to take away.")
        at.execute(delete(tables.access).where(_of(account.name)))
        accounts.set_epcs(portal, account.name, EpcsStatus.NONE, actor=who.name)
        auditlog.append(portal, at, who.name, "access revoked", account.name)
        return _access(at, accounts.find(portal, account.name))


def _manager(at: Connection, session: Session) -> Account:
    account = sessions.current(at, session)
    if account.role not in {Role.ADMIN, Role.DOCTOR}:
        raise Refusal(Why.NOT_ALLOWED, "Access is managed by administrators and doctors.")
    return account


def _doctor(portal: Portal, who: Account, name: str) -> Account:
    with portal.db.read() as at:
        account = accounts.usable(at, name)
    # One answer for all: who has an account elsewhere is nobody's business here.
    if account is None or account.role is not Role.DOCTOR or account.practice != who.practice:
        raise Refusal(Why.NOT_FOUND, "There is no such doctor in your practice.")
    return account


def _nominated(portal: Portal, approver: Account, doctor: str) -> Account:
    account = _doctor(portal, approver, doctor)
    if account.name == approver.name:
        raise Refusal(Why.NOT_ALLOWED, "Nobody approves oneself: another doctor has to.")
    if account.epcs is not EpcsStatus.NOMINATED:
        raise Refusal(Why.CONFLICT, f"{account.full_name} was not nominated.")
    return account


def _access(at: Connection, account: Account) -> Access:
    # Of one whose account was disabled since, two people's word holds no more.
    held = account.epcs in {EpcsStatus.NOMINATED, EpcsStatus.ACTIVE}
    row = at.execute(select(tables.access).where(_of(account.name))).one_or_none() if held else None
    return Access(
        account=account,
        registered=guard.is_registered(at, account.name),
        dea_number=registration.prescriber_of(at, account.name) or "",
        nominated_by=row.nominated_by if row else "",
        approved_by=(row.approved_by or "") if row else "",
    )


def _of(account: str) -> ColumnElement[bool]:
    return tables.access.c.account == account
