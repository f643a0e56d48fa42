"""EPCS Device Management: add a token, resync one, deactivate one."""

import asyncio
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hosttools.portal.epcs import devices, forms
from hosttools.portal.epcs.forms import Form, FormPage, Outcome
from hosttools.portal.http.failing import AUTHENTICATE
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Fields, Sent, Visit, Visitor
from hosttools.portal.refusals import Refusal, Why

HOME: Final = "/admin/epcs/devices"

router = APIRouter(prefix=HOME)


@router.get("")
def get_devices(visit: Visitor) -> Response:
    """List the doctor's tokens."""
    found = devices.list_of(visit.portal, visit.member)
    if not visit.member.proven(visit.portal.clock.now_ns()):
        return go_to(AUTHENTICATE)
    return page(visit, "devices", devices=found)


@router.get("/add")
def get_add(visit: Visitor) -> Response:
    """Show the form that adds a token."""
    return _form(visit, devices.begin(visit.portal, visit.member, Form.ADD, None))


@router.post("/add")
async def post_add(visit: Visitor, sent: Sent) -> Response:
    """Add a token by two codes of it."""
    return await _submitted(visit, sent, Form.ADD, sent.get("serial", ""))


@router.get("/{serial}/resync")
def get_resync(visit: Visitor, serial: str) -> Response:
    """Show the form that brings a token back in step."""
    return _form(visit, devices.begin(visit.portal, visit.member, Form.RESYNC, serial))


@router.post("/{serial}/resync")
async def post_resync(visit: Visitor, serial: str, sent: Sent) -> Response:
    """Bring a token back in step by two codes of it."""
    return await _submitted(visit, sent, Form.RESYNC, serial)


@router.get("/forms/{form_id}")
def get_result(visit: Visitor, form_id: str) -> Response:
    """Show what came of a form, as often as one likes."""
    outcome = forms.result(visit.portal, visit.member, form_id)
    return page(visit, "tokenresult", outcome=outcome, again=_again(outcome))


@router.get("/{serial}/deactivate")
def get_deactivate(visit: Visitor, serial: str) -> Response:
    """Ask whether a token is to be taken out of use for good."""
    return page(visit, "deactivate", serial=serial)


@router.post("/{serial}/deactivate")
def post_deactivate(visit: Visitor, serial: str, sent: Sent) -> Response:
    """Take a token out of use, for good."""
    del sent
    devices.deactivate(visit.portal, visit.member, serial)
    return go_to(HOME)


async def _submitted(visit: Visit, sent: Fields, form: Form, serial: str) -> Response:
    form_id = sent.get("form_id", "")
    submit = devices.add if form is Form.ADD else devices.resync
    try:
        await run_in_threadpool(
            submit,
            visit.portal,
            visit.member,
            form_id,
            serial,
            sent.get("code1", ""),
            sent.get("code2", ""),
        )
    except Refusal as refusal:
        if refusal.code is not Why.DOUBLE_SUBMIT:
            raise
        return page(visit, "submittedtwice", refusal=refusal, form_id=form_id)
    # The page stays while it syncs, as the procedure has it.
    await asyncio.sleep(visit.desk.sync_s)
    return go_to(f"{HOME}/forms/{form_id}")


def _again(outcome: Outcome) -> str:
    """Return where a form is opened anew."""
    return f"{HOME}/add" if outcome.form is Form.ADD else f"{HOME}/{outcome.serial}/resync"


def _form(visit: Visit, form: FormPage) -> Response:
    return page(visit, "tokenform", form=form, adding=form.form is Form.ADD)
