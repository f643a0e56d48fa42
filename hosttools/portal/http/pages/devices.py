"""EPCS Device Management: add a token, resync one, deactivate one."""

import asyncio
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hosttools.portal.epcs import devices, forms
from hosttools.portal.epcs.forms import Form, FormPage
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


@router.get("/add/{form_id}")
def get_added(visit: Visitor, form_id: str) -> Response:
    """Show what came of the add form, as often as one likes."""
    return _result(visit, form_id, f"{HOME}/add")


@router.get("/{serial}/resync/{form_id}")
def get_resynced(visit: Visitor, serial: str, form_id: str) -> Response:
    """Show what came of the resync form, as often as one likes."""
    return _result(visit, form_id, f"{HOME}/{serial}/resync")


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
    codes = sent.get("code1", ""), sent.get("code2", "")
    result = f"{visit.request.url.path}/{quote(form_id, safe='')}"
    try:
        await run_in_threadpool(submit, visit.portal, visit.member, form_id, serial, *codes)
    except Refusal as refusal:
        if refusal.code is not Why.DOUBLE_SUBMIT:
            raise
        return await run_in_threadpool(
            page, visit, "submittedtwice", refusal=refusal, result=result
        )
    # The page stays while it syncs, as the procedure has it.
    await asyncio.sleep(visit.desk.sync_s)
    return go_to(result)


def _result(visit: Visit, form_id: str, again: str) -> Response:
    outcome = forms.result(visit.portal, visit.member, form_id)
    return page(visit, "tokenresult", outcome=outcome, again=again)


def _form(visit: Visit, form: FormPage) -> Response:
    return page(visit, "tokenform", form=form, adding=form.form is Form.ADD)
