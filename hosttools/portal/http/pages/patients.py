"""Patients and their prescriptions: composed, changed, made ready."""

from functools import partial

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import prescriptions
from hosttools.portal.epcs.charts import Patient, Prescription
from hosttools.portal.epcs.rules import FORMULARY, Draft
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Fields, Sent, Visit, Visitor, number
from hosttools.portal.refusals import Refusal

router = APIRouter()

_NEW = Draft(drug="", quantity=0, directions="")


@router.get("/patients")
def get_patients(visit: Visitor) -> Response:
    """List the practice's patients."""
    return page(visit, "patients", patients=prescriptions.patients(visit.portal, visit.member))


@router.get("/patients/{patient_id}")
def get_patient(visit: Visitor, patient_id: str) -> Response:
    """Show a patient's prescriptions."""
    return page(
        visit,
        "patient",
        patient=prescriptions.patient(visit.portal, visit.member, patient_id),
        prescriptions=prescriptions.of(visit.portal, visit.member, patient_id)[::-1],
        may_change=partial(prescriptions.may_change, visit.member.account),
    )


@router.get("/patients/{patient_id}/compose")
def get_compose(visit: Visitor, patient_id: str) -> Response:
    """Show an empty prescription."""
    patient = prescriptions.patient(visit.portal, visit.member, patient_id)
    return _compose(visit, patient, _NEW)


@router.post("/patients/{patient_id}/compose")
def post_compose(visit: Visitor, patient_id: str, sent: Sent) -> Response:
    """Write a prescription."""
    patient = prescriptions.patient(visit.portal, visit.member, patient_id)
    draft = _NEW
    try:
        draft = _draft(sent)
        prescriptions.compose(
            visit.portal, visit.member, patient_id, draft, doctor=sent.get("doctor", "")
        )
    except Refusal as refusal:
        return _compose(visit, patient, draft, refusal)
    return go_to(_of(patient))


@router.get("/prescriptions/{prescription_id}")
def get_prescription(visit: Visitor, prescription_id: str) -> Response:
    """Show a prescription, to be changed."""
    found = prescriptions.to_change(visit.portal, visit.member, prescription_id)
    return _compose(visit, found.patient, found.draft, editing=found)


@router.post("/prescriptions/{prescription_id}")
def post_prescription(visit: Visitor, prescription_id: str, sent: Sent) -> Response:
    """Change a prescription, which is not ready any more then."""
    found = prescriptions.to_change(visit.portal, visit.member, prescription_id)
    draft = found.draft
    try:
        draft = _draft(sent)
        prescriptions.edit(visit.portal, visit.member, prescription_id, draft)
    except Refusal as refusal:
        return _compose(visit, found.patient, draft, refusal, editing=found)
    return go_to(_of(found.patient))


@router.post("/prescriptions/{prescription_id}/ready")
def post_ready(visit: Visitor, prescription_id: str, sent: Sent) -> Response:
    """Say that a prescription may be signed as it stands on the page that this came from."""
    version = number(sent, "version")
    done = prescriptions.mark_ready(visit.portal, visit.member, prescription_id, version)
    return go_to(_of(done.patient))


@router.post("/prescriptions/{prescription_id}/unready")
def post_unready(visit: Visitor, prescription_id: str, sent: Sent) -> Response:
    """Take that back."""
    del sent
    done = prescriptions.mark_unready(visit.portal, visit.member, prescription_id)
    return go_to(_of(done.patient))


@router.post("/prescriptions/{prescription_id}/discard")
def post_discard(visit: Visitor, prescription_id: str, sent: Sent) -> Response:
    """Take back a prescription that was not signed."""
    del sent
    done = prescriptions.discard(visit.portal, visit.member, prescription_id)
    return go_to(_of(done.patient))


def _compose(
    visit: Visit,
    patient: Patient,
    draft: Draft,
    refusal: Refusal | None = None,
    *,
    editing: Prescription | None = None,
) -> Response:
    return page(
        visit,
        "compose",
        refusal=refusal,
        patient=patient,
        draft=draft,
        drugs=tuple(FORMULARY.values()),
        doctors=prescriptions.doctors(visit.portal, visit.member),
        editing=editing,
    )


def _draft(sent: Fields) -> Draft:
    return Draft(
        drug=sent.get("drug", ""),
        quantity=number(sent, "quantity"),
        directions=sent.get("directions", ""),
        refills=number(sent, "refills"),
    )


def _of(patient: Patient) -> str:
    return f"/patients/{patient.patient_id}"
