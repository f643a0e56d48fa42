"""What is ready to be signed, and signing it."""

from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import devices, prescriptions, signedrecords, signing
from hosttools.portal.epcs.charts import Patient, Prescription
from hosttools.portal.epcs.factors import Factors, Known
from hosttools.portal.http.views import page
from hosttools.portal.http.visits import Fields, Sent, Visit, Visitor, chosen
from hosttools.portal.refusals import Refusal
from hosttools.refserver.record import Status

router = APIRouter()


@dataclass(frozen=True, slots=True)
class _Group:
    """What is ready of one patient: as much as one act signs."""

    patient: Patient
    prescriptions: tuple[Prescription, ...]


@router.get("/ready")
def get_ready(visit: Visitor) -> Response:
    """List what is ready, patient by patient."""
    return _ready(visit)


@router.post("/ready/sign")
def post_sign(visit: Visitor, sent: Sent) -> Response:
    """Sign what was picked, of one patient, by two factors."""
    try:
        signed = signing.sign(
            visit.portal,
            visit.member,
            tuple(sent.getlist("prescription")),
            factors_of(sent),
        )
    except Refusal as refusal:
        return _ready(visit, refusal)
    return page(visit, "signed", signed=signed)


@router.get("/prescriptions/{prescription_id}/record")
def get_record(visit: Visitor, prescription_id: str) -> Response:
    """Show what was signed, and whether it still is."""
    prescription = prescriptions.get(visit.portal, visit.member, prescription_id)
    return page(
        visit,
        "record",
        prescription=prescription,
        record=signedrecords.get(visit.portal, prescription_id),
        finding=signedrecords.verify(visit.portal, prescription_id),
    )


def factors_of(sent: Fields) -> Factors:
    """Return the two factors that a form brought.

    Raises:
        Refusal: neither password nor PIN was chosen.
    """
    return Factors(
        known=chosen(Known, sent, "known"),
        secret=sent.get("secret", ""),
        code=sent.get("code", ""),
        serial=sent.get("serial") or None,
    )


def _ready(visit: Visit, refusal: Refusal | None = None) -> Response:
    found = sorted(prescriptions.ready(visit.portal, visit.member), key=_by_patient)
    own = devices.list_of(visit.portal, visit.member)
    return page(
        visit,
        "ready",
        refusal=refusal,
        groups=[_group(tuple(group)) for _, group in groupby(found, _by_patient)],
        tokens=[device.serial for device in own if device.status is Status.ACTIVE],
        statement=signing.STATEMENT,
    )


def _group(found: tuple[Prescription, ...]) -> _Group:
    return _Group(found[0].patient, found)


def _by_patient(prescription: Prescription) -> tuple[str, str]:
    return prescription.patient.full_name, prescription.patient.patient_id
