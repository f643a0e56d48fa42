"""Patients, prescriptions, signing, and who may."""

from fastapi import APIRouter
from pydantic import Field

from emulator.http.schemas.base import Answer
from hosttools.portal.epcs import access, prescriptions, rules, signedrecords, signing
from hosttools.portal.epcs.charts import Patient, Prescription
from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal
from hosttools.portal.http.visits import Caller

router = APIRouter(tags=["prescriptions"])


class Record(Answer):
    """What was signed, and whether it still is."""

    record: signedrecords.SignedRecord
    finding: signedrecords.Finding = Field(description="What became of checking it.")


@router.get("/drugs")
def get_drugs(caller: Caller) -> tuple[rules.Drug, ...]:
    """List what can be prescribed. All of it is made up."""
    del caller
    return tuple(rules.FORMULARY.values())


@router.get("/patients")
def get_patients(portal: AtPortal, caller: Caller) -> tuple[Patient, ...]:
    """List the practice's patients, by name."""
    return prescriptions.patients(portal, caller)


@router.get("/patients/{patient_id}/prescriptions")
def get_of_patient(portal: AtPortal, caller: Caller, patient_id: str) -> tuple[Prescription, ...]:
    """List a patient's prescriptions, the newest change last."""
    return prescriptions.of(portal, caller, patient_id)


@router.post("/patients/{patient_id}/prescriptions", status_code=201)
def post_prescription(
    portal: AtPortal, caller: Caller, patient_id: str, body: schemas.NewPrescription
) -> Prescription:
    """Write a prescription, which nobody has made ready yet."""
    return prescriptions.compose(portal, caller, patient_id, body.draft(), doctor=body.doctor)


@router.get("/ready")
def get_ready(portal: AtPortal, caller: Caller) -> tuple[Prescription, ...]:
    """List what the doctor has made ready."""
    return prescriptions.ready(portal, caller)


@router.get("/prescriptions/{prescription_id}")
def get_prescription(portal: AtPortal, caller: Caller, prescription_id: str) -> Prescription:
    """Return one prescription."""
    return prescriptions.get(portal, caller, prescription_id)


@router.put("/prescriptions/{prescription_id}")
def put_prescription(
    portal: AtPortal, caller: Caller, prescription_id: str, body: schemas.DraftIn
) -> Prescription:
    """Change a prescription, which is not ready from now on."""
    return prescriptions.edit(portal, caller, prescription_id, body.draft())


@router.post("/prescriptions/{prescription_id}/ready")
def post_ready(
    portal: AtPortal, caller: Caller, prescription_id: str, body: schemas.ReadVersion
) -> Prescription:
    """Say that a prescription may be signed as it was read."""
    return prescriptions.mark_ready(portal, caller, prescription_id, body.version)


@router.post("/prescriptions/{prescription_id}/unready")
def post_unready(portal: AtPortal, caller: Caller, prescription_id: str) -> Prescription:
    """Take that back."""
    return prescriptions.mark_unready(portal, caller, prescription_id)


@router.post("/prescriptions/{prescription_id}/discard")
def post_discard(portal: AtPortal, caller: Caller, prescription_id: str) -> Prescription:
    """Take back a prescription that was not signed."""
    return prescriptions.discard(portal, caller, prescription_id)


@router.post("/sign")
def post_sign(portal: AtPortal, caller: Caller, body: schemas.Signature) -> signing.Signed:
    """Sign prescriptions of one patient in one act of two factors."""
    return signing.sign(portal, caller, tuple(body.prescriptions), body.factors())


@router.get("/prescriptions/{prescription_id}/record")
def get_record(portal: AtPortal, caller: Caller, prescription_id: str) -> Record:
    """Return what was signed, and whether it still is."""
    prescriptions.get(portal, caller, prescription_id)  # says no to another practice
    return Record(
        record=signedrecords.get(portal, prescription_id),
        finding=signedrecords.verify(portal, prescription_id),
    )


@router.get("/access")
def get_access(portal: AtPortal, caller: Caller) -> tuple[access.Access, ...]:
    """List where the doctors of the practice stand."""
    return access.list_of(portal, caller)


@router.post("/access/{doctor}/nominate")
def post_nominate(portal: AtPortal, caller: Caller, doctor: str) -> access.Access:
    """Propose that a doctor may sign."""
    return access.nominate(portal, caller, doctor)


@router.post("/access/{doctor}/approve")
def post_approve(
    portal: AtPortal, caller: Caller, doctor: str, body: schemas.FactorsIn
) -> access.Access:
    """Let a nominated doctor sign, by the two factors of another one."""
    return access.approve(portal, caller, doctor, body.factors())


@router.post("/access/{doctor}/revoke")
def post_revoke(portal: AtPortal, caller: Caller, doctor: str) -> access.Access:
    """Take access away, at once."""
    return access.revoke(portal, caller, doctor)
