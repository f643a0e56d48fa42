"""Errors as RFC 9457 problem details, and where each error of ours belongs.

Nothing that a client sent is sent back by a validation error: it may be a secret.
"""

import errno
import http
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from emulator import errors
from emulator.bench import Bench

MEDIA_TYPE: Final = "application/problem+json"

_NOT_JSON: Final = "the body does not say that it is JSON; add Content-Type: application/json"

_log = logging.getLogger(__name__)

_STATUS: Final[Mapping[str, int]] = {
    "UnknownTokenError": 404,
    "KeyReusedError": 422,  # the IETF draft of the Idempotency-Key header, section 2.7
    "KeyBusyError": 409,  # the same
    "ClockError": 409,
    "ConflictError": 409,
    "BusyError": 409,
    "UsageError": 422,
    "SnapshotError": 409,  # a file in the folder that is none, or damaged: nothing of ours failed
    "StateError": 500,
}
"""By the name of an error's class, the nearest one of its tree."""

_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request is not HTTP or JSON as it should be.",
    401: "The bearer token is missing or wrong.",
    402: "The payment was not made.",
    403: "The request comes from a page of another origin, or is not for whoever asks.",
    404: "There is no such token, path or thing.",
    409: "The state of things does not allow it now.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken here.",
    421: "Nothing here is called what `Host` says.",
    422: "Something in the request can't be; `detail` says what is allowed.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "It failed; the log says how.",
    503: "Too many streams and waits, or it is being shut down.",
    507: "The disk is full.",
}


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    loc: list[str | int] = Field(description="Where it is.", examples=[["body", "times"]])
    msg: str = Field(description="What is allowed.", examples=["Input should be greater than 0"])


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:galh:usage",
                "title": "Not Found",
                "status": 404,
                "detail": "no token 'GALH00000001' on this bench; there are GALH00004226",
                "instance": "/api/v1/tokens/GALH00000001",
            }
        }
    )

    type: str = Field(description="Which kind of problem; `about:blank`: the status says it all.")
    title: str = Field(description="The kind of problem, in words.")
    status: int = Field(description="The HTTP status again.")
    detail: str = Field(description="What was given, what is allowed, what to do next.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[FieldProblem] | None = Field(
        default=None, description="For a request that is not as described: field by field."
    )


class Problem(HTTPException):
    """A problem that a handler finds itself.

    Args:
        status: HTTP status.
        detail: what was given, what is allowed, what next.
        kind: last part of the ``type``; ``""``: the status says it all.
        headers: of the response.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.kind = kind


def known_serial(bench: Bench, serial: str) -> str:
    """Return the serial number of a token that is on the bench.

    Raises:
        Problem: it is not (404).
    """
    try:
        bench.profile(serial)
    except errors.UsageError as e:
        raise Problem(404, str(e), kind="unknown-token") from None
    return serial


def problem_response(
    status: int,
    detail: str,
    path: str,
    *,
    kind: str = "",
    headers: Mapping[str, str] | None = None,
    fields: Sequence[Mapping[str, Any]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return a problem as a response.

    Args:
        status: HTTP status.
        detail: what was given, what is allowed, what next.
        path: what was asked for.
        kind: last part of the ``type``.
        headers: more headers.
        fields: what is wrong field by field.
        more: extension members (RFC 9457, section 3.2).
    """
    content: dict[str, Any] = {
        "type": f"urn:galh:{kind}" if kind else "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": path,
        **(more or {}),
    }
    if fields is not None:
        content["errors"] = fields
    return JSONResponse(
        content, status, headers=dict(headers) if headers else None, media_type=MEDIA_TYPE
    )


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's ``responses=`` says about problems with these statuses."""
    return {
        status: {
            "description": _DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA_REF}}},
        }
        for status in statuses
    }


SCHEMA_REF: Final = "#/components/schemas/ProblemDetails"

ANYWHERE: Final = problem_responses(400, 401, 403, 413, 415, 421, 422, 429, 500, 503)
"""What any route of the API may answer."""


def schemas() -> dict[str, Any]:
    """Return the JSON Schemas that :func:`problem_responses` refers to, by name."""
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemDetails": schema}


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error.

    >>> status_of(errors.ClockError("a real clock")), status_of(errors.UsageError("what"))
    (409, 422)
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__  # a token that stopped says why, and that says what failed
    if isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}:
        return 507
    names = (ancestor.__name__ for ancestor in type(error).__mro__)
    return next((_STATUS[name] for name in names if name in _STATUS), 500)


def kind_of(error: Exception) -> str:
    """Return the last part of an error's ``type``.

    >>> kind_of(errors.ConflictError("two of them"))
    'conflict'
    """
    words = type(error).__name__.removesuffix("Error")
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in words).lstrip("-")


def install(app: FastAPI, ours: type[Exception] = errors.EmulatorError) -> None:
    """Have an application answer every error with a problem.

    Args:
        app: the application.
        ours: the base of its errors, each of which says what is wrong for whoever asked.
    """
    # Starlette's own type of a handler takes any exception; these take what they are for.
    app.add_exception_handler(ours, _of_ours)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(HTTPException, of_http)


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    status = status_of(error)
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s: %s", request.url.path, error)
    return problem_response(status, str(error), request.url.path, kind=kind_of(error))


async def of_validation(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that is not as described; for applications with other answers too."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for it
    found = error.errors()
    if any(e["loc"][:1] == ("body",) for e in found) and not _is_json(request):
        return problem_response(415, _NOT_JSON, request.url.path, kind="invalid-request")
    fields = [{"loc": list(e["loc"]), "msg": e["msg"]} for e in found]
    bad_json = any(e["type"] == "json_invalid" for e in found)
    where = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in fields[:3])
    return problem_response(
        400 if bad_json else 422,
        where or "the request is not as /openapi.json describes it",
        request.url.path,
        kind="invalid-request",
        fields=jsonable_encoder(fields),
    )


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


async def of_http(request: Request, error: Exception) -> JSONResponse:
    """Answer an error that has a status of its own, for applications with other answers too."""
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for it
    detail, headers, path = error.detail, error.headers, request.url.path
    if error.status_code == http.HTTPStatus.NOT_FOUND and detail == "Not Found":
        detail = "nothing is there; the API is below /api/v1, described by /openapi.json"
    elif error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names the methods of one route; a path may have several.
        methods = _methods(request.app, path)
        headers = {"Allow": methods} if methods else headers
        detail = f"{request.method} is not for this path; see Allow, and /openapi.json"
    kind = getattr(error, "kind", "")
    return problem_response(error.status_code, detail, path, kind=kind, headers=headers)


def _methods(app: FastAPI, path: str) -> str:
    """Return the methods that a path has by the description; empty: it isn't in it."""
    found = {
        method.upper()
        for template, operations in app.openapi()["paths"].items()
        if compile_path(template)[0].match(path)
        for method in operations
    }
    return ", ".join(sorted(found))
