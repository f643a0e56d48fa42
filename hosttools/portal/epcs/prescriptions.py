"""Prescriptions from the first word to the signature's door: composed, changed, made ready.

Staff of the practice may prepare what a doctor signs (21 CFR 1311.135 (a)); another doctor
may read it and no more. Only that doctor says that one is ready, of the very text that was
shown, and any change takes it back (21 CFR 1311.120). What was signed is never changed again.
"""

from typing import Final

from sqlalchemy import Connection, insert, select, update

from hosttools.portal import accounts, auditlog, sessions
from hosttools.portal.accounts import Account, Role
from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import charts, guard, rules, tables
from hosttools.portal.epcs.charts import Patient, Prescription, State
from hosttools.portal.epcs.ids import is_id
from hosttools.portal.epcs.rules import Draft
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session

_COMPOSERS: Final = frozenset({Role.DOCTOR, Role.STAFF})


def patients(portal: Portal, session: Session) -> tuple[Patient, ...]:
    """Return the practice's patients by name.

    Raises:
        Refusal: neither doctor nor staff.
    """
    with portal.db.read() as at:
        account = _composer(at, session)
        mine = select(tables.patient).where(tables.patient.c.practice == account.practice)
        found = [charts.patient_of(row) for row in at.execute(mine)]
    return tuple(sorted(found, key=lambda patient: (patient.full_name, patient.patient_id)))


def patient(portal: Portal, session: Session, patient_id: str) -> Patient:
    """Return a patient of the practice.

    Raises:
        Refusal: neither doctor nor staff, or the practice has no such patient.
    """
    with portal.db.read() as at:
        return _patient_of(at, _composer(at, session), patient_id)


def doctors(portal: Portal, session: Session) -> tuple[Account, ...]:
    """Return the doctors for whom something can be prepared, by name."""
    with portal.db.read() as at:
        account = _composer(at, session)
    return tuple(
        other
        for other in accounts.list_all(portal)
        if other.role is Role.DOCTOR and other.practice == account.practice and not other.disabled
    )


def of(portal: Portal, session: Session, patient_id: str) -> tuple[Prescription, ...]:
    """Return a patient's prescriptions, the newest change last; raises as :func:`patient`."""
    with portal.db.read() as at:
        account = _composer(at, session)
        _patient_of(at, account, patient_id)
        return charts.found(portal, at, tables.prescription.c.patient == patient_id)


def ready(portal: Portal, session: Session) -> tuple[Prescription, ...]:
    """Return what the doctor has made ready, to be signed patient by patient.

    Raises:
        Refusal: no doctor.
    """
    with portal.db.read() as at:
        account = guard.doctor(portal, session)
        return charts.found(
            portal,
            at,
            (tables.prescription.c.doctor == account.name)
            & (tables.prescription.c.state == State.READY.value),
        )


def get(portal: Portal, session: Session, prescription_id: str) -> Prescription:
    """Return a prescription of the practice.

    Raises:
        Refusal: neither doctor nor staff, or the practice has no such prescription.
    """
    with portal.db.read() as at:
        return _prescription(portal, at, _composer(at, session), prescription_id)


def to_change(portal: Portal, session: Session, prescription_id: str) -> Prescription:
    """Return a prescription that whoever is logged in may change.

    Raises:
        Refusal: as :func:`get`, another doctor's, signed or discarded.
    """
    with portal.db.read() as at:
        return _changeable(portal, at, _composer(at, session), prescription_id)


def may_change(account: Account, prescription: Prescription) -> bool:
    """Return whether somebody of the practice may change a prescription, if it is open.

    A doctor may not change what another one is to sign; staff prepare for all of them.
    """
    return account.role is not Role.DOCTOR or account.name == prescription.doctor


