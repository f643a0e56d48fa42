"""The doctor shows to be the one before any token is managed; and the app that does it."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import authenticator, devices, proof
from hosttools.portal.epcs.authenticator import Enrolment
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.http.failing import AUTHENTICATE
from hosttools.portal.http.pages.devices import HOME
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Sent, Visit, Visitor, chosen
from hosttools.portal.refusals import Refusal

APP: Final = f"{HOME}/app"

router = APIRouter()


@router.get(AUTHENTICATE)
def get_authenticate(visit: Visitor) -> Response:
    """Ask for the code of a call, a text or an app."""
    devices.list_of(visit.portal, visit.member)  # says no to whoever has none to manage
    return _authenticate(visit)


@router.post(f"{AUTHENTICATE}/send")
def post_send(visit: Visitor, sent: Sent) -> Response:
    """Call or text the doctor's phone."""
    try:
        channel = chosen(Channel, sent, "channel")
        proof.send(visit.portal, visit.member, channel)
    except Refusal as refusal:
        return _authenticate(visit, refusal, field="channel-sms")
    return _authenticate(visit, sent_by=channel)


@router.post(AUTHENTICATE)
def post_code(visit: Visitor, sent: Sent) -> Response:
    """Open device management by the code that was sent."""
    try:
        proof.submit(visit.portal, visit.member, sent.get("code", ""))
    except Refusal as refusal:
        return _authenticate(visit, refusal, field="code")
    return go_to(HOME)


@router.post(f"{AUTHENTICATE}/app")
def post_app_code(visit: Visitor, sent: Sent) -> Response:
    """Open device management by a code of the authenticator app."""
    try:
        proof.submit_app(visit.portal, visit.member, sent.get("app_code", ""))
    except Refusal as refusal:
        return _authenticate(visit, refusal, field="app_code")
    return go_to(HOME)


@router.post(f"{AUTHENTICATE}/give-up")
def post_give_up(visit: Visitor, sent: Sent) -> Response:
    """End the EPCS account of a doctor who can't pass any more."""
    del sent
    proof.give_up(visit.portal, visit.member)
    return go_to("/register")


@router.get(APP)
def get_app(visit: Visitor) -> Response:
    """Tell how the doctor's authenticator app stands."""
    return _app(visit)


@router.post(APP)
def post_app(visit: Visitor, sent: Sent) -> Response:
    """Make a new app, and show its QR code this once."""
    del sent
    return _app(visit, enrolment=authenticator.enrol_start(visit.portal, visit.member))


@router.post(f"{APP}/scan")
def post_scan(visit: Visitor, sent: Sent) -> Response:
    """Have the practice phone read the QR code."""
    del sent
    authenticator.scan(visit.portal, visit.member)
    return go_to(APP)


@router.post(f"{APP}/confirm")
def post_confirm(visit: Visitor, sent: Sent) -> Response:
    """Confirm the app by one code of it."""
    try:
        authenticator.enrol_finish(visit.portal, visit.member, sent.get("app_code", ""))
    except Refusal as refusal:
        return _app(visit, refusal)
    return go_to(APP)


def _authenticate(
    visit: Visit,
    refusal: Refusal | None = None,
    *,
    field: str = "",
    sent_by: Channel | None = None,
) -> Response:
    return page(visit, "authenticate", refusal=refusal, field=field, sent_by=sent_by)


def _app(
    visit: Visit, refusal: Refusal | None = None, *, enrolment: Enrolment | None = None
) -> Response:
    state = authenticator.state(visit.portal, visit.member.account)
    return page(visit, "app", refusal=refusal, field="app_code", state=state, enrolment=enrolment)
