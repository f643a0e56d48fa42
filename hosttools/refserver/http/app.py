"""The application: all routes of the reference server, behind the bench's guard."""

from typing import Final

from fastapi import FastAPI

from emulator.http import problems
from emulator.http.description import complete
from emulator.http.guard import Guard
from emulator.release import DISTRIBUTION, release
from hosttools.errors import HostError
from hosttools.refserver.http import acts, codes, settings, tokens
from hosttools.refserver.http.desk import ServerDesk

PREFIX: Final = "/api/v1"

DESCRIPTION: Final = """\
A server to hold tokens against: add with two codes, verify, resync, lock, and a token's
life from order to expiry.

`codes` is what an application that relies on the server asks for; everything else is for
operators. Times are nanoseconds since 1970, UTC, of the server's clock (`*_ns`). Errors are
RFC 9457 problem details; a refused code is none.
"""


def make_app(desk: ServerDesk) -> FastAPI:
    """Make the application.

    Args:
        desk: what it works on. Handlers run in threads: the store takes several at once.
    """
    app = FastAPI(
        title=f"{DISTRIBUTION} reference server",
        summary="A server that knows tokens and judges their codes",
        description=DESCRIPTION,
        version=release(),
        docs_url=None,  # it would come from a CDN
        redoc_url=None,
    )
    app.state.desk = desk
    problems.install(app, HostError)
    for router in (codes.router, tokens.router, acts.router, settings.router):
        app.include_router(router, prefix=PREFIX, responses=problems.ANYWHERE)
    app.include_router(settings.open_router, responses=problems.ANYWHERE)
    app.add_middleware(Guard, house=desk)
    complete(app, bearer=desk.bearer is not None)
    return app