def compose(
    portal: Portal, session: Session, patient_id: str, draft: Draft, *, doctor: str = ""
) -> Prescription:
    """Write a prescription, which nobody has made ready yet.

    Args:
        portal: whose.
        session: a doctor's, or staff's.
        patient_id: for whom.
        draft: what.
        doctor: who is to sign it; staff have to say so, a doctor writes for none else.

    Raises:
        Refusal: what is wrong with the draft, no such patient or doctor.
    """
    _check(draft)
    with portal.db.write() as at:
        account = _composer(at, session)
        _patient_of(at, account, patient_id)
        signer = _signer(portal, account, doctor)
        prescription_id = portal.draws.token(9)
        at.execute(
            insert(tables.prescription).values(
                id=prescription_id,
                patient=patient_id,
                doctor=signer.name,
                state=State.DRAFT.value,
                version=1,
                **_values(portal, account, draft),
            )
        )
        auditlog.append(
            portal, at, account.name, "prescription composed", prescription_id, drug=draft.drug
        )
        return _prescription(portal, at, account, prescription_id)


def edit(portal: Portal, session: Session, prescription_id: str, draft: Draft) -> Prescription:
    """Change a prescription, which is not ready from now on, whoever changes it.

    Raises:
        Refusal: what is wrong with the draft, no such prescription, another doctor's, or it
            was signed.
    """
    _check(draft)
    with portal.db.write() as at:
        account = _composer(at, session)
        before = _changeable(portal, at, account, prescription_id)
        after = before.state if Bug.EDIT_KEEPS_READY in portal.bugs else State.DRAFT
        _set(at, before, after, version=before.version + 1, **_values(portal, account, draft))
        auditlog.append(
            portal,
            at,
            account.name,
            "prescription changed",
            prescription_id,
            drug=draft.drug,
            was=before.state.value,
        )
        return _prescription(portal, at, account, prescription_id)


def discard(portal: Portal, session: Session, prescription_id: str) -> Prescription:
    """Take back a prescription that was not signed. Raises as :func:`edit`."""
    with portal.db.write() as at:
        account = _composer(at, session)
        before = _changeable(portal, at, account, prescription_id)
        _set(at, before, State.DISCARDED, version=before.version + 1)
        auditlog.append(portal, at, account.name, "prescription discarded", prescription_id)
        return _prescription(portal, at, account, prescription_id)


def mark_ready(
    portal: Portal, session: Session, prescription_id: str, version: int
) -> Prescription:
    """Say that a prescription may be signed as it stands.

    Args:
        portal: whose.
        session: the doctor's who is to sign it.
        prescription_id: which.
        version: what the doctor has read; if it was changed since, it has to be read again.

    Raises:
        Refusal: another's, no access to signing, signed already, or changed since.
    """
    with portal.db.write() as at:
        account = guard.with_access(portal, at, session)
        before = _own(portal, at, account, prescription_id)
        if before.version != version:
            raise Refusal(
                Why.CONFLICT,
                "This prescription was changed since you have read it. Read it again.",
                f"version {version} was read, it is at {before.version}",
            )
        _set(at, before, State.READY)
        auditlog.append(portal, at, account.name, "prescription ready", prescription_id)
        return _prescription(portal, at, account, prescription_id)


def mark_unready(portal: Portal, session: Session, prescription_id: str) -> Prescription:
    """Take back that a prescription may be signed.

    Raises:
        Refusal: no doctor, another's, or signed already.
    """
    with portal.db.write() as at:
        account = guard.doctor(portal, session)
        before = _own(portal, at, account, prescription_id)
        _set(at, before, State.DRAFT)
        auditlog.append(portal, at, account.name, "prescription not ready", prescription_id)
        return _prescription(portal, at, account, prescription_id)


def signable(
    portal: Portal, at: Connection, account: Account, prescription_ids: tuple[str, ...]
) -> tuple[Prescription, ...]:
    """Return what a doctor is about to sign, if it may be signed in one act.

    Raises:
        Refusal: none or one twice, not the doctor's own, not ready, or of several patients.
    """
    if not prescription_ids or len(set(prescription_ids)) != len(prescription_ids):
        raise Refusal(Why.BAD_INPUT, "Choose what you sign: one prescription or more, each once.")
    chosen = tuple(_own(portal, at, account, wanted) for wanted in prescription_ids)
    if len({each.patient.patient_id for each in chosen}) > 1:
        raise Refusal(Why.BAD_INPUT, "Sign for one patient at a time: these are of more than one.")
    waiting = [each for each in chosen if each.state is not State.READY]
    if waiting:
        raise Refusal(
            Why.CONFLICT,
            "Not all of these are ready to be signed. Read what was changed, and make it ready.",
            f"not ready: {', '.join(each.prescription_id for each in waiting)}",
        )
    return chosen


