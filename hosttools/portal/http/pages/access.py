"""Admin, and EPCS User Controls: who may sign, and the way to Device Management."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import access
from hosttools.portal.http.pages.signing import factors_of
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Sent, Visit, Visitor
from hosttools.portal.refusals import Refusal

HOME: Final = "/admin/epcs"

router = APIRouter()


@router.get("/admin")
def get_admin(visit: Visitor) -> Response:
    """Show what is below the tab Admin."""
    return page(visit, "admin")


@router.get(HOME)
def get_epcs(visit: Visitor) -> Response:
    """Show who may sign, and lead on to the tokens."""
    return _epcs(visit)


@router.post(f"{HOME}/{{doctor}}/nominate")
def post_nominate(visit: Visitor, doctor: str, sent: Sent) -> Response:
    """Propose that a doctor may sign."""
    del sent
    access.nominate(visit.portal, visit.member, doctor)
    return go_to(HOME)


@router.post(f"{HOME}/{{doctor}}/approve")
def post_approve(visit: Visitor, doctor: str, sent: Sent) -> Response:
    """Let a nominated doctor sign, by the two factors of another one."""
    try:
        access.approve(visit.portal, visit.member, doctor, factors_of(sent))
    except Refusal as refusal:
        return _epcs(visit, refusal)
    return go_to(HOME)


@router.post(f"{HOME}/{{doctor}}/revoke")
def post_revoke(visit: Visitor, doctor: str, sent: Sent) -> Response:
    """Take access away."""
    del sent
    access.revoke(visit.portal, visit.member, doctor)
    return go_to(HOME)


def _epcs(visit: Visit, refusal: Refusal | None = None) -> Response:
    try:
        people = access.list_of(visit.portal, visit.member)
    except Refusal:
        people = ()  # this page is everybody's way to the tokens; staff are told there
    return page(visit, "epcs", refusal=refusal, people=people)
