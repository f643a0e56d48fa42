"""Authenticate before tokens are managed; and registration, for those who never did or lost it."""

from fastapi import APIRouter

from hosttools.portal.accounts import Account
from hosttools.portal.epcs import proof, registration
from hosttools.portal.http import schemas
from hosttools.portal.http.api.session import session_answer
from hosttools.portal.http.desk import AtPortal
from hosttools.portal.http.visits import Caller

router = APIRouter(tags=["authenticate"])


@router.post("/proof/send", status_code=204)
def post_send(portal: AtPortal, caller: Caller, body: schemas.ByChannel) -> None:
    """Call or text the doctor's phone; the code before is worth nothing from now on."""
    proof.send(portal, caller, body.channel)


@router.post("/proof")
def post_proof(portal: AtPortal, caller: Caller, body: schemas.Code) -> schemas.SessionAnswer:
    """Open device management by the code that was sent."""
    return session_answer(proof.submit(portal, caller, body.code))


@router.post("/proof/app")
def post_app(portal: AtPortal, caller: Caller, body: schemas.Code) -> schemas.SessionAnswer:
    """Open device management by a code of the authenticator app."""
    return session_answer(proof.submit_app(portal, caller, body.code))


@router.post("/proof/give-up", status_code=204)
def post_give_up(portal: AtPortal, caller: Caller) -> None:
    """Say that one can't pass any more: the EPCS account is lost."""
    proof.give_up(portal, caller)


@router.post("/registration", status_code=204)
def post_registration(portal: AtPortal, caller: Caller, body: schemas.Identity) -> None:
    """Begin: say who one is; codes go out by letter and by phone."""
    registration.prove_identity(portal, caller, body.full_name, body.dea_number, body.channel)


@router.post("/registration/send", status_code=204)
def post_registration_send(portal: AtPortal, caller: Caller, body: schemas.ByChannel) -> None:
    """Have another code sent to the phone; the letter's stays valid."""
    registration.send(portal, caller, body.channel)


@router.post("/registration/activate")
def post_activate(portal: AtPortal, caller: Caller, body: schemas.BothCodes) -> Account:
    """Finish by the code of the letter and that of the phone."""
    return registration.activate(portal, caller, body.letter_code, body.phone_code)
