"""The application: all routes of the API and the page, behind one guard."""

from typing import Any, Final

from fastapi import FastAPI

from emulator.http import (
    bench,
    button,
    counter,
    display,
    events,
    health,
    history,
    journal,
    matter,
    pagefiles,
    problems,
    recipes,
    snapshots,
    tokens,
    waiting,
)
from emulator.http.desk import Desk
from emulator.http.guard import Guard
from emulator.http.quickpress import QuickPress
from emulator.release import DISTRIBUTION, release

PREFIX: Final = "/api/v1"

DESCRIPTION: Final = """\
Press a GALH token, look at it, let its time pass, and bring it out of step with a server.

Times are nanoseconds since 1970, UTC, of the bench's clock (`*_ns`), or seconds (`*_s`).
Everything that happens has a sequence number; an answer's `sequence` is a cursor for
`/events`, `/journal` and `/wait`. Errors are RFC 9457 problem details.
"""


def make_app(desk: Desk) -> FastAPI:
    """Make the application for a bench that lives in the same event loop.

    Args:
        desk: what it works on.
    """
    app = FastAPI(
        title=DISTRIBUTION,
        summary="The test bench of emulated GALH tokens",
        description=DESCRIPTION,
        version=release(),
        docs_url=None,  # it would come from a CDN
        redoc_url=None,
    )
    app.state.desk = desk
    problems.install(app)
    metrics = health.Metrics(desk)
    app.state.metrics = metrics
    app.router.routes.append(QuickPress(PREFIX))  # before the long way, which matches too
    for module in (
        bench,
        tokens,
        button,
        counter,
        display,
        matter,
        recipes,
        snapshots,
        history,
        journal,
        waiting,
        events,
    ):
        app.include_router(module.router, prefix=PREFIX, responses=problems.ANYWHERE)
    app.include_router(health.router)
    pagefiles.install(app)
    app.add_middleware(Guard, desk=desk, metrics=metrics)
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(describe(), bearer=desk.bearer is not None)
        return describe()

    # FastAPI documents this as the way to change what it generates.
    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _complete(schema: dict[str, Any], *, bearer: bool) -> None:
    """Add to a description what holds for every route."""
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(problems.schemas())
    for path in schema["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                _never_null(parameter["schema"])
    if bearer:
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"bearer": []}]


def _never_null(schema: dict[str, Any]) -> None:
    """Take null out of a parameter's values: what is none is left out of a request."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.update(kinds[0])
