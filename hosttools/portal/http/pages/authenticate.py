"""The doctor shows to be the one before any token is managed; and the app that it can be done by."""

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import authenticator, proof
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.http.failing import AUTHENTICATE
from hosttools.portal.http.pages.devices import HOME
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Sent, Visit, Visitor
from hosttools.portal.refusals import Refusal

router = APIRouter()


@router.get(AUTHENTICATE)
def get_authenticate(visit: Visitor) -> Response:
    """Ask for the code of a call, a text or an app."""
    proof.check_may(visit.portal, visit.member)
    return _authenticate(visit)


@router.post(f"{AUTHENTICATE}/send")
def post_send(visit: Visitor, sent: Sent) -> Response:
    """Call or text the doctor's phone."""
    channel = Channel(sent.get("channel", ""))
    try:
        proof.send(visit.portal, visit.member, channel)
    except Refusal as refusal:
        return _authenticate(visit, refusal, wrong="channel-sms")
    return _authenticate(visit, sent_by=channel)


@router.post(AUTHENTICATE)
def post_code(visit: Visitor, sent: Sent) -> Response:
    """Open device management by the code that was sent."""
    try:
        proof.submit(visit.portal, visit.member, sent.get("code", ""))
    except Refusal as refusal:
        return _authenticate(visit, refusal, wrong="code")
    return go_to(HOME)


@router.post(f"{AUTHENTICATE}/app")
def post_app_code(visit: Visitor, sent: Sent) -> Response:
    """Open device management by a code of the authenticator app."""
    try:
        proof.submit_app(visit.portal, visit.member, sent.get("app_code", ""))
    except Refusal as refusal:
        return _authenticate(visit, refusal, wrong="app_code")
    return go_to(HOME)


@router.post(f"{AUTHENTICATE}/give-up")
def post_give_up(visit: Visitor, sent: Sent) -> Response:
    """End the EPCS account of a doctor who can't pass any more."""
    del sent
    proof.give_up(visit.portal, visit.member)
    return go_to("/register")
