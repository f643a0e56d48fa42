"""Registration: who the doctor is, and codes over two channels."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import registration
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Sent, Visit, Visitor, chosen
from hosttools.portal.refusals import Refusal

HOME: Final = "/register"

router = APIRouter()


@router.get(HOME)
def get_register(visit: Visitor) -> Response:
    """Ask who the doctor is."""
    return page(visit, "register")


@router.post(HOME)
def post_register(visit: Visitor, sent: Sent) -> Response:
    """Check it, and send the codes."""
    try:
        registration.prove_identity(
            visit.portal,
            visit.member,
            sent.get("full_name", ""),
            sent.get("dea_number", ""),
            chosen(Channel, sent, "channel"),
        )
    except Refusal as refusal:
        return page(visit, "register", refusal=refusal)
    return go_to(f"{HOME}/activate")


@router.get(f"{HOME}/activate")
def get_activate(visit: Visitor) -> Response:
    """Ask for the codes of the letter and the phone."""
    return _activate(visit)


@router.post(f"{HOME}/send")
def post_send(visit: Visitor, sent: Sent) -> Response:
    """Send another code to the phone."""
    try:
        registration.send(visit.portal, visit.member, chosen(Channel, sent, "channel"))
    except Refusal as refusal:
        return _activate(visit, refusal)
    return go_to(f"{HOME}/activate")


@router.post(f"{HOME}/activate")
def post_activate(visit: Visitor, sent: Sent) -> Response:
    """Finish by both codes."""
    try:
        registration.activate(
            visit.portal, visit.member, sent.get("letter_code", ""), sent.get("phone_code", "")
        )
    except Refusal as refusal:
        return _activate(visit, refusal)
    return go_to("/admin/epcs")


def _activate(visit: Visit, refusal: Refusal | None = None) -> Response:
    return page(visit, "activate", refusal=refusal)
