"""Patients and their prescriptions as values, read from the rows that they lie in.

Nothing here asks who wants to see them, and nothing changes them: that is
:mod:`hosttools.portal.epcs.prescriptions`.
"""

import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from hosttools.portal import accounts
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import tables
from hosttools.portal.epcs.ids import is_id
from hosttools.portal.epcs.rules import FORMULARY, Draft, Drug


class State(enum.Enum):
    """How far a prescription is."""

    DRAFT = "draft"
    READY = "ready"
    """The doctor has read it, and it may be signed as it stands."""
    SIGNED = "signed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Somebody made up whom the practice treats.

    Attributes:
        patient_id: names the patient in addresses of pages.
        full_name: as people write it.
        born: the date, ISO 8601.
        address: one line.
    """

    patient_id: str
    full_name: str
    born: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """One prescription as it stands.

    Attributes:
        prescription_id: names it.
        patient: for whom.
        doctor: the account that is to sign it.
        doctor_name: as people write it.
        doctor_address: the office's.
        dea_number: the doctor's.
        drug: what.
        quantity: units, as the drug's form counts them.
        directions: for the label.
        refills: how often it may be filled again.
        state: how far it is.
        version: counts its changes.
        composed_by: the account that wrote it last.
        changed_ns: when, ns since 1970, UTC.
    """

    prescription_id: str
    patient: Patient
    doctor: str
    doctor_name: str
    doctor_address: str
    dea_number: str
    drug: Drug
    quantity: int
    directions: str
    refills: int
    state: State
    version: int
    composed_by: str
    changed_ns: int

    @property
    def draft(self) -> Draft:
        """What a form to change it begins with."""
        return Draft(
            drug=self.drug.slug,
            quantity=self.quantity,
            directions=self.directions,
            refills=self.refills,
        )


def by_id(portal: Portal, at: Connection, prescription_id: str) -> Prescription | None:
    """Return any prescription, whoever asks; ``None``: there is none."""
    if not is_id(prescription_id):
        return None
    chosen = found(portal, at, tables.prescription.c.id == prescription_id)
    return chosen[0] if chosen else None


def found(portal: Portal, at: Connection, wanted: ColumnElement[bool]) -> tuple[Prescription, ...]:
    """Return prescriptions, the newest change last.

    Args:
        portal: whose accounts.
        at: where they lie.
        wanted: which rows of :data:`tables.prescription`.
    """
    rows = at.execute(
        select(
            tables.prescription,
            tables.patient.c.full_name,
            tables.patient.c.born,
            tables.patient.c.address,
            tables.prescriber.c.dea_number,
        )
        .join(tables.patient, tables.patient.c.id == tables.prescription.c.patient)
        .outerjoin(tables.prescriber, tables.prescriber.c.account == tables.prescription.c.doctor)
        .where(wanted)
        .order_by(tables.prescription.c.changed_ns, tables.prescription.c.id)
    ).all()
    who = {name: accounts.find(portal, name) for name in {row.doctor for row in rows}}
    return tuple(
        Prescription(
            prescription_id=row.id,
            patient=Patient(
                patient_id=row.patient, full_name=row.full_name, born=row.born, address=row.address
            ),
            doctor=row.doctor,
            doctor_name=who[row.doctor].full_name,
            doctor_address=who[row.doctor].office_address,
            dea_number=row.dea_number or "",
            drug=FORMULARY[row.drug],
            quantity=row.quantity,
            directions=row.directions,
            refills=row.refills,
            state=State(row.state),
            version=row.version,
            composed_by=row.composed_by,
            changed_ns=row.changed_ns,
        )
        for row in rows
    )


def patient_of(row: Row[Any]) -> Patient:
    """Read a row of the patients."""
    return Patient(patient_id=row.id, full_name=row.full_name, born=row.born, address=row.address)
