"""The practice phone and the authenticator app on it."""

from fastapi import APIRouter

from hosttools.portal.epcs import authenticator, phone
from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal
from hosttools.portal.http.visits import Caller

router = APIRouter(prefix="/phone", tags=["phone"])


@router.get("/messages")
def get_messages(portal: AtPortal, caller: Caller) -> tuple[phone.Message, ...]:
    """Return the texts and calls of one's own phone, newest last."""
    return phone.messages(portal, caller.account)


@router.get("/authenticator")
def get_authenticator(portal: AtPortal, caller: Caller) -> authenticator.AppState:
    """Tell whether there is an authenticator app, and whether the phone has it."""
    return authenticator.state(portal, caller.account)


@router.post("/authenticator", status_code=201)
def post_authenticator(portal: AtPortal, caller: Caller) -> authenticator.Enrolment:
    """Make a new app, in the place of the one before. Whoever sees the answer can copy it."""
    return authenticator.enrol_start(portal, caller)


@router.post("/authenticator/scan", status_code=204)
def post_scan(portal: AtPortal, caller: Caller) -> None:
    """Have the practice phone read the QR code."""
    authenticator.scan(portal, caller)


@router.post("/authenticator/confirm")
def post_confirm(portal: AtPortal, caller: Caller, body: schemas.Code) -> authenticator.AppState:
    """Confirm the app by one code of it."""
    return authenticator.enrol_finish(portal, caller, body.code)


@router.get("/authenticator/code")
def get_code(portal: AtPortal, caller: Caller) -> authenticator.AppCode | None:
    """Return what the app on the phone shows now; `null`: it has no entry."""
    return authenticator.current_code(portal, caller.account)


@router.post("/new", status_code=204)
def post_new(portal: AtPortal, caller: Caller) -> None:
    """Take a new phone, without moving the app to it."""
    authenticator.lose(portal, caller)