def mark_signed(at: Connection, signed: Prescription) -> None:
    """Close a prescription for good; its signed record is the caller's."""
    _set(at, signed, State.SIGNED)


def _composer(at: Connection, session: Session) -> Account:
    account = sessions.current(at, session)
    if account.role not in _COMPOSERS:
        raise Refusal(
            Why.NOT_ALLOWED,
            "Prescriptions are for doctors and their staff. Log in as one of them.",
            f"{account.name} is {account.role.value}",
        )
    return account


def _signer(portal: Portal, account: Account, doctor: str) -> Account:
    if account.role is Role.DOCTOR and doctor in {"", account.name}:
        return account
    if account.role is Role.STAFF and doctor:
        with portal.db.read() as at:
            found = accounts.usable(at, doctor)
        if found and found.role is Role.DOCTOR and found.practice == account.practice:
            return found
    raise Refusal(
        Why.BAD_INPUT,
        "Choose the doctor who is to sign: one of the practice, and if you are one, yourself.",
        f"{account.name} composed for nobody who may sign it",
    )


def _check(draft: Draft) -> None:
    wrong = rules.faults(draft)
    if wrong:
        text = "; ".join(fault.text for fault in wrong)
        raise Refusal(Why.BAD_INPUT, text, field=wrong[0].field)


def _values(portal: Portal, account: Account, draft: Draft) -> dict[str, str | int]:
    return {
        "drug": draft.drug,
        "quantity": draft.quantity,
        "directions": draft.directions.strip(),
        "refills": draft.refills,
        "composed_by": account.name,
        "changed_ns": portal.clock.now_ns(),
    }


def _patient_of(at: Connection, account: Account, patient_id: str) -> Patient:
    mine = select(tables.patient).where(
        tables.patient.c.id == patient_id, tables.patient.c.practice == account.practice
    )
    row = at.execute(mine).one_or_none() if is_id(patient_id) else None
    if row is None:
        raise Refusal(Why.NOT_FOUND, "There is no such patient in your practice.")
    return charts.patient_of(row)


def _prescription(
    portal: Portal, at: Connection, account: Account, prescription_id: str
) -> Prescription:
    found = charts.by_id(portal, at, prescription_id)
    if found is None or accounts.find(portal, found.doctor).practice != account.practice:
        raise Refusal(Why.NOT_FOUND, "There is no such prescription in your practice.")
    return found


def _open(portal: Portal, at: Connection, account: Account, prescription_id: str) -> Prescription:
    found = _prescription(portal, at, account, prescription_id)
    if found.state in {State.SIGNED, State.DISCARDED}:
        raise Refusal(
            Why.CONFLICT,
            f"This prescription was {found.state.value}: it can't be changed any more.",
        )
    return found


def _changeable(
    portal: Portal, at: Connection, account: Account, prescription_id: str
) -> Prescription:
    found = _open(portal, at, account, prescription_id)
    if not may_change(account, found):
        raise Refusal(
            Why.NOT_ALLOWED,
            "That is another doctor's prescription: only that doctor and the practice's staff"
            " may change it.",
            f"{account.name} wants to change what {found.doctor} is to sign",
        )
    return found


def _own(portal: Portal, at: Connection, account: Account, prescription_id: str) -> Prescription:
    found = _open(portal, at, account, prescription_id)
    if found.doctor != account.name:
        raise Refusal(
            Why.NOT_FOUND,
            "That is another doctor's prescription: only who it names may sign it.",
            f"{account.name} wants what {found.doctor} is to sign",
        )
    return found


def _set(at: Connection, before: Prescription, state: State, **values: str | int) -> None:
    at.execute(
        update(tables.prescription)
        .where(tables.prescription.c.id == before.prescription_id)
        .values(state=state.value, **values)
    )
