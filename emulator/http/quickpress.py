"""A short way to the button: a bare route for the usual press, the busiest request of all.

FastAPI's way through routers and dependencies takes longer than the press itself. This
route takes what is plain JSON without an idempotency key, and does with it what
:mod:`emulator.http.button` does; everything else, other methods included, goes the long way,
and the description comes from there.
"""

from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from emulator.http import button
from emulator.http.hand import hand
from emulator.http.schemas.button import ButtonRequest

_WANTED: Final[TypeAdapter[Any]] = TypeAdapter(ButtonRequest)


class QuickPress(Route):
    """The bare route.

    Args:
        prefix: of the API.
    """

    def __init__(self, prefix: str) -> None:
        path = f"{prefix}/tokens/{{serial}}/button"
        super().__init__(path, _press, methods=["POST"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match usual presses only."""
        match, found = super().matches(scope)
        if match is not Match.FULL or not _is_usual(scope):
            return Match.NONE, {}
        return match, {**found, "route": self}


def _is_usual(scope: Scope) -> bool:
    media_type = b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            media_type = value
        elif name == b"idempotency-key":
            return False
    return media_type == b"application/json"


async def _press(request: Request) -> Response:
    token = await hand(request, request.app.state.desk, request.path_params["serial"])
    try:
        wanted = _WANTED.validate_json(await request.body() or b"null")
    except ValidationError as e:
        wrong = e.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [{**error, "loc": ("body", *error["loc"])} for error in wrong]
        ) from None
    answer = await button.post_button(request, token, wanted)
    return Response(answer.model_dump_json(), media_type="application/json")
