"""The application: all routes of the API and the page, behind one guard."""

from typing import Final

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
from emulator.http.description import complete
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
    app.add_middleware(Guard, house=desk, metrics=metrics)
    complete(app, bearer=desk.bearer is not None)
    return app
