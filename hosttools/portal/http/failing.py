"""What a refusal is over HTTP: a page for people, a problem (RFC 9457) for programs.

The user's words go out and the operator's never do: those are in the log.
"""

import http
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from emulator.http import problems
from hosttools.errors import HostError
from hosttools.portal.http.statuses import STATUS, wait_headers
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import (
    CSRF_HEADER,
    LogInFirst,
    NotOurForm,
    SessionCookie,
    visit_of,
)
from hosttools.portal.refusals import Refusal, Why

AUTHENTICATE: Final = "/admin/epcs/devices/authenticate"
_HEADINGS: Final[Mapping[Why, str]] = {
    Why.NOT_ALLOWED: "Not for your role",
    Why.DOCTORS_ONLY: "Only under the doctor's login",
    Why.NOT_FOUND: "Not found",
    Why.NOT_REGISTERED: "Register first",
    Why.TOO_MANY: "Too many attempts",
}
"""Of a page that only says no."""

_NOT_OURS: Final = (
    "This form was not sent by a page of this session: it is too old, or you logged in or out"
    " meanwhile. Open the page anew and fill it in again; nothing was done."
)
_NOTHING_THERE: Final = "There is no such page. The address may be mistyped."


def install(app: FastAPI) -> None:
    """Have an application answer every error, pages with pages and the API with problems."""
    problems.install(app, HostError)
    app.add_exception_handler(Refusal, _of_refusal)
    app.add_exception_handler(LogInFirst, _of_nobody)
    app.add_exception_handler(NotOurForm, _of_other_form)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)


def _of_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  # registered for it
    if not _is_page(request):
        headers = wait_headers(error)
        if error.code is Why.NOT_LOGGED_IN:
            headers["WWW-Authenticate"] = "Bearer"
        return problems.problem_response(
            STATUS[error.code],
            error.user,
            request.url.path,
            kind=error.code.value.replace("_", "-"),
            headers=headers,
            more={"code": error.code.value},
        )
    if error.code is Why.NOT_PROVEN:
        return go_to(AUTHENTICATE)
    lost = error.code is Why.NOT_REGISTERED
    return page(
        visit_of(request),
        "problem",
        refusal=error,
        heading=_HEADINGS.get(error.code, "Not possible"),
        detail="",
        back="/register" if lost else "/",
        back_name="Register" if lost else "Back to the start",
    )


def _of_nobody(request: Request, error: Exception) -> Response:
    assert isinstance(error, LogInFirst)  # noqa: S101  # registered for it
    if not error.ended:
        return go_to("/login")
    answer = page(visit_of(request), "ended", status=401)
    SessionCookie(request).forget(answer)
    return answer


def _of_other_form(request: Request, error: Exception) -> Response:
    del error
    if not _is_page(request):
        return problems.problem_response(
            403,
            f"a cookie alone changes nothing: send {CSRF_HEADER}",
            request.url.path,
            kind="csrf",
        )
    return _told(request, 403, "This form is out of date", _NOT_OURS)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for it
    if not _is_page(request):
        return await problems.of_http(request, error)
    heading, detail = http.HTTPStatus(error.status_code).phrase, error.detail
    if error.status_code == http.HTTPStatus.NOT_FOUND:
        heading, detail = "Page not found", _NOTHING_THERE
    return await run_in_threadpool(_told, request, error.status_code, heading, detail)


async def _of_validation(request: Request, error: Exception) -> Response:
    if not _is_page(request):
        return await problems.of_validation(request, error)
    # A page has nothing but its address to be wrong.
    return await run_in_threadpool(_told, request, 404, "Page not found", _NOTHING_THERE)


def _told(request: Request, status: int, heading: str, detail: str) -> Response:
    return page(
        visit_of(request),
        "problem",
        status=status,
        heading=heading,
        detail=detail,
        back="/",
        back_name="Back to the start",
    )


def _is_page(request: Request) -> bool:
    return not request.url.path.startswith(("/api/", "/static/", "/healthz", "/openapi.json"))
