"""EPCS Device Management: a doctor's tokens."""

from fastapi import APIRouter

from hosttools.portal.epcs import devices, forms
from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal
from hosttools.portal.http.visits import Caller

router = APIRouter(prefix="/devices", tags=["devices"])


@router.get("")
def get_devices(portal: AtPortal, caller: Caller) -> tuple[devices.Device, ...]:
    """List the tokens that the doctor has added, the oldest first."""
    return devices.list_of(portal, caller)


@router.post("/forms", status_code=201)
def post_form(portal: AtPortal, caller: Caller, body: schemas.OpenForm) -> forms.FormPage:
    """Open the add form, or the resync form of a token: good for one submission."""
    return devices.begin(portal, caller, body.form, body.serial)


@router.get("/forms/{form_id}")
def get_form(portal: AtPortal, caller: Caller, form_id: str) -> forms.Outcome | None:
    """Tell what came of a form, as often as one likes; `null`: it was not submitted yet."""
    return forms.result(portal, caller, form_id)


@router.post("/add")
def post_add(portal: AtPortal, caller: Caller, body: schemas.TokenForm) -> forms.Outcome:
    """Submit the add form. Refused codes are an answer; a second submission is an error."""
    return devices.add(portal, caller, body.form_id, body.serial, body.code1, body.code2)


@router.post("/resync")
def post_resync(portal: AtPortal, caller: Caller, body: schemas.TokenForm) -> forms.Outcome:
    """Submit the resync form; as the add form."""
    return devices.resync(portal, caller, body.form_id, body.serial, body.code1, body.code2)


@router.post("/{serial}/deactivate")
def post_deactivate(portal: AtPortal, caller: Caller, serial: str) -> devices.Device:
    """Take a token out of use, for good."""
    return devices.deactivate(portal, caller, serial)
